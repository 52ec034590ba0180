"""The month page: how far the work is, who is waited for, and what one does next."""

import datetime
import re
from dataclasses import replace

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.commentary.selectors import find_commentary, text_version
from monitoring.commentary.services import sign_off_commentary, write_commentary
from monitoring.models import BudgetLine, Commentary
from monitoring.month.selectors.month import Duties, month_of
from monitoring.month.selectors.steps import dated_steps, waiting_for
from monitoring.month.service_markup import draw_services
from monitoring.publishing.services.reports import reopen_report
from tests.councils.month import MONTH_2, SERVICES_NOW, service, small_council, tie
from tests.councils.packs import bring, period_of, position, publish

TODAY = datetime.date(2021, 6, 10)


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.fixture
def people(person):
    """Managers, directors and officers tied to parts of the tree."""
    made = (
        ("Mo", Role.BUDGET_MANAGER, ("CARE",)),
        ("Hal", Role.BUDGET_MANAGER, ("HOME",)),
        ("Dee", Role.DIRECTOR, ("TOP",)),
        ("Ola", Role.FINANCE_OFFICER, ("LEARN",)),
        ("Sam", Role.SCRUTINY_MEMBER, ("HOME",)),
    )
    return {
        name: tie(person(role, username=name, first_name=name), *codes)
        for name, role, codes in made
    }


class Everything:
    def __contains__(self, service_id):
        return True


ALL = Everything()


def the_month(year, number=2, shown=ALL, own=ALL, **duties):
    return month_of(period_of(year, number), shown=shown, own=own, duties=Duties(**duties))


def waited(year):
    """By service: what is missing and who it is waited for."""
    month = the_month(year)
    return {
        waiting.row.node.key: {each.what: list(map(str, each.people)) for each in waiting.missing}
        for waiting in waiting_for(month, dated_steps(month, TODAY))
    }


def step(year, **duties):
    found = the_month(year, **duties).next_step
    return (found.label, found.url) if found else None


def write(year, by, code, text="Why."):
    period, place = period_of(year, 2), service(year, code)
    seen = text_version(find_commentary(period, place))
    write_commentary(period=period, service=place, text=text, seen=seen, by=by)


def sign(year, by, code):
    period, place = period_of(year, 2), service(year, code)
    row = next(row for row in the_month(year).rows if row.node.key == code)
    sign_off_commentary(
        period=period,
        service=place,
        seen=text_version(find_commentary(period, place)),
        budget_pence=row.node.budget,
        net_variance_pence=row.node.net_variance,
        by=by,
    )


def page_of(client, year, number=2, **query):
    return client.get(reverse("month", args=[year.start, number]), query)


def test_lines_are_counted_by_where_their_forecast_comes_from(year):
    month = the_month(year)
    assert (month.lines, month.entered, month.carried, month.without) == (7, 5, 1, 1)
    rows = {row.node.key: row for row in month.rows}
    assert (rows["HOME"].lines, rows["HOME"].entered) == (3, 1)
    assert (rows["HOME"].carried, rows["HOME"].without) == (1, 1)
    assert (rows["CARE"].lines, rows["CARE"].entered) == (4, 2)


def test_a_part_counts_its_own_lines_once(year):
    part = {service(year, code).pk for code in ("CARE", "HOME", "DAY")}
    month = the_month(year, shown=part, own=part)
    assert [row.node.key for row in month.rows] == ["CARE", "HOME", "DAY"]
    assert [row.level for row in month.rows] == [0, 1, 1]
    assert (month.lines, month.carried, len(month.due)) == (4, 1, 1)


def test_the_nearest_people_upwards_are_waited_for(year, people):
    assert waited(year) == {
        "HOME": {"forecasts": ["Hal"], "commentary": ["Dee"]},
        "BUSES": {"commentary": ["Ola"]},
        "ROADS": {"commentary": ["Dee"]},
    }
    write(year, people["Dee"], "HOME")
    write(year, people["Dee"], "LEARN")
    assert waited(year)["HOME"]["sign-off"] == ["Dee"]
    assert waited(year)["BUSES"] == {"sign-off": ["Dee"]}
    sign(year, people["Dee"], "HOME")
    assert "sign-off" not in waited(year)["HOME"]


def test_people_follow_a_service_that_closed_to_its_successor(year, person):
    tie(person(Role.BUDGET_MANAGER, first_name="Day"), "DAY")
    bring(year, "services", SERVICES_NOW)
    assert waited(year)["HOME"]["forecasts"] == ["Day"]


def test_who_has_left_is_not_waited_for(year, people):
    people["Hal"].is_active = False
    people["Hal"].save()
    assert waited(year)["HOME"]["forecasts"] == ["Mo"]


def test_nobody_is_waited_for_once_a_month_is_published(year, people):
    publish(year, 2)
    assert waited(year) == {}


def test_the_next_step_depends_on_what_one_does(year, people):
    place = [2021, 2]
    grid = reverse("forecasts", args=[*place, "HOME"])
    assert step(year, forecast=True, comment=True) == ("Enter forecasts for Home care", grid)
    text = reverse("commentary-write", args=place)
    assert step(year, comment=True, sign_off=True) == ("Write commentary on 3 services", text)
    review = ("Review month 2", reverse("review", args=place))
    assert step(year, publish=True, review=True, forecast=True) == review
    assert step(year, review=True) == review
    assert step(year) is None
    for code in ("HOME", "ROADS"):
        write(year, people["Dee"], code)
    write(year, people["Dee"], "LEARN")
    text = reverse("commentary-sign-off", args=place)
    assert step(year, sign_off=True) == ("Sign off 3 texts", text)
    for code in ("HOME", "ROADS"):
        sign(year, people["Dee"], code)
    assert step(year, comment=True, sign_off=True) == ("Sign off the commentary on Learning", text)


def test_the_next_step_is_within_ones_own_part(year):
    roads = {service(year, "ROADS").pk}
    found = the_month(year, own=roads, forecast=True, comment=True).next_step
    assert found.label == "Write commentary on Roads"


def test_without_figures_officers_upload_them_and_others_wait(year):
    upload = reverse("upload-for-period", args=[2021, 3]) + "?kind=position"
    found = the_month(year, 3, upload=True, forecast=True, publish=True).next_step
    assert (found.label, found.url) == ("Upload figures for month 3", upload)
    assert the_month(year, 3, forecast=True, comment=True).next_step is None


def test_a_published_month_is_read(year):
    publish(year, 2)
    assert step(year, publish=True)[0] == "Read the report of month 2"


@pytest.mark.parametrize(
    ("role", "codes", "shown", "hidden", "button"),
    [
        (Role.FINANCE_OFFICER, (), ("Roads", "Home care"), (), "Enter forecasts for Home care"),
        (Role.FINANCE_OFFICER, ("ROADS",), ("Roads",), ("Home care",), "Write commentary on Roads"),
        (Role.FINANCE_LEAD, (), ("Roads", "Home care"), (), "Review month 2"),
        (Role.BUDGET_MANAGER, ("CARE",), ("Home care",), ("Roads",), "Enter forecasts for Home"),
        (Role.BUDGET_MANAGER, ("ROADS",), ("Roads",), ("Home care", "govuk-button"), ""),
        (Role.DIRECTOR, ("CARE",), ("Home care",), ("Roads",), "Write commentary on Home care"),
        (Role.ADMINISTRATOR, (), ("Roads", "Home care"), (), "Review month 2"),
    ],
)
def test_each_role_sees_its_part_and_one_next_step(
    client, person, year, role, codes, shown, hidden, button
):
    client.force_login(tie(person(role), *codes))
    response = page_of(client, year)
    page = response.content.decode()
    assert response.status_code == 200
    for words in shown:
        assert words in page
    for words in hidden:
        assert words not in page, words
    assert button in page
    assert len(re.findall(r'class="govuk-button"', page)) == bool(button)
    led = client.get(reverse("month-next-step", args=[2021, 2])).url
    if button:
        assert f'<a class="govuk-button" href="{led}">{button}' in page
    else:
        assert led == reverse("month", args=[2021, 2])


def test_links_are_those_of_ones_duties(client, person, year):
    client.force_login(tie(person(Role.DIRECTOR), "CARE"))
    page = page_of(client, year).content.decode()
    assert "Enter forecasts" not in page
    assert "Write commentary" in page
    client.force_login(tie(person(Role.BUDGET_MANAGER), "CARE"))
    page = page_of(client, year).content.decode()
    assert "Enter forecasts" in page
    assert "Write commentary<" not in page
    assert reverse("review", args=[2021, 2]) not in page


def test_a_tied_officer_may_look_at_the_whole_council(client, person, year):
    client.force_login(tie(person(Role.FINANCE_OFFICER), "ROADS"))
    page = page_of(client, year, show="all").content.decode()
    assert "Home care" in page
    assert reverse("forecasts", args=[2021, 2, "ROADS"]) in page
    own = re.findall(r"Enter forecasts<", page)
    assert len(own) == 1, "links for their own service alone"


def test_a_manager_may_not_look_at_the_whole_council(client, person, year):
    client.force_login(tie(person(Role.BUDGET_MANAGER), "ROADS"))
    assert "Home care" not in page_of(client, year, show="all").content.decode()


@pytest.mark.parametrize("role", [Role.BUDGET_MANAGER, Role.DIRECTOR])
def test_who_looks_after_nothing_is_told_so(client, person, year, role):
    client.force_login(person(role))
    page = page_of(client, year).content.decode()
    assert "You have no services yet" in page
    for words in ("Home care", "month-2", "position.csv", "Enter forecasts"):
        assert words not in page


def test_names_are_escaped_in_the_table_of_services(year):
    month = the_month(year, forecast=True, comment=True)
    rows = [replace(row, node=replace(row.node, label="<b>Care & co</b>")) for row in month.rows]
    drawn = draw_services(replace(month, rows=rows))
    assert "<b>" not in drawn
    assert drawn.count("for &lt;b&gt;Care &amp; co&lt;/b&gt;") == drawn.count("Enter forecasts")
    assert "Enter forecasts" in drawn


def test_members_take_no_part(client, person, year):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert page_of(client, year).status_code == 403
    assert page_of(client, year, 1).status_code == 403


def test_a_month_that_is_not_there(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    assert page_of(client, year, 14).status_code == 404


def test_the_steps_say_where_the_month_stands(client, person, year):
    client.force_login(person(Role.FINANCE_LEAD))
    page = page_of(client, year).content.decode()
    for words in (
        "position.csv, 7 rows, uploaded by a command on",
        "5 of 7 lines entered, 1 carried forward, 1 without a forecast.",
        "Due for 3 services: 0 written, 0 signed off.",
        "Not published",
        "nobody is assigned to it",
    ):
        assert words in page, words
    page = page_of(client, year, 3).content.decode()
    assert "No figures for month 3 yet" in page
    publish(year, 2)
    page = page_of(client, year).content.decode()
    assert "Version 1 was published on" in page
    assert "Outstanding work" not in page
    reopen_report(period=period_of(year, 2), reason="Late", by=None)
    assert "Members read it until version 2" in page_of(client, year).content.decode()


def test_an_upload_under_way_is_told(client, person, year, django_capture_on_commit_callbacks):
    from monitoring.uploading.services.uploads import receive_upload, start_check

    user = person(Role.FINANCE_OFFICER)
    upload = receive_upload(
        kind="position",
        year=year,
        period=3,
        content=position(MONTH_2).encode(),
        file_name="june.csv",
        by=user,
    )
    with django_capture_on_commit_callbacks(execute=True):
        start_check(upload=upload)
    client.force_login(user)
    page = page_of(client, year, 3).content.decode()
    assert "june.csv: ready to confirm</a>" in page


@pytest.mark.slow
def test_when_all_is_done_nobody_is_waited_for(client, person, year, people):
    rows = MONTH_2.replace("HOME   H1  1000  1000\n", "HOME   H1  1000  1000 1100\n")
    bring(year, "position", position(rows.replace("H3    50    50", "H3    50    50  50")), 2)
    for code in ("HOME", "BUSES", "ROADS"):
        write(year, people["Dee"], code)
        sign(year, people["Dee"], code)
    client.force_login(person(Role.FINANCE_LEAD))
    page = page_of(client, year).content.decode()
    assert "Nothing is outstanding" in page
    assert "All signed off" in page
    assert Commentary.objects.filter(period__number=2).count() == 3


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        (Role.FINANCE_LEAD, ()),
        (Role.FINANCE_OFFICER, ()),
        (Role.FINANCE_OFFICER, ("CARE", "ROADS")),
        (Role.DIRECTOR, ("CARE", "ROADS")),
        (Role.BUDGET_MANAGER, ("CARE",)),
        (Role.ADMINISTRATOR, ()),
    ],
)
def test_the_page_asks_few_questions_and_none_about_lines(
    client, person, year, people, django_assert_max_num_queries, role, codes
):
    user = tie(person(role), *codes)
    write(year, people["Dee"], "HOME")
    client.force_login(user)
    with django_assert_max_num_queries(23) as asked:
        assert page_of(client, year).status_code == 200
    tables = ("monitoring_position", "monitoring_budgetline", "monitoring_forecastentry")
    assert not [query["sql"] for query in asked if any(name in query["sql"] for name in tables)]
    assert BudgetLine.objects.filter(year=year).count() == 7
