"""Performance summary: how many indicators have each status, by service."""

from collections import Counter
from collections.abc import Sequence

from council_finance import registry
from council_finance.quantities import PARTS
from council_finance.statements import Cell, Column, Footnote, Row, Statement
from council_finance.statuses import NOT_REPORTED
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.rules import DATA_ONLY, NO_TARGET
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.settings_tables import performance_scheme
from performance.indicators.statements.performance import NAME as PERFORMANCE
from performance.indicators.statements.performance import NONE
from performance.indicators.statuses import statuses_in_order

NAME = "performance-summary"
TITLE = "Performance by status"
NOT_RATED = "Not rated"
_NO_SERVICE = "No service"


@registry.statement(NAME, title=TITLE, after=PERFORMANCE)
def performance_summary(facts: ReportData) -> Statement:
    """Return the number of indicators by status for each service, and in all."""
    rows = counted(indicators_of(facts))
    words = summary_statuses(facts, rows)
    by_service = _group_by_service(facts, rows)
    made = [
        Row(key, label, "service", _count_cells(words, of_service))
        for key, label, of_service in by_service
    ]
    if rows:
        keys = tuple(row.key for row in made)
        made.append(Row("performance:total", "Total", "total", _count_cells(words, rows), 0, keys))
    label = performance_scheme(facts.settings).label
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=facts.display(NAME),
        columns=(
            *(Column(column_key(word), label(word), is_number=True) for word in words),
            Column("total", "Total", is_number=True),
        ),
        rows=tuple(made),
        footnotes=() if rows else (Footnote("", NONE),),
    )


def counted(rows: Sequence[IndicatorRow]) -> list[IndicatorRow]:
    """Return the indicators that are counted: parts of another are not."""
    return [row for row in rows if not row.parent]


def summary_statuses(facts: ReportData, rows: Sequence[IndicatorRow]) -> list[str]:
    """Return the statuses in order, those of no rule last; some only where they occur."""
    found = {status_counted(row) for row in rows}
    own = statuses_in_order(facts.settings)
    others = [word for word in (DATA_ONLY, NOT_RATED) if word in found]
    others += sorted(found - {*own, NO_TARGET, NOT_REPORTED, DATA_ONLY, NOT_RATED})
    return [*own, *others, NO_TARGET, NOT_REPORTED]


def status_counted(row: IndicatorRow) -> str:
    """Return the status under which an indicator is counted."""
    return row.status or NOT_RATED


def column_key(status: str) -> str:
    """Return the key of a status's column: `not_reported`."""
    return status.casefold().replace(" ", "_")


def _group_by_service(
    facts: ReportData, rows: Sequence[IndicatorRow]
) -> list[tuple[str, str, list[IndicatorRow]]]:
    """Return key, label and indicators of each service that has any, in the order of the tree."""
    labels = {node.key: node.label for node in facts.nodes}
    found = [
        (key, label, [row for row in rows if row.home == key]) for key, label in labels.items()
    ]
    found.append(("performance:none", _NO_SERVICE, [row for row in rows if row.home not in labels]))
    return [group for group in found if group[2]]


def _count_cells(words: Sequence[str], rows: Sequence[IndicatorRow]) -> dict[str, Cell]:
    counts = Counter(status_counted(row) for row in rows)
    cells = {column_key(word): count_cell(counts[word]) for word in words}
    return cells | {"total": count_cell(len(rows))}


def count_cell(count: int) -> Cell:
    """Return the cell of a whole number."""
    return Cell(f"{count:,}", number=count * PARTS)
