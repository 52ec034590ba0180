"""What was spent so far of a row of a report, and what its forecast leaves for the rest."""

from dataclasses import dataclass

from django.db.models import Sum

from council_finance.statements import Display
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.node_lines import node_positions
from monitoring.spending import Spending, spending


@dataclass(frozen=True)
class SpendingWords:
    """Spending in sentences; `question` only where the rest of the year must go otherwise."""

    so_far: str
    rest: str
    question: str


def spending_of(facts: ReportFacts, node: dict) -> SpendingWords | None:
    """The spending of a row; of a service without others under it beside its profile.

    None where nothing can be said of it (see monitoring.spending).
    """
    found = spending(
        number=facts.period.number,
        actual=node["actual_to_date"],
        forecast=node["forecast"],
        profile=_profile(facts, node) if node["kind"] != "node" else None,
    )
    return found and _words(facts.display("annex-a"), found)


def _profile(facts: ReportFacts, node: dict) -> int | None:
    """What the lines were expected to have spent by now; None unless each of them says so."""
    positions = node_positions(facts, node)
    if positions.filter(profiled_budget_to_date_pence__isnull=True).exists():
        return None
    return positions.order_by().aggregate(total=Sum("profiled_budget_to_date_pence"))["total"]


def _words(display: Display, found: Spending) -> SpendingWords:
    so_far = f"{display.in_words(found.actual)} was spent to date"
    if found.profile is not None:
        over = found.actual - found.profile
        profile = display.in_words(found.profile)
        if display.sense(over):
            way = "more" if over > 0 else "less"
            so_far += f", {display.in_words(abs(over))} {way} than the {profile} profiled"
        else:
            so_far += f", as profiled ({profile})"
    months = "1 month" if found.months_left == 1 else f"{found.months_left} months"
    rest = (
        f"The forecast leaves {display.in_words(found.rest)} for {months}: "
        f"{display.in_words(found.rest_a_month)} a month, against "
        f"{display.in_words(found.a_month)} a month so far."
    )
    return SpendingWords(f"{so_far}.", rest, _question(found))


def _question(found: Spending) -> str:
    if not found.implausible:
        return ""
    if found.percent is None:
        return "Nothing was spent a month so far: what will begin?"
    way = "more" if found.percent > 0 else "less"
    return (
        f"That is {abs(found.percent)}% {way} a month than so far. Ask what will be different, "
        "or whether the forecast holds."
    )
