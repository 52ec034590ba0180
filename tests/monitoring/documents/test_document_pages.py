"""The report as a document: what is printed, who reads it, and what is kept when published."""

import hashlib
import io

import docx
import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.documents.model import (
    FiguresTable,
    Heading,
    Items,
    NamedValues,
    Paragraph,
    Picture,
    Table,
)
from monitoring.documents.build import build_document
from monitoring.documents.files import document_docx, document_pdf
from monitoring.documents.outline import DEFAULT, read_outline
from monitoring.models import Commentary, FinancialYear, Period, Report, ReportDocument, Service
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.reports.selectors.report_data import draft_data, published_data
from tests.pdf_structure import faults_of

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
    assert headings[:10] == [
        "Summary",
        "Savings",
        "Reserves",
        "Decisions and contracts",
        "Decisions",
        "Contracts",
        "Debt",
        "Explanations by service",
        note,
        "Tables",
    ]
    assert Items(("one", "two")) in blocks
    key = next(each for each in blocks if isinstance(each, NamedValues))
    assert ("Contingency left", "£6.061m, of £7.226m at first") in key.rows
    pictures = [each.chart for each in blocks if isinstance(each, Picture)]
    assert len(pictures) == 8 and all(chart.table for chart in pictures)
    assert {each.statement.name for each in blocks if isinstance(each, Table)} >= {
        "annex-a",
        "budgetary-control",
        "savings-tracker",
        "aged-debt",
    }


def test_no_heading_is_left_without_anything_under_it(somerset):
    blocks = build_document(published_data(report())).document.blocks
    headings = [each.text for each in blocks if isinstance(each, Heading)]
    assert "Explanations by service" not in headings and "Tables" in headings
    parts = [{"kind": "heading", "text": text, "level": level} for text, level in EMPTY]
    outline = read_outline([*parts, {"kind": "text", "text": "Words."}, *parts])
    blocks = build_document(published_data(report()), outline).document.blocks
    assert [each.text for each in blocks] == ["B", "C", "Words."]


EMPTY = [("A", 1), ("B", 1), ("C", 2)]


def test_every_note_leads_to_its_explanation_in_page_pdf_and_word(cambridgeshire, member):
    period = cambridgeshire.periods.get(number=13)
    reopen_report(period=period, reason="Late", by=None)
    # A directorate, one of its services, and a group whose services have no text of their own.
    names = ("Education Directorate", "Carers", "Older People and Physical Disability Services")
    for service in Service.objects.filter(year=cambridgeshire, name__in=names):
        Commentary.objects.create(period=period, service=service, text="Because.")
    publish_report(period=cambridgeshire.periods.get(number=13), by=None)
    facts = published_data(Report.objects.filter(period=period).latest("version"))
    built = build_document(facts).document
    check_panels_of_apps(built.blocks)
    table = next(
        each
        for each in built.blocks
        if isinstance(each, Table) and each.statement.name == "budgetary-control"
    )
    notes = [row.cells["note"].text for row in table.statement.rows if row.cells]
    shown = {each for each in notes if each}
    assert shown == {"1", "2", "3"} and len(list(filter(None, notes))) > len(shown)
    html = member.get(reverse("document", args=[2018, 13])).content.decode()
    page = member.get(reverse("statement", args=[2018, 13, "budgetary-control"])).content.decode()
    pdf = document_pdf(facts)
    assert faults_of(pdf) == []
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    xml = docx.Document(io.BytesIO(document_docx(facts))).element.xml
    links = [link for page in reader.pages for link in page.get("/Annots", [])]
    targets = [str(link.get_object().get("/Dest", "")) for link in links]
    for note in shown:
        # The files' contents lead there as well.
        cells, anchor = notes.count(note), f"note-{note}"
        assert html.count(f'id="{anchor}"') == 1 and html.count(f'href="#{anchor}"') == cells
        assert page.count(f'href="/reports/2018-19/13/document/#{anchor}"') == cells
        assert xml.count(f'w:name="{anchor}"') == 1
        assert xml.count(f'w:anchor="{anchor}"') == cells + 1
        assert targets.count(anchor) == cells + 1 and anchor in reader.named_destinations


def check_panels_of_apps(blocks) -> None:
    """Hold the findings and figures that each app gives to Cambridgeshire's close."""
    leads = [each.text for each in blocks if isinstance(each, Paragraph) and each.look == "lead"]
    for words in (
        "The capital programme spent £81,891k of a revised budget of £79,718k, £2,173k more.",
        "Of 38 indicators: 9 Off target (Red), 9 Within 10% (Amber), 11 On target (Green)",
        "Decisions that the forecast does not hold mean spending £359k less in 2019/20",
        "11 contracts end in the 12 months from 31 March 2019, worth £2,941k a year.",
    ):
        assert any(text.startswith(words) for text in leads), words
    tables = {each.caption: each.table for each in blocks if isinstance(each, FiguresTable)}
    capital = tables["Capital programme by directorate, this year, in £000"]
    assert capital.total == ("Total", "79,718", "81,891", "2,173")
    activity = tables["Variance of each group of activity, in £000"]
    assert ("Learning Disability", "64,851", "-1,729", "4,985", "428", "3,684", "Dearer care") in (
        activity.rows
    )
    assert len(tables["Effects that the forecast does not hold, in £000"].rows) == 3
    assert "Performance indicators by status" in tables


def test_the_parts_of_an_outline_are_closed_until_they_are_changed(somerset, lead):
    address = reverse("settings-table", args=[2019, "report-outline"])
    page = lead.get(address).content.decode()
    closed, opened = (f'settings-rule__fields"{state}>' for state in ("", " open"))
    assert (page.count(closed), page.count(opened)) == (len(DEFAULT), 0)
    assert "Part 3: Panel or chart: Chart: variances by service</legend>" in page
    page = lead.post(address, {"parts-count": "0", "do": "add parts"}).content.decode()
    assert (page.count(closed), page.count(opened)) == (0, 1)


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


def test_somersets_document_conforms_to_pdf_ua(somerset):
    assert faults_of(document_pdf(published_data(report()))) == []


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
