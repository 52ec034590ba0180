"""The services of the made-up council, and their reorganisation in mid-year. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

COUNCIL = "Aldermere Council"
TOP = "ALDERMERE"
_SOURCE = Path(__file__).with_name("services.txt")
_BRACES = re.compile(r"\{(?P<names>.*)\}")

REORGANISED_IN = 7
"""The month from which the reorganised tree is in force."""

_MERGED = {
    "Youth service": "Youth service",
    "Accountancy": "Financial management",
}
"""The services that are merged, by how their names begin, and what they become."""

_MOVED_GROUP, _MOVED_TO = "Community safety", "PLACE"


@dataclass(frozen=True)
class Service:
    """A service with its net budget in pence, its kind, and its variance at the year's end.

    `variance` is a share of the size of the net budget; an overspend is positive.
    """

    code: str
    name: str
    group: str
    centre: str
    kind: str
    budget: int
    variance: float


@dataclass(frozen=True)
class TreeRow:
    """A row of services.csv."""

    code: str
    name: str
    parent: str
    total_label: str = ""
    successor: str = ""


@dataclass(frozen=True)
class Council:
    """The council's services, and the rows of its tree; `homes` are codes that services became."""

    services: tuple[Service, ...]
    rows: tuple[TreeRow, ...]
    homes: dict[str, str]

    def home(self, service: Service) -> str:
        """Return the code of the service that its lines belong to."""
        return self.homes.get(service.code, service.code)


def read_council(most: int | None = None) -> Council:
    """Return the council as the year begins, with the first so many services of each group."""
    services: list[Service] = []
    rows = [TreeRow(TOP, COUNCIL, "", "Total net spending")]
    directorate, letter, groups = "", "", 0
    for line in _SOURCE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("="):
            groups, name = groups + 1, line[1:].strip()
            rows.append(TreeRow(f"{directorate}-{groups}", name, directorate, f"{name} total"))
        elif "|" in line:
            group = f"{directorate}-{groups}"
            services += _read_services(line, group, f"{letter}{groups}", services)
        else:
            directorate, letter, name = (part.strip() for part in line.split(",", 2))
            rows.append(TreeRow(directorate, name, TOP, f"{name} total"))
            groups = 0
    if most is not None:
        services = [each for each in services if int(each.centre[2:]) <= most]
    leaves = (TreeRow(each.code, each.name, each.group) for each in services)
    return Council(tuple(services), (*rows, *leaves), {})


def _read_services(line: str, group: str, centres: str, before: list[Service]) -> list[Service]:
    name, thousands, kind, percent = (part.strip() for part in line.split("|"))
    first = 1 + sum(each.group == group for each in before)
    return [
        Service(
            code=f"{group}{number:02d}",
            name=each,
            group=group,
            centre=f"{centres}{number:02d}",
            kind=kind,
            budget=int(thousands) * 100_000,
            variance=float(percent) / 100,
        )
        for number, each in enumerate(_expand_name(name), start=first)
    ]


def _expand_name(name: str) -> Iterator[str]:
    found = _BRACES.search(name)
    for part in found["names"].split(", ") if found else [""]:
        yield _BRACES.sub(part, name)


def reorganise(council: Council) -> Council:
    """Return the council after a group has moved to another directorate, and services merged."""
    rows = [
        replace(row, parent=_MOVED_TO) if row.name == _MOVED_GROUP else row for row in council.rows
    ]
    homes: dict[str, str] = {}
    for start, name in _MERGED.items():
        parts = [each for each in council.services if each.name.startswith(f"{start}, ")]
        if not parts:
            continue
        new = TreeRow(f"{parts[0].group}90", name, parts[0].group)
        homes |= {part.code: new.code for part in parts}
        rows.append(new)
    rows = [replace(row, successor=homes.get(row.code, "")) for row in rows]
    return Council(council.services, tuple(rows), homes)


def without_closed(council: Council) -> Council:
    """Return the council as the next year begins: closed services are no longer in its tree."""
    rows = tuple(row for row in council.rows if row.code not in council.homes)
    return Council(council.services, rows, council.homes)
