"""The forecast proposed for one line, whose method it is, and how close that came."""

from dataclasses import dataclass

from council_finance.money import plain_pounds
from monitoring.forecast_methods.selectors.accuracy import past_proposals
from monitoring.forecast_methods.selectors.in_force import (
    chosen_methods,
    describe_in_force,
    method_meanings,
)
from monitoring.forecast_methods.selectors.methods_page import describe_accuracy
from monitoring.forecast_methods.selectors.proposals import proposals
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.tree import current_tree


@dataclass(frozen=True)
class LineProposal:
    """A line's method in words, the amount it proposes ("" where none), and why; its accuracy."""

    method: str
    meaning: str
    amount: str
    why: str
    accuracy: tuple[str, ...]


def proposal_of_line(period: Period, line: BudgetLine) -> LineProposal | None:
    """Return the forecast proposed for a line in a period; None where it has no method."""
    chosen = chosen_methods(period.year, current_tree(period.year))
    found = chosen.of_line(line.pk, line.service_id)
    if found is None:
        return None
    proposal = proposals(period, [line.pk]).get(line.pk)
    past = past_proposals(period, {line.pk: (line.cost_centre, line.account)})
    pence = proposal.pence if proposal else None
    return LineProposal(
        describe_in_force(chosen, found),
        method_meanings()[found.name],
        "" if pence is None else plain_pounds(pence),
        proposal.why if proposal else "no figures in this period",
        describe_accuracy(past.accuracy_of(found.name, [line.pk])),
    )
