"""Store typed figures of some services, and update these and the rows above them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from council_finance.bulk import insert_rows, update_rows
from council_finance.errors import Refused
from monitoring.commentary.models import Commentary
from monitoring.figures.calculations import COUNTS, FIGURES, Row, TooLarge, refigure
from monitoring.figures.models import NodeFigure, NodeKind
from monitoring.figures.pipeline import NAMED_LINES, clear_sign_offs
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.selectors.lines import (
    current_figures,
    lines_with_ties,
    previously_forecast,
)
from monitoring.ledger.selectors.line_names import line_names
from monitoring.published.models import Report
from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.selectors.tree import OPEN_KINDS, service_rows
from monitoring.structure.trees import Tree
from monitoring.structure.year_changes import archived_message, stay_current

_FIELDS = {name: name if name in COUNTS else f"{name}_pence" for name in FIGURES}


@dataclass
class Worksheet:
    """An open period's figures and the lines of some services, while the year is locked.

    `rows` are the period's rows of the read model by key, in the order of the tree; `signed_keys`
    are the keys of those whose commentary is signed off. `services` are the ids by row key of the
    services without others at or under the row that was opened. `lines` are all lines of those
    services that were read, as service_lines returns them, with `key` (of their service's row).
    """

    year: FinancialYear
    period: Period
    rows: dict[str, NodeFigure]
    signed_keys: frozenset[str]
    tree: Tree
    services: dict[str, int]
    lines: pd.DataFrame
    earlier: tuple[Period, ...]

    def read_lines(
        self,
        keys: set[str],
        lines: Collection[int] | None = None,
        *,
        with_before: bool = False,
    ) -> None:
        """Read all lines of the services with these keys, or of those with any of `lines`.

        One query: the lines beside some lines are those of the same services, and of the closed
        ones whose lines belong to any of these services now. `with_before` adds their figures in
        the nearest of the `earlier` months.
        """
        homes = {service: self.tree.home(service) for service in self.tree.register}
        key_of = {self.services[key]: key for key in keys}
        here = {service: key_of[home] for service, home in homes.items() if home in key_of}
        wanted = Q(service__in=list(here))
        if lines is not None and len(keys) > 1:
            moved = {
                each
                for service in here
                if homes[service] != service
                for each in (service, homes[service])
            }
            same = BudgetLine.objects.filter(pk__in=lines, service__in=list(here)).order_by()
            wanted &= Q(service__in=same.values("service")) | Q(service__in=moved)
        before = self.earlier[0] if with_before and self.earlier else None
        found = lines_with_ties(self.period, wanted, before=before)
        self.lines = found.assign(key=found["service"].map(here))

    @property
    def current(self) -> pd.DataFrame:
        """Return the lines with their current figures: a typed one comes before the file's."""
        return current_figures(self.lines)


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
    signed = Commentary.objects.filter(
        period=period, service=OuterRef("service"), signed_at__isnull=False
    )
    figures = NodeFigure.objects.filter(period=period).annotate(signed=Exists(signed))
    figures = figures.order_by("place")
    rows: dict[str, NodeFigure] = {row.key: row for row in figures}
    signed_keys = frozenset(row.key for row in figures if row.signed)
    services = _services_under(rows, node.code)
    if not services:
        raise Refused(f"{node} has no lines of its own any more; nothing was saved.")
    open_ids = {row.service_id for row in rows.values() if row.kind in OPEN_KINDS}
    tree = Tree.with_open(service_rows(period.year), open_ids)
    lines = pd.DataFrame()
    return Worksheet(period.year, period, rows, signed_keys, tree, services, lines, earlier)


def _read_months(year_id: int, number: int) -> tuple[Period, tuple[Period, ...]]:
    """Return a period, and those before it that have figures, the latest first; by one query."""
    rows = Period.objects.filter(year=year_id, number__lte=number)
    found = {period.number: period for period in rows.select_related("year").order_by("-number")}
    period = found.pop(number)
    return period, tuple(each for each in found.values() if each.batch_id is not None)


def _services_under(rows: Mapping[str, NodeFigure], top: str) -> dict[str, int]:
    """Return key and id of each service without others at or under a row; none for no such row."""
    under: set[str] = set()
    found = {}
    for key, row in rows.items():
        if key == top or row.parent_key in under:
            under.add(key)
            if row.kind == NodeKind.SERVICE:
                found[key] = row.service_id
    return found


def lines_after(sheet: Worksheet, entries: list[ForecastEntry]) -> pd.DataFrame:
    """Return the lines with their figures as they will be once the entries are stored."""
    return current_figures(_with_entries(sheet.lines, entries))


def enter_figures(sheet: Worksheet, entries: list[ForecastEntry]) -> None:
    """Add the entries and update the read model; the result is that of a full recompute.

    Figures that were up to date stay so. Raise `Refused` where they are too large to add.
    """
    before = sheet.current["forecast"].isna()
    _insert_entries(entries)
    sheet.lines = _with_entries(sheet.lines, entries)
    current = sheet.current
    changed = before != current["forecast"].isna()
    if changed.any():
        _explain_rows(sheet, set(sheet.lines.loc[changed, "key"]))
    touched = set(sheet.lines.loc[sheet.lines["line"].isin([e.line_id for e in entries]), "key"])
    _write_rows(sheet, touched, _calculate_figures(sheet, current))
    stay_current(sheet.year, typed_for=sheet.period)


def _with_entries(lines: pd.DataFrame, entries: list[ForecastEntry]) -> pd.DataFrame:
    """Return the lines with these entries as their typed figures."""
    changed = {}
    for measure in {entry.measure for entry in entries}:
        amounts = {e.line_id: e.forecast_pence for e in entries if e.measure == measure}
        by_line = pd.Series(pd.array(list(amounts.values()), dtype="Int64"), index=list(amounts))
        now = by_line.reindex(lines["line"].to_numpy()).set_axis(lines.index)
        name = f"typed_{measure}"
        changed[name] = lines[name].mask(lines["line"].isin(list(amounts)), now)
    return lines.assign(**changed)


def _insert_entries(entries: list[ForecastEntry]) -> None:
    """Add the entries with one statement."""
    numbers = ("period_id", "line_id", "previous_pence", "forecast_pence", "source_id", "by_id")
    frame = pd.DataFrame(
        {
            name: pd.array([getattr(entry, name) for entry in entries], dtype="Int64")
            for name in numbers
        }
    )
    texts = {
        name: [str(getattr(entry, name)) for entry in entries]
        for name in ("measure", "tied_to", "reason")
    }
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    insert_rows(ForecastEntry, frame.assign(**texts, at=at))


def _calculate_figures(sheet: Worksheet, current: pd.DataFrame) -> dict[str, Row]:
    """Return the period's rows with the current figures. Raise `Refused` if too large."""
    rows = {
        key: {"parent_key": row.parent_key}
        | {name: getattr(row, field) for name, field in _FIELDS.items()}
        for key, row in sheet.rows.items()
    }
    try:
        return refigure(rows, current)
    except TooLarge as error:
        raise Refused("The figures are too large to be added up exactly.") from error


def _write_rows(sheet: Worksheet, touched: set[str], figures: Mapping[str, Row]) -> None:
    """Store the figures of the services' rows and those above; clear sign-offs that differ."""
    changed: dict[str, NodeFigure] = {}
    for key in touched:
        while key and key not in changed:
            changed[key] = row = sheet.rows[key]
            key = row.parent_key
    for key, row in changed.items():
        for name, field in _FIELDS.items():
            setattr(row, field, figures[key][name])
    update_rows(list(changed.values()), [*_FIELDS.values(), "explanation"])
    if not sheet.signed_keys.isdisjoint(changed):
        clear_sign_offs(sheet.period)


def _explain_rows(sheet: Worksheet, keys: set[str]) -> None:
    """Note in the services' rows which lines have a first forecast, or no longer have one."""
    if sheet.period.compared_with_id is None:
        return
    report = Report.objects.get(pk=sheet.period.compared_with_id)
    lines = sheet.current.loc[sheet.lines["key"].isin(keys), ["line", "key", "forecast"]]
    both = lines.merge(previously_forecast(report, lines["line"].tolist()), on="line")
    now, then = both["forecast"].notna(), both["has_forecast"]
    changes = {"first_forecast": now & ~then, "no_longer_forecast": ~now & then}
    chosen = {
        (key, name): both.loc[is_changed & (both["key"] == key), "line"].tolist()
        for name, is_changed in changes.items()
        for key in keys
    }
    names = line_names(line for lines in chosen.values() for line in lines[:NAMED_LINES])
    for (key, name), changed in chosen.items():
        explanation = sheet.rows[key].explanation
        explanation.pop(name, None)
        if changed:
            named = sorted(names[line] for line in changed[:NAMED_LINES])
            explanation[name] = {"lines": named, "more": len(changed) - len(named)}
