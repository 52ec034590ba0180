"""The decisions section of a report: read live for a draft, kept as plain data when published."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from monitoring.models import FinancialYear, Period
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.models import Decision, DecisionEffect, SignOff
from planning.decisions.report_rows import (
    DecisionRow,
    DecisionsSection,
    EffectRow,
    MeetingRow,
    SignOffRow,
    iso_date,
)
from planning.decisions.selectors import decisions_of, effects_of, meetings_of, sign_offs_of
from planning.yes_or_no import yes_or_no

NAME = "decisions"


@registry.report_section(NAME)
def decisions_data(period: Period) -> Mapping[str, Any]:
    """Return the year's decisions and meetings as plain data, each list read when it is needed."""
    year = period.year
    return LazyMapping(
        {
            "decisions": lambda: [asdict(each) for each in build_decisions(year)],
            "meetings": lambda: [asdict(each) for each in _build_meetings(year)],
        }
    )


def section_of(facts: ReportData) -> DecisionsSection:
    """Return the decisions section of a report, draft or published."""
    return facts.typed_section(NAME, DecisionsSection)


def build_decisions(year: FinancialYear) -> list[DecisionRow]:
    """Return the year's decisions with their effects and sign-offs, as they are stored."""
    decisions = decisions_of(year)
    if not decisions:
        return []
    effects: dict[int, list[DecisionEffect]] = defaultdict(list)
    for effect in effects_of(year):
        effects[effect.decision_id].append(effect)
    sign_offs: dict[int, list[SignOff]] = defaultdict(list)
    for each in sign_offs_of(year):
        sign_offs[each.decision_id].append(each)
    return [_build_row(each, effects[each.pk], sign_offs[each.pk]) for each in decisions]


def _build_row(
    decision: Decision, effects: list[DecisionEffect], sign_offs: list[SignOff]
) -> DecisionRow:
    service = decision.service
    return DecisionRow(
        reference=decision.reference,
        title=decision.title,
        decision_maker=decision.decision_maker,
        decision_on=iso_date(decision.decision_on),
        key_decision=yes_or_no(decision.key_decision),
        key_reason=decision.key_reason,
        status=decision.status,
        service=service.code if service else "",
        service_name=service.name if service else "",
        exempt=decision.exempt,
        likelihood=decision.likelihood,
        impact=decision.impact,
        risk_score=decision.risk_score,
        forward_plan_on=iso_date(decision.forward_plan_on),
        agenda_on=iso_date(decision.agenda_on),
        call_in_until=iso_date(decision.call_in_until),
        note=decision.note,
        effects=tuple(map(_build_effect, effects)),
        sign_offs=tuple(
            SignOffRow(each.role, iso_date(each.signed_on), each.outcome) for each in sign_offs
        ),
    )


def _build_effect(effect: DecisionEffect) -> EffectRow:
    return EffectRow(
        line=effect.line,
        kind=effect.kind,
        service=effect.service.code,
        service_name=effect.service.name,
        financial_year=effect.financial_year,
        contract_year=effect.contract_year,
        recurrence=effect.recurrence,
        amount=effect.amount_pence,
        amount_low=effect.amount_low_pence,
        amount_high=effect.amount_high_pence,
        in_forecast=yes_or_no(effect.in_forecast),
        in_plan=effect.in_plan,
        note=effect.note,
    )


def _build_meetings(year: FinancialYear) -> list[MeetingRow]:
    return [
        MeetingRow(
            each.meeting_on.isoformat(),
            each.committee,
            each.provisional,
            iso_date(each.reports_due_on),
            iso_date(each.despatch_on),
        )
        for each in meetings_of(year)
    ]
