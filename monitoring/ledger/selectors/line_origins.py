"""The rows and cells of files behind a line's figures, in words."""

from dataclasses import dataclass

from council_finance import registry
from council_finance.uploads.origins import Origins, OriginsOfSheets
from council_finance.uploads.sheet_rows import row_in_words, sheet_and_row
from monitoring.ledger.models import Position
from monitoring.uploading.selectors.uploads import origins_of

_SHOWN = 20
"""So many rows or cells are named; of the rest, the number."""


@dataclass(frozen=True)
class LineSource:
    """A file that brought figures of a line: what it brought, in words, and its rows.

    `position` is the line's position after it; `origins` are the cells behind the file's rows,
    where a layout's steps made them.
    """

    brought: str
    position: Position
    origins: Origins | OriginsOfSheets | None

    @property
    def rows(self) -> str:
        """The rows of the file: `row 7`, `rows 7 and 9`, or `Adults row 7` of several sheets."""
        number = self.position.source_row
        sheets = self.position.source.reading.get("sheets", ())
        if self.origins is None:
            return row_in_words(sheets, number)
        sheet = f"{sheet_and_row(sheets, number)[0]} " if len(sheets) > 1 else ""
        rows = self.origins.rows_of(number)
        return f"{sheet}{'row' if len(rows) == 1 else 'rows'} {_listed([f'{row}' for row in rows])}"

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps through which the file was read, each in a sentence."""
        return self.origins.words if self.origins else ()

    def gives(self, own: str) -> bool:
        """Whether files of this kind have the column."""
        kind = registry.upload_kind(self.position.source.kind, per_period=True)
        return own in {column.name for column in kind.columns}

    def cells(self, own: str) -> str:
        """The cells that a figure is the sum of: `cells F13 and F14`; nothing without steps."""
        cells = self.origins.cells_of(self.position.source_row, own) if self.origins else []
        if not cells:
            return ""
        return f"{'cell' if len(cells) == 1 else 'cells'} {_listed(cells)}"


def with_origins(sources: list[tuple[str, Position]]) -> list[LineSource]:
    """The files of `node_lines.line_sources`, with the cells behind their rows."""
    return [LineSource(words, row, origins_of(row.source)) for words, row in sources]


def cells_behind(sources: list[LineSource], own: str) -> str:
    """The cells behind a line's figure, in the latest file that brings such figures."""
    return next((source.cells(own) for source in sources if source.gives(own)), "")


def _listed(texts: list[str]) -> str:
    if len(texts) > _SHOWN:
        return f"{', '.join(texts[:_SHOWN])} and {len(texts) - _SHOWN:,} more"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
