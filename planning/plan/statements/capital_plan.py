"""The capital plan: schemes by heading and year, and developments that are not decided yet."""

from collections.abc import Iterator, Sequence

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.report_rows import SchemeRow
from planning.plan.selectors.plan_data import plan_of
from planning.plan.statement_parts import amount_cell, year_cells, year_columns

CAPITAL_PLAN = "capital-plan"
_TITLE = "Capital plan"
_RANGE = ("amount_low", "amount_high")
TO_COME = "subject to business case"


@registry.statement(CAPITAL_PLAN, title=_TITLE, of_year=True, after="net-budget-distribution")
def capital_plan(facts: YearData) -> Statement:
    """Return schemes with their amounts and total; those to come stand below, in no total."""
    plan, display = plan_of(facts), facts.display(CAPITAL_PLAN)
    schemes = plan.section.schemes
    given = {year for scheme in schemes for year in scheme.amounts}
    years = sorted({*plan.settings.years, *given})
    columns = year_columns(years, display)
    unit = display.unit_label
    return with_rounding_note(
        Statement(
            name=CAPITAL_PLAN,
            title=_TITLE,
            header=facts.header,
            display=display,
            columns=(
                *columns,
                Column("total", "Total", unit),
                Column("amount_low", "From", unit),
                Column("amount_high", "To", unit),
            ),
            rows=tuple(_build_rows(schemes, years, display)) if schemes else (),
            footnotes=tuple(_build_notes(schemes)),
            row_heading="Scheme",
            cross_casts=(CrossCast("total", tuple((column.key, 1) for column in columns)),),
            uncast=_RANGE,
        )
    )


def is_to_come(scheme: SchemeRow) -> bool:
    """Return whether a scheme waits for its business case, or has no amounts, only a range."""
    return scheme.status == TO_COME or not scheme.amounts


def _build_rows(
    schemes: Sequence[SchemeRow], years: Sequence[int], display: Display
) -> Iterator[Row]:
    decided = [scheme for scheme in schemes if not is_to_come(scheme)]
    later = [scheme for scheme in schemes if is_to_come(scheme)]
    yield from _listed_rows("heading", decided, years, display)
    if decided:
        total = SchemeRow("", "", amounts=_sum_amounts(decided, years))
        keys = tuple(scheme.reference for scheme in decided)
        yield Row("total", "Total", "total", _scheme_cells(total, years, display), sum_of=keys)
    yield from _listed_rows("future", later, years, display)


def _listed_rows(
    key: str, schemes: Sequence[SchemeRow], years: Sequence[int], display: Display
) -> Iterator[Row]:
    headings = list(dict.fromkeys(scheme.heading for scheme in schemes))
    for place, heading in enumerate(headings, start=1):
        if heading:
            yield Row(f"{key}:{place}", heading, "heading")
        for scheme in schemes:
            if scheme.heading == heading:
                cells = _scheme_cells(scheme, years, display)
                yield Row(scheme.reference, scheme.scheme, "line", cells, 1 if heading else 0)


def _scheme_cells(scheme: SchemeRow, years: Sequence[int], display: Display) -> dict[str, Cell]:
    cells = year_cells(years, [scheme.amounts.get(year) for year in years], display)
    total = sum(scheme.amounts.values()) if scheme.amounts else None
    return cells | {
        "total": amount_cell(total, display),
        "amount_low": amount_cell(scheme.low, display),
        "amount_high": amount_cell(scheme.high, display),
    }


def _sum_amounts(schemes: Sequence[SchemeRow], years: Sequence[int]) -> dict[int, int]:
    given = {year for scheme in schemes for year in scheme.amounts}
    return {
        year: sum(scheme.amounts.get(year, 0) for scheme in schemes)
        for year in years
        if year in given
    }


def _build_notes(schemes: Sequence[SchemeRow]) -> Iterator[Footnote]:
    if not schemes:
        yield Footnote("", "No capital plan is stored for this year.")
    if any(is_to_come(scheme) for scheme in schemes):
        yield Footnote("", "Schemes below the total wait for a business case and count in none.")
    for scheme in schemes:
        if scheme.note:
            yield Footnote("", f"{scheme.scheme}: {scheme.note}.")
