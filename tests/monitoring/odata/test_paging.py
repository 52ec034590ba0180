"""Pages of a set: all rows once, from wherever the page before ended."""

import itertools
import random
from dataclasses import replace

import pytest

from monitoring.odata import paging
from monitoring.odata.entity_types import EntityType, Property
from monitoring.odata.filter_evaluation import RowFilter
from monitoring.odata.filter_grammar import parse_filter
from monitoring.odata.paging import Part, count_rows, find_entity, numbered_rows, read_page
from monitoring.odata.query_options import QueryOptions
from monitoring.odata.refusals import RequestRefused

THING = EntityType(
    "Thing",
    "",
    (
        Property("id", "Edm.String", ""),
        Property("year", "Edm.String", ""),
        Property("size", "Edm.Int32", ""),
    ),
)


def make_parts(read: list[str] | None = None) -> list[Part]:
    """Years of 0 to 6 rows; names of parts that were read are added to `read`."""
    sizes = itertools.cycle([3, None, 1, 2])

    def part(year: str, count: int) -> Part:
        rows = [
            {"id": f"{year}/{each}", "year": year, "size": next(sizes)} for each in range(count)
        ]

        def read_part(within: str):
            if read is not None:
                read.append(year)
            return numbered_rows(rows)(within)

        return Part(year, {"year": year}, read_part, (lambda: count) if count % 2 else None)

    return [part(f"y{count}", count) for count in (2, 0, 6, 1, 5)]


def read_all(parts: list[Part], options: QueryOptions) -> list[list[str]]:
    pages = []
    following: QueryOptions | None = options
    while following is not None:
        page = read_page(parts, following)
        pages.append([row["id"] for row in page.rows])
        following = page.following
    return pages


def reads(text: str) -> RowFilter:
    return RowFilter(parse_filter(text, THING))


@pytest.mark.parametrize("seed", range(30))
def test_pages_together_hold_every_row_once_and_in_order(seed):
    chance = random.Random(seed)
    text = chance.choice(["", "size ge 2", "year in ('y6','y5')", "year eq 'y6' or size eq null"])
    options = QueryOptions(
        row_filter=reads(text) if text else None,
        order=chance.choice([(), (("size", True), ("id", False))]),
        top=chance.choice([None, 0, 1, 5, 100]),
        skip=chance.choice([0, 1, 4, 50]),
        page_rows=chance.randint(1, 7),
    )
    rows = [row for part in make_parts() for _, row in part.read("")]
    if options.row_filter:
        rows = [row for row in rows if options.row_filter.matches(row)]
    assert count_rows(make_parts(), options.row_filter) == len(rows)
    if options.order:
        rows.sort(key=lambda row: (-(row["size"] or 0), row["id"]))
    end = None if options.top is None else options.skip + options.top
    expected = [row["id"] for row in rows][options.skip : end]
    pages = read_all(make_parts(), options)
    assert list(itertools.chain(*pages)) == expected
    assert all(len(page) == options.page_rows for page in pages[:-1])
    assert expected == [] or pages[-1]


def test_a_page_reads_its_own_parts_only():
    read: list[str] = []
    parts = make_parts(read)
    first = read_page(parts, QueryOptions(page_rows=8))
    assert read == ["y2", "y0", "y6", "y1"]
    assert first.following is not None and first.following.place == "y1@0"
    read.clear()
    second = read_page(parts, first.following)
    assert [row["id"] for row in second.rows] == ["y1/0", *(f"y5/{each}" for each in range(5))]
    assert read == ["y1", "y5"]
    read.clear()
    read_page(parts, QueryOptions(row_filter=reads("year gt 'y5' and size ge 1")))
    assert read == ["y6"]
    read.clear()
    assert find_entity(parts, "y5/4")["id"] == "y5/4"
    assert read == ["y5"]


def test_few_matches_give_a_short_page_and_a_place_to_go_on(monkeypatch):
    monkeypatch.setattr(paging, "MOST_JUDGED", 3)
    options = QueryOptions(row_filter=reads("id eq 'y5/4'"), skip=0)
    assert read_all(make_parts(), options) == [[], [], [], [], ["y5/4"]]
    assert read_all(make_parts(), replace(options, skip=1))[-1] == []


@pytest.mark.parametrize(
    ("place", "order", "status"),
    [
        ("y9@0", (), 410),
        ("y6@x", (), 400),
        ("y6@-1", (), 400),
        ("sorted@1", (), 410),
        ("y6@1", (("size", False),), 400),
        ("sorted@x", (("size", False),), 400),
    ],
)
def test_a_place_that_is_none_is_refused(place, order, status):
    with pytest.raises(RequestRefused) as refusal:
        read_page(make_parts(), QueryOptions(place=place, order=order))
    assert refusal.value.status == status


def test_too_many_rows_are_not_sorted(monkeypatch):
    monkeypatch.setattr(paging, "MOST_SORTED", 13)
    order = (("size", False),)
    with pytest.raises(RequestRefused, match="More than 13 rows match, which are too many"):
        read_page(make_parts(), QueryOptions(order=order))
    page = read_page(make_parts(), QueryOptions(order=order, row_filter=reads("size ne 3")))
    assert [row["size"] for row in page.rows] == [None] * 4 + [1] * 3 + [2] * 3
    with pytest.raises(RequestRefused, match="There is no entity with the id 'y5/9'"):
        find_entity(make_parts(), "y5/9")
