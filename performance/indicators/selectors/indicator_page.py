"""What the page of one indicator shows: its months, what moved, and how it compares."""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.charts import Chart, ChartTable
from council_finance.money import round_half_away
from council_finance.periods import CLOSE
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.charts import series_chart
from performance.indicators.models import Basis, Polarity
from performance.indicators.printing import print_exact, print_target, print_value
from performance.indicators.report_rows import IndicatorRow, MonthRow
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.months import is_monthly_count
from performance.indicators.selectors.printed_rows import (
    PrintedIndicator,
    StatusTag,
    print_comparators,
    print_row,
    tag_of,
)
from performance.indicators.settings_tables import (
    PerformanceSettings,
    performance_scheme,
    performance_settings,
)
from performance.indicators.statements.series import months_by_key


@dataclass(frozen=True)
class PrintedMonth:
    """A month of an indicator as the table shows it; `former` where its target has moved."""

    label: str
    target: str
    minimum: str
    actual: str
    per_week: str
    status: StatusTag | None
    former: StatusTag | None


@dataclass(frozen=True)
class IndicatorPage:
    """An indicator with its months, its chart and its sentences."""

    indicator: PrintedIndicator
    sentence: str
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    months: tuple[PrintedMonth, ...]
    has_weeks: bool
    has_former: bool
    chart: Chart | None
    comparators: tuple[tuple[str, str, str], ...]


def indicator_page(facts: ReportData, row: IndicatorRow) -> IndicatorPage:
    """Return what the page of an indicator shows in a report."""
    scheme, settings = performance_scheme(facts.settings), performance_settings(facts.settings)
    printed = print_row(row, facts)
    has_weeks = bool(settings.weeks) and is_monthly_count(row)
    series = list(months_by_key(row).values())
    months = tuple(
        _print_month(row, label, month, scheme, _weeks_in(month, settings))
        for label, month in series
    )
    return IndicatorPage(
        indicator=printed,
        sentence=_describe_position(row, printed),
        notes=tuple(_list_notes(row, printed, scheme, by_weeks=has_weeks)),
        facts=tuple(_list_facts(row, printed)),
        months=months,
        has_weeks=has_weeks,
        has_former=any(month.former for month in months),
        chart=_draw_chart(row, series, months),
        comparators=tuple(print_comparators(row, facts)),
    )


def _weeks_in(month: MonthRow, settings: PerformanceSettings) -> int | None:
    return settings.weeks_of(month.month or min(month.period, CLOSE - 1))


def _print_month(
    row: IndicatorRow, label: str, month: MonthRow, scheme: PerformanceScheme, weeks: int | None
) -> PrintedMonth:
    per_week = ""
    if weeks is not None and month.actual is not None:
        per_week = print_value(row, round_half_away(month.actual, weeks), 1)
    return PrintedMonth(
        label=label,
        target=print_value(row, month.target, row.target_decimals),
        minimum=print_exact(row, month.minimum, row.target_decimals),
        actual=print_value(row, month.actual, row.decimals),
        per_week=per_week,
        status=tag_of(month.status, scheme) if month.status else None,
        former=tag_of(month.against_former, scheme) if month.against_former else None,
    )


def _describe_position(row: IndicatorRow, printed: PrintedIndicator) -> str:
    """Return the finding in words: value, target and status."""
    if not printed.actual:
        return f"{printed.status.word}: no value is given for this period."
    if row.actual is None and row.due:
        return f"Awaited: {row.due}."
    against = f" for a target of {printed.target}" if printed.target else ", without a target"
    before = f", {printed.direction} since {printed.previous}" if printed.direction else ""
    return f"{printed.status.word}: {printed.actual}{against}{before}."


def _list_notes(
    row: IndicatorRow, printed: PrintedIndicator, scheme: PerformanceScheme, *, by_weeks: bool
) -> Sequence[str]:
    notes = []
    if by_weeks and printed.direction:
        notes.append("Months have four or five weeks, so values are compared per week.")
    if printed.derived is not None:
        reason = row.status_reason or "no reason was given"
        notes.append(
            f"{printed.status.word} was declared; the figures give {printed.derived.word}. "
            f"Reason: {reason}."
        )
    if row.declared_direction and row.declared_direction != row.derived_direction:
        notes.append("The direction of travel was declared; the figures give another.")
    if moved := _describe_moved_target(row, scheme):
        notes.append(moved)
    if row.rated_target is not None and row.rated_target != row.target:
        due = print_value(row, row.rated_target, max(1, row.target_decimals))
        notes.append(f"It is held against {due}, the part of the year’s target that is due by now.")
    if row.headline is not None:
        headline = print_value(row, row.headline, row.headline_decimals)
        notes.append(f"The status is that of {headline}, which the dashboard prints.")
    if printed.boundary:
        notes.append(f"It is {printed.boundary}.")
    return notes


def _describe_moved_target(row: IndicatorRow, scheme: PerformanceScheme) -> str:
    last = row.months[-1] if row.months else None
    if last is None or last.former_target is None or not last.against_former:
        return ""
    now = print_value(row, last.target, row.target_decimals)
    before = print_value(row, last.former_target, row.target_decimals)
    return (
        f"The target has moved: {scheme.label(last.derived)} against the new target {now}, "
        f"{scheme.label(last.against_former)} against the one before, {before}."
    )


def _list_facts(row: IndicatorRow, printed: PrintedIndicator) -> Sequence[tuple[str, str]]:
    """Return label and text of what is known of the measure."""
    floor = print_exact(row, row.floor, row.target_decimals)
    pairs = (
        ("Outcome", row.outcome),
        ("Service", row.service_name),
        ("Better", Polarity(row.polarity).label),
        ("Covers", Basis(row.basis).label),
        ("Target", print_target(row)),
        ("Minimum", floor if row.has_target else ""),
        ("Data", ", ".join(each for each in (printed.covers, printed.age) if each)),
        ("Measure", row.unit_of_measure),
        ("Source", row.source),
        ("Code", row.code),
        ("Priority", row.priority),
        ("Note", row.note),
    )
    return [(label, text) for label, text in pairs if text]


def _draw_chart(
    row: IndicatorRow,
    series: Sequence[tuple[str, MonthRow]],
    months: Sequence[PrintedMonth],
) -> Chart | None:
    lines = (
        ("Actual", [month.actual for _, month in series]),
        ("Target", [month.target for _, month in series]),
        ("Minimum", [month.minimum for _, month in series]),
    )
    cells = tuple(
        (
            each.label,
            each.target,
            each.minimum,
            each.actual,
            each.status.word if each.status else "",
        )
        for each in months
    )
    table = ChartTable(("Month", "Target", "Minimum", "Actual", "Status"), cells, text_columns=(4,))
    return series_chart(
        row.measure,
        [label for label, _ in series],
        lines,
        lambda number: print_value(row, number, row.decimals),
        table,
    )
