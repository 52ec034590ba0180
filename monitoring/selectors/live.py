"""What publishing would freeze of an open period, read from the live tables."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django.utils import timezone

from monitoring.council_settings import read_settings
from monitoring.models import BudgetLine, Commentary, NodeFigure, Period, Position, Report, Virement
from monitoring.selectors.forecasts import forecast_that_holds
from monitoring.selectors.frozen import frozen_of
from monitoring.selectors.inputs import tree_of_figures
from monitoring.selectors.line_names import public_line_name
from monitoring.trees import Tree

_NODE_FIELDS = (
    "key",
    "parent_key",
    "level",
    "kind",
    "label",
    "total_label",
    "section",
    "lines",
    "lines_without_forecast",
    "lines_carried",
    "explanation",
)
_PENCE_FIELDS = (
    "budget_without_forecast",
    "original_budget",
    "budget",
    "actual_to_date",
    "forecast",
    "gross_variance",
    "use_of_reserves",
    "use_of_capital_receipts",
    "net_variance",
    "previous_as_published",
    "previous_net_variance",
    "movement",
    "movement_as_published",
)


class LiveFacts(Mapping[str, Any]):
    """A draft by the names under which a report is frozen; each is read when first asked for.

    Most pages ask for the rows of the tree and for one thing more; publishing asks for everything,
    within its transaction.
    """

    def __init__(self, period: Period) -> None:
        self._period = period
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = _READERS[name](self)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_READERS)

    def __len__(self) -> int:
        return len(_READERS)

    @cached_property
    def _commentary_rows(self) -> list[Commentary]:
        rows = Commentary.objects.filter(period=self._period)
        return list(rows.select_related("service", "signed_by"))

    def _nodes(self) -> list[dict]:
        figures = NodeFigure.objects.filter(period=self._period).order_by("place")
        names = (*_NODE_FIELDS, *_PENCE_FIELDS, "service")
        columns = (*_NODE_FIELDS, *(f"{name}_pence" for name in _PENCE_FIELDS), "service_id")
        return [dict(zip(names, row, strict=True)) for row in figures.values_list(*columns)]

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

    def _compared_with(self) -> dict | None:
        report = self._period.compared_with
        return report and {"period": report.period.number, "version": report.version}

    def _virements(self) -> list[dict]:
        legs = _legs(self._period)
        if not legs:
            return []
        tree = tree_of_figures(self._period.year, self["nodes"])
        return [_leg(leg, tree) for leg in legs]

    def _exempt_lines(self) -> list[int]:
        exempt = BudgetLine.objects.filter(year=self._period.year, exempt=True)
        return sorted(exempt.order_by().values_list("pk", flat=True))


def _sections(report: Report | None) -> dict[str, int]:
    """Net variances of a frozen report by section."""
    sums: dict[str, int] = {}
    for node in frozen_of(report)["nodes"] if report else ():
        if node["section"] and node["net_variance"] is not None:
            sums[node["section"]] = sums.get(node["section"], 0) + node["net_variance"]
    return sums


def _legs(period: Period) -> list[Virement]:
    legs = Virement.objects.filter(
        year=period.year, period__lte=period.number, declined_on__isnull=True
    )
    legs = legs.select_related("from_line__service", "to_line__service")
    return sorted(legs, key=lambda leg: (leg.period, leg.reference, leg.leg))


def _leg(leg: Virement, tree: Tree) -> dict:
    return {
        "id": leg.pk,
        "reference": leg.reference,
        "leg": leg.leg,
        "period": leg.period,
        "from": _end(leg.from_line, tree),
        "to": _end(leg.to_line, tree),
        "amount": leg.amount_pence,
        "forecast_amount": leg.forecast_amount_pence,
        "kind": leg.kind,
        "approved_by": leg.approved_by,
        "approved_on": leg.approved_on.isoformat() if leg.approved_on else "",
        "reverses": leg.reverses,
        "reason": leg.reason,
    }


def _end(line: BudgetLine | None, tree: Tree) -> dict | None:
    """A leg's end: the line, how readers may see it named, and the row where it stands today."""
    if line is None:
        return None
    return {
        "line": line.pk,
        "code": line.code,
        "name": public_line_name(line),
        "key": tree.home_keys[line.service_id],
    }


def _contingency(period: Period) -> list[dict]:
    codes = read_settings(period.year.settings).contingency_lines
    if not codes:
        return []
    centres = [code.split("/")[0] for code in codes]
    positions = Position.objects.filter(batch=period.batch, line__cost_centre__in=centres)
    positions = positions.select_related("line").annotate(holds=forecast_that_holds(period.pk))
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


_READERS: dict[str, Callable[[LiveFacts], Any]] = {
    "council": lambda live: live._period.year.council,
    "settings": lambda live: live._period.year.settings,
    "nodes": LiveFacts._nodes,
    "commentary": LiveFacts._commentary,
    "sign_offs": LiveFacts._sign_offs,
    "compared_with": LiveFacts._compared_with,
    "virements": LiveFacts._virements,
    "contingency": lambda live: _contingency(live._period),
    "previous_sections": lambda live: _sections(live._period.compared_with),
    "exempt_lines": LiveFacts._exempt_lines,
}
