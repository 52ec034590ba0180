"""The savings of one service, and whether its forecast overspend covers their shortfall."""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from savings.calculations import TrackerTotals, tracker_totals, uncovered_shortfall
from savings.report_rows import SavingRow
from savings.selectors.overview import savings_display
from savings.selectors.printed_rows import PrintedSaving, print_saving
from savings.selectors.report_savings import (
    savings_under,
    service_names,
    services_with_savings,
)
from savings.selectors.tracker import PrintedTotals, print_totals

SHOWN = 12
BEFORE_RESERVES = "before planned use of reserves and capital receipts"


@dataclass(frozen=True)
class ShortfallFlag:
    """A service whose forecast overspend does not cover the shortfall of its savings.

    `key` and `label` are those of its row of the tree; `text` says by how much.
    """

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class ServiceSavings:
    """The savings at a row of the tree and below it, the largest shortfall first.

    `held` says in words that the forecast covers the shortfall; "" where it does not, or where
    there is none.
    """

    rows: list[PrintedSaving]
    count: int
    totals: PrintedTotals
    unit: str
    held: str
    flags: list[ShortfallFlag]


def service_savings(facts: ReportData, node: ReportRow) -> ServiceSavings | None:
    """Return the savings of a service; None where it has none."""
    display, found = savings_display(facts), savings_under(facts, node.key)
    if not found:
        return None
    names = service_names(facts)
    return ServiceSavings(
        rows=[
            print_saving(saving, display, names)
            for saving in sorted(found, key=_largest_shortfall_first)[:SHOWN]
        ],
        count=len(found),
        totals=print_totals(found, display),
        unit=display.unit_label,
        held=_covered_text(facts, node),
        flags=shortfall_flags(facts, node),
    )


def describe_service_savings(facts: ReportData, node: ReportRow) -> str:
    """Return the outlook of a service's savings in a sentence or two.

    Savings without a forecast are named separately.
    """
    display = savings_display(facts)
    totals = tracker_totals(savings_under(facts, node.key))
    if not totals.agreed:
        return "No savings are agreed for it."
    if totals.variance is None:
        agreed = display.in_words(totals.agreed)
        return f"None of its savings ({agreed} agreed) has a forecast yet."
    return (
        f"{_compare_with_agreed(totals, totals.variance, display)}"
        f"{_without_forecast_text(totals, display)}"
    )


def _compare_with_agreed(totals: TrackerTotals, shortfall: int, display: Display) -> str:
    """Compare the savings that have a forecast with what was agreed of them."""
    known = display.in_words(totals.forecast_agreed)
    by = display.in_words(abs(shortfall))
    if not display.rounded_pence(shortfall):
        return f"Its savings are forecast as agreed ({known})."
    if shortfall > 0:
        return f"Its savings fall short by {by} of the {known} agreed."
    return f"Its savings come to {by} more than the {known} agreed."


def _without_forecast_text(totals: TrackerTotals, display: Display) -> str:
    if not totals.unforecast:
        return ""
    return f" A further {display.in_words(totals.unforecast_agreed)} agreed has no forecast."


def _largest_shortfall_first(saving: SavingRow) -> tuple[int, int, str]:
    return -(saving.shortfall or 0), -saving.agreed, saving.reference


def shortfall_flags(facts: ReportData, node: ReportRow | None = None) -> list[ShortfallFlag]:
    """Return a flag for each row whose forecast overspend does not cover its savings' shortfall.

    Of the row given and those below it, or of the whole report. A row is judged with the savings
    at it and below it, by `uncovered_shortfall`: their net shortfall against the adverse gross
    variance. A row without a forecast is flagged too. What the council's unit prints as nil is
    not flagged.
    """
    homes: Sequence[str] = services_with_savings(facts)
    if node is not None:
        inside = facts.keys_under(node.key)
        homes = [node.key, *(key for key in homes if key in inside and key != node.key)]
    rows = {each.key: each for each in facts.nodes}
    found = (_shortfall_flag(facts, rows[key]) for key in homes if key in rows)
    return [flag for flag in found if flag]


def _shortfall_flag(facts: ReportData, node: ReportRow) -> ShortfallFlag | None:
    display, shortfall = savings_display(facts), _net_shortfall(facts, node)
    if shortfall is None or display.rounded_pence(shortfall) <= 0:
        return None
    short, variance = display.in_words(shortfall), node.gross_variance
    uncovered = uncovered_shortfall(shortfall, variance)
    if variance is None or uncovered is None:
        text = f"the savings fall short by {short}, and the service has no forecast yet to hold it."
    elif display.rounded_pence(uncovered) == 0:
        return None
    else:
        whole = uncovered == shortfall
        missing = "The whole" if whole else f"{display.in_words(uncovered)} of the"
        text = (
            f"the savings fall short by {short}, but {_forecast_text(facts, node, variance)}. "
            f"{missing} shortfall may be missing from the forecast."
        )
    return ShortfallFlag(node.key, node.label, text)


def _covered_text(facts: ReportData, node: ReportRow) -> str:
    display, shortfall = savings_display(facts), _net_shortfall(facts, node)
    variance = node.gross_variance
    if shortfall is None or display.rounded_pence(shortfall) <= 0 or variance is None:
        return ""
    if _shortfall_flag(facts, node):
        return ""
    return (
        f"The savings fall short by {display.in_words(shortfall)}, and "
        f"{_forecast_text(facts, node, variance)}: enough to hold that."
    )


def _net_shortfall(facts: ReportData, node: ReportRow) -> int | None:
    """Return agreed less forecast of the savings at a row and below it, in pence."""
    return tracker_totals(savings_under(facts, node.key)).variance


def _forecast_text(facts: ReportData, node: ReportRow, variance: int) -> str:
    display = savings_display(facts)
    before = "" if variance == node.net_variance else f" {BEFORE_RESERVES}"
    if display.rounded_pence(variance) == 0:
        return f"the service is forecast on budget{before}"
    sense = "overspend" if variance > 0 else "underspend"
    return f"the service is forecast to {sense} by {display.in_words(abs(variance))}{before}"
