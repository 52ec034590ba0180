"""A service's forecasts while they are changed, and its figures after: its row and those above."""

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
from monitoring.structure.year_changes import stay_current

_COUNTS = ("lines", "lines_without_forecast", "lines_carried")
_FIELDS = {name: name if name in _COUNTS else f"{name}_pence" for name in FIGURES}


@dataclass
class Worksheet:
    """An open period's figures and one service's lines, under the year's lock.

    `rows` are the period's rows of the read model by key; `lines` all lines that stand at `key`,
    as selectors.lines.service_lines gives them.
    """

    year: FinancialYear
    period: Period
    rows: dict[str, NodeFigure]
    key: str
    lines: pd.DataFrame

    @property
    def effective(self) -> pd.DataFrame:
        """The lines with the forecasts that hold: a typed one stands before the file's."""
        typed = self.lines["typed"]
        return self.lines.assign(
            forecast=self.lines["forecast"].mask(typed.notna(), typed),
            carried_from=self.lines["carried_from"].mask(typed.notna(), pd.NA),
        )


def open_worksheet(service: Service, number: int) -> Worksheet:
    """Lock the year and read what a change of the service's forecasts needs. Raises Refused.

    Call it inside the writing transaction: the year moves on by one revision, so where nothing
    is to be changed the transaction is to be taken back. The tree is that of the period's figures.
    """
    # The update locks the year; only what is read after it is sure to be as it stands now.
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
    rows = {row.key: row for row in figures}
    if service.code not in rows or rows[service.code].kind != "service":
        raise Refused(f"{service} has no lines of its own any more; nothing was saved.")
    open_ids = {row.service_id for row in rows.values() if row.kind in OPEN_KINDS}
    tree = Tree.with_open(service_rows(period.year), open_ids)
    services = services_at(tree, service.pk)
    return Worksheet(period.year, period, rows, service.code, service_lines(period, services))


def enter(sheet: Worksheet, entries: list[ForecastEntry]) -> None:
    """Add the entries and bring the read model up to them; the same as a whole pass would.

    Figures that were up to date stay so. Raises Refused where they are too large to add.
    """
    before = sheet.effective["forecast"].isna()
    typed = _insert(entries)
    now = typed.reindex(sheet.lines["line"].to_numpy()).set_axis(sheet.lines.index)
    touched = sheet.lines["line"].isin(typed.index)
    sheet.lines = sheet.lines.assign(typed=sheet.lines["typed"].mask(touched, now))
    if (before != sheet.effective["forecast"].isna()).any():
        _explain(sheet)
    _write(sheet, _figures(sheet))
    stay_current(sheet.year, typed_for=sheet.period)


def _insert(entries: list[ForecastEntry]) -> pd.Series:
    """Add the entries in one go; answers the forecasts that now hold, by line id."""
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


def _figures(sheet: Worksheet) -> pd.DataFrame:
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


def _write(sheet: Worksheet, figures: pd.DataFrame) -> None:
    changed, key = [], sheet.key
    while key:
        row = sheet.rows[key]
        for name, field in _FIELDS.items():
            value = figures.loc[key, name]
            setattr(row, field, None if pd.isna(value) else int(value))
        changed.append(row)
        key = row.parent_key
    NodeFigure.objects.bulk_update(changed, [*_FIELDS.values(), "explanation"])
    if any(row.signed for row in changed):
        clear_sign_offs(sheet.period)


def _explain(sheet: Worksheet) -> None:
    """Which lines of the service are forecast for the first time, or no longer."""
    row = sheet.rows[sheet.key]
    report = Report.objects.filter(pk=sheet.period.compared_with_id).first()
    if report is None:
        return
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
