"""How the net budget is distributed over groups of services (Leicestershire, paragraph 16)."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.statements import Cell, Column, Display, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.subjectives.matrix import Matrix
from planning.subjectives.report_rows import SubjectivesSection, TreeRow
from planning.subjectives.report_section import section_of
from planning.subjectives.statements.budget import NAME as BUDGET

NAME = "net-budget-distribution"
TITLE = "Distribution of the net budget"
_SUFFIXES = {"m": "m", "k": "k", "pounds": ""}


@registry.statement(NAME, title=TITLE, of_year=True, after=BUDGET)
def net_budget_distribution(facts: YearData) -> Statement:
    """Return a row for each lowest group and each service beside groups, with its share.

    Shares are of unrounded amounts, so printed ones may not add up to 100%.
    """
    display = facts.display(NAME)
    year = financial_year_label(facts.year.start)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("net", f"Net budget {year}", display.unit_label),
                Column("percent", "Share of the net budget", "%"),
            ),
            rows=tuple(_build_rows(section_of(facts), facts.year.start, display)),
        )
    )


def _build_rows(section: SubjectivesSection, year: int, display: Display) -> Iterator[Row]:
    matrix = Matrix.of_year(section.subjectives, section.estimates, year)

    def net_of(row: TreeRow) -> int | None:
        return matrix.of_services(each.key for each in section.leaves_under(row)).net

    for top in section.children.get("", []):
        total = net_of(top)
        if total is None:
            continue
        parts = [(each, net_of(each)) for each in section.lowest_groups(top)]
        given = [(row, net) for row, net in parts if net is not None]
        for row, net in given:
            share = Cell.of_percent(net, total, display)
            yield Row(
                row.key, row.name, "line", {"net": _with_unit(net, display), "percent": share}
            )
        cells = {"net": _with_unit(total, display), "percent": BLANK}
        label = top.total_label or f"Total {top.name}"
        yield Row("total", label, "total", cells, sum_of=tuple(row.key for row, _ in given))


def _with_unit(pence: int, display: Display) -> Cell:
    """Return the cell of an amount that prints with its unit: `£110.7m`, `(£17.2m)`."""
    text = f"£{display.amount(abs(pence))}{_SUFFIXES[display.unit]}"
    if pence < 0 and display.rounded_pence(pence):
        text = f"({text})" if display.favourable == "brackets" else f"-{text}"
    return Cell(text, pence=pence)
