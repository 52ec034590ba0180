"""Pages of a set: each begins where the one before ended, however far that is. Pure.

A set is read as parts, such as the statements of reports, in an order that stays. Parts whose rows
cannot match the filter are not read at all.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitoring.odata.filter_evaluation import Facts, Row, RowFilter
from monitoring.odata.query_options import QueryOptions
from monitoring.odata.refusals import RequestRefused, bad_option, not_found

MOST_SORTED = 50_000
"""So many rows are sorted at most: they are all in memory at once."""

MOST_JUDGED = 100_000
"""So many rows are judged for one page: with a filter that few match, it may have fewer rows."""

_SORTED = "sorted"

PlacedRows = Iterator[tuple[str, Row]]
"""Rows, each with its place within its part, such as `12.3`."""


@dataclass(frozen=True)
class Part:
    """Rows that are read together. `known` are values that they share, for the filter.

    `name` stays the same from request to request. `read` yields the rows from a place on; an empty
    one is the beginning. It raises `ValueError` where the place is none. `count` returns their
    number without reading them, where that is possible.
    """

    name: str
    known: Facts
    read: Callable[[str], PlacedRows]
    count: Callable[[], int] | None = None


@dataclass(frozen=True)
class Page:
    """Rows of a page, and the options of the next one; None after the last page."""

    rows: list[Row]
    following: QueryOptions | None = None


def read_page(parts: Sequence[Part], options: QueryOptions) -> Page:
    """Return a page of the rows that were asked for. Raise `RequestRefused` where it cannot be."""
    if options.order:
        return _read_sorted_page(parts, options)
    limit = options.page_rows if options.top is None else min(options.page_rows, options.top)
    rows: list[Row] = []
    skip = options.skip
    for judged, (place, row) in enumerate(_rows_from(parts, options)):
        if len(rows) == options.top:
            break
        matches = options.row_filter is None or options.row_filter.matches(row)
        if (matches and not skip and len(rows) == limit) or judged == MOST_JUDGED:
            return Page(rows, _next_options(options, place, len(rows), skip))
        if matches and skip:
            skip -= 1
        elif matches:
            rows.append(row)
    return Page(rows)


def count_rows(parts: Sequence[Part], row_filter: RowFilter | None) -> int:
    """Return the number of rows that match, one in memory at a time."""
    return sum(_count_part(part, row_filter) for part in parts)


def _count_part(part: Part, row_filter: RowFilter | None) -> int:
    if row_filter is not None and not row_filter.may_match(part.known):
        return 0
    if part.count and (row_filter is None or row_filter.always_matches(part.known)):
        return part.count()
    return sum(1 for _, row in part.read("") if row_filter is None or row_filter.matches(row))


def find_entity(parts: Sequence[Part], entity_id: str) -> Row:
    """Return the row of that id. Raise `RequestRefused` (404) where there is none.

    An id begins with the name of its part, so that no other part is read.
    """
    for part in parts:
        if entity_id.startswith(f"{part.name}/"):
            for _, row in part.read(""):
                if row["id"] == entity_id:
                    return row
    raise not_found(f"There is no entity with the id {entity_id!r} that you may read.")


def _next_options(options: QueryOptions, place: str, given: int, skip: int) -> QueryOptions:
    """Return the options of the next page; it does not count again."""
    top = None if options.top is None else options.top - given
    return replace(options, place=place, top=top, skip=skip, with_count=False)


def _read_sorted_page(parts: Sequence[Part], options: QueryOptions) -> Page:
    begin = _place_in_order(options.place) + options.skip
    found = list(itertools.islice(_matching_rows(parts, options.row_filter), MOST_SORTED + 1))
    if len(found) > MOST_SORTED:
        raise bad_option(
            "$orderby",
            f"More than {MOST_SORTED:,} rows match, which are too many to sort. Narrow $filter, "
            "for example to one year, period and statement, or leave $orderby out: rows then come "
            "by report, statement and row.",
        )
    for name, descending in reversed(options.order):
        found.sort(key=lambda row: _order_key(row[name]), reverse=descending)  # noqa: B023
    wanted = options.page_rows if options.top is None else min(options.page_rows, options.top)
    rows, end = found[begin : begin + wanted], begin + wanted
    if end >= len(found) or len(rows) == options.top:
        return Page(rows)
    return Page(rows, _next_options(options, f"{_SORTED}@{end}", len(rows), 0))


def _order_key(value: Any) -> tuple[bool, Any]:
    """Return what values are sorted by: null comes before every other value."""
    return (value is not None, value)


def _place_in_order(place: str) -> int:
    if not place:
        return 0
    name, _, number = place.partition("@")
    if name != _SORTED or not number.isdecimal() or len(number) > 9:
        raise _wrong_place()
    return int(number)


def _matching_rows(parts: Sequence[Part], row_filter: RowFilter | None) -> Iterator[Row]:
    for _, row in _rows_from(parts, QueryOptions(row_filter=row_filter)):
        if row_filter is None or row_filter.matches(row):
            yield row


def _rows_from(parts: Sequence[Part], options: QueryOptions) -> PlacedRows:
    """Yield rows with their places from the place in the options on, of parts that may match."""
    name, _, within = options.place.partition("@")
    names = [part.name for part in parts]
    if name and name not in names:
        raise RequestRefused(
            410,
            "Gone",
            "The data have changed since the first page was read. Refresh from the beginning.",
            target="$skiptoken",
        )
    first = names.index(name) if name else 0
    for part in parts[first:]:
        if options.row_filter is None or options.row_filter.may_match(part.known):
            yield from _rows_of_part(part, within if part.name == name else "")


def _rows_of_part(part: Part, within: str) -> PlacedRows:
    try:
        rows = part.read(within)
    except ValueError:
        raise _wrong_place() from None
    for place, row in rows:
        yield f"{part.name}@{place}", row


def _wrong_place() -> RequestRefused:
    return bad_option(
        "$skiptoken", "It is not one that this service gave. Read from the beginning."
    )


def numbered_rows(rows: Sequence[Row]) -> Callable[[str], PlacedRows]:
    """Return the `read` of a part whose rows are all at hand; places are numbers from 0."""

    def read(within: str) -> PlacedRows:
        if not re.fullmatch(r"\d{0,9}", within, re.ASCII):
            raise ValueError
        begin = int(within or 0)
        return ((str(place), rows[place]) for place in range(begin, len(rows)))

    return read
