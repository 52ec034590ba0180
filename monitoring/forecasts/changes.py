"""Changes of forecasts and planned use as people type them, and why some are not stored."""

from dataclasses import dataclass

from council_finance.errors import Refused
from monitoring.ledger.selectors.typed_amounts import FORECAST

Cell = tuple[int, str]
"""A cell that people type in: the id of its line, and its measure."""


@dataclass(frozen=True)
class ForecastChange:
    """A forecast or planned use (`measure`) that someone typed for a line, in pence.

    `seen` is the figure that the page showed them (None: none); `forecast` None takes a typed
    figure back. `tied_to` is the code of the reserve or project that pays for planned use, "" for
    none, and None leaves that as it is.
    """

    line: int
    seen: int | None
    forecast: int | None
    reason: str = ""
    measure: str = FORECAST
    tied_to: str | None = None

    @property
    def cell(self) -> Cell:
        """Return the line and the measure."""
        return self.line, self.measure


@dataclass(frozen=True)
class Clash:
    """Another person's change of the same cell, made after the page was shown; in pence."""

    line: int
    theirs: int | None
    mine: int | None
    by: str
    measure: str = FORECAST


class ForecastsClashed(Refused):
    """Raised where others changed some of the same cells meanwhile; nothing was saved.

    `clashes` are by line id and measure.
    """

    def __init__(self, clashes: list[Clash]):
        self.clashes = {(clash.line, clash.measure): clash for clash in clashes}
        count = len({clash.line for clash in clashes})
        lines = "1 line" if count == 1 else f"{count:,} lines"
        super().__init__(
            f"Nothing was saved yet: {lines} changed while you were typing. Yours and theirs "
            "stand side by side below; save again to put yours in the place of theirs."
        )


class ForecastsFaulty(Refused):
    """Raised where some figures cannot be right; nothing was saved.

    `faults` are by line id and measure.
    """

    def __init__(self, faults: dict[Cell, str]):
        self.faults = faults
        super().__init__("Nothing was saved yet: some figures cannot be right. They are marked.")
