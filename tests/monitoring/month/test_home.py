"""The first page: where one stands, by role, and never a draft that is not one's own."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.models import FinancialYear
from monitoring.month.selectors.home import topmost
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.latest import due_period, latest_data, waiting_drafts
from monitoring.reports.selectors.pages import next_period
from monitoring.uploading.services.uploads import receive_upload, start_check
from tests.councils.month import MONTH_2, only_open_year, small_council, tie
from tests.councils.packs import bring, facts_of, period_of, position, publish


@pytest.fixture
def year(db, tmp_path):
    return only_open_year(small_council(tmp_path))


def home(client):
    return client.get(reverse("home")).content.decode()


def log_in(client, person, role, *codes):
    user = tie(person(role), *codes)
    client.force_login(user)
    return user


def button_of(page: str) -> list[str]:
    return re.findall(r'class="govuk-button" href="[^"]*">([^<]*)<', page)


@pytest.mark.slow
def test_the_due_month_is_the_next_one_or_one_that_was_reopened(year):
    assert due_period(year, next_period(year)).number == 2
    publish(year, 2)
    assert due_period(year, next_period(year)).number == 3
    assert waiting_drafts(year) == []
    reopen_report(period=period_of(year, 1), reason="Late", by=None)
    assert due_period(year, next_period(year)).number == 1
    bring(year, "position", position(MONTH_2), 3)
    assert due_period(year, next_period(year)).number == 3
    assert [period.number for period in waiting_drafts(year)] == [1, 3]


@pytest.mark.slow
def test_a_month_that_was_passed_over_is_not_due(year):
    bring(year, "position", position(MONTH_2), 3)
    publish(year, 3)
    assert due_period(year, next_period(year)).number == 4, "month 2 can no longer be published"
    assert waiting_drafts(year) == []


@pytest.mark.parametrize(
    ("role", "codes", "words", "button"),
    [
        (Role.FINANCE_OFFICER, (), '2 <span class="stat__sense">of 7 lines', "Enter forecasts"),
        (Role.FINANCE_LEAD, (), "Virements to approve", "Review month 2"),
        (Role.BUDGET_MANAGER, ("HOME",), "of 3 lines", "Enter forecasts for Home care"),
        (Role.DIRECTOR, ("CARE",), "of 1 due", "Write commentary on Home care"),
        (Role.ADMINISTRATOR, (), "of 3 due", "Review month 2"),
    ],
)
def test_each_role_has_its_numbers_and_one_next_step(
    client, person, year, role, codes, words, button
):
    log_in(client, person, role, *codes)
    page = home(client)
    assert "Your work" in page
    assert words in page
    (found,) = button_of(page)
    assert found.startswith(button)


def test_a_director_reads_the_position_of_their_part_alone(client, person, year):
    log_in(client, person, Role.DIRECTOR, "CARE")
    page = home(client)
    assert "<b>Care</b>: Forecast overspend of £110 on a net budget of £1,850, £20 worse" in page
    for words in ("Roads", "£2,850", "Draft"):
        assert words not in page, words


def test_a_director_of_two_parts_reads_both(client, person, year):
    log_in(client, person, Role.DIRECTOR, "HOME", "ROADS")
    page = home(client)
    assert "<b>Home care</b>: Forecast overspend of £100" in page
    assert "<b>Roads</b>: Forecast overspend of £80" in page


def test_without_a_draft_the_position_is_the_published_one(client, person, year):
    publish(year, 2)
    log_in(client, person, Role.DIRECTOR, "CARE")
    page = home(client)
    assert "The figures for month 3 have not been uploaded yet" in page
    assert "(Month 2, as published)" in page
    assert button_of(page) == []


def test_a_director_signs_once_it_is_written(client, person, year):
    from tests.monitoring.commentary.test_commentary import write

    write(year, person(Role.FINANCE_OFFICER))
    log_in(client, person, Role.DIRECTOR, "CARE")
    assert button_of(home(client)) == ["Sign off the commentary on Home care"]


def test_members_read_the_latest_report(client, person, year):
    log_in(client, person, Role.SCRUTINY_MEMBER)
    page = home(client)
    assert "Month 1 of 2021/22" in page
    assert "Forecast overspend of £230 on a net budget of £2,800" in page
    assert f"{reverse('statement', args=[2021, 1, 'annex-a'])}?version=1" in page
    assert button_of(page) == ["Read the report"]
    for words in ("Month 2", "Your work", "Enter forecasts", "Upload"):
        assert words not in page, words


@pytest.mark.slow
def test_a_reopened_report_is_still_the_latest_for_members(client, person, year):
    reopen_report(period=period_of(year, 1), reason="Late", by=None)
    assert latest_data().period.number == 1
    log_in(client, person, Role.SCRUTINY_MEMBER)
    page = home(client)
    assert "Forecast overspend of £230" in page
    assert "Late" not in page


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_who_looks_after_nothing_reads_what_is_published(client, person, year, role):
    log_in(client, person, role)
    page = home(client)
    assert "You have no services yet" in page
    assert "Month 2" not in page


@pytest.mark.slow
def test_the_lead_sees_what_else_waits_to_be_published(client, person, year):
    reopen_report(period=period_of(year, 1), reason="A late invoice", by=None)
    log_in(client, person, Role.FINANCE_LEAD)
    page = home(client)
    assert "Also waiting to be published" in page
    assert "reopened: A late invoice" in page
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "Also waiting to be published" not in home(client)


def test_part_sentences_are_of_the_topmost_rows(year):
    facts = facts_of(year, 2)
    ids = {node.key: node.service for node in facts.nodes}
    part = {ids[key] for key in ("CARE", "HOME", "DAY", "BUSES")}
    assert [node.key for node in topmost(facts, part)] == ["CARE", "BUSES"]


def test_the_years_page_links_month_and_review_for_those_who_may(client, person, year):
    month, review = (reverse(name, args=[2021, 2]) for name in ("month", "review"))
    publish(year, 2)
    for role, links in (
        (Role.FINANCE_OFFICER, {month, review}),
        (Role.DIRECTOR, {month}),
        (Role.SCRUTINY_MEMBER, set()),
    ):
        log_in(client, person, role, "CARE")
        page = client.get(reverse("year", args=[2021])).content.decode()
        assert {link for link in (month, review) if f'"{link}"' in page} == links, role


def test_figures_are_offered_for_drafts_and_the_next_month_alone(client, person, year):
    log_in(client, person, Role.FINANCE_OFFICER)
    page = client.get(reverse("year", args=[2021])).content.decode()
    offered = [
        number
        for number in range(1, 14)
        if f'"{reverse("upload-for-period", args=[2021, number])}?' in page
    ]
    assert offered == [2]
    # A council that reports by quarters goes to a later month by its name.
    assert f'href="{reverse("overview", args=[2021, 6])}"' in page


@pytest.mark.slow
def test_a_file_that_waits_is_told_to_those_who_bring_them(
    client, person, year, django_capture_on_commit_callbacks
):
    upload = receive_upload(
        kind="position",
        year=year,
        period=2,
        content=position(MONTH_2).encode(),
        file_name="month-2.csv",
        by=None,
    )
    with django_capture_on_commit_callbacks(execute=True):
        start_check(upload=upload)
    log_in(client, person, Role.FINANCE_OFFICER)
    assert reverse("upload", args=[upload.pk]) in home(client)
    log_in(client, person, Role.DIRECTOR, "CARE")
    assert "month-2.csv" not in home(client)


def test_the_page_does_not_grow_with_lines(client, person, year, django_assert_max_num_queries):
    log_in(client, person, Role.DIRECTOR, "CARE", "ROADS")
    with django_assert_max_num_queries(40) as asked:
        home(client)
    tables = ("monitoring_position", "monitoring_budgetline", "monitoring_forecastentry")
    # Whether a batch has lines at all is asked of an index.
    asked = [
        query["sql"].replace('EXISTS(SELECT 1 AS "a" FROM "monitoring_position"', "")
        for query in asked
    ]
    assert not [
        sql
        for sql in asked
        if any(f'FROM "{name}"' in sql or f'JOIN "{name}"' in sql for name in tables)
    ]
    assert FinancialYear.objects.count() == 3
