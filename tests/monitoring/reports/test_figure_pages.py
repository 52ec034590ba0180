"""From a figure to what it is made of: service, line, row of the file, person who typed it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.models import TreeRight, Upload
from monitoring.publishing.services.reports import publish_report, reopen_report
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, period_of, write_pack
from tests.monitoring.forecasts.test_forecast_pages import MONTH_1, MONTH_2, SERVICES, line_ids

pytestmark = pytest.mark.slow

READERS = [role.value for role in Role if role != Role.NO_ROLE]
WITHOUT_PART = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR}


@pytest.fixture
def year(db, tmp_path):
    """Month 1 published, month 2 a draft."""
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": MONTH_1,
        "periods/02/position.csv": MONTH_2,
    }
    return load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year


def words(response):
    text = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


def service_page(code, number):
    return reverse("service", args=[2021, number, code])


def line_page(year, centre, number):
    return reverse("line", args=[2021, number, line_ids(year)[centre]])


def test_the_label_of_a_statement_leads_to_the_line_and_its_row(client, person, somerset):
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(reverse("statement", args=[2019, 3, "annex-a"])).content.decode()
    address = re.search(r'href="([^"]*/services/CHILD-COM/[^"]*)"', page)[1]
    service = client.get(address)
    assert "Previous net variance as published £557,000" in words(service)
    assert re.search(r"Restated -£498,000 by virement \S+", words(service))
    assert "Previous net variance, restated £59,000" in words(service)
    line = client.get(re.search(r'href="([^"]*/lines/\d+/[^"]*)"', service.content.decode())[1])
    found = re.search(r"row (\d+) of periods/03/position.csv", words(line))
    upload = Upload.objects.get(year=somerset, period=3, kind="position")
    content = client.get(reverse("upload-file", args=[upload.pk])).content.decode("utf-8-sig")
    code = re.search(r"<h1[^>]*>(\S+)", line.content.decode())[1].split("/")[0]
    assert code in content.splitlines()[int(found[1]) - 1].split(",")


@pytest.mark.parametrize("role", READERS)
def test_everyone_reads_the_published_service_and_line(client, person, year, role):
    client.force_login(person(role))
    assert "Net variance £79.75 the sum" in words(client.get(service_page("HOME", 1)))
    line = client.get(line_page(year, "H1", 1))
    assert "Forecast £1,100" in words(line)
    sees_files = role in WITHOUT_PART
    assert ("download the file" in words(line)) == sees_files
    upload = Upload.objects.filter(year=year).last()
    status = client.get(reverse("upload-file", args=[upload.pk])).status_code
    assert status == (200 if sees_files else 403)


def test_lines_of_a_published_service_are_read_once(client, person, year):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    with CaptureQueriesContext(connection) as queries:
        assert "H1/NET" in words(client.get(service_page("HOME", 1)))
    asked = [re.search(r'FROM "monitoring_(\w+)"', each["sql"]) for each in queries]
    tables = [found[1] for found in asked if found]
    assert (tables.count("position"), tables.count("forecastentry")) == (1, 0)


@pytest.mark.parametrize(
    ("role", "code", "sees"),
    [
        (Role.SCRUTINY_MEMBER, "", False),
        (Role.DIRECTOR, "", False),
        (Role.DIRECTOR, "ROADS", False),
        (Role.DIRECTOR, "CARE", True),
        (Role.BUDGET_MANAGER, "HOME", True),
        (Role.FINANCE_OFFICER, "", True),
    ],
)
def test_a_draft_is_shown_by_right_only(client, person, year, role, code, sees):
    user = person(role)
    if code:
        TreeRight.objects.create(user=user, service_code=code)
    client.force_login(user)
    for address in (service_page("HOME", 2), line_page(year, "H1", 2)):
        assert client.get(address).status_code == (200 if sees else 404)


@pytest.mark.parametrize("role", READERS)
def test_an_exempt_line_is_shown_to_officers_only(client, person, year, role):
    user = person(role)
    if role in (Role.DIRECTOR, Role.BUDGET_MANAGER):
        TreeRight.objects.create(user=user, service_code="TOP")
    client.force_login(user)
    sees = role in WITHOUT_PART
    for number in (1, 2):
        assert client.get(line_page(year, "H3", number)).status_code == (200 if sees else 404)
    page = words(client.get(service_page("HOME", 1)))
    assert ("H3/NET" in page) == sees
    assert ("1 exempt line is included in the totals" in page) != sees


def test_a_typed_forecast_shows_who_when_and_why(client, person, year):
    officer = person(Role.FINANCE_OFFICER, first_name="Robin", last_name="Day")
    service = year.services.get(code="HOME")
    change = ForecastChange(line_ids(year)["H1"], 110000, 123450, "More visits")
    save_forecasts(node=service, number=2, changes=[change], by=officer)
    client.force_login(officer)
    page = words(client.get(line_page(year, "H1", 2)))
    assert "Robin Day Forecast £1,100 £1,234.50 More visits" in page
    assert "Forecast £1,234.50 entered by hand" in page
    TreeRight.objects.create(user=person(Role.DIRECTOR), service_code="CARE")
    client.force_login(person(Role.SCRUTINY_MEMBER))
    publish_report(period=period_of(year, 2), by=officer)
    page = words(client.get(line_page(year, "H1", 2)))
    assert "£1,234.50 entered by hand" in page
    assert "Robin" not in page and "More visits" not in page


def test_an_earlier_version_keeps_its_lines(client, person, year):
    officer = person(Role.FINANCE_OFFICER)
    reopen_report(period=period_of(year, 1), reason="A late invoice", by=officer)
    service = year.services.get(code="HOME")
    change = ForecastChange(line_ids(year)["H1"], 110000, 140000)
    save_forecasts(node=service, number=1, changes=[change], by=officer)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "Forecast £1,100 ledger’s file" in words(client.get(line_page(year, "H1", 1)))
    publish_report(period=period_of(year, 1), by=officer)
    assert "Forecast £1,400 entered by hand" in words(client.get(line_page(year, "H1", 1)))
    first = client.get(line_page(year, "H1", 1) + "?version=1")
    assert "Forecast £1,100 ledger’s file" in words(first)
    assert "£1,100" in words(client.get(service_page("HOME", 1) + "?version=1"))


def test_a_line_of_a_merged_service_is_judged_by_where_it_stands(client, person, year):
    care, place = person(Role.DIRECTOR), person(Role.BUDGET_MANAGER)
    TreeRight.objects.create(user=care, service_code="CARE")
    TreeRight.objects.create(user=place, service_code="ROADS")
    bring(
        year,
        "services",
        SERVICES.replace("DAY,Day care,CARE,", "DAY,Day care,CARE,,ROADS").replace(
            "total_label", "total_label,successor_code"
        ),
    )
    for user, status in ((care, 404), (place, 200)):
        client.force_login(user)
        assert client.get(line_page(year, "D1", 2)).status_code == status
    assert "a budget line of Roads" in words(client.get(line_page(year, "D1", 2)))


def test_a_published_line_shows_what_the_report_reflects(client, person, year):
    """A virement approved later, a line moved later, a line no longer exempt."""
    register = (
        "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind,"
        "approved_by,approved_on\nV1,1,H1,NET,R1,NET,10,funding,Cabinet,2021-06-01\n"
    )
    bring(year, "virements", register)
    moved = MONTH_2.replace("HOME,H1,", "ROADS,H1,").replace(",50,0,yes", ",50,0,")
    bring(year, "position", moved, 2)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = words(client.get(line_page(year, "H1", 1)))
    assert "V1" not in page
    assert "a budget line of Home care" in page
    assert client.get(line_page(year, "H3", 1)).status_code == 404
    publish_report(period=period_of(year, 2), by=None)
    page = words(client.get(line_page(year, "H1", 2)))
    assert "V1" in page
    assert "a budget line of Roads" in page
    assert client.get(line_page(year, "H3", 2)).status_code == 200


@pytest.mark.parametrize("role", [Role.BUDGET_MANAGER, Role.DIRECTOR, Role.FINANCE_OFFICER])
def test_commentary_tells_no_figure_of_an_exempt_line(client, person, year, role):
    user = person(role)
    if role != Role.FINANCE_OFFICER:
        TreeRight.objects.create(user=user, service_code="HOME")
    bring(year, "position", MONTH_2.replace(",50,0,yes", ",987,0,yes"), 2)
    client.force_login(user)
    page = words(client.get(reverse("commentary-edit", args=[2021, 2, "HOME"])))
    assert ("987" in page) == (role == Role.FINANCE_OFFICER)
    assert "H1/NET" in page


@pytest.mark.parametrize(
    "address",
    [
        "/2021-22/1/services/NONE/",
        "/2021-22/3/services/HOME/",
        "/2021-22/1/services/HOME/?version=9",
        "/2021-22/1/services/HOME/?version=x",
        "/2021-22/1/lines/999999999/",
    ],
)
def test_what_is_not_there_is_not_found(client, person, year, address):
    client.force_login(person(Role.FINANCE_OFFICER))
    assert client.get(address).status_code == 404


def test_a_line_of_another_year_is_not_found(client, person, year, somerset):
    client.force_login(person(Role.FINANCE_OFFICER))
    other = somerset.lines.first()
    assert client.get(reverse("line", args=[2021, 1, other.pk])).status_code == 404
