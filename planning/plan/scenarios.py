"""Scenarios of a plan: the same items and sources with other amounts. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from planning.plan.calculations import (
    Roll,
    YearSummary,
    absolute_funding,
    funding_of_net_budget,
    roll_forward,
    summarise,
)
from planning.plan.report_rows import Amounts, FundingRow, PlanRow, ScenarioRow

_NO_SLUG = re.compile(r"[^a-z0-9]+")
PLAN = "Plan"
"""The name of the plan itself among its scenarios."""


def slug_of(name: str) -> str:
    """Return a name as keys of columns have it: `Higher pay, 5%` is `higher-pay-5`."""
    return _NO_SLUG.sub("-", name.casefold()).strip("-")


@dataclass(frozen=True)
class Scenario:
    """A set of amounts with its summary by year."""

    name: str
    summary: Sequence[YearSummary]


def with_scenario(items: Sequence[PlanRow], amounts: Mapping[str, Amounts]) -> tuple[PlanRow, ...]:
    """Return the items with a scenario's amounts; a parent whose parts change follows them."""
    changed = [
        replace(item, amounts={**item.amounts, **amounts[item.reference]})
        if item.reference in amounts
        else item
        for item in items
    ]
    by_parent: dict[str, list[PlanRow]] = {}
    for item in changed:
        by_parent.setdefault(item.parent, []).append(item)
    return tuple(
        replace(item, amounts=_sum_parts(by_parent[item.reference]))
        if item.reference in by_parent
        else item
        for item in changed
    )


def _sum_parts(parts: Sequence[PlanRow]) -> dict[int, int]:
    years = {year for part in parts for year in part.amounts}
    return {year: sum(part.amounts.get(year, 0) for part in parts) for year in sorted(years)}


def scenarios_of(
    roll: Roll,
    amounts: str,
    base: int | None,
    sources: Sequence[FundingRow],
    rows: Sequence[ScenarioRow],
    *,
    funding_amounts: str = "",
) -> list[Scenario]:
    """Return the plan, and each scenario in the order of the file, with their summaries.

    `amounts` and `funding_amounts` say what was entered of items and of sources.
    """
    named: dict[str, dict[str, Amounts]] = {PLAN: {}}
    for row in rows:
        named.setdefault(row.scenario, {})[row.reference] = row.amounts
    return [
        Scenario(
            name,
            _summary_of(
                with_scenario(roll.items, changed),
                roll.years,
                amounts,
                base,
                absolute_funding(_change_sources(sources, changed), roll.years, funding_amounts),
            ),
        )
        for name, changed in named.items()
    ]


def _change_sources(
    sources: Sequence[FundingRow], changed: Mapping[str, Amounts]
) -> list[FundingRow]:
    return [
        replace(source, amounts={**source.amounts, **changed.get(source.reference, {})})
        for source in sources
    ]


def _summary_of(
    items: Sequence[PlanRow],
    years: Sequence[int],
    amounts: str,
    base: int | None,
    sources: Sequence[FundingRow],
) -> list[YearSummary]:
    funding = funding_of_net_budget(sources, years)
    return summarise(roll_forward(items, years, amounts), base, funding)
