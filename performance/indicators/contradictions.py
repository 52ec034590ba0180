"""Sentences where facts on one subject contradict each other. Pure."""

from collections.abc import Iterator, Sequence

from council_finance.money import plain_pounds
from council_finance.registry import SubjectFact

SAVING, ACTIVITY, BUDGET, INDICATOR = "Saving", "Activity", "Budget", "Indicator"


def contradictions(facts: Sequence[SubjectFact]) -> Iterator[str]:
    """Yield a sentence for each pair of facts that cannot both be the whole story.

    The facts are those of one subject. A saving that is over-delivered is held against the unit
    costs of its activity, the budget of its service and the indicators that name it.
    """
    for saving in (each for each in facts if each.kind == SAVING):
        if saving.pence is None or saving.pence >= 0:
            continue
        activity = (each for each in facts if each.kind == ACTIVITY)
        groups = [each for each in activity if _are_tied(saving, each, facts)]
        services = {saving.service, *(group.service for group in groups)}
        for other in facts:
            if other in groups:
                yield from _held_against_activity(saving, other)
            elif other.kind == BUDGET and other.service in services:
                yield from _held_against_budget(saving, other)
            elif other.kind == INDICATOR and saving.reference in other.links:
                yield from _held_against_indicator(saving, other)


def _are_tied(saving: SubjectFact, group: SubjectFact, facts: Sequence[SubjectFact]) -> bool:
    """Return True where an indicator names both, or both are of one service."""
    both = {saving.reference, group.reference}
    return saving.service == group.service or any(both <= set(each.links) for each in facts)


def _held_against_activity(saving: SubjectFact, group: SubjectFact) -> Iterator[str]:
    more = -(saving.pence or 0)
    if group.pence is not None and group.pence > -more:
        moved = "rose" if group.pence > 0 else "fell" if group.pence < 0 else "did not move"
        more_or_less = "more" if group.pence > 0 else "less"
        by = f"{plain_pounds(abs(group.pence))} {more_or_less} than at the budgeted ones"
        cost = f": its people cost {by}, without lines that have no budget" if group.pence else ""
        yield (
            f"The saving {saving.reference} is forecast to deliver {plain_pounds(more)} more than "
            f"agreed ({saving.status}), but the stated unit costs of {group.name} {moved}{cost}."
        )


def _held_against_budget(saving: SubjectFact, budget: SubjectFact) -> Iterator[str]:
    more = -(saving.pence or 0)
    if budget.pence is not None and budget.pence >= more:
        yield (
            f"The saving {saving.reference} is forecast to deliver {plain_pounds(more)} more than "
            f"agreed ({saving.status}), but {budget.name} overspends by "
            f"{plain_pounds(budget.pence)}."
        )


def _held_against_indicator(saving: SubjectFact, indicator: SubjectFact) -> Iterator[str]:
    if indicator.is_good is False:
        yield (
            f"The saving {saving.reference} is {saving.status}, but the indicator "
            f"{indicator.reference} ({indicator.name}) is {indicator.status}."
        )
