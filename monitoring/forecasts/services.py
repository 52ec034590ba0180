"""Enter forecasts and planned use; every change is kept with who, when, from, to and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.figures.models import NodeFigure
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.pipeline import Worksheet, enter_figures, open_worksheet
from monitoring.forecasts.questions import answer_with_reasons
from monitoring.forecasts.selectors.carried import figures_version
from monitoring.forecasts.typed_cells import TypedCells
from monitoring.ledger.followed_ties import follow_tied_planned_use
from monitoring.ledger.selectors.typed_amounts import FORECAST
from monitoring.people.rights import Reach, forecast_reach, require
from monitoring.structure.models import FinancialYear, Service


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
        sheet.read_lines(
            _keys_in_reach(sheet, by, reach),
            {change.line for change in changes},
            with_exempt=with_exempt,
            with_earlier=shown is not None,
        )
        entries = TypedCells(sheet, by, reason).entries_of(changes)
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
        sheet.read_carried(_keys_in_reach(sheet, by), lines, with_exempt=with_exempt)
        entries = TypedCells(sheet, by, reason).confirmations()
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
        sheet.read_carried(keys, with_exempt=with_exempt)
        entries = TypedCells(sheet, by, "").confirmations()
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
    found: dict[str, list[ForecastEntry]] = {}
    for entry in entries:
        found.setdefault(sheet.lines[entry.line_id].key, []).append(entry)
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
    return any(sheet.tie_of(sheet.lines[entry.line_id], entry.measure) for entry in planned)


def _sum_changes(entries: list[ForecastEntry]) -> int:
    """Return the pence by which entries with an amount change their lines' figures."""
    return sum(
        entry.forecast_pence - (entry.previous_pence or 0)
        for entry in entries
        if entry.forecast_pence is not None
    )
