"""The funding of the plan: by source and year, and programmes against what they pay for."""

from collections.abc import Iterator, Sequence

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.calculations import funding_by_year
from planning.plan.programmes import Programme, programmes
from planning.plan.report_rows import FUNDING_TIME_LIMITED, NON_RECURRENT, FundingRow
from planning.plan.selectors.plan_data import plan_of
from planning.plan.statement_parts import amount_cell, year_cells, year_columns

EXTERNAL, PROGRAMME = "external-funding", "funding-programme"
_TITLES = {EXTERNAL: "External funding", PROGRAMME: "Funding programmes"}
_NOT_RECURRENT = (FUNDING_TIME_LIMITED, NON_RECURRENT)
_NO_FUNDING = "No funding is stored for this year."
_TOTAL = "total"


def headings_of(sources: Sequence[FundingRow]) -> dict[str, list[FundingRow]]:
    """Return sources by their heading, in the order in which headings first occur."""
    found: dict[str, list[FundingRow]] = {}
    for source in sources:
        found.setdefault(source.heading, []).append(source)
    return found


@registry.statement(EXTERNAL, title=_TITLES[EXTERNAL], of_year=True, after="plan-to-ledger")
def external_funding(facts: YearData) -> Statement:
    """Return each source by heading with its amounts, totals, and what is not recurrent."""
    display, sources = facts.display(EXTERNAL), plan_of(facts).funding
    years = sorted({year for source in sources for year in source.amounts})
    columns = year_columns(years, display)
    return with_rounding_note(
        Statement(
            name=EXTERNAL,
            title=_TITLES[EXTERNAL],
            header=facts.header,
            display=display,
            columns=(
                *columns,
                Column(_TOTAL, "Total of the years", display.unit_label),
                Column("recurrence", "Recurrence"),
            ),
            rows=tuple(_source_rows(sources, years, display)) if sources else (),
            footnotes=() if sources else (Footnote("", _NO_FUNDING),),
            row_heading="Source",
            cross_casts=(CrossCast(_TOTAL, tuple((column.key, 1) for column in columns)),),
        )
    )


def _source_rows(
    sources: Sequence[FundingRow], years: Sequence[int], display: Display
) -> Iterator[Row]:
    def row(
        key: str, label: str, kind: str, of: Sequence[FundingRow], level: int = 0, words: str = ""
    ) -> Row:
        amounts = funding_by_year(of, years)
        given = [pence for pence in amounts if pence is not None]
        cells = year_cells(years, amounts, display)
        cells |= {_TOTAL: amount_cell(sum(given) if given else None, display)}
        cells |= {"recurrence": Cell(words)}
        keys = () if kind == "line" else tuple(each.reference for each in of)
        return Row(key, label, kind, cells, level, keys)

    for place, (heading, listed) in enumerate(headings_of(sources).items(), start=1):
        if heading:
            yield Row(f"heading:{place}", heading, "heading")
        level = 1 if heading else 0
        for source in listed:
            yield row(source.reference, source.source, "line", [source], level, source.recurrence)
        if heading:
            yield row(f"subtotal:{place}", f"Total {heading}", "subtotal", listed)
    yield row(_TOTAL, "Total", "total", sources)
    passing = [source for source in sources if source.recurrence in _NOT_RECURRENT]
    yield row("of_which_not_recurrent", "Of which not recurrent", "subtotal", passing)


@registry.statement(PROGRAMME, title=_TITLES[PROGRAMME], of_year=True, after=EXTERNAL)
def funding_programme(facts: YearData) -> Statement:
    """Return what the plan costs each year against each programme of funding, and after it ends."""
    plan, display = plan_of(facts), facts.display(PROGRAMME)
    years = plan.settings.years
    sources = plan.funding
    made = programmes(plan.roll, headings_of(sources)) if plan.version and sources and years else []
    after = [years[-1] + 1] if years else []
    columns = year_columns([*years, *after], display)
    return with_rounding_note(
        Statement(
            name=PROGRAMME,
            title=_TITLES[PROGRAMME],
            header=facts.header,
            display=display,
            columns=tuple(columns),
            rows=tuple(_programme_rows(made, [*years, *after], display)),
            footnotes=tuple(_programme_notes(made)),
            row_heading="Programme",
        )
    )


def _programme_rows(
    made: Sequence[Programme], years: Sequence[int], display: Display
) -> Iterator[Row]:
    for programme in made:
        before = f"{programme.heading}:" if len(made) > 1 else ""
        if programme.heading:
            yield Row(f"heading:{programme.heading}", programme.heading, "heading")
        for key, label, kind, amounts in (
            ("cost", "Cost of the items", "line", programme.cost),
            ("funding", "Funding", "line", programme.funding),
            ("balance", "Balance: funding less cost", "subtotal", programme.balance),
            ("cumulative_balance", "Cumulative balance", "total", programme.cumulative_balance),
        ):
            cells = year_cells(years, amounts, display)
            yield Row(f"{before}{key}", label, kind, cells, 1 if programme.heading else 0)


def _programme_notes(made: Sequence[Programme]) -> Iterator[Footnote]:
    if not made:
        yield Footnote("", "There is no plan with funding for this year.")
        return
    yield Footnote(
        "",
        "A negative balance is money short. The last column is the first year after the plan, with "
        "what recurs: items that stay in the base, and sources that are recurrent.",
    )
