"""The budgetary control report (Cambridgeshire County Council)."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.statements import Cell, Column, CrossCast, Statement
from council_finance.statements.model import BLANK
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.variance_statuses import variance_status_of
from monitoring.reports.statements.footnotes import variance_footnotes, variance_mark
from monitoring.reports.statements.rows import restated_mark, tree_rows, with_rounding_note

NAME = "budgetary-control"
TITLE = "Budgetary control report"


@registry.statement(NAME, title=TITLE, after="annex-a", of_ledger=True)
def budgetary_control(facts: ReportData) -> Statement:
    """Build the statement: each service within its group and directorate.

    Forecast and variance are net of planned use of reserves and capital receipts.
    """
    display = facts.display(NAME)
    unit = display.unit_label
    notes = note_numbers(facts)
    spent = "Actual" if facts.period.number == CLOSE else "Forecast outturn"
    columns = [
        Column("note", "Note"),
        Column("previous_variance", "Previous forecast variance", unit),
        Column("budget", "Budget", unit),
        Column("forecast", spent, unit),
        Column("variance", "Variance", unit),
        Column("variance_percent", "Variance", "%"),
    ]
    if facts.settings.variance_rules:
        columns.append(Column("status", "Status"))
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=tuple(columns),
            rows=tree_rows(facts, lambda node: _build_cells(node, facts, notes), headings=True),
            footnotes=variance_footnotes(facts, display),
            cross_casts=(_cross_cast(facts),) if _all_forecast(facts) else (),
        )
    )


def _all_forecast(facts: ReportData) -> bool:
    return not facts.top.lines_without_forecast


def _cross_cast(facts: ReportData) -> CrossCast:
    """Return the cross-cast of the variance; it holds only where every line has a forecast."""
    return CrossCast("variance", (("forecast", 1), ("budget", -1)))


def _build_cells(node: ReportRow, facts: ReportData, notes: dict[str, str]) -> dict[str, Cell]:
    display = facts.display(NAME)
    previous = BLANK
    if facts.compared_with is not None:
        previous = Cell.of_amount(node.previous_net_variance, display, mark=restated_mark(node))
    cells = {
        "note": Cell(notes.get(node.key, "")),
        "previous_variance": previous,
        "budget": Cell.of_amount(node.budget, display),
        "forecast": Cell.of_amount(node.net_forecast, display, mark=_forecast_mark(node)),
        "variance": Cell.of_amount(node.net_variance, display, mark=variance_mark(node)),
        "variance_percent": Cell.of_percent(node.net_variance, node.budget, display),
    }
    if facts.settings.variance_rules:
        cells["status"] = Cell(variance_status_of(node, facts))
    return cells


def _forecast_mark(node: ReportRow) -> str:
    """Return the footnote mark of a row with planned use of reserves but no forecast."""
    return variance_mark(node) if node.forecast is None else ""


def note_numbers(facts: ReportData) -> dict[str, str]:
    """Return the note number of each row, in table order, one for each commentary.

    Services whose commentary is that of their group share its number.
    """
    return _number_notes(facts)[0]


def notes_of_commentary(facts: ReportData) -> dict[str, str]:
    """Return the note number of each commentary, by the key of the row that it is on.

    A group without a total has no number of its own in the table; its services have it.
    """
    return _number_notes(facts)[1]


def _number_notes(facts: ReportData) -> tuple[dict[str, str], dict[str, str]]:
    """Return the note numbers by row, and by the row that has the commentary."""
    numbers: dict[str, str] = {}
    by_text_of: dict[str, str] = {}
    texts = facts.commentary
    if not texts:
        return numbers, by_text_of
    above = {node.key: node for node in facts.nodes}
    for node in facts.nodes:
        if node.is_group and not node.total_label:
            continue
        owner = _commentary_owner(node, texts, above)
        if owner and (not node.is_group or owner == node.key):
            numbers[node.key] = by_text_of.setdefault(owner, str(len(by_text_of) + 1))
    return numbers, by_text_of


def _commentary_owner(
    node: ReportRow, texts: Mapping[str, str], above: dict[str, ReportRow]
) -> str:
    """Return the key of the row, or of the nearest group above, that has commentary.

    Groups with a total are not searched: their commentary is about the total.
    """
    if node.key in texts:
        return node.key
    group = above.get(node.parent_key)
    while group is not None and not group.total_label:
        if group.key in texts:
            return group.key
        group = above.get(group.parent_key)
    return ""
