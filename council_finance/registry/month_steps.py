"""The steps of a month's work that apps register: how far each is, who is due, by when."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from council_finance.registry.order import Register


@dataclass(frozen=True)
class Link:
    """A link on a page."""

    label: str
    url: str


@dataclass(frozen=True)
class Due:
    """Work that is missing for a service: on which page it is done, and by whom.

    `service` is the key of its row in the report, `what` the work in a word. `people` are the
    names of those tied to the service; `if_nobody` is shown where there are none.
    """

    service: str
    what: str
    text: str
    url: str
    people: tuple[str, ...] = ()
    if_nobody: str = ""


@dataclass(frozen=True)
class MonthStep:
    """A step as the reader of a month sees it.

    `state` is its state in a word or two and `tone` the colour of that tag, `text` how far it is
    in a sentence. `by` is the day by which it is to be done, where there is one.
    """

    state: str
    tone: str
    text: str = ""
    links: tuple[Link, ...] = ()
    by: datetime.date | None = None
    due: tuple[Due, ...] = ()


StepFunction = Callable[[Any], MonthStep | None]


@dataclass(frozen=True)
class StepEntry:
    """A registered step: its title, and the function that reads it from a month."""

    title: str
    make: StepFunction


_steps: Register[StepEntry] = Register("month step")


def month_step(name: str, *, title: str, after: str = "") -> Callable[[StepFunction], StepFunction]:
    """Register a step of a month's work.

    The function takes the month of the part of the council that a person sees
    (`monitoring.month.selectors.month.Month`) and returns the step, or None where there is nothing
    to do for this council.
    """

    def decorate(function: StepFunction) -> StepFunction:
        _steps.add(name, StepEntry(title, function), after=after)
        return function

    return decorate


def month_steps(month: Any) -> list[tuple[str, MonthStep]]:
    """Return the title of each step of a month with the step, in order."""
    made = ((entry.title, entry.make(month)) for entry in _steps.in_order().values())
    return [(title, step) for title, step in made if step is not None]
