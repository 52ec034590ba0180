"""The pages of reserves, capital receipts, contingency and debt: what each says, and to whom."""

import uuid

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import TreeRight
from monitoring.publishing.services.reports import reopen_report
from reserves.models import Reserve, ReserveMovement
from reserves.services import approve_deficit, carry_reserves_forward
from tests.councils.packs import bring, csv_of, period_of, publish
from tests.councils.reserves import (
    FILES,
    MINIMUM,
    MOVEMENT_COLUMNS,
    closing,
    load_closed,
    load_council,
    move,
    reserve,
    transfer,
)

YEAR = 2021
ENTERERS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
DEBT = "service_code,name,not_overdue,days_0_30,days_31_90,days_91_365,days_over_365\n"


@pytest.fixture
def council(db, tmp_path):
    """Month 1 published, month 2 a draft."""
    return load_council(tmp_path, settings=MINIMUM)


@pytest.fixture
def see(client, person):
    """Read a page as a role: its text with single spaces."""

    def see(role: Role, name: str, *arguments, status: int = 200, query: str = "") -> str:
        client.force_login(person(role, username=f"{role}-{uuid.uuid4().hex[:6]}"))
        response = client.get(reverse(name, args=[YEAR, *arguments]) + query)
        assert response.status_code == status
        return " ".join(response.content.decode().split())

    return see


def form(**fields) -> dict:
    """A movement as the page sends it."""
    good = {
        "action": "move",
        "form": str(uuid.uuid4()),
        "way": "out",
        "amount": "10.50",
        "kind": "anticipated",
        "period": "2",
        "description": "More salt",
        "approved_by": "Cabinet, 1 June 2021",
    }
    return {name: value for name, value in (good | fields).items() if value is not None}


ONE = ("reserve", "ROADS")


def send(client, data: dict, code: str = "ROADS"):
    return client.post(reverse("reserve", args=[YEAR, code]), data)


def stored() -> tuple[int, list]:
    """How many movements there are, and what was approved."""
    approved = list(Reserve.objects.order_by("pk").values_list("approved_deficit_pence", flat=True))
    return ReserveMovement.objects.count(), approved


# The overview


def test_the_overview_says_whether_the_general_fund_carries_the_forecast(council, see):
    page = see(Role.FINANCE_OFFICER, "reserves", 2)
    assert (
        "The General Fund is expected to hold £1,050 on 31 March 2022, and £1,030 after the "
        "forecast overspend of £20." in page
    )
    for words in ("£1,040", "£10 short of it", "More than 20 years", "overspend of £20 a year"):
        assert words in page
    assert "Draft" in page
    assert reverse("reserve", args=[YEAR, "FIRE"]) in page
    assert reverse("upload-for-year", args=[YEAR]) in page


def test_members_read_the_published_overview_only(council, see):
    page = see(Role.SCRUTINY_MEMBER, "reserves", 1)
    assert "Published" in page
    assert "upload them for the year" not in page
    assert "Month 2" not in page
    assert "No report for month 2 yet" in see(Role.SCRUTINY_MEMBER, "reserves", 2)
    see(Role.SCRUTINY_MEMBER, "reserves", 1, status=404, query="?version=2")
    see(Role.SCRUTINY_MEMBER, "reserves", 1, status=404, query="?version=x")


@pytest.mark.parametrize(
    ("pounds", "years"),
    [("-1030", "1 year"), ("-1000", "2.5 years"), ("-1060", "0 years")],
)
def test_for_how_many_years_the_general_fund_lasts(council, see, pounds, years):
    """Of an overspend of £20 a year, the General Fund holding £1,050 before it."""
    move(council, "GF", pounds)
    page = see(Role.FINANCE_OFFICER, "reserves", 2)
    assert f'<dd class="stat__value">{years}' in page


def test_reserves_in_deficit_are_shown_with_who_approved_it(council, see, person):
    lead = person(Role.FINANCE_LEAD, username="lead", first_name="Ada", last_name="Lovelace")
    approve_deficit(reserve=reserve(council, "ROADS"), up_to_pence=2000, reason="Snow", by=lead)
    move(council, "ROADS", "-55")
    page = see(Role.FINANCE_OFFICER, "reserves", 2)
    assert "Roads reserve</a> closes in deficit: £10" in page
    assert f"{lead.name} has approved a deficit." in page
    assert "Old deficit</a> closes in deficit: £50" in page


@pytest.mark.slow
def test_at_the_close_nothing_is_taken_off_again(council, see):
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + "GF,13,actual,-30,Overspend\n")
    bring(council, "position", FILES["periods/02/position.csv"], 13)
    page = see(Role.FINANCE_OFFICER, "reserves", 13)
    assert "The General Fund closes the year at £970." in page
    assert "after the forecast" not in page
    assert "£70 short of it" in page


def test_without_reserves_the_pages_say_who_brings_them(db, tmp_path, see):
    none = dict.fromkeys(["reserves.csv", "reserve_movements.csv", "capital_receipts.csv"])
    none |= {f"periods/0{n}/capital_receipts.csv": None for n in (1, 2)}
    load_council(tmp_path, **none)
    assert "No reserves yet" in see(Role.FINANCE_OFFICER, "reserves", 2)
    assert "No projects yet" in see(Role.SCRUTINY_MEMBER, "capital-receipts", 1)
    assert "No aged debt has been uploaded" in see(Role.SCRUTINY_MEMBER, "debt", 1)
    assert "No budget line is set as contingency" in see(Role.SCRUTINY_MEMBER, "contingency", 1)


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_a_services_reserve_leads_on_where_the_reader_may_follow(
    db, tmp_path, client, person, role
):
    council = load_council(tmp_path, publish=())
    reader = person(role)
    TreeRight.objects.create(user=reader, service_code="PLACE")
    client.force_login(reader)
    there = reverse("reserve", args=[YEAR, "ROADS"])
    drafts = role == Role.FINANCE_OFFICER
    for published in (False, True):
        if published:
            publish(council, 1)
        page = client.get(reverse("service", args=[YEAR, 2, "PLACE"])).content.decode()
        assert "Roads reserve" in page
        assert (f'href="{there}"' in page) is (published or drafts)
        assert client.get(there).status_code == (200 if published or drafts else 404)


# One reserve


def test_a_reserve_has_its_steps_movements_and_what_is_to_come(council, see):
    move(council, "ROADS", "-7", 4, description="Spring works")
    transfer(council, "GF", "ROADS", "3")
    page = see(Role.FINANCE_OFFICER, *ONE)
    assert "It is expected to hold £48 at the end of the year." in page
    for words in ("Winter", "Place", "Repairs", "Fewer repairs", "Transfer, with General Fund"):
        assert words in page
    later = page[page.index("Planned for later reports") :]
    assert "Spring works" in later
    assert "Spring works" not in page[: page.index("Planned for later reports")]
    assert "Entered a transfer" in page


def test_members_read_a_reserve_as_published(council, see):
    move(council, "ROADS", "-7", description="A secret of the draft")
    page = see(Role.SCRUTINY_MEMBER, *ONE)
    assert "It is expected to hold £40" in page
    for words in ("secret", "Fewer repairs", "Add movement", "History"):
        assert words not in page
    see(Role.SCRUTINY_MEMBER, "reserve", "NOPE", status=404)
    see(Role.FINANCE_OFFICER, "reserve", "NOPE", status=404)


@pytest.mark.slow
def test_earlier_years_stand_beside_it(db, tmp_path, client, person):
    closed, following = load_closed(tmp_path)
    carry_reserves_forward(year=closed, by=None)
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(reverse("reserve", args=[following.start, "ROADS"])).content.decode()
    assert "It is expected to hold £40 at the end of the year." in page
    earlier = page[page.index("Earlier years") :]
    assert "2021/22" in earlier
    assert ">40<" in earlier


@pytest.mark.slow
@pytest.mark.parametrize("action", ["move", "transfer", "approve"])
def test_each_role_enters_what_it_may_and_nothing_else(council, client, person, action):
    allowed = {Role.FINANCE_LEAD} if action == "approve" else ENTERERS
    for role in Role.values:
        client.force_login(person(role))
        before = stored()
        status = send(client, form(action=action, to="FIRE", reason="Snow")).status_code
        assert status == (302 if role in allowed else 403), role
        assert (stored() == before) is (role not in allowed), role


@pytest.mark.slow
def test_a_movement_is_entered_once_and_told(council, client, person):
    officer = person(Role.FINANCE_OFFICER)
    client.force_login(officer)
    data = form()
    for _ in range(2):
        response = client.post(reverse("reserve", args=[YEAR, "ROADS"]), data, follow=True)
        assert "The movement of Roads reserve is entered." in response.content.decode()
    assert closing(council)["ROADS"] == 34.5
    (entry,) = AuditEntry.objects.filter(record="reserve 2021/22 ROADS")
    assert entry.by == officer
    send(client, form(way="in", amount="£5", kind="actual"))
    booked = ReserveMovement.objects.get(reserve__year=council, kind="actual")
    assert booked.amount_pence == 500


def test_a_transfer_is_entered_from_the_page(council, client, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = send(client, form(action="transfer", to="DEBT", way=None))
    assert response.status_code == 302
    assert (closing(council)["ROADS"], closing(council)["DEBT"]) == (34.5, -39.5)


@pytest.mark.slow
def test_a_movement_may_name_the_decision_that_allows_it(council, client, person, see, tmp_path):
    decisions = "reference,title,decision_maker,status\nFP/1,Salt,Cabinet,taken\n"
    head = MOVEMENT_COLUMNS.strip() + ",decision_reference\n"
    row = "ROADS,02,anticipated,5,Fewer repairs"
    with pytest.raises(Refused, match="decision_reference.*there is no decision of this reference"):
        bring(council, "reserve_movements", f"{head}{row},FP/1\n")
    bring(council, "decisions", decisions)
    bring(council, "reserve_movements", f"{head}{row},FP/1\n")
    client.force_login(person(Role.FINANCE_OFFICER))
    refused = send(client, form(decision_reference="FP/2"))
    assert refused.status_code == 409
    assert "There is no decision FP/2 in 2021/22." in refused.content.decode()
    assert send(client, form(decision_reference="FP/1")).status_code == 302
    transfer(council, "ROADS", "FIRE", "3", decision_reference="FP/1")
    typed = ReserveMovement.objects.filter(decision_reference="FP/1", source=None)
    assert sorted(typed.values_list("amount_pence", flat=True)) == [-10_50, -3_00]
    link = f'href="{reverse("decision", args=[YEAR, "FP/1"])}"'
    page = see(Role.FINANCE_LEAD, *ONE)
    assert page.count(link) == 3
    table = see(Role.FINANCE_LEAD, "decision", "FP/1").split("What names it as its authority")[1]
    for words in ("Fewer repairs", "More salt", "-£10.50", "Transfer from reserve", "-£3"):
        assert words in table, words
    assert table.count(f'href="{reverse("reserve", args=[YEAR, "ROADS"])}"') == 3
    publish(council, 2)
    member = see(Role.SCRUTINY_MEMBER, *ONE)
    assert "Allowed by decision FP/1" in member and link not in member
    table = see(Role.SCRUTINY_MEMBER, "decision", "FP/1").split("its authority")[1]
    assert "Transfer from reserve" in table and "Fewer repairs" in table
    with pytest.raises(Refused, match="“FP/9”: there is no decision of this reference"):
        files = {"periods/01/reserve_movements.csv": f"{head}{row.replace('02', '01')},FP/9\n"}
        load_council(tmp_path / "pack", year="2033/34", **files)


@pytest.mark.slow
def test_the_lead_approves_a_deficit_and_then_it_may_be_made(council, client, person):
    client.force_login(person(Role.FINANCE_LEAD))
    response = send(client, form(amount="46"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "Roads reserve would be overdrawn" in page
    assert 'value="46"' in page
    assert send(client, form(action="approve", amount="1", reason="Snow")).status_code == 302
    assert send(client, form(amount="46")).status_code == 302
    assert closing(council)["ROADS"] == -1
    assert "In deficit" in client.get(reverse("reserve", args=[YEAR, "ROADS"])).content.decode()


BAD = {
    "no way": ({"way": None}, "Say which way the money goes."),
    "no amount": ({"amount": ""}, "Give an amount."),
    "a sign": ({"amount": "-5"}, "Leave the sign out"),
    "text": ({"amount": "some"}, "1,234.50"),
    "no approval": ({"approved_by": " "}, "Say who approved it"),
    "no reason": ({"description": " "}, "Say what it is for"),
    "a published month": ({"period": "1"}, "published has to be reopened first"),
    "no month": ({"period": ""}, "Choose a month."),
    "another kind": ({"kind": "hoped"}, "Select a valid choice"),
    "to nowhere": ({"action": "transfer"}, "Choose the reserve to transfer to."),
    "to itself": ({"action": "transfer", "to": "ROADS"}, "Select a valid choice"),
    "a deficit without a reason": ({"action": "approve"}, "Say why the deficit is approved."),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_stored(council, client, person, case):
    fields, words = case
    client.force_login(person(Role.FINANCE_LEAD))
    before = stored()
    response = send(client, form(**fields))
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(words) == 2  # in the summary and at the field
    assert "<title>Error: " in page
    assert stored() == before


def test_only_months_that_are_still_to_be_reported_are_offered(council, client, person):
    client.force_login(person(Role.FINANCE_OFFICER))

    def offered() -> list[int]:
        page = client.get(reverse("reserve", args=[YEAR, "ROADS"])).context
        return [number for number, _ in page["move"].fields["period"].choices]

    assert offered() == list(range(2, 14))
    reopen_report(period=period_of(council, 1), reason="A mistake", by=None)
    assert offered() == list(range(1, 14))


def test_a_form_that_was_tampered_with_is_refused(council, client, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    before = stored()
    response = send(client, form(form="x"))
    assert response.status_code == 422
    assert "Open the page afresh" in response.content.decode()
    assert stored() == before


def test_an_act_that_there_is_not_is_bad(council, client, person):
    client.force_login(person(Role.FINANCE_LEAD))
    assert send(client, form(action="delete")).status_code == 400
    assert send(client, form(), code="NOPE").status_code == 404


# Capital receipts, contingency, debt


def test_the_difference_to_annex_a_is_said(council, see):
    page = see(Role.FINANCE_OFFICER, "capital-receipts", 2)
    assert "The projects are forecast to use £30 of capital receipts, as Annex A plans." in page
    assert "Fewer keepers" in page
    bring(council, "capital_receipts", "reference,forecast\nP1,25\nP2,0\n", 2)
    page = see(Role.FINANCE_OFFICER, "capital-receipts", 2)
    assert "forecast to use £25 of capital receipts, £5 less than Annex A plans." in page
    assert "<strong>-£5</strong>" in page


def test_a_month_without_forecasts_of_receipts_says_so(council, see):
    bring(council, "position", FILES["periods/02/position.csv"], 3)
    page = see(Role.FINANCE_OFFICER, "capital-receipts", 3)
    assert "No forecasts for these projects have been uploaded for month 3." in page


def test_somersets_contingency_is_told_and_its_virement_linked(somerset, client, person):
    for role, linked in ((Role.FINANCE_OFFICER, True), (Role.SCRUTINY_MEMBER, False)):
        client.force_login(person(role))
        page = client.get(reverse("contingency", args=[2019, 3])).content.decode()
        assert (
            "£6.061m of the contingency is unallocated, of £7.226m when the year began; £0.498m "
            "has been drawn by virement and £0.667m is set against overspends elsewhere." in page
        )
        assert (reverse("virement", args=[2019, "V-2019-001"]) in page) is linked


def test_somersets_difference_of_520_pounds_is_on_the_page(somerset, client, person):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = client.get(reverse("capital-receipts", args=[2019, 3])).content.decode()
    assert "forecast to use £2.533m of capital receipts, £520 more than Annex A plans." in page
    for words in ("£722,520", "<strong>£480</strong>", "<strong>£40</strong>"):
        assert words in page


@pytest.mark.slow
def test_last_years_share_stands_beside_this_years(db, tmp_path, see):
    now = load_council(tmp_path / "now")
    rows = DEBT + "ROAD,Skips,50,0,0,50,0\nPARK,Hire,100,0,0,0,0\n"
    files = dict.fromkeys(name for name in FILES if "01/position" not in name)
    files |= {"services.csv": FILES["services.csv"], "periods/01/aged_debt.csv": rows}
    last = load_council(tmp_path / "last", year="2020/21", **files)
    bring(now, "aged_debt", DEBT + "ROAD,Skips,60,0,0,20,20\nROAD,Permits,10,0,0,0,0\n", 2)
    page = see(Role.FINANCE_OFFICER, "debt", 2)
    assert (
        "£110 is owed to the council, of which £40 (36%) is more than 90 days overdue; it was 25% "
        "in month 1 of 2020/21." in page
    )
    table = page[page.index("More than 90 days overdue, most first") :]
    rows = table.split("<tr")[2:5]
    for row, words in zip(
        rows,
        (
            ("Skips", ">40<", ">40%<", ">50%<"),
            ("Permits", ">0<", ">0%<", ">–<"),
            ("Total", ">36%<", ">25%<"),
        ),
        strict=True,
    ):
        assert all(word in row for word in words), (row, words)
    assert last.start == 2020


def test_without_last_year_the_page_says_so(council, see):
    bring(council, "aged_debt", csv_of(("service_code", "not_overdue"), [("ROAD", "5")]), 2)
    page = see(Role.FINANCE_OFFICER, "debt", 2)
    assert "£5 is owed to the council." in page
    assert "there is no comparison for these shares" in page
    assert "No report for month 2 yet" in see(Role.SCRUTINY_MEMBER, "debt", 2)


@pytest.mark.slow
def test_the_overview_asks_few_questions(council, client, person, django_assert_max_num_queries):
    client.force_login(person(Role.FINANCE_OFFICER))
    client.get(reverse("reserves", args=[YEAR, 2]))
    with django_assert_max_num_queries(30) as few:
        client.get(reverse("reserves", args=[YEAR, 2]))
    for number in range(3):
        move(council, "GF", "1", description=f"Part {number}")
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("reserves", args=[YEAR, 2]))
