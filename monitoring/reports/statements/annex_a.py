"""Annex A: the headline table of a budget monitoring report (Somerset County Council)."""

from collections.abc import Callable

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Statement
from council_finance.statements.model import BLANK
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.footnotes import movement_mark, variance_footnotes, variance_mark
from monitoring.reports.statements.rows import restated_mark, tree_rows, with_rounding_note

NAME = "annex-a"
TITLE = "Annex A: revenue budget monitoring, headline summary"
_AS_PUBLISHED = ("previous_as_published", "movement_as_published")
_CROSS_CASTS = (
    CrossCast(
        "net_variance",
        (("gross_variance", 1), ("use_of_reserves", 1), ("use_of_capital_receipts", 1)),
    ),
    CrossCast("movement", (("net_variance", 1), ("previous_net_variance", -1))),
    CrossCast("movement_as_published", (("net_variance", 1), ("previous_as_published", -1))),
)


def columns(unit: str) -> tuple[Column, ...]:
    """Return the columns of Annex A, with amounts in the given unit."""
    return (
        Column("budget", "Total revised budget", unit),
        Column("gross_variance", "Net variance adverse / (favourable)", unit),
        Column("use_of_reserves", "Planned use of earmarked reserves", unit),
        Column("use_of_capital_receipts", "Planned use of capital receipts flexibilities", unit),
        Column("net_variance", "Net variance (under) / overspend", unit),
        Column("net_variance_percent", "Net variance (under) / overspend", "%"),
        Column("previous_net_variance", "Previous report net variance", unit),
        Column("movement", "Movement from previous report", unit),
        Column("previous_as_published", "Previous report net variance as published", unit),
        Column("movement_as_published", "Movement from previous report as published", unit),
    )


@registry.statement(NAME, title=TITLE, of_ledger=True)
def annex_a(facts: ReportData) -> Statement:
    """Build Annex A: budget, variances and movement of each service, block and the council."""
    display = facts.display(NAME)
    same = all(
        (node.previous_as_published or 0) == (node.previous_net_variance or 0)
        for node in facts.nodes
    )
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=columns(display.unit_label),
            rows=tree_rows(facts, lambda node: _build_cells(node, facts, display), headings=False),
            footnotes=variance_footnotes(facts, display),
            cross_casts=_CROSS_CASTS,
            hidden_from_readers=_AS_PUBLISHED if same else (),
            uncast=_AS_PUBLISHED,
        )
    )


def _build_cells(node: ReportRow, facts: ReportData, display: Display) -> dict[str, Cell]:
    def amount(key: str, mark: str = "") -> Cell:
        return Cell.of_amount(getattr(node, key), display, mark=mark)

    return {
        "budget": amount("budget"),
        "gross_variance": amount("gross_variance", variance_mark(node)),
        "use_of_reserves": amount("use_of_reserves"),
        "use_of_capital_receipts": amount("use_of_capital_receipts"),
        "net_variance": amount("net_variance"),
        "net_variance_percent": Cell.of_percent(node.net_variance, node.budget, display),
        **comparative_cells(node, facts, amount),
    }


def comparative_cells(
    node: ReportRow, facts: ReportData, amount: Callable[..., Cell]
) -> dict[str, Cell]:
    """Return the previous variance and movement, restated and as published.

    The cells are blank where there is no previous report.
    """
    if facts.compared_with is None:
        keys = ("previous_net_variance", "movement", *_AS_PUBLISHED)
        return dict.fromkeys(keys, BLANK)
    return {
        "previous_net_variance": amount("previous_net_variance", restated_mark(node)),
        "movement": amount("movement", movement_mark(node)),
        "previous_as_published": amount("previous_as_published"),
        "movement_as_published": amount("movement_as_published"),
    }
