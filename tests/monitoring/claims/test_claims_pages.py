"""Figures in words on pages: while commentary is written, and at review."""

import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.documents.outline import read_outline
from monitoring.documents.settings_previews import preview_outline
from monitoring.models import Commentary, FinancialYear, Service, TreeRight
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.report_data import draft_data

TEXT = "The overspend is £0.433m. The budget is £58.555m. Trading Units overspends by £0.290m."
OUTLINE_TEXT = {
    "kind": "text",
    "text": "The budget is £327.967m, with an overspend of £0.914m. Key services have an "
    "{annex-a:KEY.net_variance|overspend}.",
}


@pytest.fixture
def draft(somerset) -> FinancialYear:
    reopen_report(period=somerset.periods.get(number=3), reason="Late", by=None)
    return somerset


def reader(person, year: FinancialYear, role: str, code: str = "") -> Client:
    user = person(role)
    if code:
        TreeRight.objects.create(user=user, service_code=code)
    client = Client()
    client.force_login(user)
    return client


def check(client: Client, code: str = "CHILD-OPS", text: str = TEXT, number: int = 3):
    return client.post(reverse("check-text", args=[2019, number, code]), {"text": text})


def test_each_figure_of_a_text_has_its_verdict(draft, person):
    html = check(reader(person, draft, Role.FINANCE_LEAD)).content.decode()
    assert [html.count(words) for words in ("Agrees with", "Differs from")] == [2, 1]
    assert "Trading Units: Net variance" in html
    assert "Operations: Budget" in html and "by £0.001m" in html


def test_a_director_is_not_told_the_figures_of_others(draft, person):
    director = reader(person, draft, Role.DIRECTOR, "CHILD-OPS")
    html = check(director).content.decode()
    assert "Trading Units" not in html and "Not found" in html
    assert check(director, "TRADING").status_code == 403


@pytest.mark.parametrize("role", [Role.SCRUTINY_MEMBER, Role.NO_ROLE])
def test_who_sees_no_draft_checks_no_text(draft, person, role):
    assert check(reader(person, draft, role)).status_code == 403


def test_there_is_nothing_to_check_where_there_is_no_draft(somerset, person):
    lead = reader(person, somerset, Role.FINANCE_LEAD)
    assert check(lead).status_code == 404
    assert check(lead, number=5).status_code == 404
    assert check(lead, "GONE").status_code == 404
    assert lead.get(reverse("check-text", args=[2019, 3, "CHILD-OPS"])).status_code == 405


def test_the_review_lists_figures_that_agree_with_no_table(draft, person):
    service = Service.objects.get(year=draft, code="CHILD-OPS")
    Commentary.objects.create(period=draft.periods.get(number=3), service=service, text=TEXT)
    draft.settings = {**draft.settings, "report_outline": {"parts": [OUTLINE_TEXT]}}
    draft.save()
    lead = reader(person, draft, Role.FINANCE_LEAD)
    html = lead.get(reverse("review", args=[2019, 3])).content.decode()
    part = html[html.index('id="words"') : html.index('id="outstanding"')]
    assert part.count("<tr>") == 1 + 2
    assert "£58.555m" in part and "£0.433m" not in part
    title = "Part 1 of the document: The budget is £327.967m, with an overspend of £0.914m."
    settings = reverse("settings-table", args=[2019, "report-outline"])
    assert f'<a class="govuk-link" href="{settings}">{title}' in part
    assert "<td>£0.914m</td>" in part and "£327.967m</td>" not in part and "0.126" not in part
    page = lead.get(reverse("commentary-edit", args=[2019, 3, "CHILD-OPS"])).content.decode()
    assert page.count("Agrees with") == 2 and page.count("Differs from") == 1


def test_the_preview_of_an_outline_judges_every_figure_of_its_texts(draft):
    facts = draft_data(draft.periods.get(number=3))
    outline = read_outline([{"kind": "heading", "text": "Summary"}, OUTLINE_TEXT])
    table = preview_outline(facts, outline).tables[1]
    assert [row[1:3] for row in table.rows] == [
        ("£327.967m", "Agrees with"),
        ("£0.914m", "Differs from"),
    ]
    assert all(row[0].startswith("Part 2 of the document: The budget is") for row in table.rows)
