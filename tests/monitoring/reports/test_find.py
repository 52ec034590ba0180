"""Looking across reports: two side by side, and a search for what stands in one."""

import csv
import html
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from council_finance.accounts.models import Role
from monitoring.models import BudgetLine
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.compare import compare
from monitoring.reports.selectors.report_choices import choices
from tests.councils.month import (
    MONTH_1,
    SERVICES,
    SERVICES_NOW,
    only_open_year,
    small_council,
    tie,
)
from tests.councils.packs import bring, period_of, position, publish

HISTORY = (
    "financial_year,period,service_code,current_budget,net_variance\n"
    "2020/21,13,TOP,2500,400\n2020/21,13,GONE,20,5\n"
)


@pytest.fixture
def year(db, tmp_path):
    return only_open_year(small_council(tmp_path))


def found(client, text):
    response = client.get(reverse("search"), {"q": text})
    assert response.status_code == 200
    main = response.content.decode().split('id="main-content"')[1]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def chosen(value):
    return next(choice for choice in choices() if choice.value == value)


def test_annex_as_two_months_side_by_side(somerset):
    rows = compare(chosen("2019-20/2"), chosen("2019-20/3")).rows
    cells = {row.code: row.cells for row in rows}
    assert cells["KEY"] == ("276.935", "277.433", "0.498", "0.992", "0.126", "(0.866)")
    senses = {row.code: row.sense for row in rows}
    assert senses["KEY"] == "favourable" and senses["SUPPORT"] == "adverse"


def test_a_year_of_history_is_matched_by_code(year):
    bring(year, "history", HISTORY)
    comparison = compare(chosen("2020-21/13"), chosen("2021-22/1"))
    cells = {row.code: row.cells for row in comparison.rows}
    assert cells["TOP"] == ("2,500", "2,800", "300", "400", "230", "(170)")
    assert cells["ROADS"] == ("–", "700", "–", "–", "60", "–")
    assert cells["GONE"] == ("20", "–", "–", "5", "–", "–")
    assert comparison.sentence == (
        "The forecast variance is £170 better in month 1 of 2021/22 than in the close of 2020/21."
    )


def test_the_address_says_which_reports(client, person, year):
    publish(year, 2)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    address = reverse("compare")
    page = client.get(address).content.decode()
    assert '<option value="2021-22/2" selected>' in page
    page = client.get(address, {"from": "2021-22/2", "to": "2021-22/1"}).content.decode()
    assert '<option value="2021-22/1" selected>' in page
    assert client.get(address, {"from": "nonsense", "to": "9999-00/7"}).status_code == 200


def test_the_comparison_has_chart_files_versions_and_restated_mark(client, person, db, tmp_path):
    """Month 2 restates month 1, as a line moves; version 1 of month 1 stays to be compared."""
    first = MONTH_1.replace("300   300   300", "300   300   320")
    year = small_council(tmp_path, **{"periods/01/position.csv": position(first)})
    bring(year, "services", SERVICES_NOW)
    publish(year, 2)
    reopen_report(period=period_of(year, 1), reason="A late figure", by=None)
    bring(year, "position", position(MONTH_1.replace("DAY ", "HOME")), 1)
    publish(year, 1)
    made = compare(chosen("2021-22/1/1"), chosen("2021-22/2"))
    assert [row.label for row in made.rows if row.is_restated] == ["Home care"]
    assert made.chart is not None and made.chart.title == "Home care changed most: £20 worse"
    client.force_login(person(Role.SCRUTINY_MEMBER))
    pair = {"from": "2021-22/1/1", "to": "2021-22/2"}
    page = client.get(reverse("compare"), pair).content.decode()
    assert '<option value="2021-22/1/1" selected>Month 1 of 2021/22, earlier version 1' in page
    assert 'data-chart="' in page and "restated</span></th>" in page
    assert f"{reverse('service', args=[2021, 2, 'HOME'])}?version=1" in page
    link = html.unescape(re.search(r'href="(/compare\.csv[^"]*)"', page).group(1))
    head, *rows = csv.reader(client.get(link).content.decode().splitlines())
    assert head[2] == "Budget: Month 1 of 2021/22, earlier version 1"
    assert ["Roads", "ROADS", "700.00", "700.00", "0.00", "60.00", "80.00", "20.00"] in rows
    book = client.get(link.replace(".csv", ".xlsx"))
    assert book["Content-Disposition"].endswith('2021-22-01-v1-and-2021-22-02-v1.xlsx"')
    assert load_workbook(io.BytesIO(book.content)).active["B2"].value == "TOP"
    assert client.get(reverse("compare-download", args=["pdf"]), pair).status_code == 404


def test_a_draft_is_compared_with_nothing(client, person, year):
    client.force_login(person(Role.FINANCE_LEAD))
    assert 'value="2021-22/2"' not in client.get(reverse("compare")).content.decode()


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("home", ["Home care", "H1/NET", "H2/NET"], ["Roads"]),
        ("HOME care", ["Home care"], ["Day care"]),
        ("roads", ["Roads", "R1/NET"], ["Home"]),
        ("r1", ["R1/NET"], ["H1"]),
        ("zzz", ["No results for “zzz”", "In month 1 of 2021/22."], ["H1"]),
        ("<script>alert(1)</script>", ["No results"], []),
        ("   ", ["A service, a cost centre, a saving, ", ", an indicator, "], ["No results", "H1"]),
    ],
)
def test_services_and_lines_are_found_by_their_words(client, person, year, text, there, not_there):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = found(client, text)
    for words in there:
        assert words in page
    for words in not_there:
        assert words not in page


@pytest.mark.slow
def test_what_is_found_leads_to_its_page_for_each_role(client, person, year):
    for role in set(Role) - {Role.NO_ROLE}:
        client.force_login(tie(person(role), "CARE"))
        page = client.get(reverse("search"), {"q": "home"}).content.decode()
        main = page.split('id="main-content"')[1]
        links = re.findall(r'href="(/2021-22/[^"]*)"', main)
        assert links, role
        for link in links:
            assert client.get(html.unescape(link)).status_code == 200, (role, link)


def test_a_line_of_the_draft_alone_is_found_by_those_who_see_it(client, person, year):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "No results" in found(client, "H3")
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "H3/NET" in found(client, "H3")


def test_an_exempt_line_is_found_by_finance_alone(client, person, year):
    BudgetLine.objects.filter(year=year, cost_centre="H2").update(exempt=True, description="Secret")
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "No results" in found(client, "secret")
    assert "H2/NET" not in found(client, "home")
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "H2/NET" in found(client, "secret")


def test_the_search_asks_few_questions(client, person, year, django_assert_max_num_queries):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    found(client, "home")
    with django_assert_max_num_queries(13):
        found(client, "home")


@pytest.mark.parametrize("role", [Role.SCRUTINY_MEMBER, Role.FINANCE_OFFICER])
def test_a_search_reads_no_lines_of_other_years(client, person, year, role):
    client.force_login(person(role))
    with CaptureQueriesContext(connection) as asked:
        assert "H1/NET" in found(client, "home")
    of_lines = [each["sql"] for each in asked if 'FROM "monitoring_budgetline"' in each["sql"]]
    searches = [sql for sql in of_lines if "%HOME%" in sql.upper()]
    assert searches
    assert all(f'"monitoring_budgetline"."year_id" = {year.pk}' in sql for sql in searches)


def test_anybody_reads_what_the_words_of_reports_mean(client, db):
    page = client.get(reverse("glossary"))
    for word in ("virement", "earmarked-reserve", "outturn", "s151", "restated"):
        assert f'<dt id="{word}">' in page.content.decode()
    assert client.post(reverse("glossary")).status_code == 405
    assert f'href="{reverse("glossary")}"' in client.get("/login/").content.decode()


def test_the_councils_row_is_the_reports_whichever_stands_first(year):
    bring(year, "history", HISTORY + "2020/21,13,BUSES,1,999\n2019/20,13,TOP,1,1\n")
    comparison = compare(chosen("2021-22/1"), chosen("2020-21/13"))
    assert comparison.sentence == (
        "The forecast variance is £170 worse in the close of 2020/21 than in month 1 of 2021/22."
    )
    of_history = compare(chosen("2019-20/13"), chosen("2020-21/13"))
    assert of_history.sentence == "" and of_history.rows


def test_two_years_that_are_history_alone_are_compared(client, person, year):
    rows = "2014/15,13,TOP,10,1\n2015/16,13,TOP,10,2\n"
    bring(year, "history", HISTORY.splitlines()[0] + "\n" + rows)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    response = client.get(reverse("compare"), {"from": "2014-15/13", "to": "2015-16/13"})
    assert response.status_code == 200 and "Close of 2015/16" in response.content.decode()


def test_lines_without_figures_in_the_report_take_nobodys_place(client, person, year):
    lines = [
        BudgetLine(
            year=year,
            cost_centre=f"OLD{n:02}",
            account="X",
            description="Minibus",
            service=year.services.get(code="BUSES"),
        )
        for n in range(25)
    ]
    BudgetLine.objects.bulk_create(lines)
    BudgetLine.objects.filter(year=year, cost_centre="B1").update(description="Minibus")
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = found(client, "minibus")
    assert "B1/NET" in page and "OLD01" not in page and "More were found" not in page


@pytest.mark.slow
def test_a_closed_services_row_leads_to_its_page(client, person, db, tmp_path):
    council = only_open_year(small_council(tmp_path))
    bring(council, "services", SERVICES.replace("ROADS,Roads,TOP,3,\n", ""))
    bring(council, "position", position("HOME H1 1000 1000 1100"), 2)
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(reverse("search"), {"q": "roads"}).content.decode()
    links = re.findall(r'href="(/2021-22/2/services/[^"]*)"', page)
    assert links and all(client.get(html.unescape(each)).status_code == 200 for each in links)
