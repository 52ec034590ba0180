"""Overspends of a year's close that the next year's plan has no row for."""

from collections.abc import Iterable
from dataclasses import dataclass

from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE
from monitoring.models import VariancePart
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import current_data
from monitoring.structure.selectors.calendar import find_period, find_year
from planning.plan.report_rows import GROWTH, INFLATION, TRANSFER
from planning.plan.selectors.next_plan import next_plan_of


@dataclass(frozen=True)
class Pressure:
    """A service's recurring variance at the close beside what the next plan gives it, in pence.

    `is_stated` says that the recurring part was stated; else it is the whole variance before
    reserves. A negative `unfunded` is a cushion: a recurring underspend that is no saving yet.
    """

    service: str
    name: str
    variance: int
    planned: int
    is_stated: bool

    @property
    def unfunded(self) -> int:
        """Return the variance that no row of the plan covers."""
        return self.variance - self.planned


def unfunded_pressures(year: int) -> list[Pressure]:
    """Return each service whose recurring overspend is above what the next plan gives it.

    What is covered least comes first; [] where the close has no figures.
    """
    try:
        facts = current_data(find_period(year, CLOSE))
    except Refused:
        return []
    left, stated = _planned_by_service(year), _stated_parts(year)
    above = _codes_above(facts.nodes)
    found = []
    for node in facts.leaves:
        # What rolls is the rate before one-off money, so reserves used are not taken off.
        variance = stated.get(node.code, node.gross_variance or 0)
        planned = _take_planned(left, node.code, above[node.key], variance)
        found.append(Pressure(node.code, node.label, variance, planned, node.code in stated))
    open_ones = [each for each in found if each.variance > 0 and each.unfunded > 0]
    return sorted(open_ones, key=lambda each: -each.unfunded)


def _codes_above(nodes: Iterable[ReportRow]) -> dict[str, list[str]]:
    """Return the codes of the rows above each row, the nearest first, by its key."""
    by_key = {node.key: node for node in nodes}
    found: dict[str, list[str]] = {}
    for key, node in by_key.items():
        codes, parent = [], by_key.get(node.parent_key)
        while parent is not None:
            codes.append(parent.code)
            parent = by_key.get(parent.parent_key)
        found[key] = codes
    return found


def _take_planned(left: dict[str, int], code: str, above: list[str], variance: int) -> int:
    """Return what the plan gives a service, and take what rows above it give off `left`.

    A row of the plan for a directorate covers its services in the order of the report, until it
    is used up.
    """
    planned = left.get(code, 0)
    for each in above:
        taken = min(max(0, left.get(each, 0)), max(0, variance - planned))
        left[each] = left.get(each, 0) - taken
        planned += taken
    return planned


def _stated_parts(year: int) -> dict[str, int]:
    parts = VariancePart.objects.filter(
        period__year__start=year, period__number=CLOSE, part=VariancePart.Part.RECURRING
    )
    return dict(parts.values_list("service__code", "amount_pence"))


def _planned_by_service(year: int) -> dict[str, int]:
    """Return the growth, inflation and transfers of the next year's plan, by service."""
    plan = next_plan_of(find_year(year))
    found: dict[str, int] = {}
    if plan is not None:
        for item in plan.roll.leaves(GROWTH, INFLATION, TRANSFER):
            step = plan.roll.steps[item.reference][plan.place] or 0
            found[item.service] = found.get(item.service, 0) + step
    return found


def describe_pressures(pressures: list[Pressure]) -> list[str]:
    """Return a sentence for each overspend that no row of the plan covers."""
    return [
        f"{each.name}: {plain_pounds(each.variance)} overspent"
        f"{', recurring' if each.is_stated else ''}; the plan gives it "
        f"{plain_pounds(each.planned)}, so {plain_pounds(each.unfunded)} is covered by no row of "
        "the plan."
        for each in pressures
    ]
