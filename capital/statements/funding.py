"""The sources that pay for the capital programme (Cambridgeshire, close 2018/19, appendix 6.2)."""

from collections.abc import Iterable, Iterator

from capital.calculations import Balance, add_given, difference
from capital.report_rows import FundingRow
from capital.report_section import section_of
from capital.rules import COLUMN_WORDS, FUNDING_LABELS
from capital.statements.variations import NAME as VARIATIONS
from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "capital-funding"
TITLE = "Funding of the capital programme"


@registry.statement(NAME, title=TITLE, after=VARIATIONS)
def capital_funding(facts: ReportData) -> Statement:
    """Return a row for each source, and a total with a note where it is not the programme's."""
    section, display = section_of(facts), facts.display(NAME)
    rows = [
        Row(row.reference, row.name, "line", _row_cells(row, display)) for row in section.funding
    ]
    if rows:
        keys = tuple(row.key for row in rows)
        cells = _total_cells(section.funding, display)
        rows.append(Row("total", "Total funding", "total", cells, sum_of=keys))
    at_close, unit = facts.period.number == CLOSE, display.unit_label
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("original", "Original allocation", unit),
                Column("budget", "Revised funding", unit),
                Column("forecast", "Outturn" if at_close else "Forecast", unit),
                Column("variance", "Variance", unit),
                Column("kind", "Kind"),
            ),
            rows=tuple(rows),
            footnotes=tuple(_build_footnotes(section.funding, section.balances, display)),
            row_heading="Source",
            unsensed=("variance",),
            cross_casts=tuple(_cross_casts(section.funding)),
        )
    )


def _row_cells(row: FundingRow, display: Display) -> dict[str, Cell]:
    amounts = (row.original, row.budget, row.forecast, variance_of(row))
    return _build_cells(amounts, FUNDING_LABELS[row.kind], display)


def variance_of(row: FundingRow) -> int | None:
    """Return forecast less revised funding; more of it is positive, as it pays for more."""
    return difference(row.forecast, row.budget)


def _total_cells(rows: Iterable[FundingRow], display: Display) -> dict[str, Cell]:
    rows = list(rows)
    amounts = (
        add_given(row.original for row in rows),
        add_given(row.budget for row in rows),
        add_given(row.forecast for row in rows),
        add_given(variance_of(row) for row in rows),
    )
    return _build_cells(amounts, "", display)


def _build_cells(amounts: tuple[int | None, ...], kind: str, display: Display) -> dict[str, Cell]:
    keys = ("original", "budget", "forecast", "variance")
    cells = {key: Cell.of_amount(pence, display) for key, pence in zip(keys, amounts, strict=True)}
    return cells | {"kind": Cell(kind) if kind else BLANK}


def _cross_casts(rows: Iterable[FundingRow]) -> Iterator[CrossCast]:
    """Yield the rule across a row; there is none where one of two amounts is not given."""
    if all((row.budget is None) == (row.forecast is None) for row in rows):
        yield CrossCast("variance", (("forecast", 1), ("budget", -1)))


def _build_footnotes(
    rows: Iterable[FundingRow], found: Iterable[Balance], display: Display
) -> Iterator[Footnote]:
    rows = list(rows)
    if not rows:
        yield Footnote("", "No funding has been brought in.")
        return
    missing = sum(not row.reported for row in rows)
    if missing:
        have = "1 source is" if missing == 1 else f"{missing} sources are"
        yield Footnote("", f"{have} not reported in this period.")
    for balance in found:
        if balance.shortfall:
            yield Footnote("", _describe_shortfall(balance, display))


def _describe_shortfall(balance: Balance, display: Display) -> str:
    (amount,) = display.distinct_words(abs(balance.shortfall))
    side = "less" if balance.shortfall > 0 else "more"
    return f"Funding of {COLUMN_WORDS[balance.column]} is {amount} {side} than the programme."
