"""Carrying decisions into the next year: those that are not done with."""

from council_finance.registry import carried_forward
from monitoring.models import FinancialYear
from planning.decisions.models import Decision, DecisionEffect, DecisionStatus
from planning.decisions.selectors import decisions_of, effects_of, sign_offs_of
from planning.rolled_rows import copy_row, services_after

_UNDER_WAY = (DecisionStatus.PLANNED, DecisionStatus.TAKEN, DecisionStatus.CALLED_IN)


@carried_forward("decisions")
def carry_decisions(year: FinancialYear, following: FinancialYear) -> int:
    """Make the next year's decisions, with effects and sign-offs; return how many there are.

    They are those that are planned, taken or called in, those with an effect in a later year, and
    those that a contract names. Meetings are the next year's own.
    """
    services = services_after(year, following)
    effects = effects_of(year)
    later = {each.decision_id for each in effects if _falls_after(each, year)}
    named = set(
        Decision.objects.filter(year=year, contracts__isnull=False).values_list("pk", flat=True)
    )
    carried = {
        each.pk: copy_row(each, year_id=following.pk, service_id=services[each.service_id])
        for each in decisions_of(year)
        if each.status in _UNDER_WAY or each.pk in later | named
    }
    for effect in effects:
        if (decision := carried.get(effect.decision_id)) is not None:
            service = services[effect.service_id]
            copy_row(effect, decision_id=decision.pk, service_id=service)
    for sign_off in sign_offs_of(year):
        if (decision := carried.get(sign_off.decision_id)) is not None:
            copy_row(sign_off, decision_id=decision.pk)
    return len(carried)


def _falls_after(effect: DecisionEffect, year: FinancialYear) -> bool:
    return effect.financial_year is not None and effect.financial_year > year.start
