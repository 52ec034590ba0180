"""The decisions, effects, sign-offs and meetings that are stored for a year."""

from django.db.models import QuerySet

from council_finance.one_reading import TableOfYears
from council_finance.prepared import prepared
from monitoring.models import FinancialYear
from planning.decisions.models import Decision, DecisionEffect, Meeting, SignOff

_DECISIONS = TableOfYears(Decision)


def decisions_of(year: FinancialYear) -> list[Decision]:
    """Return the year's decisions in the order of their file."""
    if _DECISIONS.is_known_empty(year):
        return []
    return sorted(_decisions_of(year.pk), key=lambda each: (each.order, each.reference))


@prepared
def _decisions_of(year_id: int) -> QuerySet[Decision]:
    return Decision.objects.filter(year=year_id).select_related("service")


def effects_of(year: FinancialYear) -> list[DecisionEffect]:
    """Return the effects of the year's decisions in the order of their file."""
    found = _effects_of(year.pk)
    return sorted(found, key=lambda each: (each.decision.order, each.order, each.line))


@prepared
def _effects_of(year_id: int) -> QuerySet[DecisionEffect]:
    found = DecisionEffect.objects.filter(decision__year=year_id)
    return found.select_related("decision", "service")


def sign_offs_of(year: FinancialYear) -> list[SignOff]:
    """Return the sign-offs of the year's decisions in the order of their file."""
    found = _sign_offs_of(year.pk)
    return sorted(found, key=lambda each: (each.decision.order, each.order, each.role))


@prepared
def _sign_offs_of(year_id: int) -> QuerySet[SignOff]:
    return SignOff.objects.filter(decision__year=year_id).select_related("decision")


def meetings_of(year: FinancialYear) -> list[Meeting]:
    """Return the year's meetings by date."""
    found = Meeting.objects.filter(year=year)
    return sorted(found, key=lambda each: (each.meeting_on, each.committee))
