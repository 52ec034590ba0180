"""Describe the rows and cells of files that a line's figures came from."""

from dataclasses import dataclass

from council_finance import registry
from council_finance.uploads.origins import Origins, OriginsOfSheets
from council_finance.uploads.sheet_rows import row_in_words, sheet_and_row
from monitoring.ledger.models import Position
from monitoring.uploading.selectors.uploads import origins_of

_SHOWN = 20
"""The number of rows or cells that are named; the others are counted."""


@dataclass(frozen=True)
class LineSource:
    """A file that gave figures of a line.

    `figures` describes what it gave; `position` is the line's position after that upload; `origins`
    are the cells behind the file's rows, where the steps of a layout made the rows.
    """

    figures: str
    position: Position
    origins: Origins | OriginsOfSheets | None

    @property
    def rows(self) -> str:
        """Describe the rows of the file: `row 7`, `rows 7 and 9`, or `Adults row 7` with sheets."""
        number = self.position.source_row
        sheets = self.position.source.reading.get("sheets", ())
        if self.origins is None:
            return row_in_words(sheets, number)
        sheet = f"{sheet_and_row(sheets, number)[0]} " if len(sheets) > 1 else ""
        rows = [f"{row}" for row in self.origins.rows_of(number)]
        return f"{sheet}{'row' if len(rows) == 1 else 'rows'} {_join_with_and(rows)}"

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the steps of the layout that the file was read with, each in a sentence."""
        return self.origins.words if self.origins else ()

    def gives(self, column_name: str) -> bool:
        """Return True where files of this kind have the column."""
        kind = registry.upload_kind(self.position.source.kind, per_period=True)
        return column_name in {column.name for column in kind.columns}

    def cells(self, column_name: str) -> str:
        """Describe the cells that a figure is the sum of: `cells F13 and F14`; "" without steps."""
        if self.origins is None:
            return ""
        cells = self.origins.cells_of(self.position.source_row, column_name)
        if not cells:
            return ""
        return f"{'cell' if len(cells) == 1 else 'cells'} {_join_with_and(cells)}"


def with_origins(sources: list[tuple[str, Position]]) -> list[LineSource]:
    """Add the cells behind their rows to the files of `node_lines.line_sources`."""
    return [LineSource(words, row, origins_of(row.source)) for words, row in sources]


def cells_behind(sources: list[LineSource], column_name: str) -> str:
    """Describe the cells behind a line's figure, in the latest file that gives such figures."""
    return next((source.cells(column_name) for source in sources if source.gives(column_name)), "")


def _join_with_and(texts: list[str]) -> str:
    """Join at most `_SHOWN` texts with "and"; the others are counted."""
    if len(texts) > _SHOWN:
        return f"{', '.join(texts[:_SHOWN])} and {len(texts) - _SHOWN:,} more"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
