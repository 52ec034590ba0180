"""Enter forecasts and planned use; every change is kept with who, when, from, to and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from monitoring.figures.models import NodeFigure
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.pipeline import Worksheet, enter_figures, open_worksheet
from monitoring.forecasts.questions import answer_with_reasons
from monitoring.forecasts.selectors.carried import figures_version, is_carried
from monitoring.forecasts.selectors.lines import last_entries
from monitoring.forecasts.ties import Ties
from monitoring.ledger.followed_ties import follow_tied_planned_use
from monitoring.ledger.selectors.typed_forecasts import FORECAST, MEASURES
from monitoring.people.rights import Reach, forecast_reach, require
from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service

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
    entry: ForecastEntry | None
    measure: str = FORECAST


class ForecastsClashed(Refused):
    """Raised where others changed some of the same cells meanwhile; nothing was saved.

    `clashes` are by line id and measure.
    """

    def __init__(self, clashes: list[Clash]):
        self.clashes = {(clash.line, clash.measure): clash for clash in clashes}
        count = len({clash.line for clash in clashes})
        lines = "1 line" if count == 1 else f"{count} lines"
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


@dataclass(frozen=True)
class SaveOutcome:
    """The number of figures changed, and of empty cells whose line keeps its figure."""

    changed: int
    left: int = 0


def save_forecasts(
    *,
    node: Service,
    number: int,
    changes: list[ForecastChange],
    by: User,
    reason: str = "",
    with_exempt: bool = True,
    reach: Reach | None = None,
    shown: Collection[str] | None = None,
) -> SaveOutcome:
    """Store typed forecasts and planned use of lines under a row of the tree, in a period.

    The figures of their services and of those above follow. All or nothing: every line must belong
    to a service at or under `node` for which the person may forecast. `reason` is for changes
    without one of their own. A reason beside an unchanged figure enters it as this month's own.
    Without `with_exempt` exempt lines cannot be changed. `reach` is forecast_reach of the person,
    where it has been read already. Figures that may be wrong are questioned first: `shown` are the
    keys of questions that the person was shown (None: there is no page to answer on, and review
    asks). Raise `ForecastsClashed`, `ForecastsFaulty`, `ForecastsQuestioned` or another `Refused`,
    and `PermissionDenied` where the person may not forecast for any service there; nothing is
    stored then.
    """
    with transaction.atomic():
        sheet = open_worksheet(node, number)
        own = _keys_in_reach(sheet, by, reach)
        typed = {change.line for change in changes}
        sheet.read_lines(own, typed, with_before=shown is not None)
        entries = _Typed(sheet, _lines_in_reach(sheet, with_exempt), by, reason).entries_of(changes)
        if entries and shown is not None:
            answer_with_reasons(sheet, entries, shown, by)
        _store_entries(sheet, node, entries, by)
    empty = [change for change in changes if change.forecast is None]
    taken_back = [entry for entry in entries if entry.forecast_pence is None]
    return SaveOutcome(len(entries), len(empty) - len(taken_back))


def confirm_carried(
    *,
    node: Service,
    number: int,
    by: User,
    reason: str = "",
    with_exempt: bool = True,
    lines: Collection[int] | None = None,
) -> SaveOutcome:
    """Enter carried forecasts and planned use under a row of the tree as this month's own.

    They are those of the services for which the person may forecast, of these lines (ids) or of
    all; without `with_exempt` those of exempt lines stay carried. Raise as save_forecasts.
    """
    with transaction.atomic():
        sheet = open_worksheet(node, number)
        sheet.read_lines(_keys_in_reach(sheet, by))
        within = _lines_in_reach(sheet, with_exempt)
        if lines is not None:
            within = within[within["line"].isin(list(lines))]
        entries = _Typed(sheet, within, by, reason).confirmations()
        _store_entries(sheet, node, entries, by)
    return SaveOutcome(len(entries))


@transaction.atomic
def save_and_confirm_rest(
    *,
    node: Service,
    number: int,
    changes: list[ForecastChange],
    by: User,
    lines: Collection[int] | None = None,
    **options: Any,
) -> SaveOutcome:
    """Save typed figures, and enter what is still carried of these lines as this month's own.

    All or nothing. `options` are those of save_forecasts. Raise as save_forecasts.
    """
    saved = save_forecasts(node=node, number=number, changes=changes, by=by, **options)
    confirmed = confirm_carried(
        node=node,
        number=number,
        by=by,
        lines=lines,
        reason=options.get("reason", ""),
        with_exempt=options.get("with_exempt", True),
    )
    return SaveOutcome(saved.changed + confirmed.changed, saved.left)


def confirm_services(
    *, year: FinancialYear, number: int, shown: Mapping[int, str], by: User, with_exempt: bool
) -> SaveOutcome:
    """Enter the carried figures of several services as this month's own, all or none.

    `shown` gives, by the service's id, the `figures_version` of the carried figures that the page
    showed. Raise `Refused` where one of them changed meanwhile, and `PermissionDenied` where the
    person may not forecast for one.
    """
    rows = NodeFigure.objects.filter(period__year=year, period__number=number)
    top = rows.select_related("service").order_by("place").first()
    if not shown or top is None:
        raise Refused("Tick the services whose figures you confirm.")
    with transaction.atomic():
        sheet = open_worksheet(top.service, number)
        keys = {key for key, service in sheet.services.items() if service in shown}
        require(keys <= _keys_in_reach(sheet, by))
        sheet.read_lines(keys)
        entries = _Typed(sheet, _lines_in_reach(sheet, with_exempt), by, "").confirmations()
        by_key = _entries_by_key(sheet, entries)
        _refuse_changed(sheet, shown, by_key)
        enter_figures(sheet, entries)
        for key, own in by_key.items():
            _record_entries(sheet, key, own, by)
    return SaveOutcome(len(entries))


def _entries_by_key(
    sheet: Worksheet, entries: list[ForecastEntry]
) -> dict[str, list[ForecastEntry]]:
    """Return the entries by the row of their lines' service."""
    keys = dict(zip(sheet.lines["line"].tolist(), sheet.lines["key"].tolist(), strict=True))
    found: dict[str, list[ForecastEntry]] = {}
    for entry in entries:
        found.setdefault(keys[entry.line_id], []).append(entry)
    return found


def _refuse_changed(
    sheet: Worksheet, shown: Mapping[int, str], by_key: Mapping[str, list[ForecastEntry]]
) -> None:
    """Refuse services whose carried figures are not those that the page showed."""
    now = {
        sheet.services[key]: figures_version(
            (each.line_id, each.measure, each.forecast_pence or 0) for each in entries
        )
        for key, entries in by_key.items()
    }
    changed = [pk for pk, seen in shown.items() if now.get(pk) != seen]
    if changed:
        services = Service.objects.filter(pk__in=changed).order_by("name")
        raise Refused(
            "Nothing was confirmed: figures changed after you opened the page, of "
            f"{', '.join(each.name for each in services)}. Look at them again, then confirm."
        )


def _keys_in_reach(sheet: Worksheet, by: User, reach: Reach | None = None) -> set[str]:
    """Return the rows of the services that the person may forecast for, or refuse."""
    reach = forecast_reach(by, sheet.year) if reach is None else reach
    keys = {key for key, service in sheet.services.items() if service in reach}
    require(bool(keys))
    return keys


def _lines_in_reach(sheet: Worksheet, with_exempt: bool) -> pd.DataFrame:
    """Return the lines that were read, without exempt ones unless the person may see these."""
    lines = sheet.current
    if with_exempt:
        return lines
    services = lines["service"].unique().tolist()
    exempt = BudgetLine.objects.filter(service__in=services, exempt=True)
    return lines[~lines["line"].isin(set(exempt.values_list("pk", flat=True)))]


def _store_entries(sheet: Worksheet, node: Service, entries: list[ForecastEntry], by: User) -> None:
    """Store the entries with one entry on the audit trail."""
    if not entries:
        transaction.set_rollback(True)  # nothing changed: the year's revision stays
        return
    enter_figures(sheet, entries)
    if _affects_ties(sheet, entries):
        follow_tied_planned_use(sheet.period, by)
    _record_entries(sheet, node.code, entries, by)


def _record_entries(sheet: Worksheet, code: str, entries: list[ForecastEntry], by: User) -> None:
    """Write the entries of a service, or of the row that was opened, on the audit trail."""
    forecasts = [entry for entry in entries if entry.measure == FORECAST]
    planned = [entry for entry in entries if entry.measure != FORECAST]
    details: dict[str, Any] = {"lines": len({entry.line_id for entry in entries})}
    if forecasts or not planned:
        details["change_pence"] = _sum_changes(forecasts)
    if planned:
        details["planned_use_change_pence"] = _sum_changes(planned)
    audit.record(
        by=by,
        action="entered forecasts",
        on=f"forecasts {sheet.year.label} period {sheet.period.number} {code}",
        **details,
    )


def _affects_ties(sheet: Worksheet, entries: list[ForecastEntry]) -> bool:
    """Return True where planned use that is, was or may now be tied has changed."""
    planned = [entry for entry in entries if entry.measure != FORECAST]
    if any(entry.tied_to or entry.forecast_pence is None for entry in planned):
        return True
    lines = sheet.lines.set_index("line")
    return any(lines[f"tied_{entry.measure}"][entry.line_id] for entry in planned)


def _sum_changes(entries: list[ForecastEntry]) -> int:
    """Return the pence by which entries with an amount change their lines' figures."""
    return sum(
        entry.forecast_pence - (entry.previous_pence or 0)
        for entry in entries
        if entry.forecast_pence is not None
    )


class _Typed:
    """The figures that a person typed, checked against the lines' current ones.

    `lines` are the current lines that the person may change, as current_figures returns them.
    """

    def __init__(self, sheet: Worksheet, lines: pd.DataFrame, by: User, reason: str):
        self.sheet, self.lines, self.by, self.reason = sheet, lines, by, reason
        self.typed: set[int] = set()
        self.faults: dict[Cell, str] = {}
        self.clashes: list[Clash] = []

    def entries_of(self, changes: list[ForecastChange]) -> list[ForecastEntry]:
        """Return the entries to be stored. Raise `ForecastsFaulty` or `ForecastsClashed`."""
        self.typed = {change.line for change in changes}
        rows = {row["line"]: row for row in self._rows_of(self.lines["line"].isin(self.typed))}
        ties = Ties(self.sheet, changes)
        entries = []
        for change in changes:
            if change.line not in rows:
                self.faults[change.cell] = (
                    "This line belongs to no service here for which you may enter forecasts."
                )
            elif entry := self._build_changed(change, rows[change.line], ties):
                entries.append(entry)
        if self.faults:
            raise ForecastsFaulty(self.faults)
        if self.clashes:
            raise ForecastsClashed(self.clashes)
        return entries

    def confirmations(self) -> list[ForecastEntry]:
        """Return an entry for each figure that is carried forward, with the same amount."""
        lines = self.lines
        marks = lines[["carried_from", "planned_use_carried_from"]].notna().any(axis=1)
        rows = self._rows_of(marks)
        self.typed = {row["line"] for row in rows}
        return [
            self._build_entry(
                ForecastChange(row["line"], row[measure], row[measure], measure=measure),
                row[measure],
                row.get(f"tied_{measure}", ""),
            )
            for row in rows
            for measure in MEASURES
            if is_carried(row, measure)
        ]

    @cached_property
    def last(self) -> Mapping[int, Mapping[str, ForecastEntry]]:
        """Return the last entries of the lines that were typed, by line and measure."""
        return last_entries(self.sheet.period, sorted(self.typed))

    def _rows_of(self, chosen: pd.Series) -> list[dict[str, Any]]:
        """Return the chosen lines with their figures in pence, None where there is none."""
        frame = self.lines[chosen].astype(object)
        rows: list[dict[str, Any]] = frame.where(frame.notna(), None).to_dict("records")
        return rows

    def _build_changed(
        self, change: ForecastChange, row: Mapping[str, Any], ties: Ties
    ) -> ForecastEntry | None:
        """Return the entry of a changed cell; None where nothing is to be entered.

        Note a figure that cannot be right, or that a colleague has changed meanwhile.
        """
        now, measure = row[change.measure], change.measure
        tie = row.get(f"tied_{measure}", "")
        wanted = tie if change.tied_to is None else change.tied_to
        if self._changes_nothing(change, row, new_tie=wanted != tie):
            return None
        if fault := (
            _find_fault(self.sheet.period, row, change) or ties.find_fault(change, row["key"])
        ):
            self.faults[change.cell] = fault
        elif now != _seen_amount(change):
            self.clashes.append(self._build_clash(change, now))
        else:
            return self._build_entry(change, now, wanted)
        return None

    def _changes_nothing(
        self, change: ForecastChange, row: Mapping[str, Any], *, new_tie: bool
    ) -> bool:
        """Return True where nothing is to be entered for a cell that was sent.

        A cell with the figure that the page showed was not edited, whatever a colleague changed
        meanwhile. An emptied one changes something only where a typed figure can be taken back. The
        current figure is entered again only with a new tie, or with a reason that the same person
        did not give for it last, and only if the page showed it.
        """
        if change.forecast == change.seen and not change.reason and not new_tie:
            return True
        if change.forecast is None:
            return row[f"typed_{change.measure}"] is None and not change.tied_to
        if change.forecast != row[change.measure] or new_tie:
            return False
        last = self.last.get(change.line, {}).get(change.measure)
        last_reason = last.reason if last and last.by_id == self.by.pk else None
        seen = _seen_amount(change)
        return not change.reason or seen != change.forecast or change.reason == last_reason

    def _build_clash(self, change: ForecastChange, now: int | None) -> Clash:
        """Return a clash with who made the other change; "" where it was an upload's."""
        entry = self.last.get(change.line, {}).get(change.measure)
        if entry is not None and entry.forecast_pence != now:
            entry = None  # an upload has changed the figure since that entry
        name = entry.by.name if entry and entry.by else ""
        return Clash(change.line, now, change.forecast, name, entry, change.measure)

    def _build_entry(self, change: ForecastChange, before: int | None, tie: str) -> ForecastEntry:
        return ForecastEntry(
            period=self.sheet.period,
            line_id=change.line,
            measure=change.measure,
            previous_pence=before,
            forecast_pence=change.forecast,
            tied_to="" if change.forecast is None else tie,
            reason=(change.reason or self.reason).strip()[:1000],
            by=self.by,
        )


def _seen_amount(change: ForecastChange) -> int | None:
    """Return the figure that the page showed; planned use that it showed as blank is nil."""
    return change.seen if change.measure == FORECAST else change.seen or 0


def _find_fault(period: Period, row: Mapping[str, Any], change: ForecastChange) -> str:
    """Return why a forecast cannot be right, or ""."""
    actual = row["actual_to_date"]
    if period.number != CLOSE or change.measure != FORECAST or change.forecast is None:
        return ""
    if actual is None or change.forecast == actual:
        return ""
    return f"At the close the outturn is the actual, {plain_pounds(actual)}."
