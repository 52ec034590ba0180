"""The report as a document: what is printed, who reads it, and what is kept when published."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.documents.model import Heading, Items, Picture, Table
from monitoring.documents.build import build_document
from monitoring.models import Commentary, FinancialYear, Period, Report, ReportDocument, Service
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.reports.selectors.report_data import draft_data, published_data

pytestmark = pytest.mark.slow


@pytest.fixture
def as_role(person):
    """A browser in which somebody of a role is logged in."""

    def log_in(role: Role) -> Client:
        client = Client()
        client.force_login(person(role))
        return client

    return log_in


@pytest.fixture
def lead(as_role) -> Client:
    return as_role(Role.FINANCE_LEAD)


@pytest.fixture
def member(as_role) -> Client:
    return as_role(Role.SCRUTINY_MEMBER)


def explain(year: FinancialYear, **texts: str) -> None:
    """Publish month 3 again with these texts on services."""
    period = reopened(year, 3)
    for code, text in texts.items():
        service = Service.objects.get(year=year, code=code.replace("_", "-"))
        Commentary.objects.create(period=period, service=service, text=text)
    publish_report(period=period, by=None)


def report(number: int = 3) -> Report:
    found = Report.objects.filter(period__year__start=2019, period__number=number)
    return found.latest("version")


def reopened(year: FinancialYear, number: int) -> Period:
    reopen_report(period=year.periods.get(number=number), reason="Late", by=None)
    return year.periods.get(number=number)


def set_outline(year: FinancialYear, parts: list[dict]) -> None:
    year.settings = {**year.settings, "report_outline": {"parts": parts}}
    year.save()


def test_the_usual_outline_has_summary_explanations_and_all_statements(somerset):
    explain(somerset, CHILD_OPS="More children.\n\n- one\n- two")
    built = build_document(published_data(report()))
    blocks = built.document.blocks
    assert built.missing == [] and built.document.is_final
    headings = [each.text for each in blocks if isinstance(each, Heading)]
    note = "Note 1: Children & Families - Operations"
    assert headings[:3] == ["Summary", "Explanations by service", note]
    assert Items(("one", "two")) in blocks
    assert sum(isinstance(each, Picture) for each in blocks) == 3
    assert {each.statement.name for each in blocks if isinstance(each, Table)} >= {
        "annex-a",
        "budgetary-control",
        "savings-tracker",
        "aged-debt",
    }


def test_notes_of_the_budgetary_control_report_lead_to_their_explanations(somerset, member):
    explain(somerset, CHILD_OPS="More children.", ECI="Less salt.")
    html = member.get(reverse("document", args=[2019, 3])).content.decode()
    for number in ("1", "2"):
        assert f'id="note-{number}"' in html
        assert f'href="#note-{number}"' in html


def test_figures_of_texts_are_printed_and_missing_ones_listed_for_who_sees_drafts(
    somerset, lead, member
):
    texts = [
        {"kind": "text", "text": "The council has a {annex-a:KEY.net_variance|overspend}."},
        {"kind": "text", "text": "Here {annex-a:GONE.budget}."},
    ]
    set_outline(somerset, texts)
    period = reopened(somerset, 3)
    address = reverse("document", args=[2019, 3])
    page = lead.get(address).content.decode()
    assert "The council has a overspend of £0.126m." in page
    assert "<code>{annex-a:GONE.budget}</code>" in page
    publish_report(period=period, by=None)
    assert "<code>" not in member.get(address).content.decode()


def test_a_published_document_stays_as_it_was(somerset):
    before = ReportDocument.objects.get(report=report())
    assert hashlib.sha256(before.text.encode()).hexdigest() == before.sha256
    kept = build_document(published_data(report())).document
    set_outline(somerset, [{"kind": "text", "text": "Another outline."}])
    assert build_document(published_data(report())).document == kept
    period = reopened(somerset, 3)
    draft = build_document(draft_data(Period.objects.get(pk=period.pk))).document
    assert [each.text for each in draft.blocks] == ["Another outline."]
    assert not draft.is_final
    publish_report(period=period, by=None)
    assert report().version == 2
    assert ReportDocument.objects.get(report=report()).text != before.text
    assert ReportDocument.objects.get(pk=before.pk).text == before.text


@pytest.mark.parametrize("name, start", [("pdf", b"%PDF-"), ("docx", b"PK")])
def test_the_files_are_downloaded_under_a_name_that_says_what_they_are(
    somerset, member, name, start
):
    response = member.get(reverse("document-file", args=[2019, 3, name]))
    assert response.content.startswith(start)
    expected = f'attachment; filename="report-2019-20-03-v1.{name}"'
    assert response["Content-Disposition"] == expected


def test_no_other_format_and_no_draft_for_a_member(somerset, member, lead):
    assert member.get(reverse("document-file", args=[2019, 3, "odt"])).status_code == 404
    reopened(somerset, 3)
    for client, reads_draft in ((member, False), (lead, True)):
        html = client.get(reverse("document", args=[2019, 3])).content.decode()
        assert ("Draft, not final" in html) == reads_draft
