"""Variations budgets, and what the slippage of schemes uses of them.

Source: Cambridgeshire, close 2018/19, appendix 6.1, the table of capital variations.
"""

from collections.abc import Iterator, Sequence

from capital.calculations import VariationsUse, add_uses, variations_uses
from capital.report_section import section_of
from capital.statements.reasons import NAME as REASONS
from council_finance import registry
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "capital-variations"
TITLE = "Capital variations budgets"


@registry.statement(NAME, title=TITLE, after=REASONS)
def capital_variations(facts: ReportData) -> Statement:
    """Return a row for each service that has a variations budget, and the total."""
    display, uses = facts.display(NAME), uses_of(facts)
    rows = list(_build_rows(uses, facts, display))
    if rows:
        keys = tuple(row.key for row in rows)
        budget, variance, used, revised = add_uses(uses)
        cells = _build_cells(budget, variance, used, revised, display)
        rows.append(Row("total", "Total", "total", cells, sum_of=keys))
    unit = display.unit_label
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("variations_budget", "Variations budget", unit),
                Column("scheme_variance", "Variance of the schemes", unit),
                Column("used", "Variations budget used", unit),
                Column("used_percent", "Used", "%"),
                Column("variance", "Variance after it", unit),
            ),
            rows=tuple(rows),
            footnotes=tuple(_build_footnotes(uses)),
            row_heading="Service",
        )
    )


def uses_of(facts: ReportData) -> list[VariationsUse]:
    """Return the use of each variations budget of a report."""
    under = {"": {node.key for node in facts.nodes}}

    def holds(above: str, below: str) -> bool:
        if above not in under:
            under[above] = facts.keys_under(above)
        return below in under[above]

    totals = section_of(facts).totals
    return variations_uses(totals.variations, totals.variances, holds)


def _build_rows(
    uses: Sequence[VariationsUse], facts: ReportData, display: Display
) -> Iterator[Row]:
    names = {node.key: node.label for node in facts.nodes}
    for use in uses:
        label = names.get(use.line.home, "") or facts.top.label
        cells = _build_cells(use.budget, use.scheme_variance, use.used, use.variance, display)
        yield Row(use.line.reference, label, "line", cells)


def _build_cells(
    budget: int | None,
    variance: int | None,
    used: int | None,
    revised: int | None,
    display: Display,
) -> dict[str, Cell]:
    return {
        "variations_budget": Cell.of_amount(budget, display),
        "scheme_variance": Cell.of_amount(variance, display),
        "used": Cell.of_amount(used, display),
        "used_percent": BLANK if not budget else Cell.of_percent(used, budget, display),
        "variance": Cell.of_amount(revised, display),
    }


def _build_footnotes(uses: Sequence[VariationsUse]) -> Iterator[Footnote]:
    if not uses:
        yield Footnote("", "There is no variations budget.")
        return
    yield Footnote(
        "",
        "A variations budget is negative: the slippage that is expected and not placed on a scheme "
        "yet. The net slippage of the schemes uses it, up to its amount; at the close, what was "
        "not used is an overspend.",
    )
