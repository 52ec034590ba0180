"""Every table of the app; each package defines its own."""

from planning.contracts.models import Contract, ContractPrice, ContractShare
from planning.decisions.models import Decision, DecisionEffect, Meeting, SignOff

__all__ = [
    "Contract",
    "ContractPrice",
    "ContractShare",
    "Decision",
    "DecisionEffect",
    "Meeting",
    "SignOff",
]
