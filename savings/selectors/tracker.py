"""The savings of a report line by line, filtered, with the totals of those shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData
from savings.calculations import statuses_in_use, tracker_totals
from savings.report_rows import SavingRow
from savings.rules import statuses
from savings.selectors.printed_rows import PrintedSaving, print_amount, print_saving
from savings.selectors.report_savings import (
    savings_of,
    service_names,
    services_with_savings,
)

NAME, SUMMARY = "savings-tracker", "savings-summary"


@dataclass(frozen=True)
class TrackerFilter:
    """The filter of the tracker; "" filters nothing.

    `text` is looked for in reference, title, owner and committee; a service includes those below.
    """

    text: str = ""
    service: str = ""
    decision: str = ""
    status: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.service or self.decision or self.status)


class FilterField(NamedTuple):
    """A list to choose from in the filter: values with their labels, and the value chosen."""

    name: str
    label: str
    chosen: str
    options: list[tuple[str, str]]


@dataclass(frozen=True)
class PrintedTotals:
    """The totals of the savings shown, as they are printed; `left_out` have no forecast."""

    agreed: str
    forecast: str
    delivered: str
    shortfall: str
    percent: str
    left_out: int


def tracker_display(facts: ReportData) -> Display:
    """Return the tracker's display in the unit of the other pages about savings.

    Single savings would round to little or nothing in millions.
    """
    return replace(facts.display(NAME), unit=facts.display(SUMMARY).unit)


def filter_fields(facts: ReportData, chosen: TrackerFilter) -> list[FilterField]:
    """Return the lists of services, decisions and statuses to choose from."""
    savings = savings_of(facts)
    decisions = dict.fromkeys(saving.decision for saving in savings if saving.decision)
    words = statuses_in_use(savings, statuses(facts.settings))
    return [
        FilterField("service", "Service", chosen.service, _service_options(facts, chosen)),
        FilterField("decision", "Decision", chosen.decision, [(each, each) for each in decisions]),
        FilterField("status", "Status", chosen.status, [(word, word) for word in words]),
    ]


def _service_options(facts: ReportData, chosen: TrackerFilter) -> list[tuple[str, str]]:
    """Return the services with savings, and the one chosen, even if all its savings are below."""
    names = service_names(facts)
    keys = services_with_savings(facts)
    wanted = {node.key: node.label for node in facts.nodes if node.key == chosen.service}
    return list((wanted | {key: names[key] for key in keys}).items())


def filter_savings(
    facts: ReportData, chosen: TrackerFilter
) -> tuple[list[PrintedSaving], PrintedTotals]:
    """Return the savings that match the filter in register order, and their totals."""
    display, names = tracker_display(facts), service_names(facts)
    services = facts.keys_under(chosen.service)
    found = [saving for saving in savings_of(facts) if _matches_filter(saving, chosen, services)]
    return [print_saving(saving, display, names) for saving in found], print_totals(found, display)


def _matches_filter(saving: SavingRow, chosen: TrackerFilter, services: set[str]) -> bool:
    words = f"{saving.reference} {saving.title} {saving.owner} {saving.committee}".casefold()
    return (
        chosen.text.casefold() in words
        and (not chosen.service or saving.home in services)
        and chosen.decision in ("", saving.decision)
        and chosen.status in ("", saving.status)
    )


def print_totals(savings: Sequence[SavingRow], display: Display) -> PrintedTotals:
    """Return the totals of some savings as they are printed."""
    sums = tracker_totals(savings)
    return PrintedTotals(
        agreed=display.amount(sums.agreed),
        forecast=print_amount(display, sums.forecast),
        delivered=print_amount(display, sums.delivered),
        shortfall=print_amount(display, sums.variance),
        percent="" if sums.variance is None else display.percent(sums.variance, sums.agreed),
        left_out=sums.unforecast,
    )
