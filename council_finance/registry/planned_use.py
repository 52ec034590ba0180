"""What planned use of reserves and receipts can be tied to; the app that keeps it registers it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlannedUsePurpose:
    """A reserve or a project that planned use can be tied to: its code, and its name for readers.

    With `service` (a code) only lines of that service, and of those under it, can be tied to it.
    """

    code: str
    label: str
    service: str = ""


Year = Any
"""A financial year; the foundation knows no app's tables."""

_purposes: dict[str, Callable[[Year], Iterable[PlannedUsePurpose]]] = {}


def register_planned_use_purposes(
    measure: str, purposes: Callable[[Year], Iterable[PlannedUsePurpose]]
) -> None:
    """Register the purposes of a measure of planned use, in the order of their list, by year."""
    _purposes[measure] = purposes


def planned_use_purposes(measure: str, year: Year) -> dict[str, PlannedUsePurpose]:
    """Return by code what planned use of a measure can be tied to in a year; empty for nothing."""
    purposes = _purposes.get(measure)
    return {each.code: each for each in purposes(year)} if purposes else {}
