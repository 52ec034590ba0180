"""The summary of the plan: base, transfers, growth, savings and net budget of each year."""

from collections.abc import Callable, Iterator

from council_finance import registry
from council_finance.statements import Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.calculations import YearSummary
from planning.plan.report_rows import GROWTH, INFLATION, SAVING, TRANSFER
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.statement_parts import version_notes, year_cells, year_columns

SUMMARY = "mtfs-summary"
TITLE = "Medium-term plan: summary"
_NO_INFLATION = (
    "The plan has no inflation in it: it comes to services from the central contingency. A net "
    "budget with inflation cannot be compared with this one."
)

Amount = Callable[[YearSummary], int | None]


@registry.statement(SUMMARY, title=TITLE, of_year=True)
def mtfs_summary(facts: YearData) -> Statement:
    """Return the base of each year, what changes it, and the net budget that opens the next."""
    plan, display = plan_of(facts), facts.display(SUMMARY)
    rows = tuple(_build_rows(plan, display)) if plan.version else ()
    return with_rounding_note(
        Statement(
            name=SUMMARY,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=tuple(year_columns(plan.settings.years, display)),
            rows=rows,
            footnotes=tuple(_build_notes(plan)),
            row_heading="Line",
        )
    )


def _build_rows(plan: PlanView, display: Display) -> Iterator[Row]:
    def row(key: str, label: str, kind: str, amount: Amount, sum_of: tuple[str, ...] = ()) -> Row:
        amounts = [amount(summary) for summary in plan.summary]
        cells = year_cells(plan.settings.years, amounts, display)
        return Row(key, label, kind, cells, sum_of=sum_of)

    yield row("base", "Original prior year budget", "line", lambda year: year.base)
    # A year without transfers is blank in the line, as plans print it.
    yield row(
        "transfers",
        "Budget transfers and adjustments",
        "line",
        lambda year: year.changes[TRANSFER] or None,
    )
    parts = ("base", "transfers")
    yield row("subtotal", "Sub total", "subtotal", lambda year: year.subtotal, parts)
    changes = ["subtotal"]
    if any(summary.changes[INFLATION] is not None for summary in plan.summary):
        changes.append("inflation")
        yield row("inflation", "Inflation", "line", lambda year: year.changes[INFLATION])
    yield row("growth", "Growth", "line", lambda year: year.changes[GROWTH] or 0)
    yield row("savings", "Savings", "line", lambda year: year.changes[SAVING] or 0)
    changes += ["growth", "savings"]
    yield row("net", "Net budget", "total", lambda year: year.net, tuple(changes))
    if any(summary.funding is not None for summary in plan.summary):
        yield row("funding", "Funding", "line", lambda year: year.funding)
        gap = ("net", "funding")
        yield row(
            "gap_before_reserves",
            "Gap before reserves",
            "subtotal",
            lambda year: year.gap_before_reserves,
            gap,
        )
        yield row("reserves", "Use of reserves", "line", lambda year: year.reserves)
        gap = ("gap_before_reserves", "reserves")
        yield row(
            "cumulative_gap", "Cumulative gap", "total", lambda year: year.cumulative_gap, gap
        )
        yield row("annual_gap", "Annual gap", "line", lambda year: year.annual_gap)


def _build_notes(plan: PlanView) -> Iterator[Footnote]:
    yield from version_notes(plan.version)
    if plan.version is None:
        return
    if not plan.roll.tops(INFLATION):
        yield Footnote("", _NO_INFLATION)
    if plan.base is None:
        yield Footnote(
            "",
            "The base budget is not known: give it in [plan] base of the settings, or load the "
            "ledger of the year before.",
        )
