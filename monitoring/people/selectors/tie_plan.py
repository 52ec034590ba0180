"""The effect of a list of ties, before anything is stored."""

import hashlib
from dataclasses import dataclass, field

from council_finance.accounts.models import User
from council_finance.uploads.problems import Problem
from monitoring.people.rows_of_lists import ListOfRows
from monitoring.people.selectors.known_people import KnownPeople
from monitoring.people.selectors.people import MAY_HAVE_PARTS, known_codes, parts_fault
from monitoring.people.tie_rows import ListedTie


@dataclass(frozen=True)
class PlannedTies:
    """The services of a person now and afterwards."""

    person: User
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def added(self) -> list[str]:
        """Return the codes of the services that the person is tied to from now on."""
        return [code for code in self.after if code not in self.before]

    @property
    def removed(self) -> list[str]:
        """Return the codes of the services that the person is no longer tied to."""
        return [code for code in self.before if code not in self.after]


@dataclass(frozen=True)
class TiePlan:
    """The people whose services change, in the order of the list, or what is wrong with it."""

    people: tuple[PlannedTies, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Return whether every tie is there already."""
        return not self.problems and not self.people

    @property
    def revision(self) -> str:
        """Return a digest of the effect: another one means that ties have changed since."""
        facts = [(each.person.pk, each.before, each.after) for each in self.people]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def plan_ties(listed: ListOfRows[ListedTie]) -> TiePlan:
    """Return the effect of a list of ties, with every row that is refused and why."""
    planner = _TiePlanner(listed)
    for row in listed.rows:
        planner.add_row(row)
    planner.check_what_is_left()
    changed = (each for each in planner.planned() if each.before != each.after)
    problems = sorted([*listed.problems, *planner.problems], key=lambda fault: fault.row or 0)
    return TiePlan(tuple(changed), tuple(problems), listed.notes)


@dataclass
class _Tied:
    """A person on the list: their services after it, and the last row about them."""

    person: User
    after: set[str]
    last: ListedTie
    signs: dict[str, bool] = field(default_factory=dict)


class _TiePlanner:
    """The reader of a list of ties against the people and services there are."""

    def __init__(self, listed: ListOfRows[ListedTie]) -> None:
        self.listed = listed
        self.there = KnownPeople.read()
        self.codes = known_codes(row.code for row in listed.rows)
        self.tied: dict[int, _Tied] = {}
        self.problems: list[Problem] = []

    def add_row(self, row: ListedTie) -> None:
        """Add a tie to the person's services or take it away, or note what is wrong."""
        person = self._find_person(row)
        if row.code not in self.codes:
            self._refuse_row(
                row,
                "service_code",
                row.code,
                "there is no service with this code. The codes are on the page Structure",
            )
            return
        if person is None:
            return
        held = set(self.there.parts.get(person.pk, ()))
        tied = self.tied.setdefault(person.pk, _Tied(person, held, row))
        if tied.signs.setdefault(row.code, row.is_added) != row.is_added:
            self._refuse_row(
                row, "act", "", "another row says the opposite of this person and service"
            )
        tied.last = row
        (tied.after.add if row.is_added else tied.after.discard)(row.code)

    def check_what_is_left(self) -> None:
        """Refuse to leave a budget manager or director without any service."""
        for tied in self.tied.values():
            if fault := parts_fault(tied.person.role, tied.after):
                self._refuse_row(tied.last, "user", tied.last.user, fault.rstrip("."))

    def planned(self) -> list[PlannedTies]:
        """Return the services of each person of the list, now and afterwards."""
        return [
            PlannedTies(tied.person, self.there.parts.get(pk, ()), tuple(sorted(tied.after)))
            for pk, tied in self.tied.items()
        ]

    def _find_person(self, row: ListedTie) -> User | None:
        """Return the open account of a row whose role looks after services; None where refused."""
        found = self.there.named(row.user)
        if len(found) > 1:
            names = " and ".join(each.username for each in found)
            message = f"this is the address of {names}. Write the user name"
        elif not found:
            message = "nobody has this user name or e-mail address. Add the person first"
        elif not found[0].is_active:
            message = "this account is closed. Open it on the person’s page first"
        elif found[0].role not in MAY_HAVE_PARTS:
            message = (
                f"{found[0].name} is {found[0].get_role_display().lower()}, and is tied to no"
                " service. Give another role first"
            )
        else:
            return found[0]
        self._refuse_row(row, "user", row.user, message)
        return None

    def _refuse_row(self, row: ListedTie, column: str, found: str, message: str) -> None:
        self.problems.append(self.listed.problem(row.row, column, found, message))
