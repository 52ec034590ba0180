"""Previews of other settings of display, contingency and variance statuses.

Each builds the report's statements now and with the change, and compares them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from council_finance import registry
from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from council_finance.statements import Statement
from council_finance.statements.wording import heading
from council_finance.statuses import Rule
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.variance_statuses import variance_status_of
from monitoring.reports.statements.annex_a import NAME as ANNEX_A
from monitoring.reports.statements.contingency import NAME as CONTINGENCY
from monitoring.structure.council_settings import ContingencySettings, DisplaySettings

NO_STATUS = "No status"
_FEW_CELLS = 40
"""Up to so many changed cells are listed one by one; of more, the whole statement is shown."""

_CELL_HEADINGS = ("Row", "Column", "Now", "After")


@dataclass(frozen=True)
class StatementChange:
    """A statement as it prints now and as it would print, on the same figures."""

    now: Statement
    after: Statement

    @property
    def cells(self) -> list[tuple[str, str, str, str]]:
        """Return row label, column heading, text now and text after of each cell that differs."""
        rows = {row.key: row for row in self.now.rows}
        return [
            (row.label, heading(column), before.text, row.cells[column.key].text)
            for row in self.after.rows
            for column in self.after.reader_columns
            if row.cells
            and (before := rows[row.key].cells[column.key]).text != row.cells[column.key].text
        ]

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Return text now and text after of each footnote that differs; "" where there is none."""
        now = [note.text for note in self.now.footnotes]
        after = [note.text for note in self.after.footnotes]
        if len(now) == len(after):
            return [pair for pair in zip(now, after, strict=True) if pair[0] != pair[1]]
        gone = [(text, "") for text in now if text not in after]
        return gone + [("", text) for text in after if text not in now]

    @property
    def changes_unit(self) -> bool:
        """Return whether amounts would print in another unit, or with other decimals."""
        now, after = self.now.display, self.after.display
        return (now.unit, now.decimals) != (after.unit, after.decimals)

    def __bool__(self) -> bool:
        return self.changes_unit or bool(self.cells or self.notes)


@settings_preview("display")
def preview_display(report: ReportData, value: DisplaySettings) -> SettingsPreview:
    """Show Annex A, and statements with a display of their own, where they print differently.

    Other statements that would print differently are named.
    """
    changed = report.with_settings(report.settings.with_value("display", value))
    found = {
        name: change
        for name, entry in registry.statements().items()
        if (change := StatementChange(entry.make(report), entry.make(changed)))
    }
    if not found:
        return SettingsPreview(("No figure of this report would print differently.",))
    shown = {ANNEX_A, *report.settings.displays, *value.by_statement} & set(found)
    count = len(found)
    statements = "1 statement" if count == 1 else f"{count} statements"
    sentences = [f"{statements} of this report would print differently; no figure changes."]
    if others := [change.now.title for name, change in found.items() if name not in shown]:
        sentences.append(f"Not shown here: {'; '.join(others)}.")
    tables = [
        table for name, change in found.items() if name in shown for table in _print_tables(change)
    ]
    return SettingsPreview(tuple(sentences), tuple(tables))


def _print_tables(change: StatementChange) -> Iterator[PreviewTable]:
    title, cells = change.now.title, change.cells
    if change.changes_unit or len(cells) > _FEW_CELLS:
        yield _whole_statement(change.after)
    elif cells:
        yield PreviewTable(f"{title}: cells that change", _CELL_HEADINGS, tuple(cells))
    if change.notes:
        yield PreviewTable(f"{title}: notes that change", ("Now", "After"), tuple(change.notes))


def _whole_statement(statement: Statement) -> PreviewTable:
    columns = statement.reader_columns
    return PreviewTable(
        f"{statement.title}: as it would print",
        (statement.row_heading, *(heading(column) for column in columns)),
        tuple(
            (row.label, *(row.cells[each.key].text if row.cells else "" for each in columns))
            for row in statement.rows
        ),
    )


@settings_preview("contingency")
def preview_contingency(report: ReportData, value: ContingencySettings) -> SettingsPreview:
    """Show the statement of the contingency now and after, and the lines that count."""
    changed = report.with_settings(report.settings.with_value("contingency", value))
    make = registry.statement_entry(CONTINGENCY).make
    now, after = make(report), make(changed)
    sentences = list(_line_sentences(report, changed))
    rows = _contingency_rows(now, after)
    if all(before == then for _, before, then in rows):
        return SettingsPreview((*sentences, "No amount of the contingency would change."))
    headings = (now.row_heading, *(f"{each} {now.columns[0].unit}" for each in ("Now", "After")))
    return SettingsPreview(tuple(sentences), (PreviewTable(now.title, headings, rows),))


def _contingency_rows(now: Statement, after: Statement) -> tuple[tuple[str, str, str], ...]:
    """Return label, amount now and amount after of each step; "" where one has no such step."""
    before, then = (
        {row.key: row.cells["amount"].text for row in statement.rows} for statement in (now, after)
    )
    labels = {row.key: row.label for row in (*after.rows, *now.rows)}
    return tuple((text, before.get(key, ""), then.get(key, "")) for key, text in labels.items())


def _line_sentences(report: ReportData, changed: ReportData) -> Iterator[str]:
    now, after = (facts.settings.contingency_lines for facts in (report, changed))
    if set(now) != set(after):
        yield f"Lines of the contingency: {_name_codes(now)} now, {_name_codes(after)} after."
    found = {line.code for line in changed.contingency}
    if missing := [code for code in after if code not in found]:
        yield f"There are no figures in this report for {_name_codes(missing)}."


def _name_codes(codes: tuple[str, ...] | list[str]) -> str:
    return ", ".join(codes) or "none"


@dataclass(frozen=True)
class StatusChange:
    """A row of the tree with its status now and with other rules."""

    node: ReportRow
    now: str
    after: str

    @property
    def label(self) -> str:
        """Return the label of the row as statements print it."""
        return self.node.total_label if self.node.is_group else self.node.label


@settings_preview("variance-statuses")
def preview_variance_statuses(report: ReportData, value: tuple[Rule, ...]) -> SettingsPreview:
    """Name the services and totals whose status would change, and count statuses."""
    changed = report.with_settings(report.settings.with_value("variance-statuses", value))
    rows = [
        StatusChange(node, *(_status_text(node, facts) for facts in (report, changed)))
        for node in report.nodes
        if not node.is_group or node.total_label
    ]
    moved = [row for row in rows if row.now != row.after]
    if not moved:
        return SettingsPreview(("No service or total would change its status.",))
    (services, of_services), (totals, of_totals) = (
        [sum(row.node.is_group == group for row in each) for each in (moved, rows)]
        for group in (False, True)
    )
    sentence = (
        f"{services:,} of {of_services:,} services and {totals:,} of {of_totals:,} totals would "
        "change their status."
    )
    listed = PreviewTable(
        "Statuses that change",
        ("Service or total", "Level", "Now", "After"),
        tuple((row.label, _name_level(row.node, report), row.now, row.after) for row in moved),
    )
    return SettingsPreview((sentence,), (listed, _count_statuses(rows)))


def _status_text(node: ReportRow, report: ReportData) -> str:
    return variance_status_of(node, report) or NO_STATUS


def _name_level(node: ReportRow, report: ReportData) -> str:
    if node.is_group:
        return "Total" if node.key == report.top.key else "Subtotal"
    return "Closed service" if node.is_closed else "Service"


def _count_statuses(rows: list[StatusChange]) -> PreviewTable:
    now, after = Counter(row.now for row in rows), Counter(row.after for row in rows)
    return PreviewTable(
        "Services and totals by status",
        ("Status", "Now", "After"),
        tuple((word, str(now[word]), str(after[word])) for word in now | after),
    )
