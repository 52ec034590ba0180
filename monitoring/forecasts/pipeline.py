"""Store typed figures of some services, and update these and the rows above them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from council_finance.bulk import insert_values, update_rows
from council_finance.errors import Refused
from council_finance.prepared import prepared
from monitoring.commentary.models import Commentary
from monitoring.figures.calculations import COUNTS, FIGURES, Row, TooLarge
from monitoring.figures.line_changes import LineChange, refigure, without_forecast_left
from monitoring.figures.models import NodeFigure, NodeKind
from monitoring.figures.pipeline import NAMED_LINES, clear_sign_offs
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.selectors.lines import previously_forecast
from monitoring.forecasts.selectors.sheet_lines import (
    SheetLine,
    carried_lines,
    sheet_lines,
)
from monitoring.ledger.selectors.line_names import line_names
from monitoring.ledger.selectors.planned_use_ties import ties_by_line
from monitoring.ledger.selectors.typed_amounts import FORECAST
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear, Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.selectors.tree import OPEN_KINDS, service_rows
from monitoring.structure.trees import Tree
from monitoring.structure.year_changes import archived_message, stay_current

_FIELDS = {name: name if name in COUNTS else f"{name}_pence" for name in FIGURES}


class SheetRow(NamedTuple):
    """A row of a period's read model, with the figures of FIGURES.

    `is_signed` says whether the commentary on it is signed off.
    """

    pk: int
    key: str
    parent_key: str
    kind: str
    service: int
    is_signed: bool
    figures: Sequence[int | None]


@dataclass
class Worksheet:
    """An open period's tree and the lines of some services, while the year is locked.

    `rows` are those of the period's read model by key, in the order of the tree. `services` are the
    ids by row key of the services without others at or under the row that was opened. `lines` are
    those of these services that were read, by id. `earlier` are the months before with figures.
    """

    year: FinancialYear
    period: Period
    rows: dict[str, SheetRow]
    tree: Tree
    services: dict[str, int]
    earlier: tuple[Period, ...]
    lines: dict[int, SheetLine] = field(default_factory=dict)

    def read_lines(
        self, keys: set[str], lines: Iterable[int], *, with_exempt: bool, with_earlier: bool
    ) -> None:
        """Read those of these lines that belong to the services with these keys.

        `with_earlier` adds their figures in the nearest of the `earlier` months.
        """
        found = sheet_lines(
            self.period,
            self.keys_by_service(keys),
            lines,
            with_exempt=with_exempt,
            earlier=self.earlier[0] if with_earlier and self.earlier else None,
        )
        self.lines = {line.pk: line for line in found}

    def read_carried(
        self, keys: set[str], lines: Collection[int] | None = None, *, with_exempt: bool
    ) -> None:
        """Read the lines of the services with these keys that have a carried figure."""
        found = carried_lines(
            self.period, self.keys_by_service(keys), lines, with_exempt=with_exempt
        )
        self.lines = {line.pk: line for line in found}

    def lines_of(self, keys: set[str]) -> list[SheetLine]:
        """Return all lines of the services with these keys as they are stored now."""
        return sheet_lines(self.period, self.keys_by_service(keys))

    def keys_by_service(self, keys: set[str]) -> dict[int, str]:
        """Return the key of each service whose lines belong to a service with one of these keys."""
        key_of = {self.services[key]: key for key in keys}
        homes = ((service, self.tree.home(service)) for service in self.tree.register)
        return {service: key_of[home] for service, home in homes if home in key_of}

    @cached_property
    def kept_ties(self) -> Mapping[int, Mapping[str, str]]:
        """The codes that the batch keeps given planned use of the lines tied to, by measure."""
        return ties_by_line(self.period.batch_id, self.lines)

    def tie_of(self, line: SheetLine, measure: str) -> str:
        """Return the code that a line's planned use is tied to; "" for none, and for a forecast."""
        if measure == FORECAST:
            return ""
        typed = line.typed.get(measure)
        return self.kept_ties.get(line.pk, {}).get(measure, "") if typed is None else typed.tied_to

    @property
    def is_current(self) -> bool:
        """Return whether the period's figures were up to date when the year was locked."""
        return self.period.figures_revision == self.year.revision - 1


def open_worksheet(node: Service, number: int) -> Worksheet:
    """Lock the year and read what a change of figures under a row of the tree needs.

    Call it inside the writing transaction: the year's revision rises by one, so roll the
    transaction back where nothing is to be changed. The tree is that of the period's figures; no
    lines are read yet. Raise `Refused` where the year is archived, the period is published or has
    no figures, or the row has no lines under it.
    """
    # The update locks the year; only data read after it is sure to be current.
    FinancialYear.objects.filter(pk=node.year_id).update(revision=F("revision") + 1)
    period, earlier = _read_months(node.year_id, number)
    if period.year.is_archived:
        raise Refused(archived_message(period.year))
    if period.is_published:
        raise Refused(published_message(period))
    if period.batch_id is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    rows = _read_rows(period)
    services = _services_under(rows, node.code)
    if not services:
        raise Refused(f"{node} has no lines of its own any more; nothing was saved.")
    open_ids = {row.service for row in rows.values() if row.kind in OPEN_KINDS}
    tree = Tree.with_open(service_rows(period.year), open_ids)
    return Worksheet(period.year, period, rows, tree, services, earlier)


def _read_months(year_id: int, number: int) -> tuple[Period, tuple[Period, ...]]:
    """Return a period, and those before it that have figures, the latest first; by one query."""
    found = {period.number: period for period in _months_through(year_id, number)}
    period = found.pop(number)
    return period, tuple(each for each in found.values() if each.batch_id is not None)


@prepared
def _months_through(year_id: int, number: int) -> QuerySet[Period]:
    months = Period.objects.filter(year=year_id, number__lte=number).order_by("-number")
    return months.select_related("year")


def _read_rows(period: Period) -> dict[str, SheetRow]:
    found = _rows_of(period.pk)
    return {key: SheetRow._make((pk, key, *row[:4], row[4:])) for pk, key, *row in found}


@prepared
def _rows_of(period_id: int) -> QuerySet[Any, Any]:
    signed = Commentary.objects.filter(
        period=period_id, service=OuterRef("service"), signed_at__isnull=False
    )
    rows = NodeFigure.objects.filter(period=period_id).order_by("place")
    names = ("pk", "key", "parent_key", "kind", "service_id")
    return rows.values_list(*names, Exists(signed), *_FIELDS.values())


def _services_under(rows: Mapping[str, SheetRow], top: str) -> dict[str, int]:
    """Return key and id of each service without others at or under a row; none for no such row."""
    under: set[str] = set()
    found = {}
    for key, row in rows.items():
        if key == top or row.parent_key in under:
            under.add(key)
            if row.kind == NodeKind.SERVICE:
                found[key] = row.service
    return found


def lines_after(
    sheet: Worksheet, entries: Iterable[ForecastEntry]
) -> list[tuple[SheetLine, SheetLine]]:
    """Return the lines of these entries as they are, and as they will be with them."""
    after: dict[int, SheetLine] = {}
    for entry in entries:
        pk = entry.line_id
        after[pk] = after.get(pk, sheet.lines[pk]).with_entry(entry)
    return [(sheet.lines[pk], line) for pk, line in after.items()]


def enter_figures(sheet: Worksheet, entries: list[ForecastEntry]) -> None:
    """Add the entries and update the read model; the result is that of a full recompute.

    Figures that were up to date stay so. Raise `Refused` where they are too large to add.
    """
    changes = lines_after(sheet, entries)
    _insert_entries(entries)
    _write_rows(sheet, _calculate_figures(sheet, changes))
    if explained := {
        now.key
        for then, now in changes
        if (then.current(FORECAST) is None) != (now.current(FORECAST) is None)
    }:
        _explain_rows(sheet, explained)
    stay_current(sheet.year, typed_for=sheet.period)


def _insert_entries(entries: list[ForecastEntry]) -> None:
    """Add the entries with one statement."""
    names = (
        *("period_id", "line_id", "measure", "previous_pence", "forecast_pence"),
        *("tied_to", "reason", "source_id", "by_id"),
    )
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = [(*(getattr(entry, name) for name in names), at) for entry in entries]
    insert_values(ForecastEntry, (*names, "at"), rows)


def _calculate_figures(
    sheet: Worksheet, lines: list[tuple[SheetLine, SheetLine]]
) -> dict[str, Row]:
    """Return the rows of these lines and those above by key, with their new figures.

    What the lines change is added to their rows. These are added up anew where that does not do:
    without a forecast left, or where the rows are not those of today's lines, as after a
    virement until its recompute. Call it when the entries are stored. Raise `Refused` if too large.
    """
    changed = _rows_up_from(sheet, {now.key for _, now in lines})
    rows = _figures_at(sheet, changed)
    changes = [LineChange(now.key, then.figures(), now.figures()) for then, now in lines]
    touched = {change.key for change in changes}
    anew = without_forecast_left(rows, changes) if sheet.is_current else touched
    if anew:
        changes = [change for change in changes if change.key not in anew]
        changes += [LineChange(line.key, None, line.figures()) for line in sheet.lines_of(anew)]
    try:
        figures = refigure(rows, changes, anew)
    except TooLarge as error:
        raise Refused("The figures are too large to be added up exactly.") from error
    return {key: figures[key] for key in changed}


def _rows_up_from(sheet: Worksheet, keys: set[str]) -> set[str]:
    """Return the keys of these rows and of those above."""
    found: set[str] = set()
    for each in keys:
        key = each
        while key and key not in found:
            found.add(key)
            key = sheet.rows[key].parent_key
    return found


def _figures_at(sheet: Worksheet, keys: set[str]) -> dict[str, Row]:
    """Return the figures by key of these rows and of those beside them, in the tree's order."""
    above = {sheet.rows[key].parent_key for key in keys}
    return {
        key: {"parent_key": row.parent_key, **dict(zip(_FIELDS, row.figures, strict=True))}
        for key, row in sheet.rows.items()
        if row.parent_key in above
    }


def _write_rows(sheet: Worksheet, figures: Mapping[str, Row]) -> None:
    """Store the figures of these rows; clear sign-offs that differ."""
    rows = [
        NodeFigure(pk=sheet.rows[key].pk, **{field: row[name] for name, field in _FIELDS.items()})
        for key, row in figures.items()
    ]
    update_rows(rows, list(_FIELDS.values()))
    if any(sheet.rows[key].is_signed for key in figures):
        clear_sign_offs(sheet.period)


def _explain_rows(sheet: Worksheet, keys: set[str]) -> None:
    """Note in the services' rows which lines have a first forecast, or no longer have one."""
    if sheet.period.compared_with_id is None:
        return
    report = Report.objects.get(pk=sheet.period.compared_with_id)
    rows = {row.key: row for row in NodeFigure.objects.filter(period=sheet.period, key__in=keys)}
    lines = {line.pk: line for line in sheet.lines_of(keys)}
    before = previously_forecast(report, list(lines))
    names = ("first_forecast", "no_longer_forecast")
    changed: dict[tuple[str, str], list[int]] = {(key, name): [] for key in keys for name in names}
    for pk, had_forecast in zip(before["line"].tolist(), before["has_forecast"], strict=True):
        has_forecast = lines[pk].current(FORECAST) is not None
        if has_forecast != had_forecast:
            changed[lines[pk].key, names[had_forecast]].append(pk)
    named = line_names(pk for pks in changed.values() for pk in pks[:NAMED_LINES])
    for (key, name), pks in changed.items():
        rows[key].explanation.pop(name, None)
        if pks:
            shown = sorted(named[pk] for pk in pks[:NAMED_LINES])
            rows[key].explanation[name] = {"lines": shown, "more": len(pks) - len(shown)}
    update_rows(list(rows.values()), ["explanation"])
