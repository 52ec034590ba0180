"""The cells that a person typed, checked against the lines' current figures."""

from collections.abc import Mapping
from functools import cached_property

from council_finance.accounts.models import User
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from monitoring.forecasts.changes import (
    Cell,
    Clash,
    ForecastChange,
    ForecastsClashed,
    ForecastsFaulty,
)
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.pipeline import Worksheet
from monitoring.forecasts.selectors.lines import LastEntry, last_entries
from monitoring.forecasts.selectors.sheet_lines import SheetLine
from monitoring.forecasts.ties import Ties
from monitoring.ledger.selectors.typed_amounts import FORECAST, MEASURES
from monitoring.structure.models import Period


class TypedCells:
    """The figures that a person typed, checked against the lines' current ones.

    The lines of the sheet are those that the person may change.
    """

    def __init__(self, sheet: Worksheet, by: User, reason: str):
        self.sheet, self.by, self.reason = sheet, by, reason
        self.typed: set[int] = set()
        self.faults: dict[Cell, str] = {}
        self.clashes: list[Clash] = []

    def entries_of(self, changes: list[ForecastChange]) -> list[ForecastEntry]:
        """Return the entries to be stored. Raise `ForecastsFaulty` or `ForecastsClashed`."""
        self.typed = {change.line for change in changes}
        lines = self.sheet.lines
        ties = Ties(self.sheet, changes)
        entries = []
        for change in changes:
            if change.line not in lines:
                self.faults[change.cell] = (
                    "This line belongs to no service here for which you may enter forecasts."
                )
            elif entry := self._build_changed(change, lines[change.line], ties):
                entries.append(entry)
        if self.faults:
            raise ForecastsFaulty(self.faults)
        if self.clashes:
            raise ForecastsClashed(self.clashes)
        return entries

    def confirmations(self) -> list[ForecastEntry]:
        """Return an entry for each figure that is carried forward, with the same amount."""
        lines = self.sheet.lines.values()
        self.typed = {line.pk for line in lines}
        return [
            self._build_entry(
                ForecastChange(line.pk, pence, pence, measure=measure),
                pence,
                self.sheet.tie_of(line, measure),
            )
            for line in lines
            for measure in MEASURES
            if line.is_carried(measure)
            for pence in [line.current(measure)]
        ]

    @cached_property
    def last(self) -> Mapping[int, Mapping[str, LastEntry]]:
        """Return the last entries of the lines that were typed, by line and measure."""
        return last_entries(self.sheet.period, sorted(self.typed))

    def _build_changed(
        self, change: ForecastChange, line: SheetLine, ties: Ties
    ) -> ForecastEntry | None:
        """Return the entry of a changed cell; None where nothing is to be entered.

        Note a figure that cannot be right, or that a colleague has changed meanwhile.
        """
        if change.forecast == change.seen and not change.reason and change.tied_to is None:
            return None
        now, tie = line.current(change.measure), self.sheet.tie_of(line, change.measure)
        wanted = tie if change.tied_to is None else change.tied_to
        if self._changes_nothing(change, line, new_tie=wanted != tie):
            return None
        if fault := (
            _find_fault(self.sheet.period, line, change) or ties.find_fault(change, line.key)
        ):
            self.faults[change.cell] = fault
        elif now != _seen_amount(change):
            self.clashes.append(self._build_clash(change, now))
        else:
            return self._build_entry(change, now, wanted)
        return None

    def _changes_nothing(self, change: ForecastChange, line: SheetLine, *, new_tie: bool) -> bool:
        """Return True where nothing is to be entered for a cell that was sent.

        A cell with the figure that the page showed was not edited, whatever a colleague changed
        meanwhile. An emptied one changes something only where a typed figure can be taken back. The
        current figure is entered again only with a new tie, or with a reason that the same person
        did not give for it last, and only if the page showed it.
        """
        if change.forecast == change.seen and not change.reason and not new_tie:
            return True
        if change.forecast is None:
            return change.measure not in line.typed and not change.tied_to
        if change.forecast != line.current(change.measure) or new_tie:
            return False
        last = self.last.get(change.line, {}).get(change.measure)
        last_reason = last.reason if last and last.by == self.by.pk else None
        seen = _seen_amount(change)
        return not change.reason or seen != change.forecast or change.reason == last_reason

    def _build_clash(self, change: ForecastChange, now: int | None) -> Clash:
        """Return a clash with who made the other change; "" where it was an upload's."""
        entry = self.last.get(change.line, {}).get(change.measure)
        if entry is not None and entry.forecast_pence != now:
            entry = None  # an upload has changed the figure since that entry
        name = entry.by_name if entry else ""
        return Clash(change.line, now, change.forecast, name, change.measure)

    def _build_entry(self, change: ForecastChange, before: int | None, tie: str) -> ForecastEntry:
        return ForecastEntry(
            period_id=self.sheet.period.pk,
            line_id=change.line,
            measure=change.measure,
            previous_pence=before,
            forecast_pence=change.forecast,
            tied_to="" if change.forecast is None else tie,
            reason=(change.reason or self.reason).strip()[:1000],
            by_id=self.by.pk,
        )


def _seen_amount(change: ForecastChange) -> int | None:
    """Return the figure that the page showed; planned use that it showed as blank is nil."""
    return change.seen if change.measure == FORECAST else change.seen or 0


def _find_fault(period: Period, line: SheetLine, change: ForecastChange) -> str:
    """Return why a forecast cannot be right, or ""."""
    actual = line.actual
    if period.number != CLOSE or change.measure != FORECAST or change.forecast is None:
        return ""
    if actual is None or change.forecast == actual:
        return ""
    return f"At the close the outturn is the actual, {plain_pounds(actual)}."
