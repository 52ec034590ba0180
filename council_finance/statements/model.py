"""A statement as data: what every page, download, check and test reads. Pure."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from council_finance.money import percentage
from council_finance.periods import parse_financial_year
from council_finance.quantities import PARTS
from council_finance.statements.display import NOT_GIVEN, Display

ROW_KINDS = ("heading", "service", "line", "subtotal", "total", "percent")


@dataclass(frozen=True)
class Column:
    """A column; its unit is `£m`, `£000`, `£` or `%`, and empty for a column of text.

    A column of numbers that are no money (`is_number`) has no unit: each cell prints its own.
    """

    key: str
    label: str
    unit: str = ""
    is_number: bool = False

    @property
    def kind(self) -> str:
        """Return `amount`, `percent`, `number` or `text`."""
        if self.is_number:
            return "number"
        return {"": "text", "%": "percent"}.get(self.unit, "amount")


@dataclass(frozen=True)
class Cell:
    """A figure: unrounded pence or percentage (None: there is none), and its printed text.

    `number` is a number that is no money, in ten-thousandths (council_finance.quantities); a cell
    of text may have one too, such as 1, 0 or -1 for an arrow. `mark` is that of the footnote which
    explains the figure; it is not part of the printed text.
    """

    text: str
    pence: int | None = None
    percent: float | None = None
    mark: str = ""
    number: int | None = None

    @classmethod
    def of_amount(cls, pence: int | None, display: Display, *, mark: str = "") -> "Cell":
        """Return the cell of an amount in pence; a missing one prints as a dash, not as nil."""
        text = NOT_GIVEN if pence is None else display.amount(pence)
        return cls(text, pence=pence, mark=mark)

    @classmethod
    def of_percent(cls, part: int | None, whole: int, display: Display) -> "Cell":
        """Return the cell of `part` as a percentage of the absolute `whole`, both in pence."""
        if part is None:
            return cls(NOT_GIVEN)
        return cls(display.percent(part, whole), percent=percentage(part, whole))

    @property
    def value(self) -> float | None:
        """Return pounds, a percentage or a number, unrounded; None for text and what is missing."""
        if self.number is not None:
            return self.number / PARTS
        return self.percent if self.pence is None else self.pence / 100

    @property
    def prints_nil(self) -> bool:
        """Return whether the figure prints as nil, so that it is neither adverse nor favourable."""
        return not any(digit in self.text for digit in "123456789")


BLANK = Cell("")


@dataclass(frozen=True)
class Row:
    """A row; `sum_of` are the keys of the rows that add up to this one.

    A row of counts (`is_number`) has numbers that are no money under columns of amounts.
    """

    key: str
    label: str
    kind: str
    cells: dict[str, Cell] = field(default_factory=dict)
    level: int = 0
    sum_of: tuple[str, ...] = ()
    is_number: bool = False


@dataclass(frozen=True)
class Footnote:
    """A note under the table, with the mark of the figures that it explains."""

    mark: str
    text: str


@dataclass(frozen=True)
class CrossCast:
    """A rule across a row: the column `total` is the sum of the signed columns `parts`."""

    total: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Header:
    """The report that a statement belongs to: council, year, period, status, version, date.

    Statements of a year as a whole, such as those of its plan, have no period and no date.
    """

    council: str
    financial_year: str
    period: int | None
    status: str
    version: int
    as_at: datetime.date | None

    @property
    def file_date(self) -> datetime.date:
        """Return the date that files bear, the same for the same figures: else 1 April."""
        return self.as_at or datetime.date(parse_financial_year(self.financial_year), 4, 1)


@dataclass(frozen=True)
class Statement:
    """A table of a report. Row keys are unique; rows other than headings have every column.

    `uncast` are the keys of columns that need not add up downwards, such as figures published
    before services moved. `unsensed` are those of amounts that are neither adverse nor favourable,
    such as more funding. `sha256` is that of the published JSON, which to_json returns again; it
    is empty for a draft. `service_codes` are those of the services that rows are about, by row
    key; they are known where a statement is written for programs.
    """

    name: str
    title: str
    header: Header
    display: Display
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[Footnote, ...] = ()
    row_heading: str = "Service"
    cross_casts: tuple[CrossCast, ...] = ()
    hidden_from_readers: tuple[str, ...] = ()
    uncast: tuple[str, ...] = ()
    unsensed: tuple[str, ...] = ()
    sha256: str = field(default="", compare=False)
    service_codes: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        keys = [row.key for row in self.rows]
        if len(set(keys)) != len(keys):
            raise ValueError(f"{self.name}: row keys are not unique")
        wanted = {column.key for column in self.columns}
        for row in self.rows:
            if row.kind not in ROW_KINDS or set(row.cells) != (wanted if row.cells else set()):
                raise ValueError(f"{self.name}: row {row.key} lacks columns or has a wrong kind")

    def row(self, key: str) -> Row:
        """Return the row of that key. Raise `KeyError` where there is none."""
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    @property
    def reader_columns(self) -> tuple[Column, ...]:
        """Return the columns of pages and printed reports; other formats have all columns."""
        return tuple(
            column for column in self.columns if column.key not in self.hidden_from_readers
        )

    def to_data(self) -> dict[str, Any]:
        """Return the statement as plain data for JSON, with every key in its order."""
        header = self.header
        return {
            "statement": self.name,
            "council": header.council,
            "financial_year": header.financial_year,
            "period": header.period,
            "status": header.status,
            "version": header.version,
            "as_at": header.as_at.isoformat() if header.as_at else None,
            "columns": [
                {"key": column.key, "label": column.label, "unit": column.unit}
                for column in self.columns
            ],
            "rows": [_row_data(row, self.columns) for row in self.rows],
            "footnotes": [{"mark": note.mark, "text": note.text} for note in self.footnotes],
        }

    def to_json(self) -> str:
        """Return the JSON: the same text for the same figures, on any machine and any database."""
        return json.dumps(self.to_data(), ensure_ascii=False, indent=1) + "\n"

    def layout(self) -> dict[str, Any]:
        """Return what a published statement needs beside its JSON to be rendered and cast again."""
        numbers = [column.key for column in self.columns if column.is_number]
        more = {"numbers": numbers} if numbers else {}
        if counts := [row.key for row in self.rows if row.is_number]:
            more["counts"] = counts
        return more | {
            "title": self.title,
            "display": asdict(self.display),
            "row_heading": self.row_heading,
            "levels": {row.key: row.level for row in self.rows if row.level},
            "sum_of": {row.key: list(row.sum_of) for row in self.rows if row.sum_of},
            "cross_casts": [
                [rule.total, [list(p) for p in rule.parts]] for rule in self.cross_casts
            ],
            "hidden_from_readers": list(self.hidden_from_readers),
            "uncast": list(self.uncast),
            **({"unsensed": list(self.unsensed)} if self.unsensed else {}),
        }


def _row_data(row: Row, columns: tuple[Column, ...]) -> dict[str, Any]:
    cells = {column.key: _cell_data(row.cells[column.key]) for column in columns if row.cells}
    return {"key": row.key, "label": row.label, "kind": row.kind, "cells": cells}


def _cell_data(cell: Cell) -> dict[str, Any]:
    data = {"value": cell.value, "text": cell.text}
    return data | {"mark": cell.mark} if cell.mark else data


def statement_from_frozen(text: str, layout: Mapping[str, Any]) -> Statement:
    """Return a statement from the JSON and the layout that were kept when it was published."""
    data = json.loads(text)
    numbers = layout.get("numbers", ())
    columns = tuple(
        Column(c["key"], c["label"], c["unit"], c["key"] in numbers) for c in data["columns"]
    )
    kinds = {column.key: column.kind for column in columns}
    rows = tuple(_frozen_row(row, kinds, layout) for row in data["rows"])
    return Statement(
        name=data["statement"],
        title=layout["title"],
        header=_frozen_header(data),
        display=Display(**layout["display"]),
        columns=columns,
        rows=rows,
        footnotes=tuple(Footnote(note["mark"], note["text"]) for note in data["footnotes"]),
        row_heading=layout["row_heading"],
        cross_casts=tuple(
            CrossCast(total, tuple((key, sign) for key, sign in parts))
            for total, parts in layout["cross_casts"]
        ),
        hidden_from_readers=tuple(layout["hidden_from_readers"]),
        uncast=tuple(layout["uncast"]),
        unsensed=tuple(layout.get("unsensed", ())),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _frozen_row(row: Mapping[str, Any], kinds: Mapping[str, str], layout: Mapping[str, Any]) -> Row:
    is_number = row["key"] in layout.get("counts", ())
    own = {key: "number" if is_number and kind == "amount" else kind for key, kind in kinds.items()}
    return Row(
        row["key"],
        row["label"],
        row["kind"],
        {key: _frozen_cell(cell, own[key], row["kind"]) for key, cell in row["cells"].items()},
        layout["levels"].get(row["key"], 0),
        tuple(layout["sum_of"].get(row["key"], ())),
        is_number,
    )


def _frozen_cell(cell: Mapping[str, Any], kind: str, row_kind: str) -> Cell:
    value, mark = cell["value"], cell.get("mark", "")
    if value is None:
        return Cell(cell["text"], mark=mark)
    if kind in ("number", "text"):
        return Cell(cell["text"], mark=mark, number=round(value * PARTS))
    if "percent" in (kind, row_kind):
        return Cell(cell["text"], percent=value, mark=mark)
    return Cell(cell["text"], pence=round(value * 100), mark=mark)


def _frozen_header(data: Mapping[str, Any]) -> Header:
    return Header(
        data["council"],
        data["financial_year"],
        data["period"],
        data["status"],
        data["version"],
        datetime.date.fromisoformat(data["as_at"]) if data["as_at"] else None,
    )
