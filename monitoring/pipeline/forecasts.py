"""Figures after forecasts of one service changed: its row and those above it, at once."""

import pandas as pd

from council_finance.errors import Refused
from monitoring.calculations import FIGURES, TooLarge, refigure
from monitoring.models import NodeFigure, Period, PeriodState
from monitoring.pipeline.figures import NAMED_LINES, clear_sign_offs
from monitoring.selectors.line_names import line_names
from monitoring.selectors.lines import previously_forecast

_COUNTS = ("lines", "lines_without_forecast", "lines_carried")
_FIELDS = {name: name if name in _COUNTS else f"{name}_pence" for name in FIGURES}


def refresh_service(period: Period, key: str, lines: pd.DataFrame, *, revision: int) -> None:
    """Bring the read model up to new forecasts of the service at `key`; same as a whole pass.

    `lines` are all its lines, as positions_frame gives them. Call it inside the writing
    transaction, with the year's new `revision`: figures that were up to date stay so. Raises
    Refused where the figures are too large to add.
    """
    rows = {row.key: row for row in NodeFigure.objects.filter(period=period)}
    nodes = pd.DataFrame(
        {
            name: pd.array([getattr(row, field) for row in rows.values()], dtype="Int64")
            for name, field in _FIELDS.items()
        },
        index=list(rows),
    ).assign(parent_key=[row.parent_key for row in rows.values()])
    try:
        figures = refigure(nodes, key, lines)
    except TooLarge as error:
        raise Refused("The figures are too large to be added up exactly.") from error
    _explain(rows[key], period, lines)
    changed = []
    while key:
        row = rows[key]
        for name, field in _FIELDS.items():
            value = figures.loc[key, name]
            setattr(row, field, None if pd.isna(value) else int(value))
        changed.append(row)
        key = row.parent_key
    NodeFigure.objects.bulk_update(changed, [*_FIELDS.values(), "explanation"])
    clear_sign_offs(period)
    Period.objects.filter(
        year=period.year_id, state=PeriodState.OPEN, figures_revision=revision - 1
    ).update(figures_revision=revision)


def _explain(row: NodeFigure, period: Period, lines: pd.DataFrame) -> None:
    """Which lines of the service are forecast for the first time, or no longer."""
    if period.compared_with_id is None:
        return
    before = previously_forecast(period.compared_with, lines["line"].tolist())
    both = lines[["line", "forecast"]].merge(before, on="line")
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
