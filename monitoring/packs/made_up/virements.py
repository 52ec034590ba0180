"""The virements of the made-up council. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitoring.packs.made_up.ledger import Ledger, Leg, Line

CABINET, OFFICER = "Cabinet", "Section 151 Officer"
FUNDING, TECHNICAL = "funding", "technical"
_PAY = "10100"


@dataclass(frozen=True)
class Plan:
    """A virement: services by name (the account where it is not the first line), in £000."""

    month: int
    giver: str
    receiver: str
    thousands: int
    kind: str
    approved_by: str
    reason: str
    dated: int = 0
    account: str = ""
    reverses: int = 0
    """The month of the virement that it takes back, from the receiver to the giver."""


PLANS = (
    Plan(
        *(2, "Policy", "Climate change", 85, TECHNICAL, OFFICER),
        reason="Two posts move with their work",
        account=_PAY,
    ),
    Plan(
        *(3, "Contingency", "Home to school transport, special schools, north", 180, FUNDING),
        approved_by=CABINET,
        reason="More pupils with education, health and care plans",
    ),
    Plan(
        *(
            4,
            "Grants to voluntary organisations, adults",
            "Carers’ support",
            120,
            TECHNICAL,
            OFFICER,
        ),
        reason="Respite grants for carers",
    ),
    Plan(
        *(
            5,
            "Waste treatment and disposal",
            "Household collections, south",
            240,
            TECHNICAL,
            OFFICER,
        ),
        reason="Two more rounds for new housing",
    ),
    Plan(
        *(6, "Contingency", "Residential placements, 16 and 17", 350, FUNDING, CABINET),
        reason="Placements for children in care",
    ),
    Plan(
        *(6, "Concessionary travel", "Supported bus services, north", 45, FUNDING, OFFICER),
        reason="Two routes kept after an operator withdrew",
        dated=4,
    ),
    Plan(
        *(7, "Provision for price inflation", "Infrastructure and cloud", 140, FUNDING, CABINET),
        reason="Prices of the new contract",
    ),
    Plan(
        *(7, "Provision for price inflation", "Energy", 110, FUNDING, CABINET),
        reason="Prices of gas and electricity",
    ),
    Plan(
        *(9, "Sexual health", "Health improvement", 95, TECHNICAL, OFFICER),
        reason="Outreach staff join the council",
    ),
    Plan(
        *(9, "Community transport", "Walking and cycling", 60, TECHNICAL, OFFICER),
        reason="Cycle training in schools",
    ),
    Plan(
        *(10, "Community transport", "Walking and cycling", 60, TECHNICAL, OFFICER),
        reason="Taken back: a grant pays for the training",
        reverses=9,
    ),
    Plan(
        *(11, "Contingency", "Temporary accommodation, nightly paid", 350, FUNDING, CABINET),
        reason="More households in temporary accommodation",
        dated=9,
    ),
)
_PENDING = (
    Plan(
        *(5, "Contingency", "Residential placements, 12 to 15", 600, FUNDING, ""),
        reason="Placements for children in care",
    ),
    Plan(
        *(5, "Planning policy", "Development management", 45, FUNDING, ""),
        reason="Agency staff while posts are vacant",
    ),
)
_PAY_AWARD_IN, _PAY_AWARD_SHARE, _LEAST_OF_PAY_AWARD = 8, 0.05, 60


def add_virements(ledger: Ledger, *, through: int, pending: bool) -> None:
    """Add the year's virements up to a month to the ledger, and two that wait for approval."""
    plans = [plan for plan in PLANS if plan.month <= through] + list(_PENDING) * pending
    references: dict[tuple[int, str], str] = {}
    for number, plan in enumerate(plans, start=1):
        reference = f"V{ledger.start % 100}-{number:03d}"
        references[plan.month, plan.giver] = reference
        giver, receiver = (_find_line(ledger, name, plan) for name in (plan.giver, plan.receiver))
        if giver and receiver:
            reverses = references.get((plan.reverses, plan.giver), "")
            ends = (receiver, giver) if plan.reverses else (giver, receiver)
            ledger.legs.append(_build_leg(ledger, plan, reference, ends, reverses))
    if through >= _PAY_AWARD_IN:
        ledger.legs += _pay_award(ledger, f"V{ledger.start % 100}-{len(plans) + 1:03d}")


def _find_line(ledger: Ledger, name: str, plan: Plan) -> Line | None:
    """Return the line of a service that a virement changes; None where there is no such service."""
    lines = [line for line in ledger.lines if line.service.name == name]
    wanted = [line for line in lines if line.kind.account == plan.account] or lines
    return wanted[0] if wanted else None


def _build_leg(
    ledger: Ledger, plan: Plan, reference: str, ends: tuple[Line, Line], reverses: str
) -> Leg:
    amount = plan.thousands * 100_000
    return Leg(
        reference=reference,
        month=plan.month,
        dated=plan.dated or plan.month,
        giver=ends[0],
        receiver=ends[1],
        amount=amount,
        spending=amount if plan.kind == TECHNICAL else 0,
        kind=plan.kind,
        approved_by=plan.approved_by,
        approved_on=_day_after(ledger.start, plan.month) if plan.approved_by else "",
        reason=plan.reason,
        reverses=reverses,
    )


def _day_after(start: int, month: int) -> str:
    """Return the ninth day of the month after a period, when most reports are approved."""
    year, number = divmod(month + 3, 12)
    return f"{start + year}-{number + 1:02d}-09"


def _pay_award(ledger: Ledger, reference: str) -> Iterator[Leg]:
    """Yield the legs that share the provision for the pay award among the salaries of teams."""
    plan = Plan(
        *(_PAY_AWARD_IN, "Provision for the pay award", "", 0, TECHNICAL, CABINET),
        reason="Pay award of the year",
    )
    giver = _find_line(ledger, plan.giver, plan)
    salaries = [line for line in ledger.lines if line.kind.account == _PAY]
    for line in salaries:
        thousands = round(line.budget * _PAY_AWARD_SHARE / 100_000)
        if giver and thousands >= _LEAST_OF_PAY_AWARD:
            leg = _build_leg(ledger, plan, reference, (giver, line), "")
            amount = thousands * 100_000
            yield replace(leg, amount=amount, spending=amount)
