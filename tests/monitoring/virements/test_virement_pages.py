"""Virements in the browser: the register, entering one, and deciding on it."""

import csv
import datetime
import io
import re
from html import unescape
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import FinancialYear, TreeRight, Virement
from monitoring.virements.selectors.register import register
from tests.councils.packs import bring, facts_of, nodes_of, publish, virements
from tests.councils.virements import (
    CONTINGENCY,
    PAY,
    PLACEMENTS,
    TRANSPORT,
    enter,
    leg,
    line,
    load_council,
    stored,
)

pytestmark = pytest.mark.slow

START = 2021
REGISTER = reverse("virements", args=[START, 3])
NEW = reverse("virement-new", args=[START, 3])
LINES = reverse("virement-lines", args=[START, 3])
DOWNLOAD = reverse("virements-download", args=[START, 3])


@pytest.fixture
def council(db, tmp_path) -> FinancialYear:
    return load_council(tmp_path)


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER, first_name="Finance", last_name="Officer")


@pytest.fixture
def as_lead(client, person):
    client.force_login(person(Role.FINANCE_LEAD, first_name="Finance", last_name="Lead"))
    return client


@pytest.fixture
def as_officer(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def director(person, council):
    user = person(Role.DIRECTOR)
    TreeRight.objects.create(user=user, service_code="CHILD-COM")
    return user


@pytest.fixture
def pending(council, officer) -> str:
    """Somerset's transfer, entered by an officer."""
    return enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, "498000"))


def one(reference: str) -> str:
    return reverse("virement", args=[START, reference])


def page(response) -> str:
    """The page's text without entities."""
    return unescape(response.content.decode())


def form(*legs: dict, **more) -> dict:
    """What the form sends."""
    data = {"reference": "V001", "kind": "funding", "reason": "A pressure"}
    data["legs-TOTAL_FORMS"] = str(len(legs))
    for number, each in enumerate(legs):
        names = ("giver", "receiver", "amount", "spending", "giver_choice", "receiver_choice")
        data |= {f"legs-{number}-{name}": each.get(name, "") for name in names}
    return data | more


GOOD = {"giver": CONTINGENCY, "receiver": TRANSPORT, "amount": "498,000"}


def approve(client, reference, approved_by="Cabinet"):
    return client.post(one(reference), {"action": "approve", "approved_by": approved_by})


def unchanged() -> tuple:
    return list(Virement.objects.order_by("pk").values_list()), AuditEntry.objects.count()


# The register


@pytest.mark.slow
def test_the_register_shows_what_became_of_each(council, officer, person, as_lead, pending):
    enter(council, officer, leg(council, PAY, PLACEMENTS, "12.50"), reference="V002", period=2)
    enter(
        council,
        officer,
        leg(council, "", TRANSPORT, "5"),
        leg(council, PAY, PLACEMENTS, "7"),
        reference="V003",
    )
    enter(council, officer, leg(council, PAY, TRANSPORT, "9"), reference="V004", period=4)
    approve(as_lead, "V002")
    as_lead.post(one("V003"), {"action": "decline", "decline_reason": "Not needed"})
    text = page(as_lead.get(REGISTER))
    places = [text.index(f">{reference}</a>") for reference in ("V001", "V002", "V003")]
    assert places == sorted(places)
    assert ">V004</a>" not in text
    assert "1 virement awaits approval: £498,000." in text
    for words in (
        "Approve…",
        "by Cabinet on",
        "by Finance Lead on",
        "Outside this budget",
        "498,000.00",
        "12.50",
        "Finance Officer",
    ):
        assert words in text
    assert text.count("Approve…") == 1
    later = page(as_lead.get(reverse("virements", args=[START, 4])))
    assert ">V004</a>" in later and "2 virements await approval: £498,009 in all." in later


def test_the_filter_stands_in_the_address_and_in_the_download(
    council, officer, as_officer, pending
):
    enter(council, officer, leg(council, PAY, PLACEMENTS, "7"), reference="V002")
    query = "?text=school+transport&state=pending"
    text = page(as_officer.get(REGISTER + query))
    assert ">V001</a>" in text and ">V002</a>" not in text
    assert 'value="school transport"' in text
    assert f'href="{DOWNLOAD}?text=school+transport&state=pending"' in text
    rows = list(csv.DictReader(io.StringIO(as_officer.get(DOWNLOAD + query).content.decode())))
    assert [row["Reference"] for row in rows] == ["V001"]
    nothing = page(as_officer.get(f"{REGISTER}?text=transport&state=declined"))
    assert "No virements found" in nothing
    assert ">V002</a>" in page(as_officer.get(f"{REGISTER}?state=nonsense&page=x"))


def test_the_download_dates_by_the_clock_in_london(council, officer, as_lead):
    """Half past eleven at night by Greenwich is the next day in summer."""
    enter(council, officer, leg(council, PAY, TRANSPORT, "5"))
    late = datetime.datetime(2026, 6, 30, 23, 30, tzinfo=datetime.UTC)
    Virement.objects.filter(year=council).update(entered_at=late)
    (row,) = csv.DictReader(io.StringIO(as_lead.get(DOWNLOAD).content.decode()))
    assert row["Entered on"] == "2026-07-01"
    assert "1 July 2026" in page(as_lead.get(one("V001")))


def test_the_download_has_a_row_a_leg_and_runs_no_formula(council, officer, as_lead):
    transport = line(council, TRANSPORT)
    transport.description = "Transport"
    transport.save()
    enter(
        council,
        officer,
        leg(council, "", TRANSPORT, "5.05"),
        leg(council, PAY, "", "7", "3"),
        reference="=1+1",
        reason="=cmd|' /C calc'!A0",
    )
    approve(as_lead, "=1+1", approved_by="@Cabinet")
    response = as_lead.get(DOWNLOAD)
    assert response["Content-Disposition"] == (
        'attachment; filename="virement-register-2021-22-03.csv"'
    )
    first, second = csv.DictReader(io.StringIO(response.content.decode()))
    assert (first["Reference"], first["Approved by"]) == ("'=1+1", "'@Cabinet")
    assert first["Reason"] == "'=cmd|' /C calc'!A0"
    assert (first["From"], first["To"]) == ("outside this budget", "C210/NET Transport")
    assert (first["Amount (£)"], first["Spending that moves (£)"]) == ("5.05", "0.00")
    assert (second["Leg"], second["To"], second["Spending that moves (£)"]) == (
        *("2", "outside this budget"),
        "3.00",
    )
    assert (second["State"], second["Entered by"]) == ("Approved", "Finance Officer")
    assert second["Approved on"] == timezone.localdate().isoformat()


@pytest.mark.slow
def test_the_register_reconciles_the_budget_where_its_reader_sees_figures(
    council, client, as_lead, pending, director
):
    approve(as_lead, pending)
    text = page(as_lead.get(REGISTER))
    assert "0.498" in text and "(0.498)" in text and "327.967" in text
    address = reverse("statement", args=[START, 3, "budget-reconciliation"])
    assert address in text
    client.force_login(director)
    hidden = page(client.get(REGISTER))
    assert address not in hidden and "327.967" not in hidden
    assert "once month 3 has figures that you can see" in hidden
    publish(council, 3)
    assert address in page(client.get(REGISTER))


def test_an_empty_register_says_who_fills_it(council, as_officer):
    text = page(as_officer.get(REGISTER))
    assert "No virements up to month 3 yet" in text
    assert NEW in text
    assert "No virement of 2021/22 up to month 3." in text


@pytest.mark.slow
def test_a_long_register_is_read_in_pages_at_a_steady_cost(
    council, officer, as_lead, django_assert_max_num_queries
):
    same = leg(council, PAY, PLACEMENTS, "1")
    for number in range(1, 102):
        enter(council, officer, same, reference=f"V{number:03d}")
    with django_assert_max_num_queries(30):
        first = page(as_lead.get(REGISTER))
    assert first.count('class="govuk-link nowrap" href="/2021-22/virements/V') == 200
    assert "101 virements" in first and "page 1 of 2" in first
    assert '"?page=2"' in first
    second = page(as_lead.get(f"{REGISTER}?state=pending&page=2"))
    assert ">V101</a>" in second and ">V100</a>" not in second
    assert '"?state=pending&page=1"' in second


# Entering


@pytest.mark.slow
def test_a_virement_is_entered_and_waits_for_somebody_else(council, officer, as_officer):
    assert 'value="V001"' in page(as_officer.get(NEW))
    response = as_officer.post(NEW, form(GOOD, {}, {}))
    assert response.url == one("V001")
    [made] = stored(council, "V001")
    assert (made.from_line, made.to_line) == (line(council, CONTINGENCY), line(council, TRANSPORT))
    assert (made.amount_pence, made.forecast_amount_pence) == (49_800_000, 0)
    assert (made.period, made.entered_by, made.reason) == (3, officer, "A pressure")
    text = page(as_officer.get(response.url))
    assert "V001 is entered; somebody else approves it." in text
    assert "You entered this virement, so somebody else approves it." in text
    assert 'value="approve"' not in text
    assert 'value="V002"' in page(as_officer.get(NEW))


def test_several_legs_are_entered_and_empty_ones_passed_over(council, as_officer):
    legs = (
        {"receiver": TRANSPORT, "amount": "£1.5k"},
        {},
        {"giver": "N120/NET", "receiver": "C110 / NET", "amount": "12.34", "spending": "0"},
    )
    as_officer.post(NEW, form(*legs, kind="technical"))
    made = stored(council, "V001")
    assert [(each.leg, each.amount_pence, each.forecast_amount_pence) for each in made] == [
        (1, 150_000, 150_000),
        (2, 1234, 0),
    ]
    assert made[0].from_line is None


BAD = {
    "no reference": ({"reference": " "}, {}, "Give the virement a reference."),
    "a long reference": ({"reference": "V" * 65}, {}, "A code has at most 64 characters."),
    "dots": ({"reference": ".."}, {}, "A reference has a letter or a digit in it."),
    "no kind": ({"kind": ""}, {}, "Say whether spending moves with the budget."),
    "another kind": ({"kind": "gift"}, {}, "Select a valid choice."),
    "no reason": ({"reason": " "}, {}, "Say why the budget moves."),
    "no amount": ({}, {"amount": ""}, "Say how much budget moves."),
    "text": (
        {},
        {"amount": "much"},
        "“much” cannot be read: a figure such as",
    ),
    "nil": ({}, {"amount": "0"}, "The amount is positive; from and to say which way it goes."),
    "negative": ({}, {"amount": "(5)"}, "The amount is positive;"),
    "three decimals": (
        {},
        {"amount": "1.005"},
        "cannot be read: there are more than two decimals.",
    ),
    "too much": (
        {},
        {"amount": "99999999999"},
        "the figure is beyond £9,999,999,999.99.",
    ),
    "negative spending": ({}, {"spending": "-1"}, "The spending that moves is nil or positive."),
    "the same line": ({}, {"giver": TRANSPORT}, "It goes to the line it comes from."),
    "no line": ({}, {"giver": "", "receiver": ""}, "A virement needs a line it comes from"),
    "an unknown line": ({}, {"giver": "X1/NET"}, "There is no budget line with “X1/NET”"),
}


@pytest.mark.parametrize(("shared", "one_leg", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_in_its_place_and_nothing_is_stored(
    council, as_officer, shared, one_leg, message
):
    before = unchanged()
    response = as_officer.post(NEW, form(GOOD | one_leg, **shared))
    assert response.status_code == 422
    text = page(response)
    assert text.count(message) == 2, "in the summary and beside the field"
    assert "Error: Enter a virement" in text
    assert unchanged() == before


@pytest.mark.parametrize("total", ["", "0", "x", "-1", "²", "99999999999999999999"])
def test_a_form_without_its_number_of_legs_asks_what_moves(council, as_officer, total):
    response = as_officer.post(NEW, form(**{"legs-TOTAL_FORMS": total}))
    assert response.status_code == 422
    assert "Say what moves: from where, to where, how much." in page(response)


def test_more_than_ten_legs_are_not_taken(council, as_officer):
    legs = [{"receiver": TRANSPORT, "amount": str(number)} for number in range(1, 12)]
    as_officer.post(NEW, form(*legs))
    assert len(stored(council, "V001")) == 10


def test_another_leg_keeps_what_was_typed_and_tells_no_errors_yet(council, as_officer):
    data = form(GOOD | {"amount": "much"}, reference="X1", reason="Why", add="leg")
    response = as_officer.post(NEW, data)
    text = page(response)
    assert response.status_code == 200
    assert "legs-1-giver" in text and "legs-2-giver" not in text
    assert 'value="much"' in text and 'value="X1"' in text and ">\nWhy</textarea>" in text
    assert "govuk-error-message" not in text
    full = page(as_officer.post(NEW, form(*[GOOD] * 10, add="leg")))
    assert "legs-9-giver" in full and "legs-10-giver" not in full
    assert "Add another leg" not in full
    assert not Virement.objects.filter(year=council).exists()


def test_a_line_is_found_by_words_and_chosen(council, as_officer):
    by_words = GOOD | {"receiver": "transport c2", "giver": "contingency"}
    response = as_officer.post(NEW, form(by_words))
    text = page(response)
    assert response.status_code == 422
    assert "Choose the line that is meant by “transport c2”." in text
    assert 'name="legs-0-receiver_choice"' in text
    for code in (TRANSPORT, "C220/NET", CONTINGENCY):
        assert f'value="{code}"' in text
    chosen = by_words | {"receiver_choice": TRANSPORT, "giver_choice": CONTINGENCY}
    assert as_officer.post(NEW, form(chosen)).status_code == 302
    assert stored(council, "V001")[0].to_line.code == TRANSPORT


def test_of_many_lines_the_first_are_offered(council, as_officer):
    text = page(as_officer.post(NEW, form(GOOD | {"giver": "net"})))
    assert "These are the first of them; say more to find others." in text
    assert text.count("legs-0-giver_choice") == 20


def test_lines_are_offered_while_typing(council, as_officer, somerset):
    text = page(as_officer.get(LINES, {"legs-0-giver": "school tr"}))
    assert (
        text.split()
        == unescape(
            '<option value="C210/NET">Home to school transport, '
            "Children & Learning - Commissioning</option>"
        ).split()
    )
    assert page(as_officer.get(LINES)).strip() == ""
    assert page(as_officer.get(LINES, {"legs-0-giver": "net"})).count("<option") == 20
    page_itself = page(as_officer.get(NEW))
    (lines,) = set(re.findall(r'hx-get="([^"]+)"', page_itself))
    assert urljoin(NEW, lines) == LINES and "Home to school" not in page_itself


def test_the_same_form_sent_twice_leads_to_the_one_virement(council, as_officer):
    for _ in range(2):
        assert as_officer.post(NEW, form(GOOD)).url == one("V001")
    assert len(stored(council, "V001")) == 1


def test_a_reference_taken_meanwhile_is_told_at_its_field(council, as_lead, pending):
    response = as_lead.post(NEW, form(GOOD | {"amount": "5"}))
    text = page(response)
    assert response.status_code == 409
    assert text.count("Another virement of 2021/22 has the reference V001; V002 is free.") == 2
    assert stored(council, "V001")[0].amount_pence == 49_800_000


def test_the_form_says_in_which_report_it_will_count(council, as_officer):
    def sentence(number):
        return page(as_officer.get(reverse("virement-new", args=[START, number])))

    assert "Once approved it takes effect in the report for month 3." in sentence(3)
    assert (
        "Month 2 is published and does not change. Once approved, the virement takes effect in "
        "the next report, for month 3."
    ) in sentence(2)
    assert "Once approved it takes effect in the next report, for month 3." in sentence(1)
    assert "Once approved it takes effect in the report for the close." in sentence(13)
    assert as_officer.post(reverse("virement-new", args=[START, 2]), form(GOOD)).status_code == 302
    assert stored(council, "V001")[0].period == 2


@pytest.mark.slow
def test_a_reference_of_any_characters_has_a_page(council, officer, as_lead):
    for reference in ("V/1", "V 1?x=1#y", "10%", "Ü&<b>", "a//b"):
        enter(council, officer, leg(council, PAY, PLACEMENTS, "1"), reference=reference)
        address = one(reference)
        assert f">{reference}</a>" in page(as_lead.get(REGISTER))
        text = as_lead.get(address).content.decode()
        assert "<b>" not in text
        assert approve(as_lead, reference).url == address


# Deciding


@pytest.mark.slow
def test_the_effect_is_shown_and_then_comes(council, as_lead, pending):
    text = page(as_lead.get(one(pending)))
    assert (
        "The net variance of month 2 is restated: Children & Learning - Commissioning from 0.557 "
        "to 0.059, its movement from (0.493) to 0.005;"
    ) in text
    assert "Yes, the ledger’s budget has it already" in text
    assert 'value="Finance lead"' in text
    response = approve(as_lead, pending)
    assert response.url == one(pending)
    text = page(as_lead.get(response.url))
    assert "V001 is approved." in text
    assert ">Go on with month 3</a>" in text
    assert "by Finance Lead, as Cabinet" in text
    assert "In the next report, for month 3." in text
    assert "If it is approved" not in text
    annex = as_lead.get(reverse("download", args=[START, 3, "annex-a", "json"])).json()
    [row] = [row for row in annex["rows"] if row["key"] == "CHILD-COM"]
    assert row["cells"]["previous_net_variance"] == {"value": 59000.0, "text": "0.059", "mark": "*"}
    assert row["cells"]["movement"]["text"] == "0.005"
    publish(council, 3)
    assert "Since the report for month 3." in page(as_lead.get(one(pending)))


def test_a_budget_the_ledger_lacks_or_does_not_explain_is_told(council, officer, as_lead):
    enter(council, officer, leg(council, PAY, TRANSPORT, "100"))
    text = page(as_lead.get(one("V001")))
    assert "Not yet" in text
    assert "Cannot be told: the budget differs by +£498,000 from what was approved" in text


def test_without_figures_the_effect_is_promised(council, officer, as_lead):
    enter(council, officer, leg(council, PAY, TRANSPORT, "100"), period=7)
    text = page(as_lead.get(one("V001")))
    assert "once the figures of a month in which it takes effect have been uploaded" in text


def test_a_double_click_on_approve_leads_to_the_page_and_approves_once(council, as_lead, pending):
    for _ in range(2):
        assert approve(as_lead, pending).url == one(pending)
    assert AuditEntry.objects.filter(action="approved").count() == 1


@pytest.mark.slow
def test_a_second_person_is_told_that_it_is_approved_already(
    council, client, person, as_lead, pending
):
    approve(as_lead, pending)
    client.force_login(person(Role.FINANCE_LEAD, username="second"))
    before = unchanged()
    for data in (
        {"action": "approve", "approved_by": "Council"},
        {"action": "decline", "decline_reason": "No"},
    ):
        response = client.post(one(pending), data)
        assert response.status_code == 409
        assert "V001 is approved already, by Finance Lead on" in page(response)
    assert unchanged() == before


@pytest.mark.slow
def test_nobody_approves_their_own_entry(council, client, person, as_lead):
    lead = person(Role.FINANCE_LEAD, username="other")
    enter(council, lead, leg(council, PAY, PLACEMENTS, "1"))
    client.force_login(lead)
    assert "Approve…" not in page(client.get(REGISTER))
    before = unchanged()
    response = approve(client, "V001")
    assert response.status_code == 409
    assert "You entered this virement" in page(response)
    assert unchanged() == before


@pytest.mark.slow
def test_an_officer_is_told_of_their_limit_and_who_has_a_higher_one(
    council, client, person, pending
):
    client.force_login(person(Role.FINANCE_OFFICER, username="second"))
    text = page(client.get(one(pending)))
    assert "It moves £498,000, and your role approves virements up to £50,000;" in text
    assert (
        "A finance lead approves any amount. A finance officer approves up to £50,000. A director "
        "approves up to £100,000, within their own services."
    ) in text
    assert approve(client, pending).status_code == 409
    assert stored(council, pending)[0].approved_on is None


@pytest.mark.parametrize(
    ("role", "read"),
    [(Role.ADMINISTRATOR, 200), (Role.BUDGET_MANAGER, 403), (Role.SCRUTINY_MEMBER, 403)],
)
def test_other_roles_do_nothing_to_a_virement(council, client, person, pending, role, read):
    user = person(role)
    TreeRight.objects.create(user=user, service_code="SCC")
    client.force_login(user)
    before = unchanged()
    response = client.get(one(pending))
    assert response.status_code == read
    assert ("Your role does not approve virements." in page(response)) is (read == 200)
    for data in (
        {"action": "approve", "approved_by": "Cabinet"},
        {"action": "decline", "decline_reason": "No"},
        {"action": "reverse"},
    ):
        assert client.post(one(pending), data).status_code == 403
    assert client.post(NEW, form(GOOD)).status_code == 403
    assert client.post(LINES, form(GOOD)).status_code == 405
    assert unchanged() == before


@pytest.mark.slow
def test_a_director_sees_and_approves_within_their_part(
    council, client, officer, director, pending
):
    enter(council, officer, leg(council, "C220/NET", TRANSPORT, "100000"), reference="V002")
    enter(council, officer, leg(council, PAY, PLACEMENTS, "1"), reference="V003")
    enter(council, officer, leg(council, "C220/NET", TRANSPORT, "100000.01"), reference="V004")
    client.force_login(director)
    text = page(client.get(REGISTER))
    assert [f">{name}</a>" in text for name in ("V001", "V002", "V003", "V004")] == [
        *(True, True, False, True)
    ]
    assert text.count("Approve…") == 1
    assert "V003" not in client.get(DOWNLOAD).content.decode()
    touching = page(client.get(one(pending)))
    assert "Lines and services outside your part are left out." in touching
    assert "Non-Service Items from" not in touching and "£7,226,000" not in touching
    assert "0.059" in touching
    assert "It reaches outside the services that you look after" in touching
    assert 'value="approve"' not in touching and 'value="decline"' not in touching
    before = unchanged()
    assert approve(client, pending).status_code == 403
    assert client.post(one(pending), {"action": "decline"}).status_code == 403
    assert client.post(one(pending), {"action": "reverse"}).status_code == 403
    for elsewhere in ("V003", "V999"):
        assert client.get(one(elsewhere)).status_code == 404
        assert approve(client, elsewhere).status_code == 404
    assert approve(client, "V004").status_code == 409
    assert unchanged() == before
    assert approve(client, "V002", "Director").url == one("V002")
    assert stored(council, "V002")[0].approver == director


@pytest.mark.slow
def test_a_director_does_not_read_the_name_of_an_exempt_line(
    council, client, officer, director, pending, as_lead
):
    secret = line(council, TRANSPORT)
    secret.description, secret.exempt = "Secret settlement", True
    secret.save()
    addresses = (REGISTER, f"{REGISTER}?text=secret", DOWNLOAD, one(pending))
    assert all("Secret settlement" in page(as_lead.get(address)) for address in addresses)
    client.force_login(director)
    for address in addresses:
        text = page(client.get(address))
        assert "Secret settlement" not in text and TRANSPORT not in text
    assert "an exempt line of Children & Learning - Commissioning" in page(client.get(one(pending)))


@pytest.mark.slow
def test_declining_asks_why_and_shows_it(council, officer, as_lead, pending):
    response = as_lead.post(one(pending), {"action": "decline", "decline_reason": " "})
    assert response.status_code == 422
    assert page(response).count("Say why it is declined; who entered it will read it.") == 2
    assert stored(council, pending)[0].declined_on is None
    response = as_lead.post(one(pending), {"action": "decline", "decline_reason": "Not needed"})
    assert response.url == one(pending)
    text = page(as_lead.get(one(pending)))
    assert "V001 is declined." in text and "Not needed" in text
    assert 'value="approve"' not in text and 'value="reverse"' not in text
    member_sees = as_lead.get(reverse("statement", args=[START, 3, "virements"]))
    assert "V001" not in page(member_sees)
    back = {"action": "reverse", "new_reference": "V9", "period": "3", "reason": "x"}
    assert as_lead.post(one(pending), back).status_code in (409, 422)
    assert not stored(council, "V9")


@pytest.mark.slow
def test_an_approval_needs_the_words_that_the_register_prints(council, as_lead, pending):
    for words, message in (
        (" ", "as the register is to print it."),
        ("x" * 301, "Shorten the text to 300"),
    ):
        response = approve(as_lead, pending, words)
        assert response.status_code == 422
        assert message in page(response)
    assert stored(council, pending)[0].approved_on is None


@pytest.mark.slow
def test_a_virement_is_taken_back_by_another(council, officer, client, as_lead, pending):
    before = nodes_of(facts_of(council, 3))["CHILD-COM"]["previous_net_variance"]
    approve(as_lead, pending)
    client.force_login(officer)
    text = page(client.get(one(pending)))
    assert 'value="498000.00"' in text and 'value="V001R"' in text
    data = {
        "action": "reverse",
        "amount_1": "498,000",
        "new_reference": "V001R",
        "period": "3",
        "reason": "No longer needed",
    }
    for _ in range(2):
        assert client.post(one(pending), data).url == one("V001R")
    assert "Reversals of the whole amount have been entered already" in page(
        client.get(one(pending))
    )
    reversal = page(client.get(one("V001R")))
    assert f'takes back <a class="govuk-link nowrap" href="{one(pending)}">V001</a>' in reversal
    client.force_login(stored(council, pending)[0].approver)
    assert approve(client, "V001R").url == one("V001R")
    text = page(client.get(REGISTER))
    assert "Reversed" in text and one("V001R") in text
    assert nodes_of(facts_of(council, 3))["CHILD-COM"]["previous_net_variance"] == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount_1": "0"}, "The amount is positive"),
        ({"amount_1": ""}, "Say how much is taken back."),
        ({"amount_1": "some"}, "“some” cannot be read: a figure such as 1,234.50 was expected."),
        ({"reason": ""}, "Say why it is taken back."),
        ({"new_reference": ""}, "Give the reversal a reference."),
        ({"period": "2"}, "2 is not one of the available choices."),
        ({"period": "x"}, "x is not one of the available choices."),
    ],
)
def test_a_wrong_reversal_is_told_in_its_place(council, as_lead, pending, change, message):
    approve(as_lead, pending)
    before = unchanged()
    data = {
        "action": "reverse",
        "amount_1": "1",
        "new_reference": "V001R",
        "period": "3",
        "reason": "Why",
    }
    response = as_lead.post(one(pending), data | change)
    assert response.status_code == 422
    assert message in page(response)
    assert unchanged() == before


def test_a_reversal_under_a_reference_that_is_taken_is_refused(council, as_lead, pending):
    approve(as_lead, pending)
    data = {"amount_1": "1", "new_reference": "V001", "period": "3", "reason": "Why"}
    response = as_lead.post(one(pending), data | {"action": "reverse"})
    assert response.status_code == 409
    assert "has the reference V001" in page(response)


@pytest.mark.slow
def test_no_more_is_taken_back_than_is_left(council, as_lead, pending):
    approve(as_lead, pending)

    def send(amount, reference):
        data = {"amount_1": amount, "new_reference": reference, "period": "3", "reason": "Why"}
        return as_lead.post(one(pending), data | {"action": "reverse"})

    too_much = send("498000.01", "R1")
    assert send("498000", "R2").url == one("R2")
    for response in (too_much, send("0.01", "R3")):
        assert response.status_code == 409
        assert "that is more than was moved, which is £498,000 for all" in page(response)
    assert {each.reference for each in Virement.objects.filter(year=council)} == {"V001", "R2"}


def test_a_pending_virement_is_not_taken_back(council, as_lead, pending):
    response = as_lead.post(
        one(pending),
        {"action": "reverse", "amount_1": "1", "new_reference": "R", "period": "3", "reason": "?"},
    )
    assert response.status_code == 409
    assert "V001 is not approved, so there is nothing to take back." in page(response)


def test_an_act_that_is_none_is_a_bad_request(council, as_lead, pending):
    for data in ({}, {"action": "delete"}):
        assert as_lead.post(one(pending), data).status_code == 400


def test_what_a_file_brought_says_so(council, officer, as_lead):
    bring(
        council,
        "virements",
        virements("F1,3,N110,NET,C210,NET,5,funding,,Cabinet,2021-07-08,,Pressure"),
        by=officer,
    )
    text = page(as_lead.get(one("F1")))
    assert "Uploaded" in text and "by Finance Officer on" in text
    assert "Approved here" not in text


@pytest.mark.parametrize(
    "address", ["/2021-22/14/virements/", "/2030-31/3/virements/", "/2021-22/virements/V9/"]
)
def test_what_is_not_there_is_not_found(council, as_lead, address):
    assert as_lead.get(address).status_code == 404


def test_no_published_report_changes_by_anything_here(council, client, officer, as_lead, pending):
    address = reverse("download", args=[START, 2, "annex-a", "json"])
    before = as_lead.get(address).content
    approve(as_lead, pending)
    as_lead.post(
        one(pending),
        {"action": "reverse", "amount_1": "1", "new_reference": "R", "period": "3", "reason": "?"},
    )
    assert [entry.state for entry in register(council, exempt=True)] == ["pending", "approved"]
    assert as_lead.get(address).content == before
