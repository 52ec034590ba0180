"""Council tax: base, requirement, Band D and increases by year, and what changes the tax."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from council_finance import registry
from council_finance.periods import financial_year_label, financial_year_slug
from council_finance.quantities import print_quantity
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.year_data import YearData
from planning.plan.report_rows import IN_NET, TaxRow
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.statement_parts import amount_cell
from planning.plan.taxes import requirement_of, tax_changes, years_to_compare, yield_of

COUNCIL_TAX, CHANGES = "council-tax", "council-tax-changes"
_TITLES = {COUNCIL_TAX: "Council tax", CHANGES: "What changes council tax"}
_BASE_DECIMALS = 2


def _in_pounds(facts: YearData, name: str) -> Display:
    """Return the display of Band D, which prints in pounds and pence whatever the unit."""
    return replace(facts.display(name), unit="pounds", unit_decimals=2)


@registry.statement(
    COUNCIL_TAX, title=_TITLES[COUNCIL_TAX], of_year=True, after="funding-programme"
)
def council_tax(facts: YearData) -> Statement:
    """Return a row a year; increases are percentages of the whole Band D of the year before."""
    display, rows = _in_pounds(facts, COUNCIL_TAX), plan_of(facts).section.council_tax
    columns = (
        Column("tax_base", "Tax base", is_number=True),
        Column("requirement", "Requirement", display.unit_label),
        Column("band_d", "Band D", display.unit_label),
        Column("increase_percent_general", "Increase, general", "%"),
        Column("increase_percent_adult_social_care", "Increase, adult social care", "%"),
    )
    before = [None, *rows][: len(rows)]
    return Statement(
        name=COUNCIL_TAX,
        title=_TITLES[COUNCIL_TAX],
        header=facts.header,
        display=display,
        columns=columns,
        rows=tuple(_year_row(row, last, display) for row, last in zip(rows, before, strict=True)),
        footnotes=tuple(_limit_notes(rows)),
        row_heading="Year",
    )


def _year_row(row: TaxRow, last: TaxRow | None, display: Display) -> Row:
    general, care = BLANK, BLANK
    if last is not None and last.year == row.year - 1:
        general = Cell.of_percent(row.general - last.general, last.band_d, display)
        rise = (row.adult_social_care or 0) - (last.adult_social_care or 0)
        care = Cell.of_percent(rise, last.band_d, display)
    cells = {
        "tax_base": Cell(print_quantity(row.tax_base, _BASE_DECIMALS), number=row.tax_base),
        "requirement": Cell.of_amount(requirement_of(row), display),
        "band_d": Cell.of_amount(row.band_d, display),
        "increase_percent_general": general,
        "increase_percent_adult_social_care": care,
    }
    return Row(financial_year_slug(row.year), financial_year_label(row.year), "line", cells)


def _limit_notes(rows: Sequence[TaxRow]) -> Iterator[Footnote]:
    if not rows:
        yield Footnote("", "No council tax is stored for this year.")
    else:
        yield Footnote("", "Increases are percentages of the whole Band D of the year before.")
    for last, row in zip(rows, rows[1:], strict=False):
        care = (row.adult_social_care or 0) - (last.adult_social_care or 0)
        for words, rise, limit in (
            ("the general increase", row.general - last.general, row.limit_general),
            ("the adult social care precept", care, row.limit_adult_social_care),
        ):
            # Compared as the regulations do, unrounded: rise / Band D × 100 above the limit.
            if limit is not None and rise * 100 * 10_000 > limit * last.band_d:
                yield Footnote(
                    "",
                    f"{financial_year_label(row.year)}: {words} is above its limit of "
                    f"{print_quantity(limit, _BASE_DECIMALS)}% and needs a referendum.",
                )


@registry.statement(CHANGES, title=_TITLES[CHANGES], of_year=True, after=COUNCIL_TAX)
def council_tax_changes(facts: YearData) -> Statement:
    """Return what leads from last year's tax to this year's, and the effect on Band D of each."""
    plan, display = plan_of(facts), _in_pounds(facts, CHANGES)
    pair = years_to_compare(plan.section.council_tax, facts.year.start)
    unit = display.unit_label
    return Statement(
        name=CHANGES,
        title=_TITLES[CHANGES],
        header=facts.header,
        display=display,
        columns=(Column("amount", "Amount", unit), Column("band_d", "Band D", unit)),
        rows=tuple(_change_rows(plan, *pair, display)) if pair else (),
        footnotes=() if pair else (Footnote("", "Two years of council tax are needed."),),
        row_heading="Line",
    )


def _change_rows(plan: PlanView, last: TaxRow, now: TaxRow, display: Display) -> Iterator[Row]:
    def row(
        key: str, label: str, kind: str, pair: tuple[int | None, int], of: tuple[str, ...] = ()
    ) -> Row:
        amount, band_d = pair
        cells = {"amount": amount_cell(amount, display), "band_d": amount_cell(band_d, display)}
        return Row(key, label, kind, cells, sum_of=of)

    yield row(
        "last_year",
        f"Council tax {financial_year_label(last.year)}",
        "subtotal",
        (yield_of(last), last.band_d),
    )
    changes = tax_changes(last, now, _lines_of(plan, last, now))
    for change in changes:
        yield row(change.key, change.label, "line", (change.amount, change.band_d))
    keys = ("last_year", *(change.key for change in changes))
    label = f"Council tax {financial_year_label(now.year)}"
    yield row("this_year", label, "total", (yield_of(now), now.band_d), keys)


def _lines_of(plan: PlanView, last: TaxRow, now: TaxRow) -> Iterator[tuple[str, str, int]]:
    """Yield the rows of plan and funding that carry an amount in the year: key, label, pence.

    Of the plan it is the step, of funding and the collection fund the change from the year before,
    more of which lowers the tax.
    """
    roll = plan.roll
    if now.year in roll.years:
        place = roll.years.index(now.year)
        for item in roll.tops(*IN_NET):
            if step := roll.steps[item.reference][place]:
                yield item.reference, f"{item.reference} {item.title}", step
    for source in plan.funding:
        change = source.amounts.get(now.year, 0) - source.amounts.get(last.year, 0)
        if change and now.year in source.amounts:
            yield f"funding:{source.reference}", source.source, -change
    change = (now.collection_fund or 0) - (last.collection_fund or 0)
    if change:
        yield "collection_fund", "Collection fund", -change
