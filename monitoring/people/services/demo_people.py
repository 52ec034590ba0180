"""The demo's people: one for each role, and a director for each directorate."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from council_finance import audit
from council_finance.accounts.demo import DIRECTOR_PREFIX, NAMES, demo_log_ins
from council_finance.accounts.models import Role, User
from council_finance.accounts.services import record_of
from monitoring.people.models import TreeRight
from monitoring.people.selectors.directorates import Directorate, directorates
from monitoring.people.selectors.people import NEEDS_A_PART, parts_of
from monitoring.structure.models import FinancialYear


@transaction.atomic
def make_demo_people(folder: Path) -> list[tuple[str, str, str]]:
    """Make the demo's people, and return role, user name and password of each.

    Every service has a director: `director` has the first section or directorate, each other one a
    director such as `director-adult`. `manager` has the first service of `director`. A person with
    a part keeps it. The list is empty where the database has other people.
    """
    year = FinancialYear.objects.order_by("-start").first()
    parts = dict(_share_parts(directorates(year))) if year else {}
    log_ins = demo_log_ins(
        folder, directors=[name for name in parts if name.startswith(DIRECTOR_PREFIX)]
    )
    if log_ins:
        for username, codes in parts.items():
            _give_parts(User.objects.get(username=username), codes)
    return log_ins


def _share_parts(found: list[Directorate]) -> Iterator[tuple[str, list[str]]]:
    """Yield the user name and the parts of the manager and of each director."""
    if not found:
        return
    first = next((each for each in found if each.section), found[0])
    yield NAMES[Role.DIRECTOR], list(first.codes)
    yield NAMES[Role.BUDGET_MANAGER], [first.first_service]
    taken: set[str] = set()
    for each in found:
        if each is not first:
            username = _choose_username(each, taken)
            taken.add(username)
            yield username, list(each.codes)


def _choose_username(directorate: Directorate, taken: set[str]) -> str:
    """Return `director-` and the first word of the name, or more where that is taken."""
    words = re.findall(r"[a-z0-9]+", directorate.name.lower()) or [directorate.codes[0].lower()]
    names = [DIRECTOR_PREFIX + "-".join(words[:count]) for count in range(1, len(words) + 1)]
    free = (name for name in names if name not in taken)
    return next(free, f"{names[-1]}-{len(taken) + 1}")


def _give_parts(person: User, codes: list[str]) -> None:
    if person.role not in NEEDS_A_PART or parts_of(person):
        return
    TreeRight.objects.bulk_create(TreeRight(user=person, service_code=code) for code in codes)
    given: dict[str, Any] = {"parts": {"from": [], "to": parts_of(person)}}
    audit.record(by=None, action="changed a person", on=record_of(person), **given)
