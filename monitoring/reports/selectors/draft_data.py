"""What publishing would freeze of an open period, read from the live tables."""

import json
from dataclasses import fields
from functools import cached_property
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from council_finance.lazy_mapping import LazyMapping
from monitoring.commentary.models import Commentary
from monitoring.figures.models import NodeFigure
from monitoring.forecasts.selectors.lines import positions_of_lines
from monitoring.ledger.selectors.line_names import public_line_name
from monitoring.ledger.selectors.typed_forecasts import current_forecast
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.tree import tree_of_figures
from monitoring.virements.models import Virement

_STORED = {column.name for column in NodeFigure._meta.fields}
_ROW_COLUMNS = tuple(
    f"{each.name}_pence" if f"{each.name}_pence" in _STORED else each.name
    for each in fields(ReportRow)
    if each.name != "explanation"
)
"""The columns of the read model in the order of the fields of a row, of which the last is left."""


class DraftData(LazyMapping):
    """A draft by the names under which a report is frozen; each is read when first asked for.

    Most pages ask for the rows of the tree and for one thing more; publishing asks for everything,
    within its transaction.
    """

    def __init__(self, period: Period) -> None:
        self._period = period
        super().__init__(
            {
                "council": lambda: period.year.council,
                "settings": lambda: period.year.settings,
                "nodes": lambda: [row.to_data() for row in self.rows],
                "commentary": self._commentary,
                "sign_offs": self._sign_offs,
                "compared_with": self._compared_with,
                "virements": self._virements,
                "contingency": lambda: _contingency(period),
                "previous_sections": lambda: _sections(period.compared_with),
                "exempt_lines": self._exempt_lines,
            }
        )

    @cached_property
    def _commentary_rows(self) -> list[Commentary]:
        rows = Commentary.objects.filter(period=self._period)
        return list(rows.select_related("service", "signed_by"))

    @cached_property
    def rows(self) -> tuple[ReportRow, ...]:
        """The rows of the tree of services in its order."""
        figures = NodeFigure.objects.filter(period=self._period).order_by("place")
        # As text, since most rows have none: to decode each would take a third of the time.
        figures = figures.annotate(explanation_text=Cast("explanation", TextField()))
        columns = figures.values_list(*_ROW_COLUMNS, "explanation_text")
        return tuple(_read_row(values) for values in columns)

    def _commentary(self) -> dict[str, str]:
        return {each.service.code: each.text for each in self._commentary_rows}

    def _sign_offs(self) -> dict[str, dict[str, str]]:
        return {
            each.service.code: {
                "by": each.signed_by.name,
                "at": timezone.localdate(each.signed_at).isoformat(),
            }
            for each in self._commentary_rows
            if each.signed_by is not None
        }

    def _compared_with(self) -> dict[str, Any] | None:
        report = self._period.compared_with
        if report is None:
            return None
        return {"period": report.period.number, "version": report.version}

    def _virements(self) -> list[dict[str, Any]]:
        legs = _legs(self._period)
        keys = self._rows_of(legs)
        return [_leg(leg, keys) for leg in legs]

    def _rows_of(self, legs: list[Virement]) -> dict[int, str]:
        """Keys of the rows where the legs' services stand, by the id of the service."""
        keys = {row.service: row.key for row in self.rows}
        lines = [line for leg in legs for line in (leg.from_line, leg.to_line) if line is not None]
        if all(line.service_id in keys for line in lines):
            return keys
        return tree_of_figures(self._period.year, self.rows).home_keys

    def _exempt_lines(self) -> list[int]:
        exempt = BudgetLine.objects.filter(year=self._period.year, exempt=True)
        return sorted(exempt.order_by().values_list("pk", flat=True))


def _read_row(values: tuple[Any, ...]) -> ReportRow:
    *figures, explanation = values
    figures.append({} if explanation == "{}" else json.loads(explanation))
    return ReportRow(*figures)


def _sections(report: Report | None) -> dict[str, int]:
    """Net variances of a frozen report by section."""
    sums: dict[str, int] = {}
    for row in frozen_of(report).rows if report else ():
        if row.section and row.net_variance is not None:
            sums[row.section] = sums.get(row.section, 0) + row.net_variance
    return sums


def _legs(period: Period) -> list[Virement]:
    legs = Virement.objects.filter(
        year=period.year, period__lte=period.number, declined_on__isnull=True
    )
    legs = legs.select_related("from_line__service", "to_line__service")
    return sorted(legs, key=lambda leg: (leg.period, leg.reference, leg.leg))


def _leg(leg: Virement, keys: dict[int, str]) -> dict[str, Any]:
    return {
        "id": leg.pk,
        "reference": leg.reference,
        "leg": leg.leg,
        "period": leg.period,
        "from": _end(leg.from_line, keys),
        "to": _end(leg.to_line, keys),
        "amount": leg.amount_pence,
        "forecast_amount": leg.forecast_amount_pence,
        "kind": leg.kind,
        "approved_by": leg.approved_by,
        "approved_on": leg.approved_on.isoformat() if leg.approved_on else "",
        "reverses": leg.reverses,
        "reason": leg.reason,
    }


def _end(line: BudgetLine | None, keys: dict[int, str]) -> dict[str, Any] | None:
    """A leg's end: the line, how readers may see it named, and the row where it stands today."""
    if line is None:
        return None
    return {
        "line": line.pk,
        "code": line.code,
        "name": public_line_name(line),
        "key": keys[line.service_id],
    }


def _contingency(period: Period) -> list[dict[str, Any]]:
    codes = read_settings(period.year.settings).contingency_lines
    if not codes or period.batch_id is None:
        return []
    centres = [code.split("/")[0] for code in codes]
    positions = positions_of_lines(period.batch_id, year=period.year, cost_centre__in=centres)
    positions = positions.select_related("line").annotate(holds=current_forecast(period.pk))
    return [
        {
            "line": position.line_id,
            "code": position.line.code,
            "original_budget": position.original_budget_pence,
            "budget": position.current_budget_pence,
            "forecast": position.holds,
            "planned_use": position.planned_use_of_reserves_pence
            + position.planned_use_of_capital_receipts_pence,
        }
        for position in positions.order_by("line__pk")
        if position.line.code in codes
    ]
