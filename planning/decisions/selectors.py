"""The decisions, effects, sign-offs and meetings that are stored for a year."""

from council_finance.one_reading import TableOfYears
from monitoring.models import FinancialYear
from planning.decisions.models import Decision, DecisionEffect, Meeting, SignOff

_DECISIONS = TableOfYears(Decision)


def decisions_of(year: FinancialYear) -> list[Decision]:
    """Return the year's decisions in the order of their file."""
    if _DECISIONS.is_known_empty(year):
        return []
    found = Decision.objects.filter(year=year).select_related("service")
    return sorted(found, key=lambda each: (each.order, each.reference))


def effects_of(year: FinancialYear) -> list[DecisionEffect]:
    """Return the effects of the year's decisions in the order of their file."""
    found = DecisionEffect.objects.filter(decision__year=year)
    found = found.select_related("decision", "service")
    return sorted(found, key=lambda each: (each.decision.order, each.order, each.line))


def sign_offs_of(year: FinancialYear) -> list[SignOff]:
    """Return the sign-offs of the year's decisions in the order of their file."""
    found = SignOff.objects.filter(decision__year=year).select_related("decision")
    return sorted(found, key=lambda each: (each.decision.order, each.order, each.role))


def meetings_of(year: FinancialYear) -> list[Meeting]:
    """Return the year's meetings by date."""
    found = Meeting.objects.filter(year=year)
    return sorted(found, key=lambda each: (each.meeting_on, each.committee))
