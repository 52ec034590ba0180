"""Entering forecasts: every change kept with who, when, from, to and why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from django.db import transaction

from council_finance import audit
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from monitoring.models import ForecastEntry, Period, Service
from monitoring.pipeline.figures import advance, lock_year
from monitoring.pipeline.forecasts import refresh_service
from monitoring.pipeline.uploads import published_message
from monitoring.selectors.forecasts import typed_forecasts
from monitoring.selectors.inputs import current_tree
from monitoring.selectors.lines import service_positions, services_at


@dataclass(frozen=True)
class Change:
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


def save_forecasts(*, period: Period, service: Service, changes: list[Change], by) -> Saved:
    """Store typed forecasts of a service's lines and bring its figures up to them, all or nothing.

    Raises Clashed, Faulty or Refused; nothing is stored then.
    """
    with transaction.atomic():
        year = lock_year(period.year_id)
        period, services = _open_period(period, service)
        lines = service_positions(period, services)
        typed = typed_forecasts(period.pk, lines=[change.line for change in changes])
        entries = _entries(period, lines, set(typed["line"]), changes, by)
        if entries:
            _store(period, service, services, entries, year, by)
    empty = [change for change in changes if change.forecast is None]
    taken_back = [entry for entry in entries if entry.forecast_pence is None]
    return Saved(len(entries), len(empty) - len(taken_back))


def confirm_carried(*, period: Period, service: Service, reason: str, by) -> Saved:
    """Enter every forecast of the service that is carried forward as this month's own.

    Raises Refused.
    """
    with transaction.atomic():
        year = lock_year(period.year_id)
        period, services = _open_period(period, service)
        lines = service_positions(period, services)
        carried = lines[lines["carried_from"].notna()]
        entries = [
            _entry(period, int(row.line), int(row.forecast), int(row.forecast), reason, by)
            for row in carried.itertuples()
        ]
        if entries:
            _store(period, service, services, entries, year, by)
    return Saved(len(entries))


def _open_period(period: Period, service: Service) -> tuple[Period, list[int]]:
    """The period as it is now, and the services whose lines stand at this one. Raises Refused."""
    period = Period.objects.select_related("year", "batch", "compared_with").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    if period.batch is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    tree = current_tree(period.year)
    if service.pk not in tree.open_ids or service.pk in tree.parents:
        raise Refused(f"{service} has no lines of its own any more; nothing was saved.")
    return period, services_at(tree, service.pk)


def _entries(
    period: Period, lines: pd.DataFrame, typed: set[int], changes: Iterable[Change], by
) -> list[ForecastEntry]:
    """The entries to be made. Raises Faulty or Clashed."""
    rows = {int(row.line): row for row in lines.itertuples()}
    entries, clashes, faults = [], [], {}
    for change in changes:
        row = rows.get(change.line)
        if row is None:
            faults[change.line] = "This line no longer stands under the service."
            continue
        now = None if pd.isna(row.forecast) else int(row.forecast)
        if change.forecast == now or (change.forecast is None and change.line not in typed):
            continue
        if fault := _fault(period, row, change.forecast):
            faults[change.line] = fault
        elif now != change.seen:
            clashes.append(Clash(change.line, now, change.forecast, "", None))
        else:
            entries.append(_entry(period, change.line, now, change.forecast, change.reason, by))
    if faults:
        raise Faulty(faults)
    if clashes:
        raise Clashed(_with_people(period, clashes))
    return entries


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


def _store(period: Period, service: Service, services: list[int], entries, year, by) -> None:
    ForecastEntry.objects.bulk_create(entries, batch_size=1000)
    lines = service_positions(period, services)
    refresh_service(period, service.code, lines, revision=advance(year))
    audit.record(
        by=by,
        action="entered forecasts",
        on=f"forecasts {year.label} period {period.number} {service.code}",
        lines=len(entries),
        change_pence=sum(
            (entry.forecast_pence or 0) - (entry.previous_pence or 0)
            for entry in entries
            if entry.forecast_pence is not None
        ),
    )
