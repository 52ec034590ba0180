"""Savings as pages show them: figures as they print, statuses and directions in words."""

from dataclasses import dataclass

from council_finance.statements import Display
from council_finance.statements.display import NOT_GIVEN
from council_finance.statuses import NOT_REPORTED, TONES, tone_of
from savings.rules import DOWN, SAME, UP

_DIRECTIONS = {UP: ("↑", "better"), SAME: ("↔", "the same"), DOWN: ("↓", "worse")}


@dataclass(frozen=True)
class StatusTag:
    """A status in its word; `rag` where it has a colour and a shape of its own as well."""

    word: str
    tone: str
    rag: bool


@dataclass(frozen=True)
class SavingRow:
    """A saving of a report: its row of the part, and what is printed of it.

    `shortfall` is what is missing of the agreed amount; `sense` says whether that is adverse.
    """

    saving: dict
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

    @property
    def shortfall_pence(self) -> int | None:
        """What is missing of the agreed amount; None without a forecast."""
        return shortfall_of(self.saving)


def status_tag(word: str) -> StatusTag:
    """A scheme's own words are told without a colour."""
    tone = tone_of(word)
    return StatusTag(word, tone, tone in TONES)


def shortfall_of(saving: dict) -> int | None:
    """Agreed less forecast, in pence; None without a forecast."""
    return None if saving["forecast"] is None else saving["agreed"] - saving["forecast"]


def amount(display: Display, pence: int | None) -> str:
    """As it prints; a dash where it is not given."""
    return NOT_GIVEN if pence is None else display.amount(pence)


def saving_row(saving: dict, display: Display, services: dict[str, str]) -> SavingRow:
    """A row of the part in print; `services` are names by the tree's row keys."""
    shortfall = shortfall_of(saving)
    arrow, direction = _DIRECTIONS.get(saving["direction"], ("", ""))
    return SavingRow(
        saving=saving,
        service=services.get(saving["home"], saving["service_name"]),
        agreed=display.amount(saving["agreed"]),
        forecast=amount(display, saving["forecast"]),
        delivered=amount(display, saving["delivered"]),
        shortfall=amount(display, shortfall),
        percent="" if shortfall is None else display.percent(shortfall, saving["agreed"]),
        sense=display.sense(shortfall),
        phasing=[amount(display, pence) for pence in saving["phasing"]],
        status=status_tag(saving["status"]),
        derived=status_tag(saving["derived"]) if saving["derived"] else None,
        arrow=arrow,
        direction=direction,
    )


def is_reported(saving: dict) -> bool:
    """Whether anything was said of it that its status follows from."""
    return saving["status"] != NOT_REPORTED
