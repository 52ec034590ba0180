"""Entering forecasts: every change kept with who, when, from, to and why."""

from dataclasses import dataclass

import pandas as pd
from django.db import transaction

from council_finance import audit
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.pipeline import Worksheet, enter, open_worksheet
from monitoring.structure.models import BudgetLine, Period, Service


@dataclass(frozen=True)
class ForecastChange:
    """A forecast that someone typed for a line, in pence.

    `seen` is the forecast that held when they saw it; `forecast` None takes a typed one back.
    """

    line: int
    seen: int | None
    forecast: int | None
    reason: str = ""


@dataclass(frozen=True)
class Clash:
    """A colleague's change of the same line that the person had not seen; both are kept."""

    line: int
    theirs: int | None
    mine: int | None
    by: str
    entry: ForecastEntry | None


class Clashed(Refused):
    """Nothing was saved: others changed some of the same lines meanwhile."""

    def __init__(self, clashes: list[Clash]):
        self.clashes = {clash.line: clash for clash in clashes}
        count = len(clashes)
        lines = "1 line" if count == 1 else f"{count} lines"
        super().__init__(
            f"Nothing was saved yet: {lines} changed while you were typing. Yours and theirs "
            "stand side by side below; save again to put yours in the place of theirs."
        )


class Faulty(Refused):
    """Nothing was saved: some figures cannot be right. `faults` are messages by line."""

    def __init__(self, faults: dict[int, str]):
        self.faults = faults
        super().__init__("Nothing was saved yet: some figures cannot be right. They are marked.")


@dataclass(frozen=True)
class Saved:
    """What came of a save: how many forecasts changed, and how many empty cells keep theirs."""

    changed: int
    left: int = 0


def save_forecasts(
    *,
    service: Service,
    number: int,
    changes: list[ForecastChange],
    by,
    reason: str = "",
    with_exempt: bool = True,
) -> Saved:
    """Store typed forecasts of a service's lines in a period, and bring its figures up to them.

    All or nothing. `reason` is that of changes without one of their own. A reason beside an
    unchanged forecast enters it as this month's own. Without `with_exempt` exempt lines are out of
    reach. Raises Clashed, Faulty or Refused; nothing is stored then.
    """
    with transaction.atomic():
        sheet = open_worksheet(service, number)
        lines = _in_reach(sheet.effective, with_exempt)
        entries = _entries(sheet.period, lines, changes, reason, by)
        _enter(sheet, service, entries, by)
    empty = [change for change in changes if change.forecast is None]
    taken_back = [entry for entry in entries if entry.forecast_pence is None]
    return Saved(len(entries), len(empty) - len(taken_back))


def confirm_carried(
    *, service: Service, number: int, by, reason: str = "", with_exempt: bool = True
) -> Saved:
    """Enter every forecast of the service that is carried forward as this month's own.

    Without `with_exempt` those of exempt lines stay as they are. Raises Refused.
    """
    with transaction.atomic():
        sheet = open_worksheet(service, number)
        lines = _in_reach(sheet.effective, with_exempt)
        entries = [
            _entry(sheet.period, int(row.line), int(row.forecast), int(row.forecast), reason, by)
            for row in lines[lines["carried_from"].notna()].itertuples()
        ]
        _enter(sheet, service, entries, by)
    return Saved(len(entries))


def _in_reach(lines: pd.DataFrame, with_exempt: bool) -> pd.DataFrame:
    if with_exempt:
        return lines
    services = lines["service"].unique().tolist()
    exempt = BudgetLine.objects.filter(service__in=services, exempt=True)
    return lines[~lines["line"].isin(set(exempt.values_list("pk", flat=True)))]


def _enter(sheet: Worksheet, service: Service, entries: list[ForecastEntry], by) -> None:
    if not entries:
        transaction.set_rollback(True)  # nothing changed: the year's revision stays
        return
    enter(sheet, entries)
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


def _entries(
    period: Period, lines: pd.DataFrame, changes: list[ForecastChange], reason: str, by
) -> list[ForecastEntry]:
    """The entries to be made. Raises Faulty or Clashed."""
    rows = {int(row.line): row for row in lines.itertuples()}
    said = _reasons(period, [change for change in changes if change.reason], by)
    entries, clashes, faults = [], [], {}
    for change in changes:
        row = rows.get(change.line)
        if row is None:
            faults[change.line] = "This line no longer stands under the service."
            continue
        now = None if pd.isna(row.forecast) else int(row.forecast)
        if _changes_nothing(change, now, not pd.isna(row.typed), said.get(change.line)):
            continue
        if fault := _fault(period, row, change.forecast):
            faults[change.line] = fault
        elif now != change.seen:
            clashes.append(Clash(change.line, now, change.forecast, "", None))
        else:
            why = change.reason or reason
            entries.append(_entry(period, change.line, now, change.forecast, why, by))
    if faults:
        raise Faulty(faults)
    if clashes:
        raise Clashed(_with_people(period, clashes))
    return entries


def _changes_nothing(
    change: ForecastChange, now: int | None, typed: bool, said: str | None
) -> bool:
    """Whether nothing is to be entered for a cell that was sent.

    A cell that holds what was seen was not touched, whatever a colleague did to it meanwhile. An
    emptied one changes something only where a typed forecast can be taken back. A figure that
    stands is entered again only for a new reason, seen as it stands; `said` is the reason that
    the same person gave for it last.
    """
    if change.forecast == change.seen and not change.reason:
        return True
    if change.forecast is None:
        return not typed
    if change.forecast != now:
        return False
    return not change.reason or change.seen != now or change.reason == said


def _reasons(period: Period, changes: list[ForecastChange], by) -> dict[int, str]:
    """By line, the reason of its last entry where this person made it."""
    lines = [change.line for change in changes if change.forecast == change.seen]
    if not lines:
        return {}
    entries = ForecastEntry.objects.filter(period=period, line__in=lines).order_by("pk")
    last = {entry.line_id: entry for entry in entries}
    return {line: entry.reason for line, entry in last.items() if entry.by_id == by.pk}


def _fault(period: Period, row, forecast: int | None) -> str:
    if period.number == CLOSE and forecast is not None and not pd.isna(row.actual_to_date):
        actual = int(row.actual_to_date)
        if forecast != actual:
            return f"At the close the outturn is the actual, {plain_pounds(actual)}."
    return ""


def _with_people(period: Period, clashes: list[Clash]) -> list[Clash]:
    """The clashes with who made the other change; an upload's has nobody's name on the line."""
    lines = [clash.line for clash in clashes]
    entries = ForecastEntry.objects.filter(period=period, line__in=lines).select_related("by")
    last = {entry.line_id: entry for entry in entries.order_by("pk")}
    found = []
    for clash in clashes:
        entry = last.get(clash.line)
        theirs = entry is not None and entry.forecast_pence == clash.theirs
        name = entry.by.name if theirs and entry.by else ""
        found.append(Clash(clash.line, clash.theirs, clash.mine, name, entry if theirs else None))
    return found


def _entry(period: Period, line: int, before, forecast, reason: str, by) -> ForecastEntry:
    return ForecastEntry(
        period=period,
        line_id=line,
        previous_pence=before,
        forecast_pence=forecast,
        reason=reason.strip()[:1000],
        by=by,
    )
