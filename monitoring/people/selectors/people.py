"""People, and the parts of the tree that they look after."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max, Q

from council_finance.accounts.models import Role, User
from council_finance.accounts.services import record_of
from council_finance.accounts.single_sign_on.people import people_with_sign_on
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.people.models import TreeRight
from monitoring.structure.models import UNALLOCATED, FinancialYear, Service
from monitoring.structure.selectors.tree import current_tree

NEEDS_A_PART = frozenset({Role.BUDGET_MANAGER, Role.DIRECTOR})
"""Roles that need a part of the tree."""

MAY_HAVE_PARTS = NEEDS_A_PART | {Role.FINANCE_OFFICER, Role.NO_ROLE}
"""The others see or look after the whole council, or read what is published.

Somebody without a role may keep their parts, as groups of single sign-on may give the role back.
"""


@dataclass(frozen=True)
class Part:
    """A service of today's tree that a person can look after; `level` is its depth."""

    code: str
    name: str
    level: int


@dataclass(frozen=True)
class PersonRow:
    """A person on the list of people."""

    person: User
    parts: tuple[str, ...]
    signs_on: bool = False


def is_erased(person: User) -> bool:
    """Return whether a person was erased: their row stays, under a name made of its number."""
    return not person.is_active and person.username == f"erased-{person.pk}"


def closed_since(before: datetime.datetime) -> list[User]:
    """Return people whose account is closed and was last used or changed before then."""
    closed = [person for person in User.objects.filter(is_active=False) if not is_erased(person)]
    return [person for person in closed if _last_activity(person) < before]


def _last_activity(person: User) -> datetime.datetime:
    """Return when the account was last used or changed; closing it is a change."""
    entries = AuditEntry.objects.filter(Q(by=person) | Q(record=record_of(person)))
    times = (entries.aggregate(last=Max("at"))["last"], person.last_login, person.date_joined)
    return max(at for at in times if at is not None)


def people() -> list[User]:
    """Return everybody, those who may log in first, each group in the order of their names."""
    return sorted(
        User.objects.all(),
        key=lambda person: (not person.is_active, person.name.casefold(), person.username),
    )


def person_rows(search: str = "", role: str = "") -> list[PersonRow]:
    """Return people whose name, user name or e-mail contains the search, in a role if given."""
    sought = search.strip().casefold()
    found = [
        person
        for person in people()
        if role in ("", person.role)
        and sought in f"{person.name}\n{person.username}\n{person.email}".casefold()
    ]
    rights: dict[int, list[str]] = {}
    for right in TreeRight.objects.filter(user__in=found).order_by("service_code"):
        rights.setdefault(right.user_id, []).append(right.service_code)
    names = part_names(code for codes in rights.values() for code in codes)
    signed_on = people_with_sign_on() if settings.OIDC else set()
    return [
        PersonRow(
            person,
            tuple(_in_words(person, rights.get(person.pk, []), names)),
            signs_on=person.pk in signed_on,
        )
        for person in found
    ]


def people_who_may_be_tied() -> list[User]:
    """Return people with an open account and a role that looks after services, by name."""
    return [each for each in people() if each.is_active and each.role in MAY_HAVE_PARTS]


def looks_after(person: User) -> list[str]:
    """Return the parts of the tree that a person looks after, in words."""
    codes = parts_of(person) if person.role in MAY_HAVE_PARTS else []
    return _in_words(person, codes, part_names(codes) if codes else {})


def _in_words(person: User, codes: list[str], names: dict[str, str]) -> list[str]:
    if not person.has_role:
        return ["Nothing: has no role yet"]
    if person.role == Role.SCRUTINY_MEMBER:
        return ["Nothing: reads published reports"]
    if person.role in NEEDS_A_PART and not codes:
        return ["Nothing yet"]
    if person.role not in MAY_HAVE_PARTS or not codes:
        return ["The whole council"]
    return [names[code] for code in codes]


def parts_fault(role: str, codes: Iterable[str]) -> str:
    """Return the fault of a role's parts of the tree, as a sentence; empty if there is none.

    Before there is any service, nobody needs a part: people may be added first.
    """
    who, codes = f"{Role(role).label}s", list(codes)
    if role in NEEDS_A_PART and not codes and Service.objects.exists():
        return f"{who} look after a part of the tree. Choose at least one."
    if role == Role.SCRUTINY_MEMBER and codes:
        return f"{who} read what is published and look after no part of the tree. Choose none."
    if role not in MAY_HAVE_PARTS and codes:
        return f"{who} see the whole council and are tied to no part of the tree. Choose none."
    return ""


def person_or_none(pk: int) -> User | None:
    """Return the person of that id; None where there is none."""
    return User.objects.filter(pk=pk).first()


def parts_of(person: User) -> list[str]:
    """Return the codes of the services that a person looks after."""
    rights = TreeRight.objects.filter(user=person).order_by("service_code")
    return list(rights.values_list("service_code", flat=True))


def part_names(codes: Iterable[str]) -> dict[str, str]:
    """Return each service's name in the latest year that has it; else its code."""
    codes = set(codes)
    services = Service.objects.filter(code__in=codes).order_by("year__start")
    return {code: code for code in codes} | dict(services.values_list("code", "name"))


def parts_to_choose_from(held: Iterable[str] = ()) -> list[Part]:
    """Return the services of the latest year's tree today, parents before children.

    Codes that a person holds and the tree no longer has come last.
    """
    year = FinancialYear.objects.order_by("-start").first()
    nodes = current_tree(year).nodes if year else []
    parts = [
        Part(node.key, node.service.name, node.level)
        for node in nodes
        if node.service.code != UNALLOCATED
    ]
    gone = sorted(set(held) - {part.code for part in parts})
    names = part_names(gone)
    return parts + [Part(code, f"{names[code]} (not in today’s tree)", 0) for code in gone]


def known_codes(codes: Iterable[str]) -> set[str]:
    """Return those of the codes that a service has in some year."""
    return set(Service.objects.filter(code__in=set(codes)).values_list("code", flat=True))


def person_called(username: str) -> User:
    """Return the person with that user name. Raise `Refused` where there is none."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise Refused(f"There is nobody with the user name {username}.")
    return person
