"""Every table of the app; each package defines its own."""

from planning.contracts.models import Contract, ContractPrice, ContractShare
from planning.decisions.models import Decision, DecisionEffect, Meeting, SignOff
from planning.plan.models import (
    CapitalScheme,
    CouncilTaxYear,
    FundingSource,
    PlanItem,
    PlanVersion,
    QuotedGap,
    ScenarioAmount,
)

__all__ = [
    "CapitalScheme",
    "Contract",
    "ContractPrice",
    "ContractShare",
    "CouncilTaxYear",
    "Decision",
    "DecisionEffect",
    "FundingSource",
    "Meeting",
    "PlanItem",
    "PlanVersion",
    "QuotedGap",
    "ScenarioAmount",
    "SignOff",
]
