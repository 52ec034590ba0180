"""Store changed forecasts of a service, and update its figures and those of the rows above it."""

from dataclasses import dataclass

import pandas as pd
from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from council_finance.bulk import insert_rows
from council_finance.errors import Refused
from monitoring.commentary.models import Commentary
from monitoring.figures.calculations import FIGURES, TooLarge, refigure
from monitoring.figures.models import NodeFigure
from monitoring.figures.pipeline import NAMED_LINES, clear_sign_offs
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.selectors.lines import previously_forecast, service_lines, services_at
from monitoring.ledger.selectors.line_names import line_names
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear, Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.selectors.tree import OPEN_KINDS, service_rows
from monitoring.structure.trees import Tree
from monitoring.structure.year_changes import refuse_archived, stay_current

_COUNTS = ("lines", "lines_without_forecast", "lines_carried")
_FIELDS = {name: name if name in _COUNTS else f"{name}_pence" for name in FIGURES}


@dataclass
class Worksheet:
    """An open period's figures and one service's lines, while the year is locked.

    `rows` are the period's rows of the read model by key; `signed_keys` are the keys of those whose
    commentary is signed off; `lines` are all lines at `key`, as service_lines returns them.
    """

    year: FinancialYear
    period: Period
    rows: dict[str, NodeFigure]
    signed_keys: frozenset[str]
    key: str
    lines: pd.DataFrame

    @property
    def effective(self) -> pd.DataFrame:
        """Return the lines with their current forecasts: a typed one comes before the file's."""
        typed = self.lines["typed"]
        return self.lines.assign(
            forecast=self.lines["forecast"].mask(typed.notna(), typed),
            carried_from=self.lines["carried_from"].mask(typed.notna(), pd.NA),
        )


def open_worksheet(service: Service, number: int) -> Worksheet:
    """Lock the year and read what a change of the service's forecasts needs.

    Call it inside the writing transaction: the year's revision rises by one, so roll the
    transaction back where nothing is to be changed. The tree is that of the period's figures.
    Raise `Refused` where the year is archived, the period is published or has no figures, or the
    service has no lines.
    """
    refuse_archived(service.year_id)
    # The update locks the year; only data read after it is sure to be current.
    FinancialYear.objects.filter(pk=service.year_id).update(revision=F("revision") + 1)
    period = Period.objects.select_related("year").get(year=service.year_id, number=number)
    if period.is_published:
        raise Refused(published_message(period))
    if period.batch_id is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    signed = Commentary.objects.filter(
        period=period, service=OuterRef("service"), signed_at__isnull=False
    )
    figures = NodeFigure.objects.filter(period=period).annotate(signed=Exists(signed))
    rows: dict[str, NodeFigure] = {row.key: row for row in figures}
    signed_keys = frozenset(row.key for row in figures if row.signed)
    if service.code not in rows or rows[service.code].kind != "service":
        raise Refused(f"{service} has no lines of its own any more; nothing was saved.")
    open_ids = {row.service_id for row in rows.values() if row.kind in OPEN_KINDS}
    tree = Tree.with_open(service_rows(period.year), open_ids)
    services = services_at(tree, service.pk)
    lines = service_lines(period, services)
    return Worksheet(period.year, period, rows, signed_keys, service.code, lines)


def enter_forecasts(sheet: Worksheet, entries: list[ForecastEntry]) -> None:
    """Add the entries and update the read model; the result is that of a full recompute.

    Figures that were up to date stay so. Raise `Refused` where they are too large to add.
    """
    before = sheet.effective["forecast"].isna()
    typed = _insert_entries(entries)
    now = typed.reindex(sheet.lines["line"].to_numpy()).set_axis(sheet.lines.index)
    touched = sheet.lines["line"].isin(typed.index)
    sheet.lines = sheet.lines.assign(typed=sheet.lines["typed"].mask(touched, now))
    if (before != sheet.effective["forecast"].isna()).any():
        _explain_row(sheet)
    _write_rows(sheet, _calculate_figures(sheet))
    stay_current(sheet.year, typed_for=sheet.period)


def _insert_entries(entries: list[ForecastEntry]) -> pd.Series:
    """Add the entries with one statement; return the new forecasts in pence by line id."""
    numbers = ("period_id", "line_id", "previous_pence", "forecast_pence", "source_id", "by_id")
    frame = pd.DataFrame(
        {
            name: pd.array([getattr(entry, name) for entry in entries], dtype="Int64")
            for name in numbers
        }
    )
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    insert_rows(ForecastEntry, frame.assign(reason=[entry.reason for entry in entries], at=at))
    return pd.Series(frame["forecast_pence"].array, index=frame["line_id"].tolist())


def _calculate_figures(sheet: Worksheet) -> pd.DataFrame:
    """Return the period's rows with the service's new forecasts. Raise `Refused` if too large."""
    nodes = pd.DataFrame(
        {
            name: pd.array([getattr(row, field) for row in sheet.rows.values()], dtype="Int64")
            for name, field in _FIELDS.items()
        },
        index=list(sheet.rows),
    ).assign(parent_key=[row.parent_key for row in sheet.rows.values()])
    try:
        return refigure(nodes, sheet.key, sheet.effective)
    except TooLarge as error:
        raise Refused("The figures are too large to be added up exactly.") from error


def _write_rows(sheet: Worksheet, figures: pd.DataFrame) -> None:
    """Store the figures of the service's row and those above it; clear sign-offs that differ."""
    changed, key = [], sheet.key
    while key:
        row = sheet.rows[key]
        for name, field in _FIELDS.items():
            value = figures.loc[key, name]
            setattr(row, field, None if pd.isna(value) else int(value))
        changed.append(row)
        key = row.parent_key
    NodeFigure.objects.bulk_update(changed, [*_FIELDS.values(), "explanation"])
    if any(row.key in sheet.signed_keys for row in changed):
        clear_sign_offs(sheet.period)


def _explain_row(sheet: Worksheet) -> None:
    """Note in the service's row which lines have a first forecast, or no longer have one."""
    row = sheet.rows[sheet.key]
    if sheet.period.compared_with_id is None:
        return
    report = Report.objects.get(pk=sheet.period.compared_with_id)
    lines = sheet.effective[["line", "forecast"]]
    both = lines.merge(previously_forecast(report, lines["line"].tolist()), on="line")
    now = both["forecast"].notna()
    for name, chosen in (
        ("first_forecast", now & ~both["has_forecast"]),
        ("no_longer_forecast", ~now & both["has_forecast"]),
    ):
        changed = both.loc[chosen, "line"]
        row.explanation.pop(name, None)
        if len(changed):
            named = line_names(changed.head(NAMED_LINES))
            row.explanation[name] = {
                "lines": sorted(named.values()),
                "more": len(changed) - len(named),
            }
