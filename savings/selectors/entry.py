"""A period's savings as they are entered: what stands in each cell, and what it follows on."""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass

from council_finance.money import plain_pounds
from monitoring.council_settings import CouncilSettings, read_settings
from monitoring.models import Period
from savings.models import Direction, SavingPosition
from savings.rules import statuses
from savings.selectors.part import savings_part
from savings.selectors.register import (
    counting,
    last_positions,
    position_version,
    positions,
    register,
)
from savings.selectors.rows import SavingRow, saving_row

AMOUNTS = {
    "forecast": "forecast_saving_pence",
    "delivered": "delivered_to_date_pence",
    **{f"q{quarter}": f"phasing_q{quarter}_pence" for quarter in (1, 2, 3, 4)},
}
"""The cells of a saving that hold amounts, and the fields that they are of."""


def word_cells(settings: CouncilSettings) -> dict[str, str]:
    """The cells that hold words, and their fields: what is said of a status is the scheme's."""
    cells = {"direction": "direction_of_travel", "commentary": "commentary"}
    if settings.savings_declared:
        return {"status": "declared_status"} | cells
    if settings.savings_rules:
        return {"status": "status_override", "reason": "override_reason"} | cells
    return cells


@dataclass(frozen=True)
class EntryRow:
    """A saving of the sheet: `texts` are its cells as they stand, or as they were sent.

    `seen` tells what stands from what stood before, `shown` the cells as they were drawn from
    what was sent. `was` is what the last report forecast.
    """

    pk: int
    row: SavingRow
    agreed: str
    was: str
    texts: dict[str, str]
    seen: str
    shown: str
    derived: str
    fault: str = ""
    clash: str = ""

    @property
    def quarters(self) -> list[tuple[str, str, str]]:
        """The cells of the phasing: name, label and text."""
        return [(f"q{n}", f"Quarter {n}", self.texts[f"q{n}"]) for n in (1, 2, 3, 4)]


@dataclass(frozen=True)
class Sheet:
    """The savings of a period that a person reports on; `carried` have none of their own yet."""

    rows: list[EntryRow]
    statuses: tuple[str, ...]
    declared: bool
    directions: list[tuple[str, str]]
    carried: int
    count: int


def sheet(period: Period, services: Container[int], text: str = "") -> Sheet:
    """The savings that count in the period at these services (ids), narrowed to a text."""
    settings = read_settings(period.year.settings)
    counted = counting(register(period.year), period.number)
    savings = [saving for saving in counted if saving.service_id in services]
    standing = positions(period)
    part = {row["reference"]: row for row in savings_part(period)["savings"]}
    rows = [
        _row(saving.pk, part[saving.reference], standing.get(saving.pk), settings)
        for saving in savings
        if text.casefold() in f"{saving.reference} {saving.title}".casefold()
    ]
    missing = [saving.pk for saving in savings if saving.pk not in standing]
    return Sheet(
        rows=rows,
        statuses=statuses(settings),
        declared=bool(settings.savings_declared),
        directions=[(value, _direction(value)) for value in Direction.values],
        carried=len(last_positions(period, missing)) if missing else 0,
        count=len(savings),
    )


def _direction(value: str) -> str:
    return {"up": "↑ better", "same": "↔ the same", "down": "↓ worse"}[value]


def _row(
    pk: int, saving: dict, position: SavingPosition | None, settings: CouncilSettings
) -> EntryRow:
    texts = cell_texts(position, settings)
    before = saving["previous"]
    return EntryRow(
        pk=pk,
        row=saving_row(saving, settings.display_for("savings-tracker"), {}),
        agreed=pounds(saving["agreed"]),
        was="" if before is None else pounds(before["forecast"]),
        texts=texts,
        seen=position_version(position),
        shown=mark_of(texts),
        derived=saving["derived"] or saving["status"],
    )


def cell_texts(position: SavingPosition | None, settings: CouncilSettings) -> dict[str, str]:
    """What stands in each cell of a saving."""
    position = position or SavingPosition()
    texts = {cell: pounds(getattr(position, name)) for cell, name in AMOUNTS.items()}
    return texts | {cell: getattr(position, name) for cell, name in word_cells(settings).items()}


def pounds(pence: int | None) -> str:
    """`1,234.50`; nothing where it is not given."""
    return "" if pence is None else plain_pounds(pence).replace("£", "")


def mark_of(texts: Mapping[str, str]) -> str:
    """Tells the cells of one saving from others; ends of lines are as browsers send them."""
    told = "\x00".join(
        f"{name}={texts[name].replace(chr(13), '').strip()}" for name in sorted(texts)
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]
