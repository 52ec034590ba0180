"""Enter forecasts; every change is kept with who, when, from, to and why."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.pipeline import Worksheet, enter_forecasts, open_worksheet
from monitoring.structure.models import BudgetLine, Period, Service


@dataclass(frozen=True)
class ForecastChange:
    """A forecast that someone typed for a line, in pence.

    `seen` is the forecast that the page showed them (None: none); `forecast` None takes a typed
    forecast back.
    """

    line: int
    seen: int | None
    forecast: int | None
    reason: str = ""


@dataclass(frozen=True)
class Clash:
    """Another person's change of the same line, made after the page was shown; in pence."""

    line: int
    theirs: int | None
    mine: int | None
    by: str
    entry: ForecastEntry | None


class ForecastsClashed(Refused):
    """Raised where others changed some of the same lines meanwhile; nothing was saved."""

    def __init__(self, clashes: list[Clash]):
        self.clashes = {clash.line: clash for clash in clashes}
        count = len(clashes)
        lines = "1 line" if count == 1 else f"{count} lines"
        super().__init__(
            f"Nothing was saved yet: {lines} changed while you were typing. Yours and theirs "
            "stand side by side below; save again to put yours in the place of theirs."
        )


class ForecastsFaulty(Refused):
    """Raised where some figures cannot be right; nothing was saved. `faults` are by line id."""

    def __init__(self, faults: dict[int, str]):
        self.faults = faults
        super().__init__("Nothing was saved yet: some figures cannot be right. They are marked.")


@dataclass(frozen=True)
class SaveOutcome:
    """The number of forecasts changed, and of empty cells whose line keeps its forecast."""

    changed: int
    left: int = 0


def save_forecasts(
    *,
    service: Service,
    number: int,
    changes: list[ForecastChange],
    by: User,
    reason: str = "",
    with_exempt: bool = True,
) -> SaveOutcome:
    """Store typed forecasts of a service's lines in a period, and update its figures.

    All or nothing. `reason` is for changes without one of their own. A reason beside an unchanged
    forecast enters it as this month's own. Without `with_exempt` exempt lines cannot be changed.
    Raise `ForecastsClashed`, `ForecastsFaulty` or another `Refused`; nothing is stored then.
    """
    with transaction.atomic():
        sheet = open_worksheet(service, number)
        lines = _lines_in_reach(sheet.effective, with_exempt)
        entries = _build_entries(sheet.period, lines, changes, reason, by)
        _store_entries(sheet, service, entries, by)
    empty = [change for change in changes if change.forecast is None]
    taken_back = [entry for entry in entries if entry.forecast_pence is None]
    return SaveOutcome(len(entries), len(empty) - len(taken_back))


def confirm_carried(
    *, service: Service, number: int, by: User, reason: str = "", with_exempt: bool = True
) -> SaveOutcome:
    """Enter every forecast of the service that is carried forward as this month's own.

    Without `with_exempt` those of exempt lines stay carried. Raise `Refused` as open_worksheet.
    """
    with transaction.atomic():
        sheet = open_worksheet(service, number)
        lines = _lines_in_reach(sheet.effective, with_exempt)
        entries = [
            _build_entry(
                sheet.period, int(row.line), int(row.forecast), int(row.forecast), reason, by
            )
            for row in lines[lines["carried_from"].notna()].itertuples()
        ]
        _store_entries(sheet, service, entries, by)
    return SaveOutcome(len(entries))


def _lines_in_reach(lines: pd.DataFrame, with_exempt: bool) -> pd.DataFrame:
    """Return the lines without exempt ones, unless the person may see these."""
    if with_exempt:
        return lines
    services = lines["service"].unique().tolist()
    exempt = BudgetLine.objects.filter(service__in=services, exempt=True)
    return lines[~lines["line"].isin(set(exempt.values_list("pk", flat=True)))]


def _store_entries(
    sheet: Worksheet, service: Service, entries: list[ForecastEntry], by: User
) -> None:
    """Store the entries with one entry on the audit trail."""
    if not entries:
        transaction.set_rollback(True)  # nothing changed: the year's revision stays
        return
    enter_forecasts(sheet, entries)
    change = sum(
        entry.forecast_pence - (entry.previous_pence or 0)
        for entry in entries
        if entry.forecast_pence is not None
    )
    audit.record(
        by=by,
        action="entered forecasts",
        on=f"forecasts {sheet.year.label} period {sheet.period.number} {service.code}",
        lines=len(entries),
        change_pence=change,
    )


def _build_entries(
    period: Period, lines: pd.DataFrame, changes: list[ForecastChange], reason: str, by: User
) -> list[ForecastEntry]:
    """Return the entries to be stored. Raise `ForecastsFaulty` or `ForecastsClashed`."""
    rows = {int(row.line): row for row in lines.itertuples()}
    last_reasons = _last_reasons(period, [change for change in changes if change.reason], by)
    entries, clashes, faults = [], [], {}
    for change in changes:
        row = rows.get(change.line)
        if row is None:
            faults[change.line] = "This line no longer belongs to the service."
            continue
        now = None if pd.isna(row.forecast) else int(row.forecast)
        if _changes_nothing(change, now, not pd.isna(row.typed), last_reasons.get(change.line)):
            continue
        if fault := _find_fault(period, row.actual_to_date, change.forecast):
            faults[change.line] = fault
        elif now != change.seen:
            clashes.append(Clash(change.line, now, change.forecast, "", None))
        else:
            own = change.reason or reason
            entries.append(_build_entry(period, change.line, now, change.forecast, own, by))
    if faults:
        raise ForecastsFaulty(faults)
    if clashes:
        raise ForecastsClashed(_add_names(period, clashes))
    return entries


def _changes_nothing(
    change: ForecastChange, now: int | None, is_typed: bool, last_reason: str | None
) -> bool:
    """Return True where nothing is to be entered for a cell that was sent.

    A cell with the forecast that the page showed was not edited, whatever a colleague changed
    meanwhile. An emptied one changes something only where a typed forecast can be taken back. The
    current forecast (`now`, pence) is entered again only with a new reason, and only if the page
    showed it; `last_reason` is what the same person gave for it last.
    """
    if change.forecast == change.seen and not change.reason:
        return True
    if change.forecast is None:
        return not is_typed
    if change.forecast != now:
        return False
    return not change.reason or change.seen != now or change.reason == last_reason


def _last_reasons(period: Period, changes: list[ForecastChange], by: User) -> dict[int, str]:
    """Return by line the reason of its last entry, where this person made it."""
    lines = [change.line for change in changes if change.forecast == change.seen]
    if not lines:
        return {}
    entries = ForecastEntry.objects.filter(period=period, line__in=lines).order_by("pk")
    last = {entry.line_id: entry for entry in entries}
    return {line: entry.reason for line, entry in last.items() if entry.by_id == by.pk}


def _find_fault(period: Period, given_actual: Any, forecast: int | None) -> str:
    """Return why a forecast cannot be right, or ""; `given_actual` is pence or pd.NA."""
    if period.number == CLOSE and forecast is not None and not pd.isna(given_actual):
        actual = int(given_actual)
        if forecast != actual:
            return f"At the close the outturn is the actual, {plain_pounds(actual)}."
    return ""


def _add_names(period: Period, clashes: list[Clash]) -> list[Clash]:
    """Add who made the other change to each clash; "" where it was an upload's."""
    lines = [clash.line for clash in clashes]
    entries = ForecastEntry.objects.filter(period=period, line__in=lines).select_related("by")
    last = {entry.line_id: entry for entry in entries.order_by("pk")}
    found = []
    for clash in clashes:
        entry = last.get(clash.line)
        if entry is not None and entry.forecast_pence != clash.theirs:
            entry = None  # an upload has changed the forecast since that entry
        name = entry.by.name if entry and entry.by else ""
        found.append(Clash(clash.line, clash.theirs, clash.mine, name, entry))
    return found


def _build_entry(
    period: Period,
    line: int,
    before: int | None,
    forecast: int | None,
    reason: str,
    by: User,
) -> ForecastEntry:
    return ForecastEntry(
        period=period,
        line_id=line,
        previous_pence=before,
        forecast_pence=forecast,
        reason=reason.strip()[:1000],
        by=by,
    )
