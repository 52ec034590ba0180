"""What approving a virement would do to an open period's figures. Nothing is written.

It is worked out by the calculation that an approval starts, with the virement's legs added.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from monitoring.figures.calculations import Figures, compute_figures
from monitoring.figures.selectors.inputs import (
    Inputs,
    approved_virements,
    figures_inputs,
    unreflected_virements,
    virement_legs,
)
from monitoring.ledger.models import Position
from monitoring.published.models import Report
from monitoring.structure.models import BudgetLine, Period
from monitoring.virements.models import Virement

IN_LEDGER, NOT_YET, UNCLEAR, NO_FIGURES = "in the ledger", "not yet", "unclear", "no figures"
"""Whether the ledger's budget of a line holds the virement already."""


@dataclass(frozen=True)
class LineEffect:
    """A line's budget in pence: what it was, what approved virements explain, what it is now.

    `moves` is what the virement adds to it (negative: takes from it). The ledger's current budget
    is the truth, and approving never adds to it; `ledger` says whether it holds the virement.
    """

    line: BudgetLine
    moves: int
    base: int | None
    base_is_approved_budget: bool
    explained: int
    budget: int | None

    @property
    def unexplained(self) -> int | None:
        """What the ledger's budget has beyond what approved virements explain."""
        if self.budget is None or self.base is None:
            return None
        return self.budget - self.base - self.explained

    @property
    def ledger(self) -> str:
        """IN_LEDGER, NOT_YET, UNCLEAR or NO_FIGURES."""
        if self.unexplained is None:
            return NO_FIGURES
        return {0: NOT_YET, self.moves: IN_LEDGER}.get(self.unexplained, UNCLEAR)


@dataclass(frozen=True)
class ServiceEffect:
    """A service's figures in pence, as they stand and as they would after the approval.

    `variance` and `published` are the same in both: approving changes what the previous report is
    restated to, and so the movement. None: there is no such figure.
    """

    name: str
    budget: int
    variance: int | None
    published: int | None
    restated: int | None
    restated_after: int | None
    movement: int | None
    movement_after: int | None


@dataclass(frozen=True)
class Effect:
    """The effect on one open period; `previous` is the report that is restated.

    `partial` says that services or lines outside the reader's part were left out.
    """

    period: Period
    previous: Report | None
    services: tuple[ServiceEffect, ...]
    lines: tuple[LineEffect, ...]
    partial: bool


def virement_effect(
    legs: Sequence[Virement], period: Period, reach: Container[int] | None = None
) -> Effect:
    """What approving these pending legs does to the open period's draft, which has figures.

    `reach`, where given, holds the services that the reader may see drafts of.
    """
    inputs = figures_inputs(period)
    ends = {line.pk: line for leg in legs for line in (leg.from_line, leg.to_line) if line}
    seen = {pk: line for pk, line in ends.items() if reach is None or line.service_id in reach}
    services = tuple(_services(inputs, legs, ends, list(seen)))
    lines = tuple(_lines(inputs, legs, period, seen))
    return Effect(period, inputs.previous_report, services, lines, len(seen) < len(ends))


def _services(inputs: Inputs, legs, ends: dict[int, BudgetLine], seen: list[int]):
    """The services on which lines seen stand today, in the order of the tree."""
    services = {line: ends[line].service_id for line in ends}
    known = {**inputs.line_services.to_dict(), **services}
    as_it_is = replace(inputs, line_services=pd.Series(known, dtype="int64"))
    added = virement_legs(Virement.objects.filter(pk__in=[leg.pk for leg in legs]))
    now = _compute(as_it_is)
    after = _compute(replace(as_it_is, legs=pd.concat([inputs.legs, added], ignore_index=True)))
    keys = {after.tree.home_keys[ends[line].service_id] for line in seen}
    for node in after.tree.nodes:
        if node.key in keys:
            yield _service(node.service.name, now, after, node.key)


def _compute(inputs: Inputs) -> Figures:
    return compute_figures(
        inputs.tree, inputs.positions, inputs.previous, inputs.legs, inputs.line_services
    )


def _service(name: str, now: Figures, after: Figures, key: str) -> ServiceEffect:
    # A row that only the virement brings into the tree has no figures without it.
    here, then = now.nodes.reindex([key]).iloc[0], after.nodes.loc[key]
    return ServiceEffect(
        name=name,
        budget=int(then["budget"]),
        variance=_whole(then["net_variance"]),
        published=_whole(then["previous_as_published"]),
        restated=_whole(here["previous_net_variance"]),
        restated_after=_whole(then["previous_net_variance"]),
        movement=_whole(here["movement"]),
        movement_after=_whole(then["movement"]),
    )


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)


def _lines(inputs: Inputs, legs, period: Period, ends: dict[int, BudgetLine]):
    """The budget of each line, from the approved one where it is given, by code."""
    now = _budgets(period.batch_id, ends)
    report = inputs.previous_report
    before = _budgets(report.batch_id, ends) if report else {}
    approved = _moves(approved_virements(period))
    new = _moves(unreflected_virements(period, report))
    moves = _moves(legs)
    for line in sorted(ends.values(), key=lambda line: (line.cost_centre, line.account)):
        original, budget = now.get(line.pk, (None, None))
        from_original = original is not None
        yield LineEffect(
            line=line,
            moves=moves[line.pk],
            base=original if from_original else before.get(line.pk, (None, None))[1],
            base_is_approved_budget=from_original,
            explained=(approved if from_original else new).get(line.pk, 0),
            budget=budget,
        )


def _budgets(batch_id: int, lines) -> dict[int, tuple[int | None, int]]:
    """Original and current budget by line."""
    rows = Position.objects.filter(batch=batch_id, line__in=list(lines))
    fields = rows.values_list("line_id", "original_budget_pence", "current_budget_pence")
    return {line: (original, current) for line, original, current in fields}


def _moves(legs) -> dict[int, int]:
    """What legs add to each line's budget."""
    moved: dict[int, int] = {}
    for leg in legs:
        for line, sign in ((leg.to_line_id, 1), (leg.from_line_id, -1)):
            if line is not None:
                moved[line] = moved.get(line, 0) + sign * leg.amount_pence
    return moved
