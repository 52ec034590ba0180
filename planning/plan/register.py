"""The register of savings that a plan's year yields: a row for each saving of that year. Pure."""

from dataclasses import dataclass

from planning.plan.calculations import register_of
from planning.plan.selectors.plan_data import PlanView

KINDS_IN_WORDS = {
    "Eff": "efficiency",
    "SR": "service reduction",
    "Eff/SR": "efficiency and service reduction",
    "SR/Eff": "efficiency and service reduction",
    "Inc": "income",
}


@dataclass(frozen=True)
class RegisterRow:
    """A saving of the register; `agreed` is in pence and positive, `service` a code."""

    reference: str
    title: str
    service: str
    decision: str
    category: str
    agreed: int
    recurrence: str


def register_rows(plan: PlanView, year: int) -> list[RegisterRow]:
    """Return the savings of a year of the plan, in its order."""
    return [
        RegisterRow(
            reference=item.reference,
            title=item.title,
            service=item.service,
            decision=plan.settings.decision or plan.settings.name,
            category=KINDS_IN_WORDS.get(item.kind, item.kind),
            agreed=pence,
            recurrence=item.recurrence,
        )
        for item, pence in register_of(plan.roll, year)
    ]
