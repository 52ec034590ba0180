"""People for trying the product on one's own machine: one for each role."""

from collections.abc import Iterable
from pathlib import Path

from council_finance.accounts.models import Role, User
from council_finance.environment import kept_secret

NAMES = {
    Role.FINANCE_OFFICER: "officer",
    Role.FINANCE_LEAD: "lead",
    Role.BUDGET_MANAGER: "manager",
    Role.DIRECTOR: "director",
    Role.SCRUTINY_MEMBER: "member",
    Role.ADMINISTRATOR: "admin",
}
DIRECTOR_PREFIX = f"{NAMES[Role.DIRECTOR]}-"
"""The beginning of the user names of further directors."""

_PASSWORD_LENGTH = 12


def demo_log_ins(folder: Path, directors: Iterable[str] = ()) -> list[tuple[str, str, str]]:
    """Make the demo's people where there are none yet; return (role, user name, password).

    `directors` are the user names of further directors. The password is made once and stored in
    the data folder. A database that has other people in it gets no demo user, and the list is
    empty.
    """
    people = list(NAMES.items())
    people += [(Role.DIRECTOR, name) for name in directors]
    others = User.objects.exclude(username__in=[name for _, name in people])
    # A director of an earlier start may have lost the directorate since.
    if others.exclude(username__startswith=DIRECTOR_PREFIX, role=Role.DIRECTOR).exists():
        return []
    password = kept_secret(folder / "demo_password")[:_PASSWORD_LENGTH]
    for role, name in people:
        user, made = User.objects.get_or_create(username=name, defaults={"role": role})
        if made or not user.check_password(password):
            user.set_password(password)
            user.save()
    return [(role.label, name, password) for role, name in people]
