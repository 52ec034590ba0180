"""Two hundred made-up sentences on a published report, half of them wrong by one thing."""

import random

import pytest

from monitoring.claims.selectors import TableFigures, other_services
from monitoring.claims.verdicts import Answer, judge_text
from monitoring.models import Report
from monitoring.reports.selectors.report_data import published_data

OVER = (
    "The service is forecast to overspend by {}.",
    "There is an overspend of {}, which the director is reviewing.",
    "The forecast is {} over budget.",
    "An adverse variance of {} is reported.",
    "Pressures on placements lead to a projected overspend of {} against budget.",
    "The position is {} adverse, mostly agency staff.",
    "{} overspend: demand has grown since the summer.",
)
UNDER = (
    "The service is forecast to underspend by {}.",
    "There is an underspend of {} because posts are vacant.",
    "The forecast is {} under budget.",
    "A favourable variance of {} is reported, as interest earned is higher.",
    "The projected underspend is {}; no change is expected.",
    "The position is {} favourable.",
    "{} underspend, with two teams not yet in place.",
)
WORSE = (
    "This is {} worse than the last report.",
    "The movement since the previous report is {} adverse.",
    "The forecast has deteriorated by {}.",
    "The position worsened by {} in the month.",
    "There was an adverse movement of {} from the last report.",
)
BETTER = (
    "This is {} better than the last report.",
    "The movement since the previous report is {} favourable.",
    "The forecast has improved by {}.",
    "A favourable movement of {} from the last report comes from the contract.",
)
BUDGET = (
    "The net budget is {}.",
    "Against a budget of {} there is little change.",
    "The service has a budget of {} this year.",
    "The {} budget pays for 40 teams.",
)
WRONG = ("digit", "unit", "direction", "sign")


def printed(pence: int, chance: random.Random, unit: str = "") -> str:
    """Write an amount as an officer would; `unit` chooses how."""
    amount = abs(pence)
    unit = unit or chance.choice(["m", "k", "000", "£"])
    if unit == "m":
        return f"£{(amount + 50_000) // 100_000 / 1000:.3f}m"
    thousands = (amount + 50_000) // 100_000
    if unit == "k":
        return f"£{thousands:,}k"
    return f"£{thousands:,},000" if unit == "000" and thousands else f"£{amount // 100:,}"


def with_another_digit(text: str, chance: random.Random) -> str:
    places = [place for place, each in enumerate(text) if each.isdigit()]
    place = chance.choice(places)
    digit = chance.choice([each for each in "123456789" if each != text[place]])
    return text[:place] + digit + text[place + 1 :]


def with_another_unit(text: str) -> str:
    if text.endswith("m"):
        return text[:-1] + "k"
    return text[:-1] + "m" if text.endswith("k") else text + "k"


def sentence(kind: str, wrong: str, pence: int, chance: random.Random) -> str:
    """Return a sentence of a kind; `wrong` says by what it is wrong, empty for a right one."""
    positive, negative = {"variance": (OVER, UNDER), "movement": (WORSE, BETTER)}.get(
        kind, (BUDGET, BUDGET)
    )
    words = positive if pence > 0 else negative
    if wrong == "direction":
        words = negative if pence > 0 else positive
    amount = printed(pence, chance)
    if wrong == "digit":
        amount = with_another_digit(amount, chance)
    elif wrong == "unit":
        amount = with_another_unit(amount)
    elif wrong == "sign":
        amount = f"-{amount}" if pence > 0 else f"+{amount}"
    return chance.choice(words).format(amount)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("start, number", [(2019, 3), (2018, 13)])
def test_no_wrong_sentence_is_called_right_and_few_right_ones_wrong(start, number):
    report = Report.objects.filter(period__year__start=start, period__number=number).latest("pk")
    facts = published_data(report)
    chance = random.Random(f"sentences {start}")
    nodes = [
        node
        for node in facts.nodes
        if min(abs(node.net_variance or 0), abs(node.movement or 0)) >= 100_000
    ]
    tables = TableFigures(facts)
    figures = {node.key: tables.of(node) for node in nodes}
    called_right, called_wrong = [], []
    for count in range(100):
        node, kind = chance.choice(nodes), chance.choice(["variance", "movement", "budget"])
        pence = {"variance": node.net_variance, "movement": node.movement, "budget": node.budget}[
            kind
        ]
        wrong = "" if count % 2 else WRONG[count // 2 % 4]
        if wrong == "direction" and kind == "budget":
            wrong = "digit"
        text = sentence(kind, wrong, pence, chance)
        verdicts = judge_text(text, figures[node.key], other_services(facts, node))
        amount = next(each for each in verdicts if each.claim.text.strip("+-").startswith("£"))
        agrees = amount.answer == Answer.AGREES
        if wrong and agrees:
            called_right.append((wrong, node.label, text, amount.figure))
        if not wrong and not agrees:
            called_wrong.append((node.label, text, amount))
    assert called_right == []
    assert len(called_wrong) <= 2, called_wrong
