"""Check what people tie planned use to: a reserve, or a receipts project, of the year."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from council_finance import registry
from monitoring.forecasts.models import PLANNED_USE, ForecastMeasure
from monitoring.structure.models import FinancialYear


class TiedCell(Protocol):
    """A change of a line's figure, as far as a tie is concerned (see ForecastChange)."""

    @property
    def measure(self) -> str:
        """The measure of the figure."""

    @property
    def forecast(self) -> int | None:
        """The new figure in pence; None where it is taken back."""

    @property
    def tied_to(self) -> str | None:
        """The code that it is to be tied to; None where that stays as it is."""


class RowUnder(Protocol):
    """A row of the read model, as far as its place in the tree is concerned."""

    @property
    def parent_key(self) -> str:
        """The key of the row above."""


class FiguresByKey(Protocol):
    """The year, and its rows of the read model by key (see Worksheet)."""

    @property
    def year(self) -> FinancialYear:
        """The year."""

    @property
    def rows(self) -> Mapping[str, RowUnder]:
        """The rows by key."""


class Ties:
    """The reserves and projects that the changes of a page may be tied to, by measure."""

    def __init__(self, sheet: FiguresByKey, changes: Iterable[TiedCell]):
        self.sheet = sheet
        measures = {change.measure for change in changes if change.tied_to}
        self.purposes: Mapping[str, Mapping[str, registry.PlannedUsePurpose]] = {
            measure: registry.planned_use_purposes(measure, sheet.year) for measure in measures
        }

    def find_fault(self, change: TiedCell, key: str) -> str:
        """Return why planned use of a line at this row cannot be tied so, or ""."""
        code = change.tied_to
        if not code:
            return ""
        if change.measure not in PLANNED_USE:
            return "Only planned use of reserves or of capital receipts is tied to one of them."
        if change.forecast is None:
            return f"Enter the planned use that is tied to {code}: the cell is empty."
        purpose = self.purposes[change.measure].get(code)
        if purpose is None:
            kind = _KINDS[change.measure]
            return f"There is no {kind} with the code {code} in {self.sheet.year}."
        if purpose.service and not self._is_under(key, purpose.service):
            return (
                f"{purpose.label} ({code}) is for lines of {purpose.service}, and this line is not "
                "one of them."
            )
        return ""

    def _is_under(self, key: str, top: str) -> bool:
        """Return True where a row is this one or under it."""
        while key and key != top:
            key = self.sheet.rows[key].parent_key
        return key == top


_KINDS: dict[str, str] = {
    ForecastMeasure.USE_OF_RESERVES: "earmarked reserve",
    ForecastMeasure.USE_OF_CAPITAL_RECEIPTS: "project under the capital receipts flexibilities",
}
