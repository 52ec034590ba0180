"""A statement as a page shows it: readers' columns, cells in order, adverse or favourable. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from council_finance.periods import long_date
from council_finance.statements.model import Cell, Column, Footnote, Statement
from council_finance.statuses import tone_of

STATUS = Column("status", "Status")
_NOTE = "note"
_SENSED = ("net_variance", "variance", "movement", "movement_as_published")
"""Columns in which a figure is marked adverse or favourable; in others it would be clutter."""

_SPOKEN = {"↑": "more", "↓": "less", "↔": "the same"}
"""Words for arrows of columns that compare with the previous report, which a page reads out."""


@dataclass(frozen=True)
class PageCell:
    """A cell for the template; `sense` is adverse, favourable or empty.

    `status` is the tone of a status: one of council_finance.statuses.TONES, grey for other words.
    `spoken` is the word for an arrow, for readers who hear the page, and `url` the address of the
    explanation that a note leads to.
    """

    text: str
    mark: str
    kind: str
    sense: str
    status: str = ""
    spoken: str = ""
    url: str = ""

    @property
    def is_plain(self) -> bool:
        """Return whether the figure stands alone, which the template draws faster."""
        beside = self.mark or self.sense or self.status or self.text.endswith(")")
        return self.kind != "text" and not beside


@dataclass(frozen=True)
class PageRow:
    """A row for the template; `url` is the link of its label."""

    key: str
    label: str
    kind: str
    level: int
    cells: list[PageCell]
    url: str = ""


@dataclass(frozen=True)
class PageNote:
    """A footnote; the first one of each mark has an `anchor` that marks link to."""

    mark: str
    text: str
    anchor: str


@dataclass(frozen=True)
class PageStatement:
    """The table that components/statement_table.html draws."""

    key: str
    title: str
    caption: str
    row_header: str
    columns: list[Column]
    rows: list[PageRow]
    footnotes: list[PageNote]


def for_page(
    statement: Statement, links: Mapping[str, str] | None = None, *, notes_at: str = ""
) -> PageStatement:
    """Return the statement for a page, without the columns that are for programs only.

    `links` are the addresses of rows' breakdowns, by row key; `notes_at`, followed by the number
    of a note, is the address of its explanation.
    """
    columns = statement.reader_columns
    rows = [
        PageRow(
            row.key,
            row.label,
            row.kind,
            row.level,
            [
                _build_cell(row.cells[c.key], c, notes_at, sensed=c.key not in statement.unsensed)
                for c in columns
                if row.cells
            ],
            (links or {}).get(row.key, "") if row.cells else "",
        )
        for row in statement.rows
    ]
    return PageStatement(
        key=statement.name,
        title=statement.title,
        caption=_build_caption(statement),
        row_header=statement.row_heading,
        columns=list(columns),
        rows=rows,
        footnotes=_build_notes(statement),
    )


def _build_caption(statement: Statement) -> str:
    header = statement.header
    caption = f"{header.council}, {header.financial_year}"
    return (
        caption if header.as_at is None else f"{caption}, figures as at {long_date(header.as_at)}"
    )


def _build_cell(cell: Cell, column: Column, notes_at: str = "", *, sensed: bool = True) -> PageCell:
    sense = _sense_of_cell(cell) if sensed and column.key in _SENSED else ""
    status = tone_of(cell.text) if column.key == STATUS.key and cell.text else ""
    spoken = _SPOKEN.get(cell.text, "") if column.key.endswith("_direction") else ""
    is_note = column.key == _NOTE and cell.text.isdecimal()
    url = f"{notes_at}{cell.text}" if notes_at and is_note else ""
    return PageCell(cell.text, cell.mark, column.kind, sense, status, spoken, url)


def with_statuses(page: PageStatement, statuses: Mapping[str, str]) -> PageStatement:
    """Return the page with a column of statuses by row key, unless it has one already.

    The statement and its downloads have no such column.
    """
    if STATUS.key in [column.key for column in page.columns]:
        return page
    rows = [
        replace(row, cells=[*row.cells, _build_cell(Cell(statuses.get(row.key, "")), STATUS)])
        if row.cells
        else row
        for row in page.rows
    ]
    return replace(page, columns=[*page.columns, STATUS], rows=rows)


def _sense_of_cell(cell: Cell) -> str:
    """Return adverse or favourable; nothing for what prints as nil."""
    if cell.value is None or cell.prints_nil:
        return ""
    return "adverse" if cell.value > 0 else "favourable"


def _build_notes(statement: Statement) -> list[PageNote]:
    seen: set[str] = set()
    notes = []
    for note in statement.footnotes:
        anchor = "" if note.mark in seen or not note.mark else _note_anchor(statement, note)
        seen.add(note.mark)
        notes.append(PageNote(note.mark, note.text, anchor))
    return notes


def _note_anchor(statement: Statement, note: Footnote) -> str:
    return f"{statement.name}-note-{note.mark}"
