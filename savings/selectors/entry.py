"""The savings of a period as a sheet to fill in: the text of each cell, and the last report."""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass

from council_finance.money import plain_pounds
from monitoring.models import Period
from monitoring.structure.council_settings import CouncilSettings, read_settings
from savings.models import Direction, SavingPosition
from savings.report_rows import SavingRow
from savings.rules import statuses
from savings.selectors.printed_rows import PrintedSaving, print_saving
from savings.selectors.register import (
    counting,
    last_positions,
    position_version,
    positions,
    register,
)
from savings.selectors.report_section import savings_section
from savings.settings_tables import savings_scheme

AMOUNTS = {
    "forecast": "forecast_saving_pence",
    "delivered": "delivered_to_date_pence",
    **{f"q{quarter}": f"phasing_q{quarter}_pence" for quarter in (1, 2, 3, 4)},
}
"""The cells of a saving that hold amounts, and the fields they are stored in."""

_DIRECTION_LABELS = {"up": "↑ better", "same": "↔ the same", "down": "↓ worse"}


def word_cells(settings: CouncilSettings) -> dict[str, str]:
    """Return the cells that hold words and their fields; those of the status follow the scheme."""
    cells = {"direction": "direction_of_travel", "commentary": "commentary"}
    if savings_scheme(settings).declared:
        return {"status": "declared_status"} | cells
    if savings_scheme(settings).rules:
        return {"status": "status_override", "reason": "override_reason"} | cells
    return cells


@dataclass(frozen=True)
class EntryRow:
    """A saving of the sheet; `texts` are its cells as stored, or as the person sent them.

    `seen` is the digest of the stored position that the person saw, `shown` that of its cells as
    the page was sent out: by them saving notices who changed what. `was` is the forecast of the
    last report.
    """

    pk: int
    row: PrintedSaving
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
        """Name, label and text of the cells of the phasing."""
        return [(f"q{n}", f"Quarter {n}", self.texts[f"q{n}"]) for n in (1, 2, 3, 4)]


@dataclass(frozen=True)
class EntrySheet:
    """The savings of a period that a person reports on.

    `carried` counts those without a position of their own for which an earlier month has one.
    """

    rows: list[EntryRow]
    statuses: tuple[str, ...]
    declared: bool
    directions: list[tuple[str, str]]
    carried: int
    count: int


def entry_sheet(period: Period, services: Container[int], text: str = "") -> EntrySheet:
    """Return the savings that count in the period at these services (ids), filtered by a text."""
    settings = read_settings(period.year.settings)
    counted = counting(register(period.year), period.number)
    savings = [saving for saving in counted if saving.service_id in services]
    stored = positions(period)
    drafted = {row.reference: row for row in savings_section(period).savings}
    rows = [
        _build_row(saving.pk, drafted[saving.reference], stored.get(saving.pk), settings)
        for saving in savings
        if text.casefold() in f"{saving.reference} {saving.title}".casefold()
    ]
    missing = [saving.pk for saving in savings if saving.pk not in stored]
    return EntrySheet(
        rows=rows,
        statuses=statuses(settings),
        declared=bool(savings_scheme(settings).declared),
        directions=[(value, _DIRECTION_LABELS[value]) for value in Direction.values],
        carried=len(last_positions(period, missing)) if missing else 0,
        count=len(savings),
    )


def _build_row(
    pk: int, saving: SavingRow, position: SavingPosition | None, settings: CouncilSettings
) -> EntryRow:
    texts = cell_texts(position, settings)
    before = saving.previous
    return EntryRow(
        pk=pk,
        row=print_saving(saving, settings.display_for("savings-tracker")),
        agreed=_pounds_text(saving.agreed),
        was="" if before is None else _pounds_text(before.forecast),
        texts=texts,
        seen=position_version(position),
        shown=cells_digest(texts),
        derived=saving.derived or saving.status,
    )


def describe_clash(position: SavingPosition | None, settings: CouncilSettings) -> str:
    """Return in a sentence who stored which figures meanwhile."""
    if position is None:
        return "A colleague or a file removed these figures meanwhile."
    who = position.written_by.name if position.written_by else "A file"
    stored = cell_texts(position, settings)
    labels = {"forecast": "forecast", "delivered": "delivered", "status": "status"}
    figures = [f"{label} {stored[cell]}" for cell, label in labels.items() if stored.get(cell)]
    return f"{who} saved meanwhile: {', '.join(figures) or 'no figures'}."


def cell_texts(position: SavingPosition | None, settings: CouncilSettings) -> dict[str, str]:
    """Return the text of each cell of a saving, as stored."""
    position = position or SavingPosition()
    texts = {cell: _pounds_text(getattr(position, name)) for cell, name in AMOUNTS.items()}
    return texts | {cell: getattr(position, name) for cell, name in word_cells(settings).items()}


def _pounds_text(pence: int | None) -> str:
    """Return `1,234.50`; "" where it is not given."""
    return "" if pence is None else plain_pounds(pence).replace("£", "")


def cells_digest(texts: Mapping[str, str]) -> str:
    """Return a digest of a saving's cells, the same whatever line ends a browser sends."""
    joined = "\x00".join(
        f"{name}={texts[name].replace(chr(13), '').strip()}" for name in sorted(texts)
    )
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
