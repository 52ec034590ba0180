"""Savings as pages show them: amounts as they are printed, statuses and directions in words."""

from dataclasses import dataclass

from council_finance.statements import Display
from council_finance.statements.display import NOT_GIVEN
from council_finance.statuses import TONES, tone_of
from savings.report_rows import SavingRow
from savings.rules import DOWN, SAME, UP

_DIRECTIONS = {UP: ("↑", "better"), SAME: ("↔", "the same"), DOWN: ("↓", "worse")}


@dataclass(frozen=True)
class StatusTag:
    """A status in words; `rag` says that it has a colour and a shape of its own as well."""

    word: str
    tone: str
    rag: bool


@dataclass(frozen=True)
class PrintedSaving:
    """A saving of a report with its amounts as they are printed.

    `shortfall` is agreed less forecast, `percent` that of the agreed amount, and `sense` says
    whether it is adverse.
    """

    saving: SavingRow
    service: str
    agreed: str
    forecast: str
    delivered: str
    shortfall: str
    percent: str
    sense: str
    phasing: list[str]
    status: StatusTag
    derived: StatusTag | None
    arrow: str
    direction: str


def status_tag(word: str) -> StatusTag:
    """Return the tag of a status; a council's own words have no colour."""
    tone = tone_of(word)
    return StatusTag(word, tone, tone in TONES)


def print_amount(display: Display, pence: int | None) -> str:
    """Return an amount as it is printed; a dash where it is not given."""
    return NOT_GIVEN if pence is None else display.amount(pence)


def print_saving(
    saving: SavingRow, display: Display, services: dict[str, str] | None = None
) -> PrintedSaving:
    """Return a saving as it is printed; `services` gives names by the keys of tree rows."""
    shortfall = saving.shortfall
    arrow, direction = _DIRECTIONS.get(saving.direction, ("", ""))
    return PrintedSaving(
        saving=saving,
        service=(services or {}).get(saving.home, saving.service_name),
        agreed=display.amount(saving.agreed),
        forecast=print_amount(display, saving.forecast),
        delivered=print_amount(display, saving.delivered),
        shortfall=print_amount(display, shortfall),
        percent="" if shortfall is None else display.percent(shortfall, saving.agreed),
        sense=display.sense(shortfall),
        phasing=[print_amount(display, pence) for pence in saving.phasing],
        status=status_tag(saving.status),
        derived=status_tag(saving.derived) if saving.is_overridden else None,
        arrow=arrow,
        direction=direction,
    )
