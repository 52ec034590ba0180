"""Decisions whose risk the council provides for, and what they may cost. Pure; pence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from council_finance.money import plain_pounds
from planning.decisions.findings import score_of
from planning.decisions.report_rows import DecisionRow
from planning.decisions.settings_tables import RiskRules

_COST, _WITHDRAWN = "cost", "withdrawn"


@dataclass(frozen=True)
class Provision:
    """A decision to provide for, with its costs of the year that the forecast does not hold.

    Of a range the highest amount counts. `pence` is None where such a cost has no figure.
    """

    decision: DecisionRow
    pence: int | None


def is_provided_for(decision: DecisionRow, rules: RiskRules) -> bool:
    """Return whether a decision's risk has the score from which the council provides for it."""
    score = score_of(decision)
    if rules.provision_from is None or score is None or decision.status == _WITHDRAWN:
        return False
    return score >= rules.provision_from


def provisions_of(decisions: Iterable[DecisionRow], rules: RiskRules, year: int) -> list[Provision]:
    """Return a provision for each decision at or above the score, in the decisions' order."""
    return [
        Provision(each, _open_cost_of(each, year))
        for each in decisions
        if is_provided_for(each, rules)
    ]


def _open_cost_of(decision: DecisionRow, year: int) -> int | None:
    costs = [
        each
        for each in decision.effects
        if each.kind == _COST and each.financial_year == year and each.in_forecast != "yes"
    ]
    if not all(each.has_figure for each in costs):
        return None
    return sum(each.most for each in costs)


def sum_of_provisions(provisions: Iterable[Provision]) -> int:
    """Return what the provisions come to; those without a figure are left out."""
    return sum(each.pence or 0 for each in provisions)


def describe_provisions(
    provisions: Sequence[Provision], rules: RiskRules, minimum: int | None
) -> str:
    """Return the provisions in words beside the General Fund's minimum; "" where there are none."""
    if not provisions:
        return ""
    count = len(provisions)
    noun = "decision has" if count == 1 else "decisions have"
    text = (
        f"{count} {noun} a risk score of {rules.provision_from} or more, from which the council "
        "provides for it. "
    )
    unknown = sum(each.pence is None for each in provisions)
    cost = sum_of_provisions(provisions)
    if not cost and not unknown:
        return f"{text}No cost is stated that the forecast does not hold."
    text += f"The cost that the forecast does not hold is {plain_pounds(cost)}"
    if unknown:
        text += f", and {unknown} of them without a figure"
    if minimum is not None:
        text += f"; the General Fund is to hold at least {plain_pounds(minimum)}"
    return f"{text}."
