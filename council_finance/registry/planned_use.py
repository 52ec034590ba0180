"""What planned use of reserves and receipts can be tied to; the app that keeps it registers it.

The foundation knows no app's tables: years and periods are passed on as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from council_finance.registry.order import Register


class PlannedUsePurpose(NamedTuple):
    """A reserve or a project that planned use can be tied to: its code, and its name for readers.

    With `service` (a code) only lines of that service, and of those under it, can be tied to it.
    """

    code: str
    label: str
    service: str = ""


class PlannedUsePurposes(NamedTuple):
    """The purposes of a measure of planned use, which an app keeps.

    `of_year` returns those of a year in the order of their list. `follow` is called with a period,
    the change since the period before of the planned use tied to each code (pence), and who made
    it (None: a command), inside the transaction that changed planned use; it may refuse.
    """

    of_year: Callable[[Any], Iterable[PlannedUsePurpose]]
    follow: Callable[[Any, Mapping[str, int], Any], None] | None = None


_purposes: Register[PlannedUsePurposes] = Register(
    "purposes of planned use", "planned_use_purposes"
)


def register_planned_use_purposes(measure: str, purposes: PlannedUsePurposes) -> None:
    """Register the purposes of a measure of planned use."""
    _purposes.add(measure, purposes)


def planned_use_purposes(measure: str, year: Any) -> dict[str, PlannedUsePurpose]:
    """Return by code what planned use of a measure can be tied to in a year; empty for nothing."""
    registered = _purposes.in_order().get(measure)
    return {each.code: each for each in registered.of_year(year)} if registered else {}


def follows_planned_use(measure: str) -> bool:
    """Return whether an app follows changes of the planned use tied to its purposes."""
    return measure in _purposes and _purposes[measure].follow is not None


def follow_planned_use(measure: str, period: Any, changes: Mapping[str, int], by: Any) -> None:
    """Have the app follow the changes of tied planned use by code; see PlannedUsePurposes."""
    registered = _purposes.in_order().get(measure)
    if registered is not None and registered.follow is not None:
        registered.follow(period, changes, by)
