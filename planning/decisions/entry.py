"""The decisions that people enter, with their effects and sign-offs."""

from planning.decisions.models import Decision, DecisionEffect, SignOff
from planning.entry.records import RecordKind, RecordPart

DECISION = RecordKind(
    kind="decisions",
    noun="decision",
    model=Decision,
    parts=(
        RecordPart(
            "decision_effects",
            "decision_reference",
            "Effects",
            "effect",
            "What the decision does to the money of services, by year.",
            DecisionEffect,
            "decision",
        ),
        RecordPart(
            "sign_offs",
            "decision_reference",
            "Sign-offs",
            "sign-off",
            "The answers of the roles that see the report. Give roles, not names of people.",
            SignOff,
            "decision",
        ),
    ),
    labels={
        "decision_on": "Day of the decision",
        "key_reason": "Why it is a key decision",
        "service_code": "Service",
        "exempt": "Exempt paragraph",
        "risk_score": "Risk score as printed",
        "forward_plan_on": "Notice in the forward plan on",
        "agenda_on": "Agenda published on",
        "call_in_until": "Last day for a call-in",
        "line": "Line",
        "amount_low": "Lowest amount",
        "amount_high": "Highest amount",
        "in_forecast": "In the forecast",
        "in_plan": "In the plan",
        "outcome": "Answer",
    },
    long=("title", "key_reason", "note"),
    audit_name="decision {year} {code}",
)
