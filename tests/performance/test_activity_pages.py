"""Pages of activity: who reads and enters what, clashes, other numbers, panels and search."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import TreeRight
from monitoring.reports.selectors.report_data import current_data
from performance.activity.panels import find_activity
from performance.models import ActivityLine, ActivityPosition, ActivityScenario
from tests.councils.loaded import load_pack
from tests.councils.marked import ACTIVITY_SAID, position, write_files
from tests.councils.packs import bring, period_of

pytestmark = pytest.mark.slow

YEAR = 2021


@pytest.fixture
def council(db, tmp_path):
    """Months 1 and 2 published, month 3 a draft with activity of homes and lamps."""
    year = load_pack(folder=write_files(tmp_path / "pack")).year
    bring(year, "position", position(), 3)
    bring(year, "activity", ACTIVITY_SAID.replace("3,11", "4,11"), 3)
    return year


@pytest.fixture
def log_in(client, person, council):
    """Log a person of a role in, who looks after the services of these codes."""

    def enter(role, *codes):
        user = person(role, username=f"{role}{'-'.join(codes)}")
        for code in codes:
            TreeRight.objects.create(user=user, service_code=code)
        client.force_login(user)
        return user

    return enter


def address(name, *args) -> str:
    return reverse(name, args=[YEAR, *args])


def text_of(response) -> str:
    """What a reader reads: tags and doubled spaces left out."""
    body = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def line_of(reference: str) -> int:
    return ActivityLine.objects.get(reference=reference).pk


def sheet(client) -> dict[str, str]:
    """The fields of the sheet as a browser would send them."""
    page = client.get(address("activity-entry", 3)).content.decode()
    found = re.findall(r'<input[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', page)
    return {name: value for name, value in found if "-" in name}


def stored(reference: str) -> tuple:
    row = ActivityPosition.objects.filter(period__number=3, line__reference=reference)
    return row.values_list("volume", "average_volume", "unit_cost_pence", "forecast_pence").first()


def test_a_director_sees_in_two_clicks_whether_it_is_people_or_price(client, log_in):
    log_in(Role.DIRECTOR, "CARE")
    page = client.get(address("overview", 2)).content.decode()
    assert "Home placements: the forecast is £200 over budget." in html.unescape(page)
    link = address("activity-group", 2, "AGC")
    assert link in page
    text = text_of(client.get(link))
    assert "More placements add £500 and cheaper care takes off £300." in text
    assert (
        "Today’s 3 placements cost £1,716 in a full year, which is where next year starts" in text
    )
    assert "3 placements, 1 more than budgeted" in text
    assert "This activity beside Care" in text


def test_a_draft_shows_only_the_own_part(client, log_in):
    log_in(Role.BUDGET_MANAGER, "ROADS")
    text = text_of(client.get(address("activity", 3)))
    assert "Lamps lit" in text and "Home placements" not in text
    assert client.get(address("activity-group", 3, "AGC")).status_code == 404
    assert client.get(address("activity-what-if", 3, "AGC")).status_code == 404
    assert client.get(address("activity-group", 2, "AGC")).status_code == 200


def test_a_manager_enters_a_month_and_the_product_stands_beside_the_forecast(client, log_in):
    log_in(Role.BUDGET_MANAGER, "CARE")
    fields, homes = sheet(client), line_of("AC1")
    assert f"volume-{homes}" in fields and f"volume-{line_of('AC2')}" not in fields
    fields |= {f"volume-{homes}": "3.5", f"cost-{homes}": "£12.50", f"forecast-{homes}": "1.2k"}
    client.post(address("activity-entry", 3), fields)
    assert stored("AC1") == (35_000, None, 1_250, 120_000)
    text = text_of(client.get(address("activity-entry", 3)))
    assert "£2,275" in text and "-£1,075" in text
    entry = AuditEntry.objects.filter(record="activity 2021/22 3 AGC").latest("pk")
    assert entry.detail["volume"] == {"from": 40_000, "to": 35_000}


def test_an_entry_that_cannot_be_right_stores_nothing_at_all(client, log_in):
    log_in(Role.FINANCE_LEAD)
    fields, homes, lamps = sheet(client), line_of("AC1"), line_of("AC2")
    before = (stored("AC1"), stored("AC2"))
    fields |= {f"volume-{homes}": "9", f"volume-{lamps}": "many"}
    response = client.post(address("activity-entry", 3), fields)
    assert response.status_code == 422
    assert "Bright lamps: “many” is not a volume: a number such as" in text_of_all(response)
    assert (stored("AC1"), stored("AC2")) == before


def text_of_all(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_a_clash_shows_both_figures_and_a_second_save_takes_ones_own(client, log_in, council):
    log_in(Role.FINANCE_LEAD)
    fields, homes = sheet(client), line_of("AC1")
    bring(council, "activity", ACTIVITY_SAID.replace("3,11", "8,11"), 3)
    fields[f"volume-{homes}"] = "5"
    response = client.post(address("activity-entry", 3), fields)
    assert response.status_code == 409
    assert "A file saved meanwhile: volume 8" in text_of_all(response)
    seen = re.search(rf'name="seen-{homes}" value="(\w*)"', response.content.decode())[1]
    client.post(address("activity-entry", 3), fields | {f"seen-{homes}": seen})
    assert stored("AC1")[0] == 50_000


def test_a_line_of_another_part_and_a_published_month_are_refused(client, log_in):
    log_in(Role.BUDGET_MANAGER, "CARE")
    lamps, before = line_of("AC2"), stored("AC2")
    fields = {f"seen-{lamps}": "", f"shown-{lamps}": "", f"volume-{lamps}": "7"}
    assert client.post(address("activity-entry", 3), fields).status_code == 409
    assert stored("AC2") == before
    assert client.post(address("activity-entry", 2), sheet(client)).status_code in (302, 409)
    assert client.get(address("activity-entry", 2)).status_code == 302
    for role in (Role.DIRECTOR, Role.SCRUTINY_MEMBER, Role.ADMINISTRATOR):
        log_in(role)
        assert client.get(address("activity-entry", 3)).status_code == 403


def test_other_numbers_are_shown_and_kept_only_under_a_name(client, log_in):
    log_in(Role.BUDGET_MANAGER, "CARE")
    page = address("activity-what-if", 3, "AGC")
    text = text_of(client.get(page, {"volume-0": "2", "cost-0": ""}))
    # two fewer at £11 a week, for nine months and for twelve
    assert "These numbers save £858 this year, in the 9 months that are left, and £1,144 in" in text
    assert not ActivityScenario.objects.exists()
    assert "below nil" in text_of_all(client.get(page, {"volume-0": "-1"}))
    assert client.post(page, {"volume-0": "2", "name": ""}).status_code == 422
    response = client.post(page, {"volume-0": "2", "name": "Two fewer"}, follow=True)
    assert "These numbers save £858" in text_of(response)
    kept = ActivityScenario.objects.get()
    assert kept.numbers == {"AC1": [20_000, 1_100]}
    assert client.post(page, {"volume-0": "3", "name": "two fewer"}).status_code == 422
    client.post(page, {"remove": kept.pk})
    assert not ActivityScenario.objects.exists()


def test_scenarios_are_kept_by_those_who_enter_the_group(client, log_in, council):
    log_in(Role.BUDGET_MANAGER, "CARE")
    page = address("activity-what-if", 3, "AGC")
    client.post(page, {"volume-0": "2", "name": "Two fewer"})
    kept = ActivityScenario.objects.get()
    log_in(Role.DIRECTOR, "CARE")
    assert "Two fewer" in text_of(client.get(page))
    assert client.post(page, {"remove": kept.pk}).status_code == 403
    log_in(Role.SCRUTINY_MEMBER)
    page = address("activity-what-if", 2, "AGC")
    assert client.get(page, {"scenario": kept.pk}).status_code == 404
    assert period_of(council, 3).number == kept.period.number


def test_the_search_finds_groups_and_lines_of_the_report(council):
    facts = current_data(period_of(council, 2))
    assert [(each.label, each.url) for each in find_activity(facts, ["bright", "lamps"])] == [
        ("Bright lamps", address("activity-group", 2, "AGR"))
    ]
    assert [each.label for each in find_activity(facts, ["agc"])] == ["Home placements"]
