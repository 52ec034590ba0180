"""Performance: each indicator's target, value, direction and status under its outcome."""

import datetime
from collections.abc import Iterator, Sequence

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.statements import Cell, Column, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.printing import (
    ARROWS,
    number_cell,
    print_actual,
    print_benchmark,
    print_future_target,
    print_target,
    print_value,
)
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.settings_tables import (
    LAST_YEAR,
    PerformanceSettings,
    performance_scheme,
    performance_settings,
)

NAME = "performance"
TITLE = "Performance indicators"
NONE = "There are no indicators."
OLD, DECLARED = "*", "†"
_OLD_AFTER_MONTHS = 6
"""Data older than two quarters are marked."""


@registry.statement(NAME, title=TITLE)
def performance(facts: ReportData) -> Statement:
    """Return a row for each indicator under its outcome (Cambridgeshire, appendix 7)."""
    rows, settings = indicators_of(facts), performance_settings(facts.settings)
    columns = tuple(_list_columns(rows, settings))
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=facts.display(NAME),
        columns=columns,
        rows=tuple(_build_rows(rows, columns, facts)),
        footnotes=tuple(_build_footnotes(rows, facts)),
        row_heading="Measure",
        uncast=tuple(column.key for column in columns),
    )


def _list_columns(rows: Sequence[IndicatorRow], settings: PerformanceSettings) -> Iterator[Column]:
    """Return the columns; those of some councils only are there where anything is in them."""
    if any(row.code for row in rows):
        yield Column("code", "Code")
    yield Column("service", "Service")
    yield Column("previous", "Previous", is_number=True)
    if LAST_YEAR in settings.compare:
        yield Column("last_year", "Same period last year", is_number=True)
    yield Column("target", "Target", is_number=True)
    yield Column("actual", "Actual", is_number=True)
    yield Column("data_period", "Date of latest data")
    yield Column("direction_of_travel", "Direction of travel")
    yield Column("status", "Status")
    for code in comparators_of(rows, settings):
        yield Column(code, settings.comparator_label(code), is_number=True)
    if any(row.future_target is not None for row in rows):
        yield Column("future_target", "Later target", is_number=True)


def comparators_of(rows: Sequence[IndicatorRow], settings: PerformanceSettings) -> tuple[str, ...]:
    """Return the comparators in the order of columns: of the settings, else of the files."""
    in_files = dict.fromkeys(each.comparator for row in rows for each in row.benchmarks)
    return settings.comparators or tuple(in_files)


def outcome_headings(row: IndicatorRow) -> tuple[str, ...]:
    """Return the headings above an indicator: a heading, where there is one, and its outcome."""
    return tuple(each for each in (row.heading, row.outcome) if each)


def _build_rows(
    rows: Sequence[IndicatorRow], columns: Sequence[Column], facts: ReportData
) -> Iterator[Row]:
    headings: tuple[str, ...] = ()
    levels: dict[str, int] = {}
    for place, row in enumerate(rows):
        own = outcome_headings(row)
        if not row.parent and own != headings:
            yield from _heading_rows(place, headings, own)
            headings = own
        levels[row.reference] = levels[row.parent] + 1 if row.parent in levels else len(own)
        cells = _build_cells(row, facts)
        wanted = {column.key: cells[column.key] for column in columns}
        yield Row(row.reference, row.measure, "line", wanted, levels[row.reference])


def _heading_rows(place: int, before: tuple[str, ...], now: tuple[str, ...]) -> Iterator[Row]:
    """Return the headings that change, from the first that does."""
    changed = False
    for level, text in enumerate(now):
        changed = changed or level >= len(before) or before[level] != text
        if changed:
            yield Row(f"heading:{place}:{level}", text, "heading", level=level)


def _build_cells(row: IndicatorRow, facts: ReportData) -> dict[str, Cell]:
    scheme, settings = performance_scheme(facts.settings), performance_settings(facts.settings)
    cells = {
        "code": Cell(row.code),
        "service": Cell(row.service_name),
        "previous": number_cell(print_value(row, row.previous, row.decimals), row.previous),
        "last_year": number_cell(print_value(row, row.last_year, row.decimals), row.last_year),
        "target": number_cell(print_target(row), row.target),
        "actual": number_cell(print_actual(row), row.actual),
        "data_period": Cell(row.data_period, mark=OLD if _is_marked_old(row, facts) else ""),
        "direction_of_travel": Cell(ARROWS[row.direction]),
        "status": status_cell(row, scheme),
        "future_target": number_cell(print_future_target(row), row.future_target),
    }
    return cells | _benchmark_cells(row, facts, settings)


def _benchmark_cells(
    row: IndicatorRow, facts: ReportData, settings: PerformanceSettings
) -> dict[str, Cell]:
    usual = {"previous_year": financial_year_label(facts.period.year.start - 1)}
    found = {
        each.comparator: number_cell(
            print_benchmark(row, each, usual.get(each.comparator, "")), each.value
        )
        for each in row.benchmarks
    }
    codes = comparators_of(indicators_of(facts), settings)
    return {code: found.get(code, Cell("")) for code in codes}


def status_cell(row: IndicatorRow, scheme: PerformanceScheme) -> Cell:
    """Return the status in the council's words; one declared against the figures is marked."""
    mark = DECLARED if row.is_against_the_figures and row.has_target else ""
    return Cell(scheme.label(row.status), mark=mark)


def _is_marked_old(row: IndicatorRow, facts: ReportData) -> bool:
    """Return True for data older than two quarters that do not print a star themselves."""
    age = age_in_months(row, facts.period.as_at)
    return age is not None and age > _OLD_AFTER_MONTHS and not row.data_period.endswith(OLD)


def age_in_months(row: IndicatorRow, as_at: datetime.date) -> int | None:
    """Return the whole months from the last day that the value covers to the report's date."""
    if not row.data_date or row.actual is None:
        return None
    date = datetime.date.fromisoformat(row.data_date)
    return max(0, (as_at.year - date.year) * 12 + as_at.month - date.month)


def _build_footnotes(rows: Sequence[IndicatorRow], facts: ReportData) -> Iterator[Footnote]:
    if not rows:
        yield Footnote("", NONE)
        return
    scheme = performance_scheme(facts.settings)
    if any(_is_marked_old(row, facts) for row in rows):
        yield Footnote(OLD, "The data are more than six months old at the date of the report.")
    for row in rows:
        if row.is_against_the_figures and row.has_target:
            yield Footnote(DECLARED, declared_text(row, scheme))
    if any(row.direction for row in rows):
        yield Footnote("", "Direction of travel: ↑ better, → the same, ↓ worse.")


def declared_text(row: IndicatorRow, scheme: PerformanceScheme) -> str:
    """Return a sentence on a status declared against the figures, with its reason."""
    figures = scheme.label(row.derived) or "no status"
    reason = row.status_reason or "none was given"
    return (
        f"{row.reference}: {scheme.label(row.declared)} is declared; the figures give {figures}. "
        f"Reason: {reason}"
    )
