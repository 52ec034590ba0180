"""What published pages are called by: the words of their report, and of no draft after it."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.ledger.selectors.line_names import descriptions_in
from monitoring.models import BudgetLine, FormerDescription, TreeRight, Virement
from monitoring.publishing.services.reports import reopen_report
from monitoring.virements.rules import NewLeg
from monitoring.virements.services import enter_virement
from tests.councils.loaded import load_pack
from tests.councils.marked import PROJECTS, SERVICES, position, write_files
from tests.councils.month import only_open_year
from tests.councils.packs import bring, period_of, publish

SECRET = "ZQEXEMPTC"


@pytest.fixture
def year(db, tmp_path):
    """Months 1 and 2 published, with an exempt line."""
    return only_open_year(load_pack(folder=write_files(tmp_path / "pack"), by=None).year)


def line(year, centre: str) -> BudgetLine:
    return BudgetLine.objects.get(year=year, cost_centre=centre)


def rename(year, number: int, before: str, after: str) -> None:
    """Bring a month's position in, with another description."""
    bring(year, "position", position().replace(f"NET,{before},", f"NET,{after},"), number)


def words(client, name: str, *arguments, **query) -> str:
    response = client.get(reverse(name, args=[2021, *arguments]), query)
    assert response.status_code == 200, name
    return text_of(response)


def text_of(response) -> str:
    main = response.content.decode().split('id="main-content"')[1]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def search(client, text: str) -> str:
    return text_of(client.get(reverse("search"), {"q": text}))


def tied(client, person, role: Role, code: str = "PEOPLE"):
    user = person(role)
    TreeRight.objects.create(user=user, service_code=code)
    client.force_login(user)
    return user


@pytest.mark.slow
def test_a_published_page_keeps_the_description_that_a_draft_changes(client, person, year):
    rename(year, 3, "Repairs", "Secret plans")
    client.force_login(person(Role.SCRUTINY_MEMBER))
    repairs = line(year, "R1")
    for number in (1, 2):
        for page in (
            words(client, "service", number, "ROADS"),
            words(client, "line", number, repairs.pk),
        ):
            assert "Repairs" in page and "Secret plans" not in page
    assert "R1/NET Repairs Roads" in search(client, "repairs")
    assert "No results" in search(client, "secret plans")
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "Secret plans" in words(client, "service", 3, "ROADS")
    assert "R1/NET Secret plans" in search(client, "secret plans")
    assert "No results" in search(client, "repairs")


@pytest.mark.slow
def test_each_version_keeps_the_description_it_was_published_with(year):
    rename(year, 3, "Repairs", "Second")
    rename(year, 3, "Repairs", "Third")
    publish(year, 3)
    reopen_report(period=period_of(year, 2), reason="A late invoice", by=None)
    rename(year, 2, "Repairs", "Fourth")
    publish(year, 2)
    rename(year, 4, "Repairs", "Fifth")
    repairs = line(year, "R1")
    reports = {
        (number, report.version): report
        for number in (1, 2, 3)
        for report in period_of(year, number).reports.select_related("period")
    }
    said = {
        place: descriptions_in(report, [repairs])[repairs.pk] for place, report in reports.items()
    }
    assert said == {
        (1, 1): "Repairs",
        (2, 1): "Repairs",
        (2, 2): "Fourth",
        (3, 1): "Third",
    }
    assert descriptions_in(None, [repairs])[repairs.pk] == "Fifth"
    kept = FormerDescription.objects.filter(line=repairs).order_by("pk")
    assert [each.description for each in kept] == ["Repairs", "Third", "Fourth"], (
        "what no report was published with is not"
    )


@pytest.mark.slow
def test_nothing_is_kept_where_no_description_changes_or_nothing_is_published(year):
    bring(year, "position", position(), 3)
    assert not FormerDescription.objects.filter(line__year=year).exists()


@pytest.mark.slow
def test_a_published_page_keeps_the_name_of_a_service(client, person, year):
    bring(year, "services", SERVICES.replace("ROADS,Roads", "ROADS,Bypass"))
    client.force_login(person(Role.SCRUTINY_MEMBER))
    for name, arguments in (
        ("service", (2, "ROADS")),
        ("line", (2, line(year, "R1").pk)),
        ("commentary-edit", (2, "ROADS")),
    ):
        response = client.get(reverse(name, args=[2021, *arguments]))
        assert "Roads" in response.content.decode() and "Bypass" not in response.content.decode()
    assert "R1/NET Repairs Roads" in search(client, "repairs roads")
    assert "No results" in search(client, "bypass")


def test_a_published_line_keeps_who_approved_its_virements(client, person, year):
    Virement.objects.filter(year=year).update(approved_by="Somebody else")
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = words(client, "line", 2, line(year, "R1").pk)
    assert "V1 2 £10 20 May 2021, Cabinet" in page and "Somebody else" not in page


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_the_month_page_names_a_draft_file_to_officers_only(client, person, year, role):
    bring(year, "position", position(), 3, file_name="closure-of-homes.csv")
    tied(client, person, role)
    page = words(client, "month", 3)
    assert "The ledger’s figures were uploaded on" in page and "closure" not in page
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "closure-of-homes.csv, 7 rows" in words(client, "month", 3)


@pytest.mark.slow
def test_a_director_reads_of_another_part_what_is_published(client, person, year):
    rename(year, 3, "Repairs", "Secret plans")
    bring(year, "position", f"{position()}ROADS,NEWCENTRE,NET,Unheard of,9,9,9,1,\n", 3)
    lead = person(Role.FINANCE_LEAD)
    for reference, giver, receiver in (("A1", "C1", "R1"), ("A2", "C1", "NEWCENTRE")):
        legs = [NewLeg(line(year, giver).pk, line(year, receiver).pk, 100, 0)]
        enter_virement(
            year=year, reference=reference, period=3, kind="funding", reason="x", legs=legs, by=lead
        )
    tied(client, person, Role.DIRECTOR)
    register = words(client, "virements", 3)
    download = client.get(reverse("virements-download", args=[2021, 3])).content.decode()
    single = words(client, "virement", "A1") + words(client, "virement", "A2")
    for page in (register, download, single):
        assert "R1/NET Repairs" in page and "a budget line of another service" in page
        assert not re.search("Secret plans|NEWCENTRE|Unheard", page)
    assert "No virements found" in words(client, "virements", 3, text="unheard")
    client.force_login(lead)
    assert "NEWCENTRE/NET Unheard of" in words(client, "virements", 3)


# Exempt lines


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER, Role.SCRUTINY_MEMBER])
def test_the_cost_centre_of_an_exempt_line_is_not_on_the_capital_receipts_page(
    client, person, year, role
):
    tied(client, person, role)
    page = words(client, "capital-receipts", 2)
    assert SECRET in PROJECTS and SECRET not in page
    assert "New systems PR1 – Less paper" in page and "Lamps PR2 R2 Light" in page
    client.force_login(person(Role.FINANCE_OFFICER))
    assert f"New systems PR1 {SECRET} Less paper" in words(client, "capital-receipts", 2)


@pytest.mark.slow
def test_what_is_searched_for_tells_a_manager_nothing_of_an_exempt_line(client, person, year):
    bring(year, "position", position(), 3)
    tied(client, person, Role.BUDGET_MANAGER)
    said = "1 exempt line of this service is in the totals"
    for text in ("", "homes"):
        assert said in words(client, "forecasts", 3, "CARE", q=text)
    pages = {
        words(client, "forecasts", 3, "CARE", q=text).replace(text, "…")
        for text in ("zqexempt words", SECRET, "nothing of the kind")
    }
    assert len(pages) == 1, "as if no line were called so"


@pytest.mark.slow
def test_a_line_tells_no_figure_of_a_report_in_which_it_was_exempt(client, person, year):
    bring(year, "position", position().replace("5,yes", "5,no"), 3)
    publish(year, 3)
    secret = line(year, SECRET)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = words(client, "line", 3, secret.pk)
    assert "Month 3 June" in page and "Month 2 May" not in page and "Month 1 April" not in page
    assert client.get(reverse("line", args=[2021, 2, secret.pk])).status_code == 404
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "Month 2 May" in words(client, "line", 3, secret.pk)
