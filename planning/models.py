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
from planning.subjectives.models import AccountRule, Estimate, Subjective

__all__ = [
    "AccountRule",
    "CapitalScheme",
    "Contract",
    "ContractPrice",
    "ContractShare",
    "CouncilTaxYear",
    "Decision",
    "DecisionEffect",
    "Estimate",
    "FundingSource",
    "Meeting",
    "PlanItem",
    "PlanVersion",
    "QuotedGap",
    "ScenarioAmount",
    "SignOff",
    "Subjective",
]
