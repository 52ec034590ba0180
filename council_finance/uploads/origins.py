"""The cells of the file that each figure comes from, after a layout's steps. Pure."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from council_finance.uploads.limits import letters
from council_finance.uploads.sheet_rows import place_and_row

_SHEETS = "sheets.json"


@dataclass(frozen=True)
class Origins:
    """The cells behind each row that a layout's steps made.

    A made row has a number in `numbers`, ascending; its file rows are those of `rows` from
    `starts[place]` to `starts[place + 1]`. `columns` are the positions of the file's columns by
    own column. Of a crosstab, `turned` are the own columns of its headings, which are in
    `heading_row`, and of its figures; `positions` is the file's column of each of `rows`. `words`
    has a sentence for each step.
    """

    numbers: np.ndarray
    starts: np.ndarray
    rows: np.ndarray
    columns: Mapping[str, tuple[int, ...]]
    turned: tuple[str, ...] = ()
    heading_row: int = 0
    positions: np.ndarray | None = None
    words: tuple[str, ...] = ()

    @classmethod
    def of_rows(
        cls,
        numbers: np.ndarray,
        rows: np.ndarray,
        *,
        columns: Mapping[str, tuple[int, ...]],
        turned: tuple[str, ...] = (),
        heading_row: int = 0,
        positions: np.ndarray | None = None,
        words: tuple[str, ...] = (),
    ) -> "Origins":
        """Return origins where each made row comes from one row of the file."""
        order = np.argsort(numbers, kind="stable")
        return cls(
            numbers[order],
            np.arange(len(numbers) + 1, dtype="int64"),
            rows[order],
            columns=columns,
            turned=turned,
            heading_row=heading_row,
            positions=None if positions is None else positions[order],
            words=words,
        )

    def rows_of(self, number: int) -> list[int]:
        """Return the file's rows behind a made row, without repeats, in the file's order."""
        return sorted({int(row) for row in self.rows[self._find_slice(number)]})

    def cells_of(self, number: int, own: str) -> list[str]:
        """Return the file's cells behind a figure, such as F13; none without such a column."""
        part = self._find_slice(number)
        rows: list[int] = self.rows[part].tolist()
        pairs: Iterable[tuple[int, int]]
        if own in self.turned and self.positions is not None:
            rows = [self.heading_row] * len(rows) if own == self.turned[0] else rows
            pairs = zip(rows, self.positions[part], strict=True)
        else:
            pairs = ((row, position) for row in rows for position in self.columns.get(own, ()))
        return list(dict.fromkeys(f"{letters(int(position))}{row}" for row, position in pairs))

    def row_in_file(self, number: int) -> int:
        """Return the first row of the file behind a made row."""
        part = self._find_slice(number)
        return int(self.rows[part].min()) if part.stop > part.start else int(number)

    def letter_of(self, number: int, own: str) -> str:
        """Return the letter of the column of a crosstab's heading or figure; "" for others."""
        part = self._find_slice(number)
        if own not in self.turned or self.positions is None or part.stop == part.start:
            return ""
        return letters(int(self.positions[part.start]))

    def added_up(self, numbers: np.ndarray, groups: np.ndarray, words: str) -> "Origins":
        """Return the origins of sums of made rows: `groups` numbers the sum of each of `numbers`.

        Groups are numbered from nought in the order of their first row, whose number they keep.
        """
        order = np.argsort(groups, kind="stable")
        places = np.searchsorted(self.numbers, numbers)[order]  # sorted numbers are found sooner
        lengths = self.starts[places + 1] - self.starts[places]
        ends = np.cumsum(lengths)
        inside = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        taken = np.repeat(self.starts[places], lengths) + inside
        firsts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        starts = np.concatenate([(ends - lengths)[firsts], ends[-1:]]).astype("int64")
        positions = None if self.positions is None else self.positions[taken]
        return replace(
            self,
            numbers=numbers[order][firsts],
            starts=starts,
            rows=self.rows[taken],
            positions=positions,
            words=(*self.words, words),
        )

    def to_bytes(self) -> bytes:
        """Return the compressed content kept with the upload, which `read_origins` reads back."""
        about: dict[str, object] = {
            "columns": self.columns,
            "turned": self.turned,
            "words": self.words,
            "heading_row": self.heading_row,
        }
        arrays = {
            "numbers": self.numbers.astype("int32"),
            "starts": self.starts.astype("int32"),
            "rows": self.rows.astype("int32"),
            "about": np.frombuffer(json.dumps(about).encode(), dtype="uint8"),
        }
        if self.positions is not None:
            arrays["positions"] = self.positions.astype("int16")
        return _compress_arrays(arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Origins":
        """Return origins from the content that `to_bytes` wrote."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            return cls(
                arrays["numbers"],
                arrays["starts"],
                arrays["rows"],
                columns={own: tuple(places) for own, places in about["columns"].items()},
                turned=tuple(about["turned"]),
                heading_row=about["heading_row"],
                positions=arrays.get("positions"),
                words=tuple(about["words"]),
            )

    def _find_slice(self, number: int) -> slice:
        """Return the positions in `rows` of a made row; an empty slice of an unknown number."""
        place = int(np.searchsorted(self.numbers, number))
        if place >= len(self.numbers) or self.numbers[place] != number:
            return slice(0, 0)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))


def _compress_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the arrays as np.load reads them.

    np.savez_compressed takes six times as long; row numbers become no smaller by it.
    """
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as part:
                np.lib.format.write_array(part, array, allow_pickle=False)
    return out.getvalue()


@dataclass(frozen=True)
class OriginsOfSheets:
    """The cells behind the rows of several sheets that were read as one table.

    `parts` are the origins of each of `sheets`; rows are numbered as in `sheet_rows`.
    """

    sheets: tuple[str, ...]
    parts: tuple[Origins, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Return a sentence for each step; the steps of all sheets are the same."""
        return self.parts[0].words

    def rows_of(self, number: int) -> list[int]:
        """Return the rows of its sheet behind a made row."""
        part, row = self._find_sheet(number)
        return part.rows_of(row)

    def cells_of(self, number: int, own: str) -> list[str]:
        """Return the cells behind a figure, such as Adults!F13."""
        part, row = self._find_sheet(number)
        sheet = self.sheets[place_and_row(number)[0]]
        return [f"{sheet}!{cell}" for cell in part.cells_of(row, own)]

    def row_in_file(self, number: int) -> int:
        """Return the first row of its sheet behind a made row."""
        part, row = self._find_sheet(number)
        return part.row_in_file(row)

    def letter_of(self, number: int, own: str) -> str:
        """Return the letter of the column of a crosstab's heading or figure; "" for others."""
        part, row = self._find_sheet(number)
        return part.letter_of(row, own)

    def to_bytes(self) -> bytes:
        """Return the content kept with the upload, which `read_origins` reads back."""
        out = io.BytesIO()
        with ZipFile(out, "w") as archive:
            archive.writestr(_SHEETS, json.dumps(self.sheets))
            for place, part in enumerate(self.parts):
                archive.writestr(str(place), part.to_bytes())
        return out.getvalue()

    def _find_sheet(self, number: int) -> tuple[Origins, int]:
        """Return the origins of the sheet of a made row, and the row's number there."""
        place, row = place_and_row(number)
        return self.parts[place], row


def origins_of_sheets(
    parts: Sequence[tuple[str, Origins | OriginsOfSheets | None]],
) -> OriginsOfSheets | None:
    """Return the origins of sheets (name, origins) read through one layout; None without steps."""
    found = tuple(part for _, part in parts if isinstance(part, Origins))
    if len(found) < len(parts):
        return None
    return OriginsOfSheets(tuple(name for name, _ in parts), found)


def read_origins(content: bytes) -> Origins | OriginsOfSheets:
    """Return the origins that `to_bytes` of either class wrote."""
    with ZipFile(io.BytesIO(content)) as archive:
        if _SHEETS not in archive.namelist():
            return Origins.from_bytes(content)
        sheets = tuple(json.loads(archive.read(_SHEETS)))
        parts = (Origins.from_bytes(archive.read(str(place))) for place in range(len(sheets)))
        return OriginsOfSheets(sheets, tuple(parts))
