"""Changes of figures, virements and commentary in a new version of a report.

Both versions are read as published, so these changes stay the same; for a reopened draft, the
version to come is compared as it is today.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.casting import ROUNDING, cast_statement
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData, published_data

_FIGURES = (
    ("budget", "Net budget", "budget_difference"),
    ("net_variance", "Net variance", "movement"),
)
"""Key of a node's figure, its name, and the column of its difference. Only `movement` is shown as
adverse or favourable on pages."""

_KINDS = {"service": "service", "closed": "line"}
_NAMED = 10
_ABSENT = Footnote(
    "",
    "A dash means that the version has no such service, or no forecast for it. A service that only "
    "one version has counts as nil in the other.",
)
_ROUNDED = Footnote(
    "",
    "Differences are worked out from unrounded figures and rounded once, so they may differ from "
    "the printed figures by a unit in the last place.",
)


LegSummary = tuple[int | str | None, ...]
"""The number, period, amounts, kind and lines of a leg: equal where nothing has changed."""


@dataclass(frozen=True)
class VersionChanges:
    """The differences between a version and the one before it, and the reason for it.

    `table` holds the services and totals whose net budget or net variance differs, in the format
    of Annex A (None where none differs); `texts` list virements and commentary, a sentence each.
    """

    version: int
    earlier: Report
    reason: str
    table: Statement | None
    texts: list[str]


def version_changes(facts: ReportData) -> VersionChanges | None:
    """Return the changes in this version; None for a first version."""
    if facts.version == 1:
        return None
    reports = Report.objects.filter(period=facts.period, version=facts.version - 1)
    report = reports.select_related("period__year").first()
    if report is None:
        return None
    earlier = published_data(report)
    return VersionChanges(
        version=facts.version,
        earlier=report,
        reason=facts.report.reason if facts.report else facts.period.reopen_reason,
        table=_changes_table(earlier, facts),
        texts=[*_virement_texts(earlier, facts), *_commentary_texts(earlier, facts)],
    )


def _changes_table(earlier: ReportData, now: ReportData) -> Statement | None:
    display = now.display("annex-a")
    rows = tuple(_changed_rows(earlier, now, display))
    if not rows:
        return None
    table = Statement(
        name="version-changes",
        title=f"Net budget and net variance in versions {earlier.version} and {now.version}",
        header=now.header,
        display=display,
        columns=tuple(_changes_columns(earlier.version, now.version, display.unit_label)),
        rows=rows,
        cross_casts=tuple(
            CrossCast(difference, ((f"{key}_now", 1), (f"{key}_before", -1)))
            for key, _, difference in _FIGURES
        ),
    )
    rounds = any(check.status == ROUNDING for check in cast_statement(table))
    missing = any(cell.pence is None for row in rows for cell in row.cells.values())
    return replace(table, footnotes=(_ABSENT,) * missing + (_ROUNDED,) * rounds)


def _changes_columns(before: int, now: int, unit: str) -> Iterator[Column]:
    for key, name, difference in _FIGURES:
        yield Column(f"{key}_before", f"{name}, version {before}", unit)
        yield Column(f"{key}_now", f"{name}, version {now}", unit)
        yield Column(difference, f"{name}, difference", unit)


def _changed_rows(earlier: ReportData, now: ReportData, display: Display) -> Iterator[Row]:
    was, current = _by_key(earlier), _by_key(now)
    for node in _in_print(earlier, now):
        before, after = was.get(node.key), current.get(node.key)
        if any(_figure_of(before, key) != _figure_of(after, key) for key, _, _ in _FIGURES):
            level = max(0, node.level - 1)
            label = node.total_label if node.is_group else node.label
            cells = _row_cells(before, after, display)
            yield Row(node.key, label, _row_kind(node), cells, level)


def _by_key(facts: ReportData) -> dict[str, ReportRow]:
    return {node.key: node for node in facts.nodes}


def _figure_of(node: ReportRow | None, key: str) -> int | None:
    return None if node is None else getattr(node, key)


def _row_kind(node: ReportRow) -> str:
    if not node.is_group:
        return _KINDS[node.kind]
    return "subtotal" if node.parent_key else "total"


def _row_cells(
    before: ReportRow | None, after: ReportRow | None, display: Display
) -> dict[str, Cell]:
    cells = {}
    for key, _, difference in _FIGURES:
        was, now = _figure_of(before, key), _figure_of(after, key)
        change = _difference_of(0 if before is None else was, 0 if after is None else now)
        for name, pence in ((f"{key}_before", was), (f"{key}_now", now), (difference, change)):
            cells[name] = Cell.of_amount(pence, display)
    return cells


def _difference_of(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _in_print(earlier: ReportData, now: ReportData) -> Iterator[ReportRow]:
    """Yield services and totals of both versions in this one's order, totals after their rows.

    Rows of the earlier version alone come last under the row they were under there.
    """
    current = _by_key(now)
    gone = [node for node in earlier.nodes if node.key not in current]
    children: dict[str, list[ReportRow]] = {}
    for node in [*now.nodes, *gone]:
        children.setdefault(node.parent_key, []).append(node)

    def walk(node: ReportRow) -> Iterator[ReportRow]:
        for child in children.get(node.key, []):
            yield from walk(child)
        if not node.is_group or node.total_label:
            yield node

    for top in children[""]:
        yield from walk(top)


def _virement_texts(earlier: ReportData, now: ReportData) -> Iterator[str]:
    was, current = _legs_by_reference(earlier), _legs_by_reference(now)
    return _change_texts(was, current, ("virement", "virements"), {})


def _legs_by_reference(facts: ReportData) -> dict[str, list[LegSummary]]:
    """Return the legs of each approved virement, by its reference."""
    found: dict[str, list[LegSummary]] = {}
    for leg in facts.approved_virements:
        ends = [end.line if end else None for end in (leg.giver, leg.receiver)]
        moved = (leg.leg, leg.period, leg.amount, leg.forecast_amount, leg.kind)
        found.setdefault(leg.reference, []).append((*moved, *ends))
    return found


def _commentary_texts(earlier: ReportData, now: ReportData) -> Iterator[str]:
    names = {node.key: node.label for node in [*earlier.nodes, *now.nodes]}
    nouns = "text of commentary", "texts of commentary"
    return _change_texts(earlier.commentary, now.commentary, nouns, names)


def _change_texts(
    before: Mapping[str, object],
    now: Mapping[str, object],
    nouns: tuple[str, str],
    names: Mapping[str, str],
) -> Iterator[str]:
    """Yield a sentence such as `1 virement added: V-2019-002.` for each kind of change."""
    chosen = {
        "added": [key for key in now if key not in before],
        "changed": [key for key in now if key in before and before[key] != now[key]],
        "taken out": [key for key in before if key not in now],
    }
    for act, keys in chosen.items():
        if keys:
            listed = ", ".join(sorted(names.get(key, key) for key in keys)[:_NAMED])
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            yield f"{len(keys)} {nouns[len(keys) > 1]} {act}: {listed}{more}."
