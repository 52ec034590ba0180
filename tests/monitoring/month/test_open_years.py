"""Two open years on the first page, the year that a person chose, and the approved budget."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.models import ChosenYear, FinancialYear, Upload
from monitoring.people.services.chosen_year import choose_year
from monitoring.publishing.services.reports import reopen_report
from monitoring.restructuring.services.years import roll_year_forward
from tests.councils.month import MONTH_1, only_open_year, small_council, tie
from tests.councils.packs import bring, period_of, position, publish

pytestmark = pytest.mark.slow

UPLOAD_BUDGET = "/2022-23/0/upload/?kind=position"
REVIEW_BUDGET = "/2022-23/0/review/"


@pytest.fixture
def years(db, tmp_path) -> tuple[FinancialYear, FinancialYear]:
    """2021/22 with month 2 under way, and 2022/23 made from it."""
    year = only_open_year(small_council(tmp_path))
    return year, roll_year_forward(year=year, by=None)


def log_in(client, person, role: str, *codes: str):
    user = tie(person(role), *codes)
    client.force_login(user)
    return user


def read(client, name: str, *arguments) -> str:
    """The words of a page, without its tags; links stay as their addresses."""
    page = client.get(reverse(name, args=arguments)).content.decode()
    main = page.split('id="main-content"')[1].split("</main>")[0]
    text = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>', r" [\1] ", main)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def close(year: FinancialYear) -> None:
    """Publish the year's outturn."""
    bring(year, "position", position(MONTH_1), 13)
    publish(year, 13)


@pytest.mark.parametrize(
    ("role", "codes", "due_in_first", "due_in_next"),
    [
        (Role.FINANCE_OFFICER, (), "Enter forecasts for Home care", UPLOAD_BUDGET),
        (Role.FINANCE_LEAD, (), "Review month 2", UPLOAD_BUDGET),
        (Role.BUDGET_MANAGER, ("HOME",), "Enter forecasts for Home care", None),
        (Role.DIRECTOR, ("CARE",), "Write commentary on Home care", None),
        (Role.ADMINISTRATOR, (), "Review month 2", None),
    ],
)
def test_the_year_under_way_stays_and_the_new_one_is_shown_beside_it(
    client, person, years, role, codes, due_in_first, due_in_next
):
    log_in(client, person, role, *codes)
    page = read(client, "home")
    assert page.startswith("> Month 2 May 2021 Under way")
    assert due_in_first in page
    assert "2022/23 is open too: [/2022-23/1/month/] month 1, April 2022" in page
    assert "The figures have not been uploaded yet." in page
    assert (UPLOAD_BUDGET in page) == (due_in_next is not None)
    assert "Make 2022/23 my first page" in page


@pytest.mark.parametrize(
    ("role", "codes", "most"),
    [(Role.DIRECTOR, ("CARE",), 19), (Role.FINANCE_OFFICER, (), 25)],
)
def test_one_more_open_year_costs_the_first_page_few_questions(
    client, person, years, role, codes, most, django_assert_max_num_queries
):
    log_in(client, person, role, *codes)
    client.get(reverse("home"))
    with django_assert_max_num_queries(most) as asked:
        client.get(reverse("home"))
    roll_year_forward(year=years[1], by=None)
    # Of a year without figures, whether services that are to close have lines; for those who
    # review it, also whether it has capital funding.
    with django_assert_max_num_queries(len(asked) + (2 if role == Role.FINANCE_OFFICER else 1)):
        client.get(reverse("home"))


def test_a_members_first_page_is_sent_anew_when_they_choose_another_year(client, person, years):
    """A choice is not on the audit trail, as it changes nobody else's page."""
    bring(years[1], "position", position(MONTH_1), 0)
    publish(years[1], 0)
    user = log_in(client, person, Role.SCRUTINY_MEMBER)
    client.get("/glossary/")  # where the secret of the forms begins
    has_page = {"if-none-match": client.get("/")["ETag"]}
    assert client.get("/", headers=has_page).status_code == 304
    choose_year(user=user, year=years[1])
    answer = client.get("/", headers=has_page)
    assert (answer.status_code, "of 2022/23" in answer.content.decode()) == (200, True)
    choose_year(user=user, year=years[0])
    assert client.get("/", headers=has_page).status_code == 304, "the page they have"


def test_members_read_the_report_of_the_year_under_way_and_find_the_other(client, person, years):
    log_in(client, person, Role.SCRUTINY_MEMBER)
    page = read(client, "home")
    assert page.startswith("> Month 1 of 2021/22 Published")
    assert "is open too" not in page, "nothing of 2022/23 is published"
    bring(years[1], "position", position(MONTH_1), 0)
    assert "is open too" not in read(client, "home")
    publish(years[1], 0)
    page = read(client, "home")
    assert page.startswith("> Month 1 of 2021/22 Published")
    assert "2022/23 is open too: [/2022-23/0/] approved budget" in page
    client.post(reverse("first-year"), {"year": "2022"})
    assert read(client, "home").startswith("> Approved budget of 2022/23 Published")


def test_the_other_year_shows_what_is_due_in_it(client, person, years):
    bring(years[1], "position", position("HOME H1 1000 1000\nROADS R1 700 700 900"), 1)
    log_in(client, person, Role.FINANCE_OFFICER)
    page = read(client, "home")
    assert "month 1, April 2022 Forecasts to enter: 1 Commentary to write: 1" in page


def test_nobody_is_shown_a_year_in_which_they_look_after_nothing(client, person, years):
    years[1].services.filter(code="HOME").update(code="AT-HOME")
    log_in(client, person, Role.BUDGET_MANAGER, "HOME")
    assert "is open too" not in read(client, "home")
    client.force_login(tie(person(Role.DIRECTOR), "AT-HOME"))
    assert read(client, "home").startswith("> Month 1 April 2022")


def test_a_person_chooses_the_year_and_goes_back(client, person, years):
    user = log_in(client, person, Role.FINANCE_OFFICER)
    client.post(reverse("first-year"), {"year": "2022"})
    page = read(client, "home")
    assert page.startswith("> Month 1 April 2022")
    assert "2021/22 is open too: [/2021-22/2/month/] month 2, May 2021" in page
    assert "Go back to 2021/22 as my first page" in page
    later = Client()
    later.force_login(user)
    assert read(later, "home").startswith("> Month 1 April 2022"), "kept after logging in again"
    later.force_login(person(Role.FINANCE_LEAD))
    assert read(later, "home").startswith("> Month 2 May 2021"), "nobody else's page changes"
    client.post(reverse("first-year"), {"year": "2021"})
    assert read(client, "home").startswith("> Month 2 May 2021")
    assert not ChosenYear.objects.exists()


def test_a_choice_ends_with_its_year(client, person, years):
    user = log_in(client, person, Role.FINANCE_OFFICER)
    following = roll_year_forward(year=years[1], by=None)
    choose_year(user=user, year=years[1])
    close(years[1])
    assert read(client, "home").startswith("> Month 2 May 2021")
    with pytest.raises(Refused, match="2022/23 is not open"):
        choose_year(user=user, year=years[1])
    choose_year(user=user, year=following)
    assert read(client, "home").startswith("> Month 1 April 2023")


@pytest.mark.slow
def test_a_published_close_ends_the_year_and_a_reopened_one_does_not(client, person, years):
    log_in(client, person, Role.FINANCE_LEAD)
    close(years[0])
    page = read(client, "home")
    assert page.startswith("> Month 1 April 2022")
    assert "is open too" not in page
    reopen_report(period=period_of(years[0], 13), reason="Audit", by=None)
    page = read(client, "home")
    assert page.startswith("> Close Outturn 2021/22 Reopened")
    assert "2022/23 is open too" in page


def test_a_wrong_choice_is_refused_with_a_sentence(client, person, years):
    log_in(client, person, Role.FINANCE_OFFICER)
    address = reverse("first-year")
    response = client.post(address, {"year": "2018"}, follow=True)
    assert "2018/19 is not open, so it cannot be the year of your first page." in html.unescape(
        response.content.decode()
    )
    for wrong in ("", "1999", "²⁰²²", "9" * 30):
        assert client.post(address, {"year": wrong}).status_code == 404
    assert client.get(address).status_code == 405
    assert not ChosenYear.objects.exists()
    stranger = Client().post(address, {"year": "2022"})
    assert stranger.status_code == 302 and "/login" in stranger["Location"]


PAGES = (("home",), ("year", 2022), ("month", 2022, 1), ("month", 2022, 4))


@pytest.mark.parametrize(
    ("role", "may_upload", "may_review"),
    [
        (Role.FINANCE_OFFICER, True, True),
        pytest.param(Role.FINANCE_LEAD, True, True, marks=pytest.mark.slow),
        pytest.param(Role.ADMINISTRATOR, False, True, marks=pytest.mark.slow),
        (Role.DIRECTOR, False, False),
        pytest.param(Role.BUDGET_MANAGER, False, False, marks=pytest.mark.slow),
    ],
)
def test_the_approved_budget_is_a_step_until_it_is_published(
    client, person, years, role, may_upload, may_review
):
    codes = ("HOME",) if role in (Role.DIRECTOR, Role.BUDGET_MANAGER) else ()
    choose_year(user=log_in(client, person, role, *codes), year=years[1])
    for each in PAGES:
        page = read(client, *each)
        assert "Approved budget To come The finance team uploads the budget" in page, each
        assert (f"[{UPLOAD_BUDGET}] Upload the approved budget" in page) == may_upload, each
    bring(years[1], "position", position(MONTH_1), 0)
    for each in PAGES:
        page = read(client, *each)
        assert "Approved budget Draft It has been uploaded" in page, each
        assert (f"[{REVIEW_BUDGET}] Review the approved budget" in page) == may_review, each
    publish(years[1], 0)
    for each in PAGES:
        page = read(client, *each)
        assert "Upload the approved budget" not in page, each
        assert "Review the approved budget" not in page, each


@pytest.mark.parametrize(
    ("role", "next_step"),
    [
        (Role.FINANCE_OFFICER, "Upload figures for month 1"),
        (Role.FINANCE_LEAD, "Review the approved budget"),
    ],
)
def test_an_uploaded_budget_is_the_next_step_of_who_publishes_it(
    client, person, years, role, next_step
):
    choose_year(user=log_in(client, person, role), year=years[1])
    page = client.get(UPLOAD_BUDGET).content.decode()
    assert "both original_budget and current_budget" in page
    bring(years[1], "position", position(MONTH_1), 0)
    stored = Upload.objects.get(year=years[1], period=0)
    page = client.get(f"/uploads/{stored.pk}/").content.decode()
    assert '<a class="govuk-button" href="/">Go on to the next step</a>' in page
    page = client.get("/").content.decode()
    assert f">{next_step}</a>" in page.split('class="button-row no-print">')[1].split("</div>")[0]


def test_the_approved_budget_is_no_step_after_a_later_report(client, person, years):
    log_in(client, person, Role.FINANCE_OFFICER)
    for each in (("year", 2021), ("month", 2021, 2)):
        assert "approved budget" not in read(client, *each).lower(), each
