"""Columns of a file that are headed by a financial year, of which a file has as many as it needs.

A kind of file describes one of them (`UploadKind.year_column`); the columns of a file are found by
its headings. `2019/20`, `2019-20` and `2019/2020` are the same year. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from council_finance.periods import YEARS, financial_year_label
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.headers import HEADINGS_WITHIN
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.reading import RawTable
from council_finance.uploads.units import split_unit

_HEADING = re.compile(r"(?P<start>\d{4}) ?[/-] ?(?P<end>\d{4}|\d{2})")


def year_of_heading(text: str) -> int | None:
    """Return the calendar year in which the year of a heading begins; None where it has none."""
    match = _HEADING.fullmatch(split_unit(text)[0].strip()) or _HEADING.fullmatch(text.strip())
    if match is None:
        return None
    start, end = int(match["start"]), match["end"]
    follows = str(start + 1).endswith(end)
    return start if follows and start in YEARS else None


def year_names(frame_columns: Iterable[str]) -> dict[str, int]:
    """Return the columns that are headed by a year, in the order of the years, with the years."""
    found = {name: year_of_heading(name) for name in frame_columns}
    years = {name: start for name, start in found.items() if start is not None}
    return dict(sorted(years.items(), key=lambda each: each[1]))


def with_year_columns(
    specs: tuple[ColumnSpec, ...],
    year_column: ColumnSpec | None,
    raw: RawTable,
    layout: LayoutSpec | None = None,
) -> tuple[ColumnSpec, ...]:
    """Return the columns of a kind, and one for each year that the file or the layout names."""
    if year_column is None:
        return specs
    made = layout.made if layout else []
    years = {year for text in (*_heading_texts(raw), *made) if (year := year_of_heading(text))}
    labels = [financial_year_label(year) for year in sorted(years)]
    return (*specs, *(replace(year_column, name=label) for label in labels))


def with_year_headings(layout: LayoutSpec, raw: RawTable) -> LayoutSpec:
    """Return a layout that takes the columns headed by a year too, which it need not name."""
    taken = {*layout.used, *layout.made}
    found: Mapping[str, str] = {
        text.strip(): financial_year_label(year)
        for text in _heading_texts(raw)
        if (year := year_of_heading(text)) is not None
    }
    more = {text: own for text, own in found.items() if not {text, own} & taken}
    return replace(layout, columns={**more, **layout.columns}) if more else layout


def _heading_texts(raw: RawTable) -> Iterable[str]:
    """Yield the texts of the rows among which a file has its headings."""
    for position in range(min(HEADINGS_WITHIN, len(raw.cells))):
        yield from (str(cell) for cell in raw.cells.iloc[position])
