"""The steps of a month's work that apps register: how far each is, who is due, by when."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from council_finance.registry.order import Register


class Link(NamedTuple):
    """A link on a page."""

    label: str
    url: str


class Person(NamedTuple):
    """A person of whom work is due."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name


class Due(NamedTuple):
    """Work that is missing for a service: on which page it is done, and by whom.

    `service` is the key of its row in the report, "" for work on the whole council; `what` is the
    work in a word. `people` are those tied to the service; `if_nobody` is shown where there are
    none, and the work is then due from everybody of these `roles` who looks after the whole
    council. Work on the whole council is due from everybody of the roles.
    """

    service: str
    what: str
    text: str
    url: str
    people: tuple[Person, ...] = ()
    if_nobody: str = ""
    roles: frozenset[str] = frozenset()
    besides: frozenset[int] = frozenset()


class Outstanding(NamedTuple):
    """Something that a month lacks: counted in a sentence, with the page where it is seen.

    The review warns of it before the month is published. `name` is one that the step registers, by
    which the council's settings say that publication waits for it.
    """

    name: str
    text: str
    link: Link


class MonthStep(NamedTuple):
    """A step as the reader of a month sees it.

    `state` is its state in a word or two and `tone` the colour of that tag, `text` how far it is
    in a sentence. `by` is the day by which it is to be done; where the step gives none, it is the
    day of the council's timetable.
    """

    state: str
    tone: str
    text: str = ""
    links: tuple[Link, ...] = ()
    by: datetime.date | None = None
    due: tuple[Due, ...] = ()
    outstanding: tuple[Outstanding, ...] = ()


StepFunction = Callable[[Any], MonthStep | None]


@dataclass(frozen=True)
class StepEntry:
    """A registered step: its title, and the function that reads it from a month.

    With `has_date` the council's timetable can give it a day; `in_budget` says that the approved
    budget has the step too. `warns_of` has the words for each thing of the step that may be
    outstanding, by its name.
    """

    title: str
    make: StepFunction
    has_date: bool = True
    in_budget: bool = False
    warns_of: Mapping[str, str] = field(default_factory=dict)


class NamedStep(NamedTuple):
    """A step of a month with the name and the title under which it is registered."""

    name: str
    title: str
    step: MonthStep


_steps: Register[StepEntry] = Register("month step", "month_steps")


def month_step(
    name: str,
    *,
    title: str,
    after: str = "",
    has_date: bool = True,
    in_budget: bool = False,
    warns_of: Mapping[str, str] | None = None,
) -> Callable[[StepFunction], StepFunction]:
    """Register a step of a month's work.

    The function takes the month of the part of the council that a person sees
    (`monitoring.month.selectors.month.Month`) and returns the step, or None where there is nothing
    to do for this council. `has_date`, `in_budget` and `warns_of` are as in `StepEntry`.
    """

    def decorate(function: StepFunction) -> StepFunction:
        entry = StepEntry(title, function, has_date, in_budget, warns_of or {})
        _steps.add(name, entry, after=after)
        return function

    return decorate


def registered_steps() -> dict[str, StepEntry]:
    """Return the registered steps by name, in order."""
    return _steps.in_order()


def outstanding_work() -> dict[str, str]:
    """Return the words for everything that a month may lack, by name, in the order of the steps."""
    found: dict[str, str] = {}
    for entry in _steps.in_order().values():
        found |= entry.warns_of
    return found


def month_steps(month: Any) -> list[NamedStep]:
    """Return the steps of a month, in order, without those that this council does not have.

    Raise `ValueError` where a step lacks something that it has not registered.
    """
    found = []
    for name, entry in _steps.in_order().items():
        step = entry.make(month)
        if step is None:
            continue
        if unknown := {each.name for each in step.outstanding} - set(entry.warns_of):
            raise ValueError(f"month step {name} does not register {', '.join(sorted(unknown))}")
        found.append(NamedStep(name, entry.title, step))
    return found
