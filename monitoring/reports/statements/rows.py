"""The rows of a statement from the tree of services: their order, and what each adds up."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from council_finance.statements import Cell, Footnote, Row, Statement
from council_finance.statements.casting import ROUNDING, cast_statement
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData

MakeCells = Callable[[ReportRow], dict[str, Cell]]
RESTATED = "*"

_KINDS = {"service": "service", "closed": "line"}


def tree_rows(facts: ReportData, cells: MakeCells, *, headings: bool) -> tuple[Row, ...]:
    """Return a row for each service, and a total after the members of each labelled group.

    With `headings`, each group has a heading row before its members. A total's `sum_of` holds the
    keys of the printed rows that add up to it.
    """
    return tuple(_build_rows(facts, facts.top, cells, headings))


def _build_rows(
    facts: ReportData, node: ReportRow, cells: MakeCells, headings: bool
) -> Iterator[Row]:
    level = max(0, node.level - 1)
    if not node.is_group:
        yield Row(node.key, node.label, _KINDS[node.kind], cells(node), level)
        return
    if headings:
        yield Row(f"heading:{node.key}", node.label, "heading", level=level)
    for child in facts.children.get(node.key, []):
        yield from _build_rows(facts, child, cells, headings)
    if node.total_label:
        kind = "total" if node.key == facts.top.key else "subtotal"
        parts = tuple(_keys_added_up(facts, node))
        yield Row(node.key, node.total_label, kind, cells(node), level, parts)


def _keys_added_up(facts: ReportData, node: ReportRow) -> Iterator[str]:
    for child in facts.children.get(node.key, []):
        if not child.is_group or child.total_label:
            yield child.key
        else:
            yield from _keys_added_up(facts, child)


def restated_mark(node: ReportRow) -> str:
    """Return the mark of a restated figure, or an empty text."""
    return RESTATED if node.has_restated_mark else ""


def with_rounding_note(statement: Statement) -> Statement:
    """Return the statement, with a note where printed figures do not add to their total."""
    if not any(check.status == ROUNDING for check in cast_statement(statement)):
        return statement
    note = Footnote(
        "",
        "Totals are added from unrounded figures and rounded once, so printed figures may differ "
        "from their printed total by a unit in the last place.",
    )
    return replace(statement, footnotes=(*statement.footnotes, note))
