"""The data that publishing would freeze of an open period, read from the live tables."""

import json
from collections.abc import Collection
from dataclasses import fields
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from council_finance.lazy_mapping import LazyMapping
from council_finance.prepared import prepared
from monitoring.commentary.models import Commentary
from monitoring.contingency.models import ContingencyOffset
from monitoring.figures.models import NodeFigure
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.line_names import public_line_name
from monitoring.ledger.selectors.typed_amounts import current_forecast, current_planned_use
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.structure.council_settings import CouncilSettings
from monitoring.structure.models import BudgetLine, FinancialYear, Period
from monitoring.structure.selectors.settings import settings_of
from monitoring.structure.selectors.tree import current_tree, tree_of_figures
from monitoring.virements.models import Virement

_STORED = {column.name for column in NodeFigure._meta.fields}
_ROW_COLUMNS = tuple(
    f"{each.name}_pence" if f"{each.name}_pence" in _STORED else each.name
    for each in fields(ReportRow)
    if each.name != "explanation"
)
"""The columns of the read model in the order of a row's fields, without `explanation`, the last."""


class DraftData(LazyMapping):
    """A draft by the names under which a report is frozen; each is read on first use.

    Most pages need the rows of the tree and one name more; publishing reads every name, within its
    transaction.
    """

    def __init__(self, period: Period) -> None:
        self._period = period
        super().__init__(
            {
                "council": lambda: period.year.council,
                "settings": lambda: period.year.settings,
                "nodes": lambda: [row.to_data() for row in self.rows],
                "commentary": self._read_commentary,
                "sign_offs": self._read_sign_offs,
                "compared_with": self._read_compared_with,
                "virements": self._read_virements,
                "contingency": lambda: read_contingency(period, self.council_settings),
                "monthly_offset": lambda: _read_monthly_offset(period),
                "previous_sections": lambda: _sum_sections(period.compared_with),
                "exempt_lines": self._read_exempt_lines,
            }
        )

    @property
    def council_settings(self) -> CouncilSettings:
        """Return the settings of today of the period's year."""
        return settings_of(self._period.year)

    @cached_property
    def texts(self) -> list[Commentary]:
        """Return the period's commentary, with services and who signed it off."""
        return _read_texts([self._period])[self._period.pk]

    @cached_property
    def rows(self) -> tuple[ReportRow, ...]:
        """Return the rows of the tree of services in its order; a bare tree without a ledger."""
        if self._period.batch_id is None:
            return rows_without_ledger(self._period.year)
        return tuple(_read_figures([self._period])[self._period.pk])

    def _read_commentary(self) -> dict[str, str]:
        return {each.service.code: each.text for each in self.texts}

    def _read_sign_offs(self) -> dict[str, dict[str, str]]:
        return {
            each.service.code: {
                "by": each.signed_by.name,
                "at": timezone.localdate(each.signed_at).isoformat(),
            }
            for each in self.texts
            if each.signed_by is not None
        }

    def _read_compared_with(self) -> dict[str, Any] | None:
        report = self._period.compared_with
        if report is None:
            return None
        return {"period": report.period.number, "version": report.version}

    def _read_virements(self) -> list[dict[str, Any]]:
        legs = _read_legs(self._period)
        keys = self._rows_of(legs)
        return [_build_leg(leg, keys) for leg in legs]

    def _rows_of(self, legs: list[Virement]) -> dict[int, str]:
        """Return the key of the row that holds each of the legs' services, by the service's id."""
        keys = {row.service: row.key for row in self.rows}
        lines = [line for leg in legs for line in (leg.from_line, leg.to_line) if line is not None]
        if all(line.service_id in keys for line in lines):
            return keys
        return tree_of_figures(self._period.year, self.rows).home_keys

    def _read_exempt_lines(self) -> list[int]:
        exempt = BudgetLine.objects.filter(year=self._period.year, exempt=True)
        return sorted(exempt.order_by().values_list("pk", flat=True))


def read_drafts(periods: Collection[Period]) -> dict[int, DraftData]:
    """Return the drafts of open periods by their ids; rows and texts of all are read at once."""
    drafts = {period.pk: DraftData(period) for period in periods}
    figures = _read_figures([each for each in periods if each.batch_id is not None])
    texts = _read_texts(periods)
    for period in periods:
        draft = drafts[period.pk]
        draft.texts = texts[period.pk]
        if period.batch_id is not None:
            draft.rows = tuple(figures[period.pk])
    return drafts


def _read_figures(periods: Collection[Period]) -> dict[int, list[ReportRow]]:
    """Return the rows of the read model in the order of the tree, by their periods' ids."""
    found: dict[int, list[ReportRow]] = {period.pk: [] for period in periods}
    for period, *values in _figures_of(*found) if found else ():
        found[period].append(_read_row(values))
    return found


@prepared
def _figures_of(*period_ids: int) -> QuerySet[NodeFigure, Any]:
    figures = NodeFigure.objects.filter(period__in=period_ids).order_by("period_id", "place")
    # Read as text: most are empty, and decoding each would take a third of the time.
    figures = figures.annotate(explanation_text=Cast("explanation", TextField()))
    return figures.values_list("period_id", *_ROW_COLUMNS, "explanation_text")


def _read_texts(periods: Collection[Period]) -> dict[int, list[Commentary]]:
    """Return commentary by its periods' ids."""
    found: dict[int, list[Commentary]] = {period.pk: [] for period in periods}
    for text in _texts_of(*found) if found else ():
        found[text.period_id].append(text)
    return found


@prepared
def _texts_of(*period_ids: int) -> QuerySet[Commentary]:
    rows = Commentary.objects.filter(period__in=period_ids)
    return rows.select_related("service", "signed_by")


def _read_row(values: list[Any]) -> ReportRow:
    *figures, explanation = values
    figures.append({} if explanation == "{}" else json.loads(explanation))
    return ReportRow(*figures)


def rows_without_ledger(year: FinancialYear) -> tuple[ReportRow, ...]:
    """Return the tree of services as rows without budget lines."""
    return tuple(
        ReportRow(
            key=node.key,
            parent_key=node.parent_key,
            level=node.level,
            kind=node.kind,
            service=node.service.id,
            label=node.service.name,
            lines=0,
            lines_without_forecast=0,
            budget_without_forecast=0,
            budget=0,
            use_of_reserves=0,
            use_of_capital_receipts=0,
            total_label=node.service.total_label if node.kind == "node" else "",
            section=node.service.section if node.kind == "service" else "",
        )
        for node in current_tree(year).nodes
    )


def _sum_sections(report: Report | None) -> dict[str, int]:
    """Return the net variance of each section of a published report, in pence."""
    sums: dict[str, int] = {}
    for row in frozen_of(report).rows if report else ():
        if row.section and row.net_variance is not None:
            sums[row.section] = sums.get(row.section, 0) + row.net_variance
    return sums


def _read_legs(period: Period) -> list[Virement]:
    legs = Virement.objects.filter(
        year=period.year, period__lte=period.number, declined_on__isnull=True
    )
    legs = legs.select_related("from_line__service", "to_line__service")
    return sorted(legs, key=lambda leg: (leg.period, leg.reference, leg.leg))


def _build_leg(leg: Virement, keys: dict[int, str]) -> dict[str, Any]:
    return {
        "id": leg.pk,
        "reference": leg.reference,
        "leg": leg.leg,
        "period": leg.period,
        "from": _build_leg_end(leg.from_line, keys),
        "to": _build_leg_end(leg.to_line, keys),
        "amount": leg.amount_pence,
        "forecast_amount": leg.forecast_amount_pence,
        "kind": leg.kind,
        "approved_by": leg.approved_by,
        "approved_on": leg.approved_on.isoformat() if leg.approved_on else "",
        "reverses": leg.reverses,
        "reason": leg.reason,
        "decision_reference": leg.decision_reference,
    }


def _build_leg_end(line: BudgetLine | None, keys: dict[int, str]) -> dict[str, Any] | None:
    """Return one end of a leg: its line, the name that readers may see, and its row today."""
    if line is None:
        return None
    return {
        "line": line.pk,
        "code": line.code,
        "name": public_line_name(line),
        "key": keys[line.service_id],
    }


def read_contingency(
    period: Period, settings: CouncilSettings, report: Report | None = None
) -> list[dict[str, Any]]:
    """Return the lines that are the contingency by these settings, in a draft or in a report."""
    codes = settings.contingency_lines
    batch = period.batch_id if report is None else report.batch_id
    if not codes or batch is None:
        return []
    place = (period.pk, period.year_id, batch)
    centres = [code.split("/")[0] for code in codes]
    if report is None:
        positions = _positions_now_of(*place, *centres)
    else:
        positions = list(_positions_of(*place, *centres, through=report.last_forecast_entry))
    return [
        {
            "line": position.line_id,
            "code": position.line.code,
            "original_budget": position.original_budget_pence,
            "budget": position.current_budget_pence,
            "forecast": position.holds,
            "planned_use": position.planned,
        }
        for position in positions
        if position.line.code in codes
    ]


def _positions_of(
    period_id: int, year_id: int, batch_id: int, *centres: str, through: int | None = None
) -> QuerySet[Position, Any]:
    """Return positions of the lines of cost centres in a batch, in the order of the lines.

    `holds` is the current forecast and `planned` the planned use; `through` is as for
    current_forecast.
    """
    # What also reads lines as frames takes a third of a second to load.
    from monitoring.forecasts.selectors.lines import positions_of_lines  # noqa: PLC0415

    found = positions_of_lines(year_id, batch_id, year=year_id, cost_centre__in=centres)
    holds = current_forecast(period_id, through=through)
    planned = current_planned_use(period_id, through=through)
    return found.select_related("line").annotate(holds=holds, planned=planned).order_by("line__pk")


_positions_now_of = prepared(_positions_of)


def _read_monthly_offset(period: Period) -> dict[str, int] | None:
    """Return the notional offset entered for the period, or the latest before it in its year.

    A period's last entry counts, and one without an amount takes the period's own back.
    """
    entries = ContingencyOffset.objects.filter(
        period__year=period.year_id, period__number__lte=period.number
    )
    last = dict(entries.order_by("pk").values_list("period__number", "amount_pence"))
    amounts = {number: pence for number, pence in last.items() if pence is not None}
    if not amounts:
        return None
    number = max(amounts)
    return {"amount": amounts[number], "period": number}
