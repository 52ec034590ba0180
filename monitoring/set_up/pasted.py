"""Read a tree of services that was typed, or pasted from a spreadsheet. Pure.

Two shapes are read. In a list each service begins further to the right than the one above it: by
spaces, tabs or columns. In a table each row has a code, a name and the code of the service above.
Reading finds no fault but of the shape itself: the tree is checked as a services.csv is.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from council_finance.errors import Refused

MOST_ROWS = 2_000
LONGEST_MADE_CODE = 40
_RESERVED = "UNALLOCATED"
_SHOWN = 20
_TAB_WIDTH = 4
_HEADINGS = {
    "code": "code",
    "service code": "code",
    "name": "name",
    "service": "name",
    "service name": "name",
    "description": "name",
    "parent": "parent",
    "parent code": "parent",
    "parent service": "parent",
    "total label": "total_label",
    "section": "section",
}


class Shape(StrEnum):
    """The shapes of a pasted tree."""

    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True)
class PastedService:
    """A service of a pasted tree.

    `row` is its row in the text, `parent` the row of the service above it (None: the top), and
    `unknown_parent` the code of one that no row has. `code_made` says that the product made the
    code from the name.
    """

    row: int
    name: str
    code: str
    parent: int | None = None
    unknown_parent: str = ""
    total_label: str = ""
    section: str = ""
    code_made: bool = False

    def to_data(self) -> dict[str, Any]:
        """Return the service as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Line:
    """A row of the text that is not blank, with its cells."""

    row: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> list[tuple[int, str]]:
        """Place and text of the cells that are not blank."""
        return [(place, cell.strip()) for place, cell in enumerate(self.cells) if cell.strip()]

    def indent(self, number: int) -> int:
        """Return how far to the right the first (0) or second (1) of the filled cells begins."""
        place = self.filled[number][0]
        cell = self.cells[place]
        return place * _TAB_WIDTH + len(cell) - len(cell.lstrip())


def read_pasted(text: str, shape: Shape | None = None) -> list[PastedService]:
    """Return the services of a text, in its order; `shape` is found out where none is given.

    Services without a code get one made from their name, those with others under them a label of
    their total. Raise `Refused` with every fault of the shape, by row.
    """
    lines = _split_lines(text)
    if not lines:
        raise Refused("Type or paste at least one service.")
    if len(lines) > MOST_ROWS:
        raise Refused(
            f"The text has {len(lines):,} rows; {MOST_ROWS:,} can be pasted. Upload a longer list "
            "as a file."
        )
    as_table = shape == Shape.TABLE or (shape is None and looks_like_table(lines))
    services = _read_table(lines) if as_table else _read_list(lines)
    return label_totals(make_codes(services))


def looks_like_table(lines: Sequence[_Line]) -> bool:
    """Return whether the rows are a table of code, name and parent code.

    They are where the first row has these headings, or else where every row begins with two texts
    and one has a third: a list has two at most.
    """
    if _heading_places(lines[0]):
        return True
    filled = [line.filled for line in lines]
    if any([place for place, _ in each[:2]] != [0, 1] or len(each) > 3 for each in filled):
        return False
    return any(len(each) == 3 for each in filled)


def make_codes(services: Iterable[PastedService]) -> list[PastedService]:
    """Return the services, with a code made from the name where there is none."""
    found = list(services)
    taken = {each.code for each in found} | {_RESERVED}
    coded = []
    for service in found:
        if not service.code:
            service = replace(service, code=_free_code(service.name, taken), code_made=True)
            taken.add(service.code)
        coded.append(service)
    return coded


def _free_code(name: str, taken: set[str]) -> str:
    """Return a code of the name's words in capitals, numbered where it is taken."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and "))
    words = re.findall(r"[A-Z0-9]+", re.sub(r"[’'\u0300-\u036f]", "", plain).upper())
    code = ""
    for word in words:
        longer = f"{code}-{word}" if code else word[:LONGEST_MADE_CODE]
        if len(longer) > LONGEST_MADE_CODE:
            break
        code = longer
    code = code or "SERVICE"
    number, free = 1, code
    while free in taken:
        number += 1
        free = f"{code}-{number}"
    return free


def label_totals(services: Sequence[PastedService]) -> list[PastedService]:
    """Return the services, with a total label where others are under them and none was given."""
    above = {each.parent for each in services}
    return [
        replace(each, total_label=f"Total {each.name}")
        if each.row in above and not each.total_label
        else each
        for each in services
    ]


def put_under_top(services: Sequence[PastedService], name: str) -> list[PastedService]:
    """Return the services with a new top above all that have none above them."""
    top = PastedService(0, name, "")
    under = [
        replace(each, parent=0) if each.parent is None and not each.unknown_parent else each
        for each in services
    ]
    return label_totals(make_codes([top, *under]))


def _split_lines(text: str) -> list[_Line]:
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [_Line(number, tuple(row.split("\t"))) for number, row in enumerate(rows, start=1)]
    return [line for line in lines if line.filled]


# A table of code, name and parent code


def _heading_places(line: _Line) -> dict[str, int]:
    """Return the places of the columns by the headings of a row; {} where it has no headings."""
    places: dict[str, int] = {}
    for place, cell in line.filled:
        words = " ".join(re.split(r"[\s_]+", cell.casefold()))
        if words in _HEADINGS:
            places.setdefault(_HEADINGS[words], place)
    return places if {"name", "parent"} <= places.keys() else {}


def _read_table(lines: Sequence[_Line]) -> list[PastedService]:
    places = _heading_places(lines[0])
    rows = lines[1:] if places else lines
    places = places or {"code": 0, "name": 1, "parent": 2}
    read = [(line.row, _named_cells(line, places)) for line in rows]
    if not read:
        raise Refused("There are headings but no services under them.")
    _refuse_rows(f"Row {row}: the service has no name." for row, cells in read if not cells["name"])
    # Of two rows with one code, or one name, the first counts; the check refuses the second.
    by_name = {cells["name"]: row for row, cells in reversed(read)}
    by_code = {cells["code"]: row for row, cells in reversed(read)}
    services = []
    for row, cells in read:
        above = cells.pop("parent")
        parent = by_code.get(above, by_name.get(above)) if above else None
        unknown = above if parent is None else ""
        texts = cells["total_label"], cells["section"]
        services.append(PastedService(row, cells["name"], cells["code"], parent, unknown, *texts))
    return services


def _named_cells(line: _Line, places: Mapping[str, int]) -> dict[str, str]:
    """Return the texts of a row by the names of all columns; "" for one that the text lacks."""
    cells = {name: line.cells[at].strip() for name, at in places.items() if at < len(line.cells)}
    return {**dict.fromkeys(_HEADINGS.values(), ""), **cells}


# An indented list


def _read_list(lines: Sequence[_Line]) -> list[PastedService]:
    """Return the services of an indented list; a code may be in the column before or after."""
    _refuse_rows(
        f"Row {line.row}: there are {len(line.filled)} texts in the row. A list has a name, and "
        "perhaps a code in the next column."
        for line in lines
        if len(line.filled) > 2
    )
    code_first = _has_codes_first(lines)
    parents = _parents_by_indent([(line.row, line.indent(int(code_first))) for line in lines])
    services = []
    for line in lines:
        texts = [text for _, text in line.filled]
        first, second = texts[0], texts[1] if len(texts) > 1 else ""
        name, code = (second, first) if code_first else (first, second)
        services.append(PastedService(line.row, name, code, parents[line.row]))
    return services


def _has_codes_first(lines: Sequence[_Line]) -> bool:
    """Return whether each row begins with a code, and the names after it are indented."""
    if any(len(line.filled) != 2 or line.indent(0) for line in lines):
        return False
    return len({line.indent(1) for line in lines}) > 1


def _parents_by_indent(rows: Sequence[tuple[int, int]]) -> dict[int, int | None]:
    """Return by row the nearest row above that begins further to the left; None: there is none.

    `rows` are the numbers of the rows with their indents. Raise `Refused` for each row that begins
    between the levels of rows above it.
    """
    parents: dict[int, int | None] = {}
    above: list[tuple[int, int]] = []
    faults = []
    for row, indent in rows:
        went_back = False
        while above and above[-1][1] > indent:
            above.pop()
            went_back = True
        if above and above[-1][1] == indent:
            above.pop()
        elif above and went_back:
            faults.append(
                f"Row {row}: it begins between two levels. Move it to the left or to the right, "
                "to where its neighbours begin."
            )
        parents[row] = above[-1][0] if above else None
        above.append((row, indent))
    _refuse_rows(faults)
    return parents


def _refuse_rows(faults: Iterable[str]) -> None:
    """Raise `Refused` with the first faults and the number of the others, where there are any."""
    found = list(faults)
    more = len(found) - _SHOWN
    if found:
        rest = [f"… and {more:,} more rows."] if more > 0 else []
        raise Refused(*found[:_SHOWN], *rest)
