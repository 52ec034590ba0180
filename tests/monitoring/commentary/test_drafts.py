"""First drafts of commentary from figures: their words, their marks, and that they agree."""

import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.statements import Display
from monitoring.claims.selectors import TableFigures, other_services
from monitoring.claims.verdicts import Answer, judge_text
from monitoring.commentary.drafts import MARK, DraftFigures, LineVariance, draft_text, is_draft
from monitoring.commentary.due_selectors import draft_texts
from monitoring.commentary.selectors import commentary_rows
from monitoring.models import Commentary, Service
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.report_data import draft_data

DISPLAY = Display(unit="m", favourable="brackets", percent_decimals=2)


def figures(**more) -> DraftFigures:
    own = {"label": "Care", "period": 3, "budget": 5_855_400_000, "net_variance": 43_300_000}
    own |= {"movement": 1_600_000, "published": 41_700_000, "restated": 41_700_000}
    return DraftFigures(**own | more)


WRITTEN = [
    (
        figures(),
        "Care is forecast to overspend by £0.433m, 0.74% of its budget of £58.554m. "
        "That is £0.016m worse than the last report.",
    ),
    (
        figures(period=13, net_variance=-43_300_000, movement=None),
        "Care underspent by £0.433m, 0.74% of its budget of £58.554m.",
    ),
    (
        figures(net_variance=0, movement=0),
        "Care is forecast to spend its budget of £58.554m. That is unchanged since the last "
        "report.",
    ),
    (
        figures(net_variance=None, movement=None),
        "Care has no forecast yet, against a budget of £58.554m.",
    ),
    (
        figures(budget=0, movement=None),
        "Care is forecast to overspend by £0.433m, against a budget of nil.",
    ),
    (
        figures(published=55_700_000, restated=5_900_000, net_variance=6_400_000, movement=500_000),
        "Care is forecast to overspend by £0.064m, 0.11% of its budget of £58.554m. "
        "That is £0.005m worse than the last report. The last report showed an overspend of "
        "£0.557m; virements and moves of services restate it to an overspend of £0.059m, which "
        "nobody managed.",
    ),
    (
        figures(
            movement=None,
            lines=[LineVariance("Placements", 104_600_000), LineVariance("Staff", -32_100_000)],
            facts=["A saving is short."],
        ),
        "Care is forecast to overspend by £0.433m, 0.74% of its budget of £58.554m.\n\n"
        "The largest lines are an overspend of £1.046m on Placements and an underspend of £0.321m "
        "on Staff.\n\n- A saving is short.",
    ),
]


@pytest.mark.parametrize("given, words", WRITTEN)
def test_a_draft_says_what_the_figures_say(given, words):
    assert draft_text(given, DISPLAY) == f"{MARK}\n\n{words}"


@pytest.mark.slow
@pytest.mark.parametrize("start, number", [(2019, 3), (2018, 13)])
def test_every_figure_of_every_draft_agrees_with_a_table(somerset, cambridgeshire, start, number):
    year = somerset if start == 2019 else cambridgeshire
    reopen_report(period=year.periods.get(number=number), reason="Late", by=None)
    facts = draft_data(year.periods.get(number=number))
    tables = TableFigures(facts, frozenset(node.key for node in facts.nodes))
    wrong = []
    nodes = [node for node in facts.nodes if node.service and not node.is_closed]
    for key, text in draft_texts(facts, nodes, {}).items():
        node = next(each for each in nodes if each.key == key)
        for verdict in judge_text(text, tables.of(node), other_services(facts, node)):
            if verdict.answer is not Answer.AGREES:
                wrong.append((node.label, verdict.claim.text, verdict.claim.clause))
    assert wrong == []


def test_a_draft_is_offered_marked_and_not_signed_off(somerset, person):
    reopen_report(period=somerset.periods.get(number=3), reason="Late", by=None)
    period = somerset.periods.get(number=3)
    service = Service.objects.get(year=somerset, code="CHILD-OPS")
    client = Client()
    client.force_login(person(Role.FINANCE_OFFICER))
    address = reverse("commentary-write", args=[2019, 3])
    sent = {f"{service.pk}-text": "", f"{service.pk}-seen": "", "use_draft": service.pk}
    page = client.post(address, sent).content.decode()
    assert MARK in page and not Commentary.objects.filter(period=period).exists()
    Commentary.objects.create(period=period, service=service, text=f"{MARK}\n\nIt is so.")
    facts = draft_data(somerset.periods.get(number=3))
    row = next(each for each in commentary_rows(facts) if each.node.key == "CHILD-OPS")
    assert is_draft(f"Typed before.\n\n{row.text}") and not is_draft("It is so.")
    assert is_draft(row.text) and row.waits_for_text and not row.waits_for_sign_off
    assert "Draft from the figures</" in client.get(address).content.decode()
