"""A file's bytes → its typed table: which sheets and which layout it is read through."""

from collections.abc import Sequence, Set
from dataclasses import replace

from council_finance import registry
from council_finance.uploads.columns import normalised
from council_finance.uploads.deadline import TooSlow, deadline
from council_finance.uploads.layouts import (
    Layout,
    LayoutError,
    layout_fits,
    read_layout,
    read_through,
)
from council_finance.uploads.matching import guess_columns, headings_at, likely_headings
from council_finance.uploads.problems import FileRefused, HeadingsRefused, NoRowsRefused, Problem
from council_finance.uploads.reading import RawTable, read_rows
from council_finance.uploads.several_sheets import joined, what_was_read
from council_finance.uploads.sheets import sheets_in
from council_finance.uploads.table import (
    TypedTable,
    own_heading_place,
    own_headings,
    typed_table,
)
from monitoring.uploading.models import Layout as SavedLayout
from monitoring.uploading.selectors.layouts import layouts_of


def read_table(
    content: bytes,
    kind: registry.UploadKind,
    sheets: Sequence[str] = (),
    layout: dict | None = None,
    period: int | None = None,
) -> TypedTable:
    """The typed table of a file for a period, through a layout where one is given.

    `sheets` are the sheets of a workbook that a person chose. Without them the first visible one
    with the headings is read, and with it every other that has the same. A file whose own headings
    do not fit is read through the one saved layout that fits it. Raises FileRefused where there is
    no table to read. The one or the other says which layout and which sheets it was, and what the
    file has for headings where they are not the product's.
    """
    with deadline():
        return _Reading(content, kind, layout, period).table(sheets)


class _Reading:
    """The reading of one file."""

    def __init__(self, content: bytes, kind, layout: dict | None, period: int | None):
        self.content, self.kind, self.period = content, kind, period
        self.layout = None if layout is None else read_layout(layout)
        headings = self.layout.headings if self.layout else ()
        self.known = set(map(normalised, headings)) if self.layout else _known_headings(kind)
        self.book = sheets_in(content)

    def table(self, chosen: Sequence[str]) -> TypedTable:
        """The table of the sheets chosen, or of those found. Raises FileRefused."""
        if not chosen and self.layout and self.layout.sheet:
            chosen = [self.layout.sheet]
        names = self._sheets_to_look_at()
        if chosen:
            read = [(name, read_rows(self.content, name, self.known)) for name in chosen]
        elif len(names) > 1:
            read = self._with_the_headings(names)
        else:
            read = [("".join(names), read_rows(self.content, "", self.known))]
        try:
            table, read = self._together(read, chosen=bool(chosen))
        except FileRefused as refused:
            refused.reading = what_was_read(self.book, read)
            raise
        table.reading = what_was_read(self.book, read)
        return table

    def _sheets_to_look_at(self) -> list[str]:
        """The visible sheets, and hidden ones that a saved layout names."""
        saved = () if self.layout else layouts_of(self.kind.name)
        named = {read_layout(each.definition).sheet for each in saved}
        return [sheet.name for sheet in self.book if sheet.visible or sheet.name in named]

    def _with_the_headings(self, names: Sequence[str]) -> list[tuple[str, RawTable]]:
        """The first sheet that has the headings, and the others that have the same.

        Where none has them it is the one whose headings are most like them, which a person matches.
        """
        rows = [(name, _rows_of_sheet(self.content, name, self.known)) for name in names]
        filled = [(name, raw) for name, raw in rows if raw is not None]
        if not filled:
            return [(names[0], read_rows(self.content, names[0], self.known))]
        fitting = [(name, raw) for name, raw in filled if self._fits(name, raw)]
        if not fitting:
            return [max(filled, key=lambda each: self._likeness(each[1]))]
        wanted = self._headings(fitting[0][1])
        return [(name, raw) for name, raw in fitting if self._headings(raw) == wanted]

    def _fits(self, name: str, raw: RawTable) -> bool:
        """Whether a sheet has the headings of the product, or of a layout that may be taken."""
        columns = self.kind.columns
        if self.layout:
            return layout_fits(raw, self.layout, columns)
        if own_headings(raw, columns):
            return True
        layouts = (read_layout(saved.definition) for saved in layouts_of(self.kind.name))
        for_it = (each for each in layouts if each.sheet in ("", name))
        return any(layout_fits(raw, each, columns) for each in for_it)

    def _headings(self, raw: RawTable) -> frozenset[str]:
        """The texts of the heading row, to tell whether sheets have the same."""
        found = likely_headings(raw, self.kind.columns)
        texts = own_headings(raw, self.kind.columns) or (found or {}).get("headings", ())
        return frozenset(filter(None, map(normalised, texts)))

    def _likeness(self, raw: RawTable) -> int:
        found = likely_headings(raw, self.kind.columns)
        return len(guess_columns(found["headings"], self.kind.columns)) if found else -1

    def _together(
        self, read: list[tuple[str, RawTable]], chosen: bool
    ) -> tuple[TypedTable, list[tuple[str, RawTable]]]:
        """The table of all sheets, and those that had rows; others are skipped unless chosen."""
        tables, kept = [], []
        for name, raw in read:
            try:
                table = self._of_one(name, replace(raw, sheet=name), chosen)
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
        return (joined(tables) if len(tables) > 1 else tables[0][1]), kept

    def _of_one(self, name: str, raw: RawTable, chosen: bool) -> TypedTable:
        """The table of one sheet, or of a file without sheets."""
        if self.layout is not None:
            return _through(self.layout, raw, self.kind, self.period)
        try:
            return _with_one_of(_of_own_headings(raw, self.kind), self.kind)
        except HeadingsRefused as refused:
            fitting = _fitting(self.content, raw, self.kind, None if chosen else name)
            if len(fitting) == 1:
                saved, rows = fitting[0]
                as_saved = saved.name, saved.definition
                return _through(
                    read_layout(saved.definition), rows, self.kind, self.period, as_saved
                )
            found = HeadingsRefused(*([_several(fitting)] if fitting else refused.problems))
            found.own = likely_headings(raw, self.kind.columns)
            raise found from refused


def _of_own_headings(raw: RawTable, kind: registry.UploadKind) -> TypedTable:
    """The table of a file that has the product's headings; how its rows lie can still be said."""
    place = own_heading_place(raw, kind.columns)
    own = None if place is None else headings_at(raw, place) | {"known": True}
    try:
        table = typed_table(raw, kind.columns)
    except FileRefused as refused:
        refused.own = own
        raise
    table.own = own
    return table


def _known_headings(kind: registry.UploadKind) -> set[str]:
    """The product's own headings of a kind of file, and those of its saved layouts, normalised."""
    layouts = (read_layout(saved.definition) for saved in layouts_of(kind.name))
    own = (spec.name for spec in kind.columns)
    return set(map(normalised, (*own, *(text for layout in layouts for text in layout.headings))))


def _through(
    layout: Layout,
    raw: RawTable,
    kind: registry.UploadKind,
    period: int | None,
    saved: tuple[str, dict] | None = None,
) -> TypedTable:
    """The table through a layout, which is `saved` under a name where it was not chosen."""
    own = likely_headings(raw, kind.columns)
    try:
        table = _with_one_of(read_through(raw, layout, kind.columns, period), kind)
    except LayoutError as error:
        raise FileRefused(*(Problem(sentence) for sentence in error.sentences)) from error
    except FileRefused as refused:
        refused.layout, refused.own = saved, own
        raise
    table.layout, table.own = saved, own
    return table


def _with_one_of(table: TypedTable, kind: registry.UploadKind) -> TypedTable:
    """The table. Raises HeadingsRefused where it has none of the columns that the kind brings."""
    if kind.needs_one_of and not table.given & set(kind.needs_one_of):
        raise HeadingsRefused(
            Problem(f"The file has none of these columns: {', '.join(kind.needs_one_of)}.")
        )
    return table


def _fitting(
    content: bytes, raw: RawTable, kind: registry.UploadKind, sheet: str | None
) -> list[tuple[SavedLayout, RawTable]]:
    """The saved layouts that fit a file, each with the rows that it is for.

    `sheet` is the sheet of `raw`; None where a person chose it: then layouts that name another are
    for it all the same.
    """
    found = []
    for saved in layouts_of(kind.name):
        layout = read_layout(saved.definition)
        other_sheet = sheet is not None and layout.sheet not in ("", sheet)
        rows = _rows_of_sheet(content, layout.sheet) if other_sheet else raw
        if rows is not None and layout_fits(rows, layout, kind.columns):
            found.append((saved, rows))
    return found


def _rows_of_sheet(content: bytes, sheet: str, known: Set[str] = frozenset()) -> RawTable | None:
    """The rows of a sheet; None where there is no such sheet, or nothing to read in it."""
    try:
        return replace(read_rows(content, sheet, known), sheet=sheet)
    except TooSlow:
        raise
    except FileRefused:
        return None


def _several(fitting: list[tuple[SavedLayout, RawTable]]) -> Problem:
    names = " and ".join(f"“{saved.name}”" for saved, _ in fitting)
    return Problem(
        f"The saved layouts {names} fit this file. Upload it again and choose the one to read it "
        "through."
    )
