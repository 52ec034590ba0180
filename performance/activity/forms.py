"""The sheet of activity and the form of other numbers, as a person sent them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from council_finance.forms.fields import describe_bad_amount
from council_finance.money import NotAnAmount, parse_amount
from council_finance.quantities import NotAQuantity, parse_quantity
from council_finance.typed_text import whole_number
from performance.activity.report_rows import LineRow
from performance.activity.selectors.entry import CELLS, VOLUME_CELLS, cells_digest
from performance.activity.services import FigureChange
from performance.activity.what_if import Numbers, current_numbers


class CellFault(ValueError):
    """A cell that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class SubmittedSheet:
    """The rows of the sheet that a person touched, by the line's id.

    `faults` name cells that cannot be read; `texts` are the cells as sent.
    """

    changes: list[FigureChange] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    texts: dict[int, dict[str, str]] = field(default_factory=dict)


def read_sheet(post: Mapping[str, str]) -> SubmittedSheet:
    """Return the rows whose cells differ from those that the page was sent out with."""
    sheet = SubmittedSheet()
    for name in post:
        start, _, number = name.partition("-")
        pk = whole_number(number, digits=18)
        if start != "seen" or pk is None or str(pk) != number:  # 01 is no other line than 1
            continue
        texts = {cell: post.get(f"{cell}-{number}", "").strip()[:40] for cell in CELLS}
        if cells_digest(texts) == post.get(f"shown-{number}", ""):
            continue
        sheet.texts[pk] = texts
        try:
            values = {CELLS[cell]: read_cell(cell, text) for cell, text in texts.items()}
        except CellFault as fault:
            sheet.faults[pk] = str(fault)
        else:
            sheet.changes.append(FigureChange(pk, post[name], values))
    return sheet


def read_cell(cell: str, text: str) -> int | None:
    """Return the ten-thousandths or pence of a cell. Raise `CellFault` where it is neither."""
    read: Callable[[str], int | None] = parse_quantity if cell in VOLUME_CELLS else parse_amount
    try:
        return read(text)
    except NotAQuantity as fault:
        raise CellFault(f"“{text}” is not a volume: {fault}.") from fault
    except NotAnAmount as fault:
        raise CellFault(describe_bad_amount(text, fault)) from fault


@dataclass(frozen=True)
class ImaginedNumbers:
    """The other numbers that a person typed, by reference, their texts, and cells at fault."""

    numbers: dict[str, Numbers] = field(default_factory=dict)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def read_numbers(sent: Mapping[str, str], lines: Sequence[LineRow]) -> ImaginedNumbers:
    """Return the numbers sent for lines that can be imagined; a blank cell is as it is today."""
    found = ImaginedNumbers()
    for place, line in enumerate(lines):
        volume, cost = (sent.get(f"{cell}-{place}", "").strip()[:40] for cell in ("volume", "cost"))
        if not volume and not cost:
            continue
        found.texts[line.reference] = (volume, cost)
        try:
            found.numbers[line.reference] = _read_line(line, volume, cost)
        except CellFault as fault:
            found.faults[line.reference] = str(fault)
    return found


def _read_line(line: LineRow, volume: str, cost: str) -> Numbers:
    now = current_numbers(line)
    typed, price = read_cell("volume", volume), read_cell("cost", cost)
    if typed is not None and typed < 0:
        raise CellFault(f"“{volume}” is below nil: a volume is nil or more.")
    return Numbers(
        now.volume if typed is None else typed, now.unit_cost if price is None else price
    )
