"""The steps of savings, reserves, capital receipts, aged debt and virements in a month."""

import datetime

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.month.selectors.duties import duties_of
from monitoring.month.selectors.month import Duties, month_of
from monitoring.month.selectors.steps import dated_steps
from monitoring.month.selectors.work import work_due_for
from monitoring.people.rights import EVERYTHING, reach_of
from reserves.models import MovementsReview
from reserves.movements_review import review_of_movements
from reserves.services import confirm_movements
from tests.councils import reserves as with_reserves
from tests.councils.month import only_open_year, tie
from tests.councils.packs import bring, facts_of, period_of
from tests.councils.virements import enter, leg

pytestmark = pytest.mark.slow

TODAY = datetime.date(2021, 6, 10)
SAVINGS = (
    "reference,title,service_code,agreed_saving,owner\n"
    "S1,Gates,PARK,10,Head of parks\nS2,Rounds,CARE,20,\nS3,Lights,ROAD,30,\n"
)
POSITIONS = "reference,forecast_saving\nS2,15\n"
DEBT = "service_code,not_overdue\nCARE,100\n"
RULES = '[[status_scheme.savings]]\nstatus = "Red"\nshortfall_above = 0\n'
SETTINGS = with_reserves.SETTINGS + RULES + '[[status_scheme.savings]]\nstatus = "Green"\n'

ORDER = [
    *("figures", "forecasts", "commentary", "aged-debt"),
    *("savings", "reserves", "capital-receipts", "checks", "report"),
]


@pytest.fixture
def year(db, tmp_path):
    files = {
        "savings.csv": SAVINGS,
        "periods/01/savings.csv": POSITIONS,
        "periods/02/savings.csv": POSITIONS,
        "periods/01/aged_debt.csv": DEBT,
        "periods/02/capital_receipts.csv": "reference,forecast\nP1,30\n",
    }
    return only_open_year(with_reserves.load_council(tmp_path, settings=SETTINGS, **files))


def steps_of(year, number=2, user=None, **duties):
    """State, text and outstanding sentences of each step by its name."""
    period = period_of(year, number)
    own = reach_of(user, year) if user else EVERYTHING
    given = duties_of(user, period, own) if user else Duties(**{"review": True} | duties)
    month = month_of(period, shown=own, own=own, duties=given)
    return {
        dated.name: (
            dated.step.state,
            dated.step.text,
            [each.text for each in dated.step.outstanding],
        )
        for dated in dated_steps(month, TODAY)
    }


def work_of(user):
    return [(work.service, work.text) for work in work_due_for(user, TODAY)]


def test_each_app_says_how_far_its_work_is_until_all_is_in(year):
    found = steps_of(year)
    assert list(found) == ORDER
    assert found["savings"] == (
        "Under way",
        "1 of 3 savings reported.",
        ["2 of 3 savings are not reported."],
    )
    assert found["capital-receipts"] == (
        "Under way",
        "1 of 2 projects with a forecast.",
        ["1 of 2 projects under capital receipts flexibilities has no forecast."],
    )
    text = "1 movement of reserves in month 2; nobody has confirmed that this is complete."
    assert found["reserves"] == ("To be reviewed", text, [text])
    text = "Aged debt has not been uploaded for month 2."
    assert found["aged-debt"] == ("To come", text, [text])
    assert "virements" not in found
    bring(year, "aged_debt", DEBT, 2)
    bring(year, "savings", "reference,forecast_saving\nS1,10\nS2,15\nS3,0\n", 2)
    bring(year, "capital_receipts", "reference,forecast\nP1,30\nP2,0\n", 2)
    found = steps_of(year)
    for name, state in (
        ("aged-debt", "Uploaded"),
        ("savings", "All reported"),
        ("capital-receipts", "All forecast"),
    ):
        assert (found[name][0], found[name][2]) == (state, [])


def test_a_council_without_them_has_no_such_step(db, tmp_path):
    plain = dict.fromkeys(
        (
            *("reserves.csv", "reserve_movements.csv", "capital_receipts.csv"),
            *("periods/01/capital_receipts.csv", "periods/02/capital_receipts.csv"),
        )
    )
    year = with_reserves.load_council(tmp_path, **plain)
    assert list(steps_of(year)) == ["figures", "forecasts", "commentary", "checks", "report"]


def test_work_is_due_from_the_officers_of_the_services(year, person):
    officer = tie(person(Role.FINANCE_OFFICER, username="parks"), "PARK")
    others = person(Role.FINANCE_OFFICER, username="others")
    whole = [
        ("", "Upload the month’s aged debt"),
        ("", "Review the movements of reserves"),
    ]
    assert sorted(work_of(officer)) == sorted([*whole, ("Parks", "Savings: 1 not reported")])
    assert sorted(work_of(others)) == sorted(
        [
            *whole,
            ("Care", "Capital receipts: 1 project without a forecast"),
            ("Roads", "Savings: 1 not reported"),
        ]
    )

    manager = tie(person(Role.BUDGET_MANAGER), "CARE")
    found = steps_of(year, user=manager)
    assert found["savings"][:2] == ("All reported", "1 of 1 saving reported.")
    assert found["capital-receipts"][1] == "0 of 1 project with a forecast."
    assert "reserves" not in found
    assert "aged-debt" not in found


def test_movements_are_reviewed_until_they_change(client, year, person):
    officer = person(Role.FINANCE_OFFICER, first_name="Ola")
    client.force_login(officer)
    page = reverse("reserves", args=[2021, 2])
    address = reverse("reserves-review", args=[2021, 2])
    shown = client.get(page).content.decode()
    assert "The movements are complete</button>" in shown
    digest = review_of_movements(facts_of(year, 2)).digest
    assert f'name="seen" value="{digest}"' in shown
    for _ in range(2):
        client.post(address, {"seen": digest})
    assert MovementsReview.objects.count() == 1
    assert steps_of(year)["reserves"][0] == "Reviewed"
    assert "Ola" in client.get(page).content.decode()
    with_reserves.move(year, "FIRE", "-5")
    assert steps_of(year)["reserves"][2] == [
        "Movements of reserves have changed since they were reviewed."
    ]
    with pytest.raises(Refused, match="have changed since you opened the page"):
        confirm_movements(period=period_of(year, 2), seen=digest, by=officer)
    digest = review_of_movements(facts_of(year, 2)).digest
    for role in (Role.ADMINISTRATOR, Role.DIRECTOR, Role.SCRUTINY_MEMBER):
        client.force_login(tie(person(role), "TOP"))
        assert client.post(address, {"seen": digest}).status_code == 403
    assert MovementsReview.objects.count() == 1


def test_virements_are_due_from_who_may_approve_them(year, person):
    year.settings = {
        **year.settings,
        "virements": {"approve_up_to": {"finance_officer": 10, "director": 100}},
    }
    year.save()
    officer, second = (
        tie(person(Role.FINANCE_OFFICER, username=name), "CARE") for name in ("one", "two")
    )
    lead = person(Role.FINANCE_LEAD)
    place, parks = (tie(person(Role.DIRECTOR, username=code), code) for code in ("PLACE", "PARK"))
    enter(year, officer, leg(year, "A/NET", "B/NET", "5"), reference="V001", period=2)
    enter(year, officer, leg(year, "A/NET", "B/NET", "50"), reference="V002", period=2)
    enter(year, officer, leg(year, "A/NET", "C/NET", "60"), reference="V003", period=2)
    enter(year, lead, leg(year, "A/NET", "C/NET", "600"), reference="V004", period=2)
    approvals = {
        user.username: [text for _, text in work_of(user) if text.startswith("Approve")]
        for user in (officer, second, lead, place, parks)
    }
    assert approvals == {
        "one": [],
        "two": ["Approve virement V001"],
        lead.username: [f"Approve virement V00{number}" for number in (1, 2, 3)],
        "PLACE": ["Approve virement V001", "Approve virement V002"],
        "PARK": [],
    }
    assert steps_of(year)["virements"][2] == [
        "4 virements are awaiting approval and have no effect yet."
    ]
    assert steps_of(year, user=parks)["virements"][1].startswith("2 virements are")
