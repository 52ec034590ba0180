"""The reading of a file: its bytes, through the right sheets and layout, to a typed table."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from council_finance import registry
from council_finance.uploads.archive import Unzipped
from council_finance.uploads.columns import ColumnSpec, normalised
from council_finance.uploads.deadline import READING_SECONDS, TooSlow, deadline
from council_finance.uploads.headers import find_own_headings, own_headings
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.layouts import (
    LayoutError,
    layout_fits,
    read_layout,
    read_through,
)
from council_finance.uploads.matching import guess_columns, headings_at, likely_headings
from council_finance.uploads.problems import FileRefused, HeadingsRefused, NoRowsRefused, Problem
from council_finance.uploads.reading import RawTable, read_rows
from council_finance.uploads.saved_layout import SavedLayout
from council_finance.uploads.several_sheets import describe_sheets, join_sheets
from council_finance.uploads.sheets import sheets_in
from council_finance.uploads.table import TypedTable, typed_table
from council_finance.uploads.template_files import CODES_SHEET
from council_finance.uploads.year_columns import with_year_columns, with_year_headings
from monitoring.uploading.models import Upload
from monitoring.uploading.prepared import kind_of
from monitoring.uploading.selectors.layouts import layouts_of
from monitoring.uploading.selectors.uploads import file_content

SheetRows = tuple[str, RawTable]
"""The name of a sheet, and its rows."""


def read_upload(upload: Upload) -> TypedTable:
    """Return the typed table of an upload's file. Raise `FileRefused` where there is none."""
    sheets = upload.sheets or ([upload.sheet] if upload.sheet else [])
    return read_table(file_content(upload), kind_of(upload), sheets, upload.layout, upload.period)


def read_table(
    content: bytes,
    kind: registry.AnyKind,
    sheets: Sequence[str] = (),
    layout: Mapping[str, Any] | None = None,
    period: int | None = None,
    seconds: float = READING_SECONDS,
) -> TypedTable:
    """Return the typed table of a file for a period, through a layout where one is given.

    `sheets` are the sheets of a workbook that a person chose. Without them the first visible sheet
    with the headings is read, and with it every other that has the same. A file whose own headings
    do not fit is read through the one saved layout that fits it. Raise `FileRefused` where there
    is no table to read. Table and error both say which layout and which sheets were read, and
    which headings the file has where they are not the product's. It may take so many `seconds`.
    """
    with deadline(seconds):
        return _FileReader(content, kind, layout, period).read(sheets)


class _FileReader:
    """The reader of one file."""

    def __init__(
        self,
        content: bytes,
        kind: registry.AnyKind,
        layout: Mapping[str, Any] | None,
        period: int | None,
    ) -> None:
        self.content, self.kind, self.period = content, kind, period
        self.layout = None if layout is None else read_layout(layout)
        headings = self.layout.headings if self.layout else _product_and_saved_headings(kind)
        self.known = {normalised(heading) for heading in headings}
        # The lists of a template are for those who fill it in; they hold no rows of the file.
        self.unzipped: Unzipped = {}
        sheets = sheets_in(content, self.unzipped)
        self.book = [sheet for sheet in sheets if sheet.name != CODES_SHEET]

    def read(self, chosen: Sequence[str]) -> TypedTable:
        """Return the table of the sheets chosen, or of those found. Raise `FileRefused`."""
        if not chosen and self.layout and self.layout.sheet:
            chosen = [self.layout.sheet]
        names = self._sheets_to_look_at()
        if chosen:
            read = [(name, read_rows(self.content, name, self.known)) for name in chosen]
        elif len(names) > 1:
            read = self._sheets_with_headings(names)
        else:
            name = "".join(names)
            read = [(name, read_rows(self.content, name, self.known, self.unzipped))]
        try:
            table, read = self._join_sheets(read, chosen=bool(chosen))
        except FileRefused as refused:
            refused.reading = describe_sheets(self.book, read)
            raise
        if self.book:
            table.reading = describe_sheets(self.book, read)
        return table

    def _sheets_to_look_at(self) -> list[str]:
        """Return the visible sheets, and hidden ones that a saved layout names."""
        if all(sheet.visible for sheet in self.book):
            return [sheet.name for sheet in self.book]
        saved = () if self.layout else layouts_of(self.kind.name)
        named = {read_layout(each.definition).sheet for each in saved}
        return [sheet.name for sheet in self.book if sheet.visible or sheet.name in named]

    def _sheets_with_headings(self, names: Sequence[str]) -> list[SheetRows]:
        """Return the first sheet that has the headings, and the others that have the same.

        Where none has them, return the sheet whose headings are most like them: a person matches
        its columns.
        """
        rows = [(name, _rows_of_sheet(self.content, name, self.known)) for name in names]
        filled = [(name, raw) for name, raw in rows if raw is not None]
        if not filled:
            return [(names[0], read_rows(self.content, names[0], self.known))]
        fitting = [(name, raw) for name, raw in filled if self._has_headings(name, raw)]
        if not fitting:
            return [max(filled, key=lambda each: self._count_alike_headings(each[1]))]
        wanted = self._heading_texts(fitting[0][1])
        return [(name, raw) for name, raw in fitting if self._heading_texts(raw) == wanted]

    def _list_columns(
        self, raw: RawTable, layout: LayoutSpec | None = None
    ) -> tuple[ColumnSpec, ...]:
        """Return the columns of the kind, with those of the years that the file has."""
        return with_year_columns(self.kind.columns, self.kind.year_column, raw, layout)

    def _has_headings(self, name: str, raw: RawTable) -> bool:
        """Return whether a sheet has the product's headings, or those of a layout that fits."""
        columns = self._list_columns(raw, self.layout)
        if self.layout:
            return layout_fits(raw, self.layout, columns)
        if own_headings(raw, columns):
            return True
        layouts = (read_layout(saved.definition) for saved in layouts_of(self.kind.name))
        for_it = (each for each in layouts if each.sheet in ("", name))
        return any(layout_fits(raw, each, self._list_columns(raw, each)) for each in for_it)

    def _heading_texts(self, raw: RawTable) -> frozenset[str]:
        """Return the texts of the heading row, by which sheets with the same are found."""
        columns = self._list_columns(raw)
        found = likely_headings(raw, columns)
        texts = own_headings(raw, columns) or (found or {}).get("headings", ())
        return frozenset(filter(None, map(normalised, texts)))

    def _count_alike_headings(self, raw: RawTable) -> int:
        columns = self._list_columns(raw)
        found = likely_headings(raw, columns)
        return len(guess_columns(found["headings"], columns)) if found else -1

    def _join_sheets(
        self, read: list[SheetRows], chosen: bool
    ) -> tuple[TypedTable, list[SheetRows]]:
        """Return the table of all sheets, and those that had rows.

        A sheet without rows is skipped unless a person chose it.
        """
        tables, kept = [], []
        for name, raw in read:
            try:
                table = self._read_sheet(name, replace(raw, sheet=name), chosen)
            except FileRefused as refused:
                if not chosen and len(read) > 1 and isinstance(refused, NoRowsRefused):
                    continue
                if len(read) > 1:
                    refused.problems = [replace(each, sheet=name) for each in refused.problems]
                raise
            tables.append((name, table))
            kept.append((name, raw))
        if not tables:
            raise NoRowsRefused(Problem("There are headings but no rows under them in any sheet."))
        return (join_sheets(tables) if len(tables) > 1 else tables[0][1]), kept

    def _read_sheet(self, name: str, raw: RawTable, chosen: bool) -> TypedTable:
        """Return the table of one sheet, or of a file without sheets."""
        if self.layout is not None:
            return self._read_through(self.layout, raw)
        try:
            return self._read_own_headings(raw)
        except HeadingsRefused as refused:
            fitting = self._fitting_layouts(raw, None if chosen else name)
            if len(fitting) == 1:
                saved, rows = fitting[0]
                return self._read_through(read_layout(saved.definition), rows, saved)
            found = HeadingsRefused(*([_several_fit(fitting)] if fitting else refused.problems))
            found.own = likely_headings(raw, self._list_columns(raw))
            raise found from refused

    def _read_own_headings(self, raw: RawTable) -> TypedTable:
        """Return the table of a sheet that has the product's headings.

        Its headings are noted all the same: a layout may still say how its rows are to be read.
        """
        columns = self._list_columns(raw)
        headings = find_own_headings(raw, columns)
        own = headings_at(raw, headings.place) | {"known": True}
        try:
            table = typed_table(raw, columns, headings)
        except FileRefused as refused:
            refused.own = own
            raise
        table.own = own
        if self.kind.needs_one_of:
            self._require_one_column(table)
        return table

    def _read_through(
        self, layout: LayoutSpec, raw: RawTable, saved: SavedLayout | None = None
    ) -> TypedTable:
        """Return the table through a layout; `saved` is the layout where nobody chose it."""
        if self.kind.year_column is not None:
            layout = with_year_headings(layout, raw)
        columns = self._list_columns(raw, layout)
        own = likely_headings(raw, columns)
        try:
            table = read_through(raw.with_texts(), layout, columns, self.period)
            if self.kind.needs_one_of:
                self._require_one_column(table)
        except LayoutError as error:
            raise FileRefused(*(Problem(sentence) for sentence in error.sentences)) from error
        except FileRefused as refused:
            refused.layout, refused.own = saved, own
            raise
        table.layout, table.own = saved, own
        return table

    def _require_one_column(self, table: TypedTable) -> None:
        """Raise `HeadingsRefused` where a file has none of the columns that its kind brings."""
        needed = self.kind.needs_one_of
        if not table.given & set(needed):
            raise HeadingsRefused(
                Problem(f"The file has none of these columns: {', '.join(needed)}.")
            )

    def _fitting_layouts(
        self, raw: RawTable, sheet: str | None
    ) -> list[tuple[SavedLayout, RawTable]]:
        """Return the saved layouts that fit a file, each with the rows that it is for.

        `sheet` is the sheet of `raw`; None where a person chose it: then layouts that name another
        sheet are tried on it all the same. A layout with the file's headings as they are goes
        before one whose headings bear another month.
        """
        found = []
        for saved in layouts_of(self.kind.name):
            layout = read_layout(saved.definition)
            other_sheet = sheet is not None and layout.sheet not in ("", sheet)
            rows = _rows_of_sheet(self.content, layout.sheet) if other_sheet else raw
            if rows is not None and layout_fits(rows, layout, self._list_columns(rows, layout)):
                found.append((saved, rows))
        if len(found) > 1:
            exact = [
                (saved, rows)
                for saved, rows in found
                if self._fits_exactly(rows, read_layout(saved.definition))
            ]
            return exact or found
        return found

    def _fits_exactly(self, rows: RawTable, layout: LayoutSpec) -> bool:
        return layout_fits(rows, layout, self._list_columns(rows, layout), exact=True)


def _product_and_saved_headings(kind: registry.AnyKind) -> list[str]:
    """Return the product's own headings of a kind of file, and those of its saved layouts."""
    layouts = (read_layout(saved.definition) for saved in layouts_of(kind.name))
    saved = (heading for layout in layouts for heading in layout.headings)
    return [*(spec.name for spec in kind.columns), *saved]


def _rows_of_sheet(content: bytes, sheet: str, known: Set[str] = frozenset()) -> RawTable | None:
    """Return the rows of a sheet; None where there is no such sheet, or nothing to read in it."""
    try:
        return replace(read_rows(content, sheet, known), sheet=sheet)
    except TooSlow:
        raise
    except FileRefused:
        return None


def _several_fit(fitting: list[tuple[SavedLayout, RawTable]]) -> Problem:
    names = " and ".join(f"“{saved.name}”" for saved, _ in fitting)
    return Problem(
        f"The saved layouts {names} fit this file. Upload it again and choose the one to read it "
        "through."
    )
