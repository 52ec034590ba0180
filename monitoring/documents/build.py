"""Build the report as a document: its outline, filled with texts, figures, charts and tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from council_finance import registry
from council_finance.documents.frozen import blocks_from_json, blocks_to_json
from council_finance.documents.model import (
    Block,
    Document,
    Heading,
    NamedValues,
    Paragraph,
    Table,
)
from council_finance.documents.texts import blocks_of_text
from council_finance.statements import Statement
from council_finance.statements.whole_report import WholeReport
from council_finance.statements.wording import facts as facts_line
from monitoring.documents.fields import FigureField, fill_in
from monitoring.documents.outline import OutlinePart, PartKind
from monitoring.documents.settings_tables import outline_of
from monitoring.published.models import ReportDocument
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import all_statements
from monitoring.reports.statements.budgetary_control import NAME as BUDGETARY_CONTROL
from monitoring.reports.statements.budgetary_control import notes_of_commentary


@dataclass(frozen=True)
class BuiltDocument:
    """A document, and the fields of its texts that have no figure in this report."""

    document: Document
    missing: list[FigureField] = field(default_factory=list)


def build_document(facts: ReportData, outline: tuple[OutlinePart, ...] = ()) -> BuiltDocument:
    """Return a report as a document: as it was published, else by the council's outline.

    With an `outline`, it is what that outline would print.
    """
    statements = all_statements(facts)
    kept = None
    if facts.report is not None and not outline:
        kept = ReportDocument.objects.filter(report=facts.report).first()
    missing: list[FigureField] = []
    if kept is not None:
        blocks = blocks_from_json(kept.text, statements.get)
    else:
        builder = _Builder(facts, statements, outline or outline_of(facts.settings))
        blocks, missing = _leave_out_empty_parts(list(builder.blocks())), builder.missing
    whole = WholeReport(facts.header, tuple(statements.values()))
    document = Document(
        title=whole.title,
        council=facts.header.council,
        line=facts_line(facts.header),
        cover=NamedValues("About this report", tuple(whole.facts)),
        blocks=blocks,
        is_final=facts.report is not None,
    )
    return BuiltDocument(document, missing)


def document_json(facts: ReportData) -> str:
    """Return the blocks of a draft's document, as they are kept when it is published."""
    return blocks_to_json(build_document(facts).document.blocks)


def _leave_out_empty_parts(blocks: list[Block]) -> tuple[Block, ...]:
    """Return the blocks without headings that nothing stands under."""
    kept: list[Block] = []
    for block in reversed(blocks):
        follows = kept[-1] if kept else None
        if isinstance(block, Heading) and (
            follows is None or (isinstance(follows, Heading) and follows.level <= block.level)
        ):
            continue
        kept.append(block)
    return tuple(reversed(kept))


class _Builder:
    """The parts of an outline being filled in; `missing` grows as their texts are read."""

    def __init__(
        self,
        facts: ReportData,
        statements: Mapping[str, Statement],
        outline: tuple[OutlinePart, ...],
    ) -> None:
        self.facts = facts
        self.statements = statements
        self.outline = outline
        self.notes = notes_of_commentary(facts)
        self.is_in_part = False
        self.missing: list[FigureField] = []

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of every part."""
        for number, part in enumerate(self.outline, start=1):
            if part.kind == PartKind.HEADING:
                self.is_in_part = self.is_in_part or part.level == 1
                yield Heading(self._fill_in(part.text), part.level, f"part-{number}")
            elif part.kind == PartKind.TEXT:
                yield from blocks_of_text(self._fill_in(part.text))
            elif part.kind == PartKind.PANEL:
                yield from self._panel_blocks(part.name)
            elif part.kind == PartKind.COMMENTARY:
                yield from self._commentary_blocks(part.level)
            elif part.kind == PartKind.STATEMENT:
                yield from self._statement_blocks(part.name)
            else:
                for name in self._other_statements():
                    yield from self._statement_blocks(name)

    def _fill_in(self, text: str) -> str:
        filled, missing = fill_in(text, self.statements.get)
        self.missing += missing
        return filled

    def _panel_blocks(self, name: str) -> list[Block]:
        entry = registry.document_panels().get(name)
        return [] if entry is None else entry.make(self.facts)

    def _other_statements(self) -> Iterator[str]:
        """Yield the names of statements with rows that no part of the outline names."""
        named = {part.name for part in self.outline if part.kind == PartKind.STATEMENT}
        for name, statement in self.statements.items():
            if name not in named and statement.rows:
                yield name

    def _statement_blocks(self, name: str) -> Iterator[Block]:
        statement = self.statements.get(name)
        if statement is None:
            return
        yield Heading(statement.title, 2 if self.is_in_part else 1, f"statement-{name}")
        if not statement.rows:
            yield Paragraph("There is nothing to report here this time.")
        links = {note: f"note-{note}" for note in self.notes.values()}
        yield Table(statement, "note", links if name == BUDGETARY_CONTROL else {})

    def _commentary_blocks(self, level: int) -> Iterator[Block]:
        """Yield the commentary of each row that has one, down to a level of the tree (0: all)."""
        texts = self.facts.commentary
        for node in self.facts.nodes:
            if node.key not in texts or (level and node.level > level):
                continue
            note = self.notes.get(node.key, "")
            anchor = f"note-{note}" if note else f"text-{_anchor_of(node.key)}"
            title = f"Note {note}: {node.label}" if note else node.label
            yield Heading(title, 2, anchor)
            yield Paragraph(self._figures_line(node), "small")
            yield from blocks_of_text(texts[node.key])

    def _figures_line(self, node: ReportRow) -> str:
        """Return the figures that a commentary explains, in a line."""
        display = self.facts.display("annex-a")
        parts = [f"Budget {display.in_words(node.budget)}"]
        if node.net_variance is not None:
            percent = display.percent(node.net_variance, node.budget)
            words = display.in_words(node.net_variance)
            parts.append(f"net variance {words}, {percent} of the budget")
        if node.movement is not None:
            words = display.in_words(node.movement)
            parts.append(f"movement from the last report {words}")
        return f"{'; '.join(parts)}. A minus is favourable."


def _anchor_of(key: str) -> str:
    """Return a key with only letters, digits and hyphens, as anchors have."""
    return re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-") or "row"
