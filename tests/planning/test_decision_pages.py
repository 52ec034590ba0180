"""The pages of decisions, contracts, their dates and budgets by subjective, for each who reads."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from planning.subjectives.monitoring import (
    NOT_ANALYSED,
    LineAmounts,
    SubjectiveAmounts,
    add_up_lines,
    subjective_of,
)
from tests.conftest import FIXTURES
from tests.councils.packs import bring


@pytest.fixture
def lead(client, person):
    client.force_login(person(Role.FINANCE_LEAD))
    return client


def words(client, name: str, start: int, number: int) -> str:
    response = client.get(reverse(name, args=[start, number]))
    assert response.status_code == 200
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def test_somersets_decisions_say_what_the_forecast_does_not_hold(somerset, lead):
    page = words(lead, "decisions", 2019, 3)
    assert (
        "Decisions that the forecast does not hold mean spending £250 more in 2019/20, "
        "£0.273m more in contract year 1, £0.176m less in year not stated."
    ) in page
    assert "2 effects have no figure: exempt, or not known." in page
    assert "FP/19/07/02: sign-offs: no answer of Local Member(s)." in page
    assert "is 35 clear days before 14 August 2019, and at least 28 are needed" in page
    assert "Its report is private under paragraph 3." in page
    assert "Local Member(s) No answer" in page


def test_contracts_say_what_ends_what_ended_and_what_they_replace(somerset, cambridgeshire, lead):
    page = words(lead, "contracts", 2018, 13)
    assert "11 contracts end in the 12 months from 31 March 2019, worth £2,941k a year." in page
    assert (
        "5 contracts have ended without a decision that extends it, worth £1,233k a year." in page
    )
    assert "2 of 14 have no annual value, which is not nil." in page
    # Five contracts for all of 2019/20, five of £1,540k a year for its last 91 of 366 days
    assert "and £1,616k in 2019/20, besides those whose value is not known." in page
    assert "HRS-1 Jimmy's Assessment Centre 31 March 2019 441 0 441 18 months 662" in page
    assert "1.585 1.312 0.273" in words(lead, "contracts", 2019, 3)


def test_the_calendar_has_the_days_of_decisions_meetings_and_contracts(cambridgeshire, lead):
    page = words(lead, "decision-dates", 2018, 13)
    to_come, past = page.split("Days past")
    assert "30 September 2019 Last day for notice: EC-CLARION" in to_come
    assert "22 May 2019 Adults Committee decides: 2019/036" in to_come
    assert "31 March 2019 Contract ends: HRS-1" in past


def test_monitoring_by_subjective_adds_up_the_accounts_of_a_draft(somerset, lead, client, person):
    position = (FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv").read_text()
    bring(somerset, "position", position, 4)
    assert "No accounts are matched" in words(lead, "subjectives", 2019, 4)
    bring(
        somerset,
        "subjectives",
        "code,name,group,kind\nRUN,Running expenses,,expenditure\n",
    )
    bring(somerset, "accounts", "account,subjective_code\nN*,RUN\n")
    page = words(lead, "subjectives", 2019, 4)
    assert "Budget and forecast by subjective" in page
    assert "Running expenses, budget" in page and "Not analysed" not in page
    published = words(lead, "subjectives", 2019, 3)
    assert "published before accounts were matched with subjectives" in published
    assert "budget and forecast by subjective, month 4 (draft)" in published
    assert "Running expenses" not in published
    client.force_login(person(Role.SCRUTINY_MEMBER))
    public = words(client, "subjectives", 2019, 3)
    assert "No accounts were matched with subjectives when this report was published" in public
    assert "draft" not in public.lower()


def test_a_member_reads_what_is_published_and_no_draft(somerset, client, person):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "Shared Lives" in words(client, "decisions", 2019, 3)
    assert "Shared Lives" not in words(client, "decisions", 2019, 4)


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("4101", "EMP"),
        ("41", "EMP"),
        ("4199", "AGENCY"),
        ("41990", "AGENCY"),
        ("9", "FEES"),
        ("91", NOT_ANALYSED),
    ],
)
def test_the_longest_match_of_an_account_wins(account, code):
    rules = [("41*", "EMP"), ("4199*", "AGENCY"), ("9", "FEES"), ("4101", "EMP")]
    assert subjective_of(account, rules) == code


def test_a_line_without_a_forecast_has_a_budget_alone():
    lines = [LineAmounts("A", "1", 100, None), LineAmounts("A", "1", 50, 60)]
    lines.append(LineAmounts("B", "2", 5, None))
    assert add_up_lines(lines, [("1", "EMP")]) == {
        ("A", "EMP"): SubjectiveAmounts(150, 60),
        ("B", NOT_ANALYSED): SubjectiveAmounts(5, None),
    }
