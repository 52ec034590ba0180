"""The work that is due from one person, over all open months, by date."""

import datetime
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.commentary.selectors import find_commentary, text_version
from monitoring.commentary.services import write_commentary
from monitoring.month.selectors.month import month_of
from monitoring.month.selectors.work import council_months, work_due_for
from monitoring.people.rights import EVERYTHING
from monitoring.publishing.services.reports import reopen_report
from tests.councils.month import only_open_year, service, small_council, tie
from tests.councils.packs import period_of, publish

TODAY = datetime.date(2021, 6, 10)
DATES = {"figures": 3, "forecasts": 7, "commentary": 9, "report": 15}
"""Of month 2 of 2021/22, which ends on the bank holiday 31 May: 3, 9, 11 and 21 June."""


@pytest.fixture
def year(db, tmp_path):
    year = only_open_year(small_council(tmp_path))
    year.settings = {**year.settings, "timetable": {"months": DATES}}
    year.save()
    return year


@pytest.fixture
def people(year, person):
    """People of each role that takes part in a month, tied to services or to none."""
    ties = {
        Role.BUDGET_MANAGER: ("CARE",),
        Role.DIRECTOR: ("TOP",),
        Role.FINANCE_OFFICER: (),
        Role.FINANCE_LEAD: (),
        Role.ADMINISTRATOR: (),
        Role.SCRUTINY_MEMBER: (),
    }
    return {role: tie(person(role), *codes) for role, codes in ties.items()}


def listed(user, today=TODAY, **more) -> list[tuple[str, str, str]]:
    found = work_due_for(user, today, **more)
    return [(work.service, work.step, work.when) for work in found]


LATE, SOON = "1 day late (due 9 June 2021)", "due 11 June 2021"


def test_each_role_has_the_work_that_is_its_own(people):
    assert {role: listed(user) for role, user in people.items()} == {
        Role.BUDGET_MANAGER: [("Home care", "forecasts", LATE)],
        Role.DIRECTOR: [
            ("Home care", "commentary", SOON),
            ("School buses", "commentary", SOON),
            ("Roads", "commentary", SOON),
        ],
        Role.FINANCE_OFFICER: [],
        Role.FINANCE_LEAD: [("", "report", "due 21 June 2021")],
        Role.ADMINISTRATOR: [],
        Role.SCRUTINY_MEMBER: [],
    }


def test_work_says_how_far_it_is_and_where_it_is_done(people):
    work = work_due_for(people[Role.BUDGET_MANAGER], TODAY)[0]
    assert (work.period.number, work.by, work.is_late) == (2, datetime.date(2021, 6, 9), True)
    assert work.text == "Forecasts: 1 without a forecast, 1 carried forward, of 3 lines"
    assert work.url == reverse("forecasts", args=[2021, 2, "HOME"])


def test_work_is_due_from_officers_where_nobody_is_tied(people):
    for role in (Role.BUDGET_MANAGER, Role.DIRECTOR):
        people[role].tree_rights.all().delete()
    assert [step for _, step, _ in listed(people[Role.FINANCE_OFFICER])] == [
        "forecasts",
        *("commentary",) * 3,
    ]
    tied = tie(people[Role.FINANCE_OFFICER], "ROADS")
    assert listed(tied) == [("Roads", "commentary", SOON)]


def test_one_reading_of_the_months_serves_everybody(people, django_assert_num_queries):
    months = council_months()
    shared = {role: listed(user, months=months) for role, user in people.items()}
    assert shared == {role: listed(user) for role, user in people.items()}
    with django_assert_num_queries(0):
        listed(people[Role.FINANCE_LEAD], months=months)


def test_months_that_are_read_at_once_are_those_read_one_by_one(year, people):
    write_commentary(
        period=period_of(year, 2),
        service=service(year, "HOME"),
        text="Fewer hours.",
        seen="",
        by=people[Role.FINANCE_LEAD],
    )
    reopen_report(period=period_of(year, 1), reason="Late.", by=people[Role.FINANCE_LEAD])
    months = [each.month for each in council_months()]
    assert [each.period.number for each in months] == [1, 2]
    for together in months:
        period = period_of(year, together.period.number)
        alone = month_of(period, shown=EVERYTHING, own=EVERYTHING, duties=together.duties)
        assert together.upload and together.rows
        assert together.rows == alone.rows
        assert (together.upload, together.report) == (alone.upload, alone.report)


def test_figures_are_due_from_the_end_of_the_month(year, people):
    publish(year, 2)
    officer, lead = people[Role.FINANCE_OFFICER], people[Role.FINANCE_LEAD]
    assert listed(officer, datetime.date(2021, 6, 30)) == []
    due = [("", "figures", "due 5 July 2021")]
    assert [listed(each, datetime.date(2021, 7, 1)) for each in (officer, lead)] == [due, due]
    assert listed(people[Role.BUDGET_MANAGER], datetime.date(2021, 7, 1)) == []


def test_a_written_commentary_is_due_to_be_signed_off(year, people):
    home, director = service(year, "HOME"), people[Role.DIRECTOR]
    period = period_of(year, 2)
    write_commentary(
        period=period,
        service=home,
        text="Why.",
        seen=text_version(find_commentary(period, home)),
        by=people[Role.FINANCE_OFFICER],
    )
    first = work_due_for(director, TODAY)[0]
    assert (first.service, first.text) == ("Home care", "Sign-off of the commentary")


def test_without_a_timetable_nothing_has_a_date(year, people):
    year.settings = {}
    year.save()
    assert listed(people[Role.BUDGET_MANAGER]) == [("Home care", "forecasts", "")]


def test_the_month_says_when_each_step_is_due(client, year, people, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)
    client.force_login(people[Role.FINANCE_LEAD])
    page = client.get(reverse("month", args=[2021, 2])).content.decode()
    assert "<b>1 day late (due 9 June 2021)</b>" in page
    assert "Due 11 June 2021." in page
    assert "3 June 2021" not in page, "the figures are in"


@pytest.mark.parametrize(
    ("role", "words", "hidden"),
    [
        (Role.BUDGET_MANAGER, ("<b>1 day late (due 9 June 2021)</b>", "Home care"), "Roads"),
        (Role.DIRECTOR, ("Commentary<span", "School buses", "Due 11 June 2021"), "Review and"),
        (Role.FINANCE_LEAD, ("Review and publish month 2", "Due 21 June 2021"), "days late"),
        (Role.FINANCE_OFFICER, ("Nothing is due from you.",), "Due from you</span>"),
    ],
)
def test_the_first_page_lists_ones_own_work(client, people, monkeypatch, role, words, hidden):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)
    client.force_login(people[role])
    page = re.sub(r"\s+", " ", client.get(reverse("home")).content.decode())
    section = page[page.index('class="home__work"') :].partition("</table>")[0]
    for each in words:
        assert each in section
    assert hidden not in section


def test_a_long_list_is_cut_and_members_have_none(client, year, people, monkeypatch):
    monkeypatch.setattr("monitoring.month.views.years._WORK_SHOWN", 1)
    client.force_login(people[Role.DIRECTOR])
    page = client.get(reverse("home")).content.decode()
    assert "… and 2 more." in page
    assert "School buses: " not in page
    client.force_login(people[Role.SCRUTINY_MEMBER])
    assert "home__work" not in client.get(reverse("home")).content.decode()
