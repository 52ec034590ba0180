"""The effect that approving a virement would have on an open period. Nothing is stored.

It comes from the calculation that an approval starts, with the virement's legs added.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
"""The answers to whether the ledger's budget of a line has the virement already."""


@dataclass(frozen=True)
class LineEffect:
    """A line's budget in pence: before (`base`), explained by approved virements, and now.

    `moves` is the amount that the virement adds to the line; negative where it takes from it. The
    ledger's current budget counts, and approving never adds to it; `ledger` says whether it has
    the virement already.
    """

    line: BudgetLine
    moves: int
    base: int | None
    base_is_approved_budget: bool
    explained: int
    budget: int | None

    @property
    def unexplained(self) -> int | None:
        """Return the change of the ledger's budget that approved virements do not explain."""
        if self.budget is None or self.base is None:
            return None
        return self.budget - self.base - self.explained

    @property
    def ledger(self) -> str:
        """Return IN_LEDGER, NOT_YET, UNCLEAR or NO_FIGURES."""
        if self.unexplained is None:
            return NO_FIGURES
        return {0: NOT_YET, self.moves: IN_LEDGER}.get(self.unexplained, UNCLEAR)


@dataclass(frozen=True)
class ServiceEffect:
    """A service's figures in pence, now and after the approval; None: there is no such figure.

    `variance` and `published` are the same in both: approving changes the restated figure of the
    previous report, and so the movement.
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
    """Return the effect of approving these pending legs on the draft of an open period.

    The period has figures. `reach`, where given, holds the services whose drafts the reader sees.
    """
    return virement_effects([legs], period, reach)[0]


def virement_effects(
    virements: Sequence[Sequence[Virement]],
    period: Period,
    reach: Container[int] | None = None,
) -> list[Effect]:
    """Return the effect of approving each of several virements, as if it were the only one."""
    inputs = figures_inputs(period)
    legs = [leg for each in virements for leg in each]
    services = {pk: line.service_id for pk, line in _lines_of(legs).items()}
    known = {**inputs.line_services.to_dict(), **services}
    inputs = replace(inputs, line_services=pd.Series(known, dtype="int64"))
    now = _compute_figures(inputs)
    return [_build_effect(inputs, now, each, period, reach) for each in virements]


def _lines_of(legs: Iterable[Virement]) -> dict[int, BudgetLine]:
    """Return the budget lines of legs by their ids."""
    return {line.pk: line for leg in legs for line in (leg.from_line, leg.to_line) if line}


def _build_effect(
    inputs: Inputs,
    now: Figures,
    legs: Sequence[Virement],
    period: Period,
    reach: Container[int] | None,
) -> Effect:
    ends = _lines_of(legs)
    shown = {pk: line for pk, line in ends.items() if reach is None or line.service_id in reach}
    services = tuple(_service_effects(inputs, now, legs, list(shown.values())))
    lines = tuple(_line_effects(inputs, legs, period, shown))
    return Effect(period, inputs.previous_report, services, lines, len(shown) < len(ends))


def _service_effects(
    inputs: Inputs, now: Figures, legs: Sequence[Virement], shown: Collection[BudgetLine]
) -> Iterator[ServiceEffect]:
    """Yield the services of the lines shown, in the order of the tree."""
    added = virement_legs(Virement.objects.filter(pk__in=[leg.pk for leg in legs]))
    after = _compute_figures(
        replace(inputs, legs=pd.concat([inputs.legs, added], ignore_index=True))
    )
    keys = {after.tree.home_keys[line.service_id] for line in shown}
    for node in after.tree.nodes:
        if node.key in keys:
            yield _service_effect(node.service.name, now, after, node.key)


def _compute_figures(inputs: Inputs) -> Figures:
    return compute_figures(
        inputs.tree, inputs.positions, inputs.previous, inputs.legs, inputs.line_services
    )


def _service_effect(name: str, now: Figures, after: Figures, key: str) -> ServiceEffect:
    # A row that only the virement adds to the tree has no figures without it.
    here, then = now.nodes.reindex([key]).iloc[0], after.nodes.loc[key]
    return ServiceEffect(
        name=name,
        budget=int(then["budget"]),
        variance=_whole_pence(then["net_variance"]),
        published=_whole_pence(then["previous_as_published"]),
        restated=_whole_pence(here["previous_net_variance"]),
        restated_after=_whole_pence(then["previous_net_variance"]),
        movement=_whole_pence(here["movement"]),
        movement_after=_whole_pence(then["movement"]),
    )


def _whole_pence(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _line_effects(
    inputs: Inputs, legs: Sequence[Virement], period: Period, ends: dict[int, BudgetLine]
) -> Iterator[LineEffect]:
    """Yield the effect on each line by code; its budget starts at the approved one if given."""
    now = _read_budgets(period.year_id, period.batch_id, ends)
    report = inputs.previous_report
    before = _read_budgets(period.year_id, report.batch_id, ends) if report else {}
    approved = _sum_moves(approved_virements(period))
    new = _sum_moves(unreflected_virements(period, report))
    moves = _sum_moves(legs)
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


def _read_budgets(
    year_id: int, batch_id: int | None, lines: Iterable[int]
) -> dict[int, tuple[int | None, int]]:
    """Return original and current budget in pence by line."""
    rows = Position.objects.of(year_id, batch_id).filter(line__in=list(lines))
    fields = rows.values_list("line_id", "original_budget_pence", "current_budget_pence")
    return {line: (original, current) for line, original, current in fields}


def _sum_moves(legs: Iterable[Virement]) -> dict[int, int]:
    """Return the pence that legs add to each line's budget."""
    moved: dict[int, int] = {}
    for leg in legs:
        for line, sign in ((leg.to_line_id, 1), (leg.from_line_id, -1)):
            if line is not None:
                moved[line] = moved.get(line, 0) + sign * leg.amount_pence
    return moved
