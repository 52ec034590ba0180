"""What a new version of a report changed, and who reads of it."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.models import Commentary, Report, ReportStatement, Service
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.versions import version_changes
from tests.conftest import FIXTURES
from tests.councils.packs import (
    bring,
    facts_of,
    period_of,
    position,
    publish,
    virements,
    write_pack,
)

pytestmark = pytest.mark.slow

POSITION = FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv"
REASON = "A late invoice for <adult> placements"


def changed_position() -> bytes:
    """Adult Services: £2m more forecast, and £50,000 more budget."""
    content = POSITION.read_bytes()
    assert content.count(b"73869000") == content.count(b"14700000,14700000") == 1
    content = content.replace(b"73869000", b"75869000")
    return content.replace(b"14700000,14700000", b"14700000,14750000")


@pytest.fixture
def reopened(somerset):
    """Month 3 reopened, with other figures, one more virement and another text."""
    reopen_report(period=period_of(somerset, 3), reason=REASON, by=None)
    bring(somerset, "position", changed_position(), 3)
    bring(somerset, "virements", SECOND_VIREMENT)
    adult = Service.objects.get(year=somerset, code="ADULT")
    Commentary.objects.create(period=period_of(somerset, 3), service=adult, text="More placements.")
    return somerset


SECOND_VIREMENT = (FIXTURES / "somerset-2019-20" / "virements.csv").read_text() + (
    "V-2019-002,03,A100,NET,A200,NET,1000,funding,Cabinet,2019-07-09,Between teams\n"
)


@pytest.fixture
def second(reopened):
    """Version 2, published."""
    publish(reopened, 3)
    return reopened


def page(client, version: int | None = None) -> str:
    query = f"?version={version}" if version else ""
    response = client.get(reverse("report", args=[2019, 3]) + query)
    assert response.status_code == 200
    return response.content.decode()


def cells(html: str) -> dict[str, list[str]]:
    """The rows of the table of changes as a reader sees them: label and figures."""
    table = html.split('id="version-changes-caption"')[1].split("</table>")[0]
    rows = re.findall(r"<tr class.*?</tr>", table, re.S)
    return {
        re.search(r"<th[^>]*>(.*?)</th>", row, re.S)[1]: [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        ]
        for row in rows
    }


def texts(year, number: int = 3) -> list[str]:
    return version_changes(facts_of(year, number)).texts


def test_a_member_reads_which_version_why_and_what_changed(client, person, second):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    html = page(client)
    assert "Version 2" in html
    assert "A late invoice for &lt;adult&gt; placements" in html
    assert 'href="#what-changed"' in html and 'id="what-changed"' in html
    assert cells(html) == {
        "Adult Services": ["126.614", "126.664", "0.050", "0.000", "1.950", "A1.950 adverse"],
        "Key Services Spending": [
            *("277.433", "277.483", "0.050"),
            *("0.126", "2.076", "A1.950 adverse"),
        ],
        "Total SCC Spending": [
            *("327.967", "328.017", "0.050"),
            *("0.000", "1.950", "A1.950 adverse"),
        ],
    }
    assert "1 virement added: V-2019-002." in html
    assert "1 text of commentary added: Adult Services." in html
    assert "History of this report" not in html


def test_the_first_version_is_read_as_it_was_published(client, person, somerset, second):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    html = page(client, 1)
    assert "There is a newer version" in html
    assert "what-changed" not in html
    address = reverse("download", args=[2019, 3, "annex-a", "json"])
    total = [client.get(f"{address}?version={n}").json()["rows"][-1]["cells"] for n in (1, 2)]
    assert [each["net_variance"]["text"] for each in total] == ["0.000", "1.950"]


@pytest.mark.slow
def test_a_new_version_leaves_the_figures_and_fingerprints_of_the_first(somerset):
    def kept():
        first = Report.objects.get(period__year=somerset, period__number=3, version=1)
        stored = ReportStatement.objects.filter(report=first).order_by("name")
        rows = list(stored.values_list("name", "text", "layout", "sha256"))
        return first.frozen, first.reason, first.published_at, list(first.virements.all()), rows

    before = kept()
    reopen_report(period=period_of(somerset, 3), reason=REASON, by=None)
    bring(somerset, "position", changed_position(), 3)
    publish(somerset, 3)
    assert kept() == before
    versions = Report.objects.filter(period__year=somerset, period__number=3)
    assert list(versions.values_list("version", "reason")) == [(1, ""), (2, REASON)]


def test_a_draft_tells_officers_and_nobody_else(client, person, reopened):
    client.force_login(person(Role.FINANCE_OFFICER))
    html = page(client)
    assert "This draft becomes version 2" in html
    assert cells(html)["Adult Services"][-1] == "A1.950 adverse"
    for role in (Role.SCRUTINY_MEMBER, Role.DIRECTOR, Role.BUDGET_MANAGER):
        client.force_login(person(role))
        html = page(client)
        assert "what-changed" not in html
        assert "late invoice" not in html


@pytest.mark.slow
def test_a_version_without_other_figures_says_so(client, person, somerset):
    reopen_report(period=period_of(somerset, 3), reason=REASON, by=None)
    publish(somerset, 3)
    changes = version_changes(facts_of(somerset, 3))
    assert (changes.table, changes.texts, changes.reason) == (None, [], REASON)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    html = page(client)
    assert "No net budget and no net variance was changed." in html
    assert "The virements and the commentary are the same." in html


def test_a_first_version_and_a_first_draft_changed_nothing(somerset):
    bring(somerset, "position", POSITION.read_bytes(), 4)
    assert version_changes(facts_of(somerset, 3)) is None
    assert version_changes(facts_of(somerset, 4)) is None


SERVICES = """code,name,parent_code,order,total_label,section
TOP,Made-up,,1,Total,
ONE,First services,TOP,1,Total of the first,
A,Service A,ONE,1,,
B,Service B,ONE,2,,
TWO,Others,TOP,2,,
C,Service C,TWO,1,,
"""
AS_PUBLISHED = position("""
    A  A1  1000.00  1000.00  1000.49
    B  B1   500.00   500.00   500.00
    C  C1   200.00   200.00   .
""")
LEGS = """V1,01,A1,NET,B1,NET,1,funding,,Cabinet,2021-05-01,,x
V2,01,A1,NET,B1,NET,1,funding,,Cabinet,2021-05-01,,x
"""


@pytest.fixture
def made_up(db, tmp_path):
    """A council that prints £, month 1 published: A over by 49 pence, C without a forecast."""
    from tests.councils.loaded import load_pack

    settings = '[display]\nunit = "pounds"\nfavourable = "minus"\n'
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": AS_PUBLISHED,
        "virements.csv": virements(LEGS),
    }
    load_pack(folder=write_pack(tmp_path, files, publish=(1,), settings=settings), by=None)
    from monitoring.models import FinancialYear

    year = FinancialYear.objects.get(start=2021)
    reopen_report(period=period_of(year, 1), reason="Again", by=None)
    return year


def told(year) -> dict[str, list[str]]:
    table = version_changes(facts_of(year, 1)).table
    order = (
        *("budget_before", "budget_now", "budget_difference"),
        *("net_variance_before", "net_variance_now", "movement"),
    )
    return {row.label: [row.cells[key].text for key in order] for row in table.rows}


def test_a_missing_forecast_is_a_dash_and_not_nil(made_up):
    text = AS_PUBLISHED.replace("200.00,200.00,,", "200.00,200.00,150.00,")
    assert text != AS_PUBLISHED
    bring(made_up, "position", text, 1)
    assert told(made_up)["Service C"] == ["200", "200", "0", "–", "-50", "–"]
    notes = version_changes(facts_of(made_up, 1)).table.footnotes
    assert [note.text[:6] for note in notes] == ["A dash"]


@pytest.mark.slow
def test_a_service_of_one_version_only_counts_as_nil_in_the_other(made_up):
    services = SERVICES.replace("B,Service B,ONE,2,,\n", "") + "D,Service D,ONE,3,,\n"
    bring(made_up, "services", services)
    bring(
        made_up,
        "position",
        position("""
            A  A1  1000.00  1000.00  1000.49
            D  B1   500.00   500.00   510.00
            C  C1   200.00   200.00   .
        """),
        1,
    )
    rows = told(made_up)
    assert list(rows) == ["Service D", "Service B", "Total of the first", "Total"]
    assert rows["Service D"] == ["–", "500", "500", "–", "10", "10"]
    assert rows["Service B"] == ["500", "–", "-500", "0", "–", "0"]
    assert rows["Total of the first"] == ["1,500", "1,500", "0", "0", "10", "10"]


def test_differences_are_rounded_once_and_say_so(made_up):
    bring(made_up, "position", AS_PUBLISHED.replace("1000.49", "1000.98"), 1)
    assert told(made_up)["Service A"] == ["1,000", "1,000", "0", "0", "1", "0"]
    notes = version_changes(facts_of(made_up, 1)).table.footnotes
    assert any("rounded once" in note.text for note in notes)


def test_a_pending_virement_changed_nothing_and_a_reversal_is_one_more(made_up):
    register = LEGS + "V3,01,A1,NET,B1,NET,1,funding,,,,,waits\n"
    bring(made_up, "virements", virements(register))
    assert texts(made_up, 1) == []
    register += "V4,01,B1,NET,A1,NET,1,funding,,Cabinet,2021-05-02,V1,back\n"
    bring(made_up, "virements", virements(register))
    assert texts(made_up, 1) == ["1 virement added: V4."]


def test_texts_that_were_written_changed_and_taken_out_are_named(made_up):
    service = {code: Service.objects.get(year=made_up, code=code) for code in "AB"}
    period = period_of(made_up, 1)
    Commentary.objects.create(period=period, service=service["A"], text="one")
    Commentary.objects.create(period=period, service=service["B"], text="two")
    publish(made_up, 1)
    assert texts(made_up, 1) == ["2 texts of commentary added: Service A, Service B."]
    reopen_report(period=period_of(made_up, 1), reason="Once more", by=None)
    Commentary.objects.filter(service=service["A"]).update(text="other")
    Commentary.objects.filter(service=service["B"]).delete()
    assert texts(made_up, 1) == [
        "1 text of commentary changed: Service A.",
        "1 text of commentary taken out: Service B.",
    ]


def test_the_report_page_asks_few_questions(client, person, second, django_assert_max_num_queries):
    client.force_login(person(Role.FINANCE_LEAD))
    page(client)
    with django_assert_max_num_queries(16):
        page(client)
