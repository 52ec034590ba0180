"""The capital programme: budget, forecast and variance of each scheme, on two time scales.

Source: Cambridgeshire, close 2018/19, appendix 6.1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple

from capital.calculations import SchemeFigures, add_figures, figures_of
from capital.report_rows import SchemeRow
from capital.report_section import section_of
from capital.statements.table import (
    count_schemes,
    note_if_empty,
    programme_rows,
    total_row,
)
from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "capital-programme"
TITLE = "Capital programme"
_KEYS = (
    *("original_budget", "budget", "actual", "forecast", "variance"),
    *("rephasing", "cost", "unexplained"),
    *("total_budget", "total_forecast", "total_variance"),
)
"""The columns, in the order of the fields of SchemeFigures."""


@registry.statement(NAME, title=TITLE)
def capital_programme(facts: ReportData) -> Statement:
    """Return a line for each scheme under its programme, and the total."""
    section, display = section_of(facts), facts.display(NAME)
    figures = {
        scheme.reference: figures_of(scheme, section.reasons_by_scheme.get(scheme.reference, ()))
        for scheme in section.schemes
    }
    rows: list[Row] = programme_rows(
        section.schemes, lambda scheme: _build_cells(figures[scheme.reference], display)
    )
    total = add_figures(figures.values())
    if rows:
        cells = _build_cells(total, display)
        rows.append(total_row("Total capital programme", cells, rows))
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=_list_columns(facts, display.unit_label),
            rows=tuple(rows),
            footnotes=tuple(_build_footnotes(rows, section.schemes, display)),
            row_heading="Scheme",
            cross_casts=tuple(_cross_casts(figures.values())),
        )
    )


def _list_columns(facts: ReportData, unit: str) -> tuple[Column, ...]:
    at_close = facts.period.number == CLOSE
    labels = (
        *("Original budget", "Revised budget"),
        *("Actual" if at_close else "Actual to date", "Outturn" if at_close else "Forecast"),
        *("Outturn variance" if at_close else "Forecast variance",),
        *("of which rephasing", "of which cost", "of which not explained"),
        *(f"Whole scheme: {each}" for each in ("revised budget", "forecast", "variance")),
    )
    return tuple(Column(key, label, unit) for key, label in zip(_KEYS, labels, strict=True))


def _build_cells(figures: SchemeFigures, display: Display) -> dict[str, Cell]:
    amounts = zip(_KEYS, astuple(figures), strict=True)
    return {key: Cell.of_amount(pence, display) for key, pence in amounts}


def _cross_casts(figures: Iterable[SchemeFigures]) -> Iterator[CrossCast]:
    """Yield the rules by which rows add across; a total with amounts left out does not."""
    rows = list(figures)
    if all((row.variance is None) == (row.budget is None and row.forecast is None) for row in rows):
        yield CrossCast("variance", (("forecast", 1), ("budget", -1)))
    if all(row.variance is not None or not (row.rephasing or row.cost) for row in rows):
        yield CrossCast("variance", (("rephasing", 1), ("cost", 1), ("unexplained", 1)))
    if all(
        (row.total_variance is None) == (row.total_budget is None and row.total_forecast is None)
        for row in rows
    ):
        yield CrossCast("total_variance", (("total_forecast", 1), ("total_budget", -1)))


def _build_footnotes(
    rows: list[Row], schemes: Iterable[SchemeRow], display: Display
) -> Iterator[Footnote]:
    schemes = list(schemes)
    yield from note_if_empty(rows)
    missing = [each for each in schemes if not each.reported]
    if missing:
        have = count_schemes(len(missing), "is", "are")
        yield Footnote("", f"{have} not reported in this period, and left out of the variance.")
    left = [each for each in schemes if each.reported and each.forecast is None]
    if left:
        have = count_schemes(len(left), "has", "have")
        budget = display.in_words(sum(each.budget or 0 for each in left))
        yield Footnote(
            "", f"{have} no forecast; the budget of {budget} is left out of the variance."
        )
    if rows:
        yield Footnote(
            "",
            "Rephasing moves spending between years and changes nothing over the whole scheme; "
            "slippage is negative. Columns of the whole scheme cover all its years.",
        )
