"""Figures of a report that one app works out and another reads by name."""

from collections.abc import Callable
from typing import Any, NamedTuple

from council_finance.registry.order import Register

ReportFigureFunction = Callable[[Any], int | None]


class ReportFigureEntry(NamedTuple):
    """A registered figure: the function that works it out, and what is missing where it cannot."""

    missing: str
    make: ReportFigureFunction


_figures: Register[ReportFigureEntry] = Register("report figure", "report_figures")


def report_figure(
    name: str, *, missing: str
) -> Callable[[ReportFigureFunction], ReportFigureFunction]:
    """Register the function that works a figure out from a report, in pence.

    It returns None where the report lacks what the figure needs; `missing` says in a sentence what
    that is.
    """

    def decorate(function: ReportFigureFunction) -> ReportFigureFunction:
        _figures.add(name, ReportFigureEntry(missing, function))
        return function

    return decorate


def find_report_figure(name: str, facts: Any) -> tuple[int | None, str]:
    """Return a figure in pence, and what is missing where it has no value ("" where it has)."""
    if name not in _figures:
        return None, "The app that works this figure out is not installed."
    entry = _figures[name]
    pence = entry.make(facts)
    return pence, entry.missing if pence is None else ""
