"""The sheet on which values of indicators are typed."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from council_finance.quantities import NotAQuantity, parse_quantity
from council_finance.typed_text import whole_number
from monitoring.structure.council_settings import CouncilSettings
from performance.indicators.models import REASON_LENGTH, WORD_LENGTH, Direction
from performance.indicators.services import ValueChange
from performance.indicators.statuses import known_status

NUMBER_CELLS = ("actual", "numerator", "denominator")
TEXT_CELLS = {
    "data_period": WORD_LENGTH,
    "status_reason": REASON_LENGTH,
    "commentary": REASON_LENGTH,
}
CELLS = (*NUMBER_CELLS, "data_date", "data_period", "direction_of_travel", "status")
ALL_CELLS = (*CELLS, "status_reason", "commentary")


@dataclass
class SubmittedSheet:
    """The values that a person sent, their texts, and the faults of entries, by indicator id."""

    changes: list[ValueChange] = field(default_factory=list)
    texts: dict[int, dict[str, str]] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)


def read_sheet(data: Mapping[str, str], settings: CouncilSettings) -> SubmittedSheet:
    """Return the values of a sheet that were sent; rows that were not changed are left out."""
    sent = SubmittedSheet()
    for key in data:
        name, _, number = key.partition("-")
        pk = whole_number(number) if name == "seen" else None
        if pk is None:
            continue
        texts = {cell: data.get(f"{cell}-{pk}", "").strip() for cell in ALL_CELLS}
        if digest_of(texts) == data.get(f"shown-{pk}", ""):
            continue
        sent.texts[pk] = texts
        values, fault = _read_row(texts, settings)
        if fault:
            sent.faults[pk] = fault
        else:
            sent.changes.append(ValueChange(pk, data[key], values))
    return sent


def digest_of(texts: Mapping[str, str]) -> str:
    """Return the cells of a row in one text, the same whatever line ends a browser sends."""
    return "\x1f".join(texts[cell].replace("\r", "").strip() for cell in ALL_CELLS)


def _read_row(texts: Mapping[str, str], settings: CouncilSettings) -> tuple[dict[str, Any], str]:
    """Return the values of a row, or the sentence that says what is wrong with it."""
    values: dict[str, Any] = {}
    for cell in NUMBER_CELLS:
        try:
            values[cell] = parse_quantity(texts[cell])
        except NotAQuantity as fault:
            return {}, f"{cell}: “{texts[cell][:40]}” cannot be read: {fault}"
    for cell, most in TEXT_CELLS.items():
        if len(texts[cell]) > most:
            return {}, f"{cell.replace('_', ' ')}: the text has more than {most:,} characters"
        values[cell] = texts[cell]
    try:
        date = texts["data_date"]
        values["data_date"] = datetime.date.fromisoformat(date) if date else None
    except ValueError:
        return {}, f"“{texts['data_date'][:40]}” is not a date such as 2019-03-31"
    if texts["direction_of_travel"] not in ("", *Direction.values):
        return {}, "choose one of the directions in the list"
    status = known_status(settings, texts["status"])
    if status is None:
        return {}, "choose one of the statuses in the list"
    return values | {"direction_of_travel": texts["direction_of_travel"], "status": status}, ""
