"""The savings tracker: for each saving the agreed amount, forecast and direction of travel."""

import datetime
from collections.abc import Iterator, Sequence

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.periods import long_date
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from savings.calculations import QUARTERS, TrackerTotals, tracker_totals
from savings.report_rows import ReplacedSaving, SavingRow
from savings.rules import DOWN, SAME, UP
from savings.selectors.report_savings import savings_of
from savings.statements.summary import BY_DECISION, NONE

NAME = "savings-tracker"
TITLE = "Savings tracker"
ARROWS = {UP: "↑", SAME: "↔", DOWN: "↓", "": ""}
OVERRIDDEN, REPLACES, NO_FORECAST = "*", "†", "‡"
_PHASING = tuple(f"phasing_q{number}" for number in range(1, QUARTERS + 1))


def columns(unit: str) -> tuple[Column, ...]:
    """Return the columns of the tracker, amounts in the council's unit; savings are positive."""
    return (
        Column("reference", "Reference"),
        Column("title", "Title"),
        Column("agreed", "Agreed saving", unit),
        *(Column(key, f"Quarter {place}", unit) for place, key in enumerate(_PHASING, start=1)),
        Column("forecast", "Forecast saving", unit),
        Column("variance", "Variance from plan", unit),
        Column("variance_percent", "Variance from plan", "%"),
        Column("status", "Status"),
        Column("direction_of_travel", "Direction of travel"),
    )


@registry.statement(NAME, title=TITLE, after=BY_DECISION)
def savings_tracker(facts: ReportData) -> Statement:
    """Return a row for each saving and a total (Cambridgeshire); a positive variance is short."""
    display, savings = facts.display(NAME), savings_of(facts)
    totals = tracker_totals(savings)
    rows = [_saving_row(saving, display) for saving in savings]
    keys = tuple(row.key for row in rows)
    if rows:
        cells = _total_cells(totals, display)
        rows.append(Row("savings:total", "Total", "total", cells, sum_of=keys))
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=columns(display.unit_label),
            rows=tuple(rows),
            footnotes=tuple(_build_footnotes(savings, totals)),
            row_heading="Saving",
            # The variance leaves out savings without a forecast, so then it does not cast across.
            cross_casts=() if totals.unforecast else (_CROSS_CAST,),
            hidden_from_readers=("reference",),
        )
    )


_CROSS_CAST = CrossCast("variance", (("agreed", 1), ("forecast", -1)))


def _saving_row(saving: SavingRow, display: Display) -> Row:
    cells = {
        "reference": Cell(saving.reference),
        "title": Cell(saving.title, mark=REPLACES if saving.replaces else ""),
        "agreed": Cell.of_amount(saving.agreed, display),
        **_phasing_cells(saving.phasing, display),
        "forecast": Cell.of_amount(saving.forecast, display),
        "variance": Cell.of_amount(saving.shortfall, display),
        "variance_percent": Cell.of_percent(saving.shortfall, saving.agreed, display),
        "status": Cell(saving.status, mark=OVERRIDDEN if saving.is_overridden else ""),
        "direction_of_travel": Cell(ARROWS[saving.direction]),
    }
    return Row(saving.reference, saving.reference, "line", cells)


def _phasing_cells(quarters: Sequence[int | None], display: Display) -> dict[str, Cell]:
    return {
        key: Cell.of_amount(pence, display) for key, pence in zip(_PHASING, quarters, strict=True)
    }


def _total_cells(totals: TrackerTotals, display: Display) -> dict[str, Cell]:
    mark = NO_FORECAST if totals.unforecast else ""
    return {
        "reference": BLANK,
        "title": BLANK,
        "agreed": Cell.of_amount(totals.agreed, display),
        **_phasing_cells(totals.phasing, display),
        "forecast": Cell.of_amount(totals.forecast, display),
        "variance": Cell.of_amount(totals.variance, display, mark=mark),
        "variance_percent": Cell.of_percent(totals.variance, totals.agreed, display),
        "status": BLANK,
        "direction_of_travel": BLANK,
    }


def _build_footnotes(savings: Sequence[SavingRow], totals: TrackerTotals) -> Iterator[Footnote]:
    if not savings:
        yield Footnote("", NONE)
        return
    for saving in savings:
        if saving.is_overridden:
            yield Footnote(OVERRIDDEN, _override_text(saving))
    for saving in savings:
        for replaced in saving.replaces:
            yield Footnote(REPLACES, _replacement_text(saving, replaced))
    if totals.unforecast:
        yield Footnote(NO_FORECAST, _no_forecast_text(totals))
    if any(saving.direction for saving in savings):
        yield Footnote("", "Direction of travel: ↑ better, ↔ the same, ↓ worse.")


def _override_text(saving: SavingRow) -> str:
    by = f" by {saving.override_by}" if saving.override_by else ""
    return (
        f"{saving.reference}: the status {saving.status} was given{by} in place of "
        f"{saving.derived}, which follows from the figures. Reason: {saving.override_reason}"
    )


def _replacement_text(saving: SavingRow, replaced: ReplacedSaving) -> str:
    agreed_on = long_date(datetime.date.fromisoformat(replaced.agreed_on))
    return (
        f"{saving.reference} replaces {replaced.reference} ({replaced.title}) of "
        f"{plain_pounds(replaced.agreed)}, as agreed by {replaced.agreed_by} on {agreed_on}. "
        f"Reason: {replaced.reason}"
    )


def _no_forecast_text(totals: TrackerTotals) -> str:
    count = totals.unforecast
    savings = "1 saving has" if count == 1 else f"{count} savings have"
    return (
        f"{savings} no forecast; the agreed {plain_pounds(totals.unforecast_agreed)} is left out "
        "of the variance."
    )
