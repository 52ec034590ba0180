"""The effect of a list of people, before anything is stored."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from council_finance.accounts.models import Role, User
from council_finance.uploads.problems import Problem
from monitoring.people.list_rows import ListedPerson, PeopleList
from monitoring.people.selectors.known_people import KnownPeople
from monitoring.people.selectors.people import known_codes, parts_fault

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
_NOT_IN_USER_NAMES = re.compile(r"[^\w.@+-]")


@dataclass(frozen=True)
class PlannedPerson:
    """The effect of one row: `person` is None for a new one; `changes` are label, from and to."""

    kind: str
    row: int
    person: User | None
    username: str
    name: str
    email: str
    role: str
    parts: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...] = ()

    @property
    def role_label(self) -> str:
        """Return the role in words."""
        return Role(self.role).label


@dataclass(frozen=True)
class ListPlan:
    """The effect of a list: its people in the order of its rows, or what is wrong with it."""

    people: tuple[PlannedPerson, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> list[PlannedPerson]:
        """Return the people who are new, changed or unchanged."""
        return [each for each in self.people if each.kind == kind]

    @property
    def new(self) -> list[PlannedPerson]:
        """Return the people whom the list adds."""
        return self.of_kind(NEW)

    @property
    def changed(self) -> list[PlannedPerson]:
        """Return the people whom the list changes."""
        return self.of_kind(CHANGED)

    @property
    def unchanged(self) -> list[PlannedPerson]:
        """Return the people who are as the list has them."""
        return self.of_kind(UNCHANGED)

    @property
    def changes_nothing(self) -> bool:
        """Return whether everybody on the list is there already, as the list has them."""
        return not self.problems and not self.new and not self.changed

    @property
    def revision(self) -> str:
        """Return a digest of the effect: another one means that people have changed since."""
        facts = [
            (each.kind, each.person and each.person.pk, each.username, each.name, each.email)
            + (str(each.role), each.parts, each.changes)
            for each in self.people
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def plan_people(listed: PeopleList, *, by: User) -> ListPlan:
    """Return the effect of a list that `by` stores, with every row that is refused and why."""
    planner = _Planner(listed, by)
    for row in listed.rows:
        planner.add_row(row)
    problems = sorted([*listed.problems, *planner.problems], key=lambda fault: fault.row or 0)
    return ListPlan(tuple(planner.people), tuple(problems), listed.notes)


class _Planner:
    """The reader of a list's rows against the people there are."""

    def __init__(self, listed: PeopleList, by: User) -> None:
        self.listed, self.by = listed, by
        self.there = KnownPeople.read()
        self.codes = known_codes(code for row in listed.rows for code in row.parts or ())
        self.people: list[PlannedPerson] = []
        self.problems: list[Problem] = []
        self.rows_by_username: dict[str, int] = {}
        self.rows_by_email: dict[str, ListedPerson] = {}

    def add_row(self, row: ListedPerson) -> None:
        """Add the effect of a row, or what is wrong with it."""
        before = len(self.problems)
        person = self._find_person(row)
        if len(self.problems) > before:
            return
        planned = self._plan_row(row, person)
        self._check_email_once(row)
        self._check_details(planned)
        self._check_parts(planned)
        self._check_once(planned)
        if person is not None:
            self._check_person(planned, person)
        if len(self.problems) == before:
            self.people.append(planned)

    def _refuse_row(self, row: int, column: str, found: str, message: str) -> None:
        self.problems.append(self.listed.problem(row, column, found, message))

    def _find_person(self, row: ListedPerson) -> User | None:
        """Return the person a row is about: by user name, else by e-mail; None for a new one."""
        with_email = self.there.by_email.get(row.email.casefold(), [])
        if row.username:
            person = self.there.by_username.get(row.username.casefold())
            if person is None and with_email:
                self._refuse_row(
                    row.row,
                    "user_name",
                    row.username,
                    f"the e-mail address is that of the person with the user name "
                    f"{with_email[0].username}. Write that user name, or another address",
                )
            return person
        if len(with_email) > 1:
            names = " and ".join(each.username for each in with_email)
            self._refuse_row(
                row.row,
                "email",
                row.email,
                f"this is the address of {names}. Add the column user_name to say whom you mean",
            )
        return with_email[0] if with_email else None

    def _plan_row(self, row: ListedPerson, person: User | None) -> PlannedPerson:
        if person is None:
            return PlannedPerson(
                kind=NEW,
                row=row.row,
                person=None,
                username=row.username or self._make_username(row.email),
                name=row.name,
                email=row.email,
                role=row.role,
                parts=tuple(sorted(row.parts or ())),
            )
        held = self.there.parts.get(person.pk, ())
        parts = held if row.parts is None else tuple(sorted(row.parts))
        pairs = (
            ("Name", person.get_full_name(), row.name),
            ("E-mail", person.email, row.email),
            ("Role", Role(person.role).label, row.role.label),
            ("Services", ", ".join(held), ", ".join(parts)),
        )
        changes = tuple(pair for pair in pairs if pair[1] != pair[2])
        return PlannedPerson(
            kind=CHANGED if changes else UNCHANGED,
            row=row.row,
            person=person,
            username=person.username,
            name=row.name,
            email=row.email,
            role=row.role,
            parts=parts,
            changes=changes,
        )

    def _make_username(self, email: str) -> str:
        """Return the part of an address before the @; where somebody has it, the whole address."""
        short = _NOT_IN_USER_NAMES.sub("", email.partition("@")[0]).casefold()
        taken = short in self.there.by_username or short in self.rows_by_username
        return _NOT_IN_USER_NAMES.sub("", email).casefold() if taken or not short else short

    def _check_details(self, planned: PlannedPerson) -> None:
        """Refuse what no account may have: a malformed address, a name that is too long."""
        first, _, last = planned.name.rpartition(" ")
        user = User(username=planned.username, email=planned.email, role=planned.role)
        user.first_name, user.last_name = first, last
        try:
            user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            for field_name, messages in error.message_dict.items():
                column, found = _column_of(field_name, planned)
                self._refuse_row(planned.row, column, found, " ".join(messages).rstrip("."))

    def _check_parts(self, planned: PlannedPerson) -> None:
        held = self.there.parts.get(planned.person.pk, ()) if planned.person else ()
        for code in planned.parts:
            if code not in self.codes and code not in held:
                self._refuse_row(
                    planned.row,
                    "parts",
                    code,
                    "there is no service with this code. The codes are on the page Structure",
                )
        if fault := parts_fault(planned.role, planned.parts):
            found = ", ".join(planned.parts)
            self._refuse_row(planned.row, "parts", found, fault.rstrip("."))

    def _check_email_once(self, row: ListedPerson) -> None:
        """Refuse a second row with an address, unless both rows say which user name they mean."""
        first = self.rows_by_email.setdefault(row.email.casefold(), row)
        if first is not row and not (row.username and first.username):
            self._refuse_row(
                row.row,
                "email",
                row.email,
                f"this person is in row {first.row} too. Keep one row, with all their services",
            )

    def _check_once(self, planned: PlannedPerson) -> None:
        """Refuse a user name that is on the list twice, and one that somebody else has."""
        key = planned.username.casefold()
        if key in self.rows_by_username:
            self._refuse_row(
                planned.row,
                "user_name",
                planned.username,
                f"row {self.rows_by_username[key]} has this user name too. Keep one row, with all"
                " their services, or choose another user name",
            )
        elif planned.person is None and key in self.there.by_username:
            self._refuse_row(
                planned.row,
                "user_name",
                planned.username,
                "somebody else has this user name. Choose another in the column user_name",
            )
        self.rows_by_username.setdefault(key, planned.row)

    def _check_person(self, planned: PlannedPerson, person: User) -> None:
        """Refuse to change a closed account, or to take one's own role as administrator."""
        if not person.is_active:
            self._refuse_row(
                planned.row,
                "email",
                planned.email,
                "this account is closed. Open it on the person’s page first, or take out the row",
            )
        if person.pk == self.by.pk and planned.role != person.role:
            self._refuse_row(
                planned.row,
                "role",
                planned.role_label,
                "you cannot take the administrator’s role from yourself. Another administrator can",
            )


def _column_of(field_name: str, planned: PlannedPerson) -> tuple[str, str]:
    """Return the list's column of a field of an account, and its content."""
    if field_name in ("first_name", "last_name"):
        return "name", planned.name
    if field_name == "username":
        return "user_name", planned.username
    return field_name, getattr(planned, field_name)


def people_of(ids: Iterable[int]) -> Sequence[User]:
    """Return the active people of these ids who have no password yet, by name."""
    found = User.objects.filter(pk__in=list(ids), is_active=True)
    without = [person for person in found if not person.has_usable_password()]
    return sorted(without, key=lambda person: (person.name.casefold(), person.username))
