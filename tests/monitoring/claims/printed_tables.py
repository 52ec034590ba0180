"""Published tables (tests/reference) as statements, for the test of figures in words."""

import csv
import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from council_finance.statements import Cell, Column, Display, Header, Row, Statement
from tests.conftest import REFERENCE

HEADER = Header("Printed", "2019/20", 3, "published", 1, datetime.date(2019, 6, 30))
DISPLAY = Display("k", "brackets", 1)
SCALES = {"k": 100_000, "m": 100_000_000, "": 100}

Records = list[dict[str, str]]


@dataclass(frozen=True)
class Printed:
    """A published table: its file, title, column of labels, and the keys of its columns.

    `columns` are those that are read, by their name in the file: the key and heading in a
    statement. `unit` is k, m or empty (pounds) for amounts without a sign of pounds, `pounds`
    names columns of pounds, and all others are counts.
    """

    file: str
    title: str
    label: str
    columns: dict[str, str]
    unit: str = "-"
    pounds: tuple[str, ...] = ()
    total: str = "total"
    prepare: Callable[[Records], Records] = field(default=lambda records: records)


def statement_of(table: Printed) -> Statement:
    """Return the statement of a published table."""
    with (REFERENCE / table.file).open(newline="", encoding="utf-8-sig") as file:
        records = table.prepare(list(csv.DictReader(file)))
    columns = tuple(
        Column(key, name.replace("_", " "), "£" if amounts_in(name, records, table) else "")
        for name, key in table.columns.items()
    )
    rows = []
    for number, record in enumerate(records):
        cells = {
            column.key: cell_of(record[name] or "", column, table, name)
            for column, name in zip(columns, table.columns, strict=True)
        }
        label = record[table.label] or table.title
        kind = "total" if table.total in label.casefold() or not record[table.label] else "line"
        rows.append(Row(f"R{number}", label, kind, cells))
    return Statement("printed", table.title, HEADER, DISPLAY, columns, tuple(rows))


def amounts_in(name: str, records: Iterable[dict[str, str]], table: Printed) -> bool:
    """Whether a column holds amounts: by its unit, or by the sign of pounds in its cells."""
    texts = [record[name] or "" for record in records]
    return unit_of(name, table) != "-" or any("£" in text for text in texts)


def unit_of(name: str, table: Printed) -> str:
    if name in table.pounds:
        return ""
    return name[-1] if name.endswith(("_k", "_m")) else table.unit


def cell_of(text: str, column: Column, table: Printed, name: str) -> Cell:
    if column.kind == "text" or not re.search(r"\d", text):
        return Cell(text if column.kind == "text" else "", pence=None)
    digits = re.sub(r"[^\d.]", "", text)
    unit = unit_of(name, table)
    scale = SCALES[text.rstrip(")")[-1] if text.rstrip(")")[-1] in "km" else unit.replace("-", "")]
    pence = round(float(digits) * scale)
    return Cell(text, pence=-pence if text[0] in "-(" else pence)


def by_month(number: str) -> Callable[[Records], Records]:
    """Return a preparation that lays out one indicator's months as columns of one row."""

    def prepare(records: Records) -> Records:
        own = [each for each in records if each["indicator_number"] == number]
        name = own[0]["indicator"]
        return [
            {"measure": label} | {each["month"]: each[what] for each in own}
            for label, what in ((f"{name} / target", "target"), (name, "actual"))
        ]

    return prepare


def by_kind(records: Records) -> Records:
    """Return a row a scheme, with the sums of its rephasing and of its cost."""
    found: dict[str, dict[str, str]] = {}
    for each in records:
        row = found.setdefault(
            each["scheme"], {"scheme": each["scheme"]} | dict.fromkeys(KINDS, "0")
        )
        row[each["kind"]] = str(int(row[each["kind"]]) + int(each["amount_k"] or 0))
    return list(found.values())


KINDS = ("rephasing", "cost")
MONTHS = [f"2016-{n:02d}" for n in range(6, 13)] + [f"2017-{n:02d}" for n in range(1, 6)]
YEARS = {f"{year}/{year - 1999}_k": f"{year}-{year - 1999}" for year in range(2019, 2023)}
