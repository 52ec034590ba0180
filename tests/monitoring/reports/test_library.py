"""The reports library, and reports that are open to the public where the council so chose."""

import re

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import resolve, reverse

from council_finance.accounts.models import Role
from monitoring.models import Period, Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.reports.selectors.library import library, position_words
from monitoring.reports.views import reports
from tests.councils.month import small_council
from tests.councils.packs import bring, period_of
from tests.monitoring.test_pages import EXPLAINED, OPEN_TO_STRANGERS, POSITION, addresses
from tests.statements import DISPLAY

PUBLIC = {
    *("reports", "report", "statement", "download", "pack", "document", "document-file"),
    *("data-for-programs", "figures-all", "figures-year", "figures-report", "open-data"),
}
"""The addresses that strangers read where PUBLIC_REPORTS is set."""


@pytest.fixture
def month_4(somerset):
    """A draft of month 4: the upload that brought it."""
    return bring(somerset, "position", POSITION.read_bytes(), 4)


@pytest.fixture
def public(settings):
    settings.PUBLIC_REPORTS = True


def reopened(year, number: int) -> Period:
    period = Period.objects.get(year=year, number=number)
    reopen_report(period=period, reason="A late invoice", by=None)
    return Period.objects.get(pk=period.pk)


def rows(*, with_drafts: bool) -> list[tuple]:
    return [
        (row.period.year.start, row.period.number, row.is_draft, row.version, row.earlier)
        for year in library(with_drafts=with_drafts, with_withheld=with_drafts)
        for row in year.rows
    ]


PUBLISHED = [
    (2019, 3, False, 1, ()),
    (2019, 2, False, 1, ()),
    (2018, 13, False, 1, ()),
    (2018, 11, False, 1, ()),
]


def test_reports_stand_by_year_and_month_the_newest_first(somerset):
    assert rows(with_drafts=False) == rows(with_drafts=True) == PUBLISHED


def test_a_draft_stands_above_for_those_who_read_drafts_only(month_4):
    assert rows(with_drafts=True) == [(2019, 4, True, 1, ()), *PUBLISHED]
    assert rows(with_drafts=False) == PUBLISHED


@pytest.mark.slow
def test_versions_stand_with_their_report(somerset):
    publish_report(period=reopened(somerset, 3), by=None)
    expected = [(2019, 3, False, 2, (1,)), *PUBLISHED[1:]]
    assert rows(with_drafts=False) == expected
    reopened(somerset, 3)
    assert rows(with_drafts=False) == expected
    assert rows(with_drafts=True) == [(2019, 3, True, 3, ()), *expected]


@pytest.mark.parametrize(
    ("pence", "words"),
    [
        (None, "No forecast yet"),
        (49_999, "On budget"),
        (-49_999, "On budget"),
        (12_600_000, "Overspend of £126k"),
        (-12_600_000, "Underspend of £126k"),
    ],
)
def test_the_position_is_said_in_words(pence, words):
    assert position_words(pence, DISPLAY) == words


def test_the_library_shows_each_report_with_its_downloads(client, person, somerset):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = client.get("/reports/").content.decode()
    for year, number in (("2019-20", 3), ("2019-20", 2), ("2018-19", 13), ("2018-19", 11)):
        assert f'href="/reports/{year}/{number}/"' in page
        for form in ("xlsx", "pdf", "zip"):
            assert f'href="/reports/{year}/{number}/pack.{form}"' in page
    assert "Close, Outturn 2018/19" in page
    assert "Overspend of £4,756k" in page


def test_one_who_reads_drafts_is_led_to_the_published_version_too(client, person, somerset):
    reopened(somerset, 3)
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get("/reports/").content.decode()
    assert 'href="/reports/2019-20/3/"' in page
    assert 'href="/reports/2019-20/3/?version=1"' in page
    assert 'href="/reports/2019-20/3/pack.pdf?version=1"' in page
    assert "to be version 2" in page


def test_an_empty_library_says_what_will_stand_there(client, person, monkeypatch, somerset):
    from monitoring.reports.views import reports

    monkeypatch.setattr(reports, "all_reports", lambda **_: [])
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "No report has been published yet" in client.get("/reports/").content.decode()


def test_the_library_asks_few_questions(client, person, somerset, django_assert_max_num_queries):
    client.force_login(person(Role.FINANCE_OFFICER))
    with django_assert_max_num_queries(10):
        client.get("/reports/")


def test_statements_without_figures_are_listed_apart(client, person, db, tmp_path):
    year = small_council(tmp_path)
    client.force_login(person(Role.FINANCE_OFFICER))
    for number in (1, 2):
        page = client.get(reverse("report", args=[2021, number])).content.decode()
        table, _, after = page.split('id="statements-caption"')[1].partition("</table>")
        empty = after.split("Without figures in this report:")[1].split("</p>")[0]
        assert "Annex A" in table and "Annex A" not in empty
        for title in ("Savings tracker", "Aged debt", "Schedule of reserves"):
            assert title in empty and title not in table
    address = reverse("statement", args=[year.start, 1, "aged-debt"])
    assert client.get(address).status_code == 200


def test_reports_are_closed_unless_the_council_opens_them(client, month_4):
    for name, (address, _) in addresses(month_4).items():
        response = client.get(address)
        assert (response.status_code, response.url.split("?")[0]) == (302, "/login/"), name


def test_a_stranger_reads_published_reports_and_nothing_else(client, public, month_4):
    for name, (address, _) in addresses(month_4).items():
        response = client.get(address)
        if name in PUBLIC:
            assert (response.status_code, bool(response.getvalue())) == (200, True), name
        elif name.removeprefix("draft ") in PUBLIC:
            assert response.status_code == 404, name
        else:
            assert (response.status_code, response.url.split("?")[0]) == (302, "/login/"), name


def test_a_stranger_writes_nothing(client, public, month_4):
    for name, (address, _) in addresses(month_4).items():
        status = client.post(address, {}).status_code
        assert status == (405 if name.removeprefix("draft ") in PUBLIC else 302), name


@pytest.mark.slow
@pytest.mark.parametrize("role", Role.values)
def test_who_logs_in_reads_the_same_where_reports_are_public(client, person, public, month_4, role):
    client.force_login(person(role))
    for name, (address, readers) in addresses(month_4).items():
        if name.removeprefix("draft ") in PUBLIC:
            # Somebody without a role reads what every stranger does.
            is_public = role == Role.NO_ROLE and not name.startswith("draft ")
            response = client.get(address)
            if name in EXPLAINED and not is_public and role not in readers:
                assert b"No report for month 4 yet" in response.content, name
            else:
                expected = 200 if is_public or role in readers else 404
                assert (response.status_code, bool(response.getvalue())) == (expected, True), name


@pytest.mark.slow
def test_a_stranger_gets_the_versions_that_were_published(client, public, somerset):
    publish_report(period=reopened(somerset, 3), by=None)
    reopened(somerset, 3)
    content = POSITION.read_bytes().replace(b"73869000", b"75869000")
    bring(somerset, "position", content, 3)
    for query, version in (("", 2), ("?version=1", 1), ("?version=2", 2)):
        data = client.get(f"/reports/2019-20/3/annex-a.json{query}").json()
        assert (data["status"], data["version"]) == ("published", version)
        assert data["rows"][0]["cells"]["net_variance"]["text"] == "0.000"
    for address in ("", "annex-a/", "annex-a.json", "pack.xlsx"):
        assert client.get(f"/reports/2019-20/3/{address}?version=3").status_code == 404


@pytest.fixture
def kept(settings):
    """Tables of published statements are kept, as in service."""
    kept = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "kept"}
    settings.CACHES = {**settings.CACHES, "template_fragments": kept}
    yield
    caches["template_fragments"].clear()


@pytest.mark.slow
def test_a_published_table_is_drawn_once_for_each_reader_it_differs_for(
    client, person, public, somerset, kept, monkeypatch
):
    drawn = []
    draw = reports.for_page
    monkeypatch.setattr(
        reports, "for_page", lambda *given, **more: drawn.append(given) or draw(*given, **more)
    )
    stranger, member = client, Client()
    member.force_login(person(Role.SCRUTINY_MEMBER))
    address = "/reports/2019-20/3/annex-a/"

    def table(reader, query=""):
        page = reader.get(f"{address}{query}").content.decode()
        return page[page.index("<table") : page.index("</table>")]

    first = [table(stranger), table(member), table(member, "?version=1")]
    assert len(drawn) == 3
    assert "/services/" not in first[0] and "/services/ADULT/?version=1" in first[2]
    assert [table(stranger), table(member), table(member, "?version=1")] == first
    assert len(drawn) == 3, "the second time none is drawn"
    bring(
        reopened(somerset, 3).year,
        "position",
        POSITION.read_bytes().replace(b"73869000", b"75869000"),
        3,
    )
    publish_report(period=period_of(somerset, 3), by=None)
    assert table(member) != first[1] and table(member, "?version=1") == first[2]
    assert len(drawn) == 4


@pytest.mark.slow
def test_no_page_and_no_download_changes_what_a_report_froze(client, person, month_4):
    client.force_login(person(Role.FINANCE_LEAD))
    for name, (address, readers) in addresses(month_4).items():
        if Role.FINANCE_LEAD in readers:
            response = client.get(address)
            response.getvalue()
            assert response.status_code == 200, name
    for report in Report.objects.defer(None):
        assert report.frozen == dict(frozen_of(report))


def test_a_drafts_table_is_drawn_each_time(client, person, month_4, kept):
    client.force_login(person(Role.FINANCE_OFFICER))
    before = client.get("/reports/2019-20/4/annex-a/").content.decode()
    content = POSITION.read_bytes().replace(b"73869000", b"75869000")
    bring(month_4.year, "position", content, 4)
    assert client.get("/reports/2019-20/4/annex-a/").content.decode() != before


@pytest.mark.parametrize(
    "address", ["", "2019-20/3/", "2019-20/3/annex-a/", "2018-19/13/virements/"]
)
def test_a_strangers_page_leads_only_to_what_they_may_read(client, public, month_4, address):
    page = client.get(f"/reports/{address}").content.decode()
    assert "Draft" not in page and "Month 4" not in page
    links = set(re.findall(r'href="(/[^"#?]*)', page))
    names = {resolve(link).url_name for link in links if not link.startswith("/static/")}
    assert names <= PUBLIC | OPEN_TO_STRANGERS
    assert {"login", "reports"} <= names
    assert "Log out" not in page


def test_the_log_in_leads_strangers_to_public_reports(client, settings, db):
    link = f'href="{reverse("reports")}"'
    assert link not in client.get("/login/").content.decode()
    settings.PUBLIC_REPORTS = True
    assert link in client.get("/login/").content.decode()


def test_the_setting_is_off_unless_it_is_set(settings):
    assert settings.PUBLIC_REPORTS is False
