"""Pages of savings: who reads and who keeps what, bad entries, clashes, and what is shown."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.models import Service, TreeRight
from monitoring.publishing.services.reports import reopen_report
from savings.models import Replacement, Saving, SavingPosition
from tests.councils.packs import bring, period_of, publish
from tests.councils.savings import DECLARED, reported, savings_in, small_council

OFFICERS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
YEAR = 2021


@pytest.fixture
def council(db, tmp_path):
    """Statuses by rules; month 1 published, month 2 a draft in which S-1 falls short."""
    month_2 = {"periods/02/savings.csv": reported("S-1 . 700 100\nS-3 . 400")}
    return small_council(tmp_path, month_1="S-1 . 900 100\nS-3 . 400", more=month_2)


@pytest.fixture
def log_in(client, person):
    """Log a person of a role in; `codes` are the services that they look after."""

    def enter(role, *codes):
        user = person(role, username=f"{role}{'-'.join(codes)}")
        for code in codes:
            TreeRight.objects.create(user=user, service_code=code)
        client.force_login(user)
        return user

    return enter


def text_of(response) -> str:
    """What a reader reads: tags and doubled spaces left out."""
    body = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def get(client, name, *args, **query):
    return client.get(reverse(name, args=[YEAR, *args]), query)


def everything() -> list:
    return [list(m.objects.order_by("pk").values()) for m in (Saving, SavingPosition, Replacement)]


# Reading


def test_the_overview_tells_money_statuses_risk_and_changes(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    page = text_of(get(client, "savings", 2))
    assert "Of £1k agreed, £1k is forecast" in page
    assert "1 saving falls short of what was agreed" in page
    assert "10 months of the year are left" in page
    assert "Amber → Red; forecast £900 → £700" in page
    assert "1 saving has no forecast and may be at risk as well" in page


def test_a_status_has_its_word_and_its_shape(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    body = get(client, "savings", 2).content.decode()
    assert 'status--red status--rag"><span class="status__shape" aria-hidden="true">▲' in body
    assert "Not reported" in body


def test_a_member_reads_what_is_published_and_nothing_of_a_draft(client, council, log_in):
    log_in(Role.SCRUTINY_MEMBER)
    for name in ("savings", "savings-lines"):
        assert get(client, name, 1).status_code == 200
        assert "No report for month 2 yet" in text_of(get(client, name, 2))
    page = text_of(get(client, "saving", "S-1"))
    assert "Month 1" in page
    for hidden in ("Month 2", "draft", "0.7", "700", "History of this saving", "Change"):
        assert hidden not in page


def test_a_member_finds_no_saving_that_no_report_holds(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    client.post(reverse("saving-new", args=[YEAR]), NEW)
    assert get(client, "saving", "S-9").status_code == 200
    log_in(Role.SCRUTINY_MEMBER)
    assert get(client, "saving", "S-9").status_code == 404
    assert get(client, "saving", "NOPE").status_code == 404


@pytest.mark.slow
def test_a_reopened_report_still_shows_a_member_its_published_savings(client, council, log_in):
    reopen_report(period=period_of(council, 1), reason="A late figure", by=None)
    bring(council, "savings", reported("S-1 . 1"), 1)
    log_in(Role.SCRUTINY_MEMBER)
    assert "Amber" in text_of(get(client, "savings-lines", 1))
    assert "Published" in text_of(get(client, "savings", 1))
    log_in(Role.FINANCE_OFFICER)
    assert "Draft" in text_of(get(client, "savings", 1))
    assert "Published" in text_of(get(client, "savings", 1, version=1))
    for version in ("x", "²", "١", "1234"):
        for name in ("savings", "savings-lines"):
            assert get(client, name, 1, version=version).status_code == 404


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_others_read_the_draft_of_their_own_part_alone(client, council, log_in, role):
    log_in(role, "TWO")
    page = text_of(get(client, "savings-lines", 2))
    assert "S-3" in page and "S-1" not in page
    overview = text_of(get(client, "savings", 2))
    assert "This is the draft for your services" in overview
    assert "S-1" not in overview and "One" not in overview.split("By service")[1]
    assert "Month 2" in text_of(get(client, "saving", "S-3"))
    assert "Month 2" not in text_of(get(client, "saving", "S-1"))
    assert "S-1" in text_of(get(client, "savings-lines", 1))


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_the_way_to_other_pages_of_a_part_of_a_draft_leads_to_pages(client, council, log_in, role):
    log_in(role, "TWO")
    for name, number in (("savings", 2), ("savings-lines", 2), ("savings", 5), ("savings", 1)):
        body = get(client, name, number).content.decode()
        ways = re.findall(r'href="([^"]+)"', body.split("period-nav")[1].split("</nav>")[0])
        assert (reverse("overview", args=[YEAR, number]) in ways) is (number == 1)
        assert reverse("savings", args=[YEAR, number]) in ways
        assert {way: client.get(way).status_code for way in ways} == dict.fromkeys(ways, 200)


def test_a_director_of_nothing_reads_published_reports_only(client, council, log_in):
    log_in(Role.DIRECTOR)
    assert "No report for month 2 yet" in text_of(get(client, "savings", 2))
    assert get(client, "savings", 1).status_code == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["S-1", "S-2", "S-3"]),
        ({"text": "lamp"}, ["S-1"]),
        ({"text": "s-3"}, ["S-3"]),
        ({"service": "ONE"}, ["S-1", "S-2"]),
        ({"decision": "Feb"}, ["S-1", "S-3"]),
        ({"status": "Red"}, ["S-1"]),
        ({"status": "Not reported"}, ["S-2"]),
        ({"service": "ONE", "decision": "Feb", "status": "Red", "text": "Lamps"}, ["S-1"]),
        ({"service": "TWO", "status": "Red"}, []),
    ],
)
def test_the_trackers_filter_stands_in_the_address(client, council, log_in, query, shown):
    log_in(Role.FINANCE_OFFICER)
    response = get(client, "savings-lines", 2, **query)
    assert [row.saving.reference for row in response.context["rows"]] == shown
    if not shown:
        assert "No savings found" in text_of(response)
    elif query:
        assert "Total of those shown" in text_of(response)


def test_a_period_without_figures_and_a_year_without_savings_say_so(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    assert "Month 5 has no figures yet" in text_of(get(client, "savings", 5))
    SavingPosition.objects.filter(period__year=council).delete()
    Saving.objects.filter(year=council).delete()
    assert "Upload the register of savings" in text_of(get(client, "savings", 2))
    assert "Your services have no savings yet" in text_of(get(client, "savings-entry", 2))
    log_in(Role.SCRUTINY_MEMBER)
    assert "No report for month 5 yet" in text_of(get(client, "savings", 5))


def test_a_saving_shows_each_report_and_its_audit_trail(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    page = text_of(get(client, "saving", "S-1"))
    assert page.index("Month 1 published") < page.index("Month 2 draft")
    assert "History of this saving" in page
    assert "Forecast saving: none to £700" in page.replace("→ ", "")


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [("savings", (2,), 24), ("savings-lines", (2,), 24), ("saving", ("S-1",), 30)],
)
def test_pages_ask_no_more_for_more_savings(
    client, council, log_in, django_assert_max_num_queries, name, args, most
):
    rows = "".join(f"M-{n},Many,ONE,5\n" for n in range(60))
    bring(council, "savings", f"reference,title,service_code,agreed_saving\n{rows}")
    log_in(Role.FINANCE_OFFICER)
    with django_assert_max_num_queries(most):
        assert get(client, name, *args).status_code == 200


# Entering


def sheet(client, number=2, **changes) -> dict[str, str]:
    """The form as a browser would send it, with changes such as `forecast="5"` to S-1."""
    response = get(client, "savings-entry", number)
    data = {}
    for row in response.context["sheet"].rows:
        data |= {f"{cell}-{row.pk}": text for cell, text in row.texts.items()}
        data |= {f"seen-{row.pk}": row.seen, f"shown-{row.pk}": row.shown}
    pk = Saving.objects.get(year__start=YEAR, reference="S-1").pk
    return data | {f"{cell}-{pk}": text for cell, text in changes.items()}


def send(client, data, number=2):
    return client.post(reverse("savings-entry", args=[YEAR, number]), data)


@pytest.mark.parametrize("role", Role.values)
def test_only_officers_enter_and_keep_savings(client, council, log_in, role):
    log_in(role, *(["TOP"] if role in (Role.DIRECTOR, Role.BUDGET_MANAGER) else []))
    before = everything()
    allowed = 200 if role in OFFICERS else 403
    for name, args in (
        ("savings-entry", (2,)),
        ("saving-new", ()),
        ("saving-change", ("S-1",)),
        ("saving-replace", (2, "S-1")),
    ):
        assert get(client, name, *args).status_code == allowed, name
        if role not in OFFICERS:
            posted = client.post(reverse(name, args=[YEAR, *args]), NEW | AGREED_TO)
            assert posted.status_code == 403, name
    assert everything() == before


def test_an_entry_is_saved_once_and_sent_twice_changes_nothing(client, council, log_in):
    user = log_in(Role.FINANCE_OFFICER)
    data = sheet(client, forecast="£0.95k", delivered="-", q1="100", direction="down")
    response = send(client, data)
    assert (response.status_code, response.url) == (302, reverse("savings-entry", args=[YEAR, 2]))
    row = savings_in(council, 2)["S-1"]
    assert (row["forecast"], row["delivered"], row["phasing"][0]) == (95_000, 0, 10_000)
    assert (row["direction"], row["status"]) == ("down", "Green")
    assert SavingPosition.objects.get(period__number=2, saving__reference="S-1").written_by == user
    before = everything()
    assert send(client, data).status_code == 302
    assert everything() == before


def test_what_a_person_did_not_touch_is_none_of_their_saves_business(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    stale = sheet(client, commentary="Mine")
    bring(council, "savings", "reference,forecast_saving\nS-1,700\nS-3,350\n", 2)
    assert send(client, stale).status_code == 302
    assert savings_in(council, 2)["S-3"]["forecast"] == 35_000
    assert savings_in(council, 2)["S-1"]["commentary"] == "Mine"


def test_a_text_of_several_lines_left_alone_is_not_taken_for_a_change(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    send(client, sheet(client, commentary="One\r\nTwo"))
    before = everything()
    data = {name: text.replace("\n", "\r\n") for name, text in sheet(client).items()}
    send(client, data)
    assert everything() == before


BAD = {
    "words": (422, {"forecast": "lots"}, "“lots” cannot be read"),
    "too many decimals": (422, {"q3": "1.234"}, "“1.234” cannot be read"),
    "no reason": (409, {"status": "Green"}, "Say why the status is Green."),
    "a reason alone": (409, {"reason": "Signed"}, "no status to put in place"),
    "no forecast": (
        409,
        {"forecast": "", "status": "Green", "reason": "x"},
        "Give a forecast before",
    ),
    "no such status": (422, {"status": "Mauve", "reason": "x"}, "“Mauve” is no status"),
    "no such direction": (422, {"direction": "sideways"}, "Choose a direction of travel"),
    "a long text": (422, {"commentary": "x" * 10_001}, "more than 10,000 characters"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_entry_is_told_at_its_saving_and_nothing_is_stored(client, council, log_in, case):
    status, changes, words = case
    log_in(Role.FINANCE_OFFICER)
    data = sheet(client, **changes)
    other = Saving.objects.get(year=council, reference="S-3").pk
    before = everything()
    response = send(client, data | {f"forecast-{other}": "399"})
    assert response.status_code == status
    summary = text_of(response).split("Update savings")[0]
    assert "S-1: " in summary and words in summary
    assert 'aria-invalid="true"' in response.content.decode()
    assert 'value="399"' in response.content.decode()
    assert everything() == before


@pytest.mark.parametrize("other", ["0{}", "00{}", " {}", "٠{}", "+{}"])
def test_a_saving_is_sent_by_its_own_number_alone(client, council, log_in, other):
    log_in(Role.FINANCE_OFFICER)
    data = sheet(client, forecast="650")
    number = next(name for name in data if name.startswith("forecast-")).partition("-")[2]
    same = other.format(number)
    again = {f"{name.partition('-')[0]}-{same}": text for name, text in data.items()}
    again |= {f"seen-{same}": "", f"shown-{same}": "", f"forecast-{same}": "1"}
    before = everything()
    assert send(client, again).status_code == 302
    assert everything() == before
    assert send(client, data | again).status_code == 302
    assert savings_in(council, 2)["S-1"]["forecast"] == 65_000


def test_a_clash_shows_theirs_and_saving_again_decides(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    stale = sheet(client, forecast="650")
    log_in(Role.FINANCE_LEAD)
    send(client, sheet(client, forecast="600"))
    response = send(client, stale)
    assert response.status_code == 409
    assert "finance_lead saved meanwhile: forecast 600" in text_of(response)
    assert savings_in(council, 2)["S-1"]["forecast"] == 60_000
    row = next(r for r in response.context["sheet"].rows if r.row.saving.reference == "S-1")
    again = stale | {f"seen-{row.pk}": row.seen, f"shown-{row.pk}": row.shown}
    assert send(client, again).status_code == 302
    assert savings_in(council, 2)["S-1"]["forecast"] == 65_000


def test_an_override_stands_beside_the_derived_status_on_every_page(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    send(client, sheet(client, status="Amber", reason="The contract is signed"))
    for name, args in (("savings", (2,)), ("savings-lines", (2,)), ("saving", ("S-1",))):
        assert "Amber in place of Red" in text_of(get(client, name, *args)), name
    assert "The contract is signed" in text_of(get(client, "saving", "S-1"))


def test_an_officer_of_a_part_enters_its_savings_and_no_others(client, council, log_in):
    log_in(Role.FINANCE_OFFICER, "TWO")
    response = get(client, "savings-entry", 2)
    assert [row.row.saving.reference for row in response.context["sheet"].rows] == ["S-3"]
    pk = Saving.objects.get(year=council, reference="S-1").pk
    before = everything()
    data = {f"seen-{pk}": "", f"shown-{pk}": "", f"forecast-{pk}": "5"}
    assert send(client, data).status_code == 409
    for name, args in (("saving-change", ("S-1",)), ("saving-replace", (2, "S-1"))):
        assert get(client, name, *args).status_code == 403
        assert client.post(reverse(name, args=[YEAR, *args]), NEW | AGREED_TO).status_code == 403
    outside = client.post(reverse("saving-new", args=[YEAR]), NEW | {"service": "ONE"})
    assert outside.status_code == 422
    assert everything() == before


@pytest.mark.slow
def test_a_declared_status_is_chosen_and_no_reason_is_asked(client, db, tmp_path, log_in):
    year = small_council(tmp_path, DECLARED)
    log_in(Role.FINANCE_OFFICER)
    assert "reason-" not in get(client, "savings-entry", 2).content.decode()
    assert send(client, sheet(client, status="Blue")).status_code == 302
    assert savings_in(year, 2)["S-1"]["status"] == "Blue"


def test_an_earlier_months_figures_are_carried_on(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    address = reverse("savings-entry", args=[YEAR, 3])
    assert "2 savings with figures from an earlier month" in text_of(client.get(address))
    page = client.post(address, {"action": "carry"}, follow=True)
    assert "2 savings are carried on from an earlier month." in text_of(page)
    again = client.post(address, {"action": "carry"}, follow=True)
    assert "none was carried on" in text_of(again)


def test_a_published_month_is_not_entered(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    data = sheet(client, forecast="5")
    publish(council, 2)
    before = everything()
    response = send(client, data)
    assert response.status_code == 409
    assert "Reopen it first" in text_of(response)
    assert get(client, "savings-entry", 2).status_code == 302
    assert everything() == before


# Keeping the register

NEW = {
    "reference": "S-9",
    "title": "Fewer buildings",
    "service": "TWO",
    "agreed": "£12.5k",
    "investment": "",
    "decision": "Feb",
    "category": "Efficiency",
    "committee": "",
    "owner": "Head of property",
}
AGREED_TO = {"agreed_by": "Cabinet", "agreed_on": "2021-06-14", "reason": "The landlord refused"}


def test_a_saving_is_added_once(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    address = reverse("saving-new", args=[YEAR])
    response = client.post(address, NEW)
    assert (response.status_code, response.url) == (302, reverse("saving", args=[YEAR, "S-9"]))
    saving = Saving.objects.get(year=council, reference="S-9")
    assert (saving.agreed_saving_pence, saving.investment_pence) == (1_250_000, None)
    assert (saving.owner, saving.category, saving.service.code) == (
        "Head of property",
        "Efficiency",
        "TWO",
    )
    again = client.post(address, NEW)
    assert again.status_code == 409
    assert "There is a saving S-9 in 2021/22 already" in text_of(again)
    assert Saving.objects.filter(year=council, reference="S-9").count() == 1


WRONG = {
    "no reference": ({"reference": ""}, "Give the saving a reference."),
    "a long reference": ({"reference": "S" * 65}, "at most 64 characters"),
    "no title": ({"title": " "}, "Say in words what is to be saved."),
    "no service": ({"service": ""}, "Choose the service that makes the saving."),
    "a closed service": ({"service": "OLD"}, "Choose one of the services in the list."),
    "no amount": ({"agreed": ""}, "Say how much was agreed."),
    "nil": ({"agreed": "0"}, "The agreed saving is positive."),
    "a negative amount": ({"agreed": "(5)"}, "The agreed saving is positive."),
    "words": ({"agreed": "lots"}, "“lots” cannot be read: a figure such as 1,234.50 was expected."),
    "a negative investment": ({"investment": "-1"}, "An investment is nil or positive."),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_bad_new_saving_is_told_at_its_field(client, council, log_in, case):
    changes, words = case
    log_in(Role.FINANCE_OFFICER)
    before = everything()
    response = client.post(reverse("saving-new", args=[YEAR]), NEW | changes)
    assert response.status_code == 422
    assert text_of(response).count(words) == 2  # in the summary and at the field
    assert everything() == before


def change_data(client, reference="S-1", **changes) -> dict[str, str]:
    form = get(client, "saving-change", reference).context["form"]
    return {name: form[name].value() for name in form.fields} | changes


def test_a_change_is_saved_and_a_colleagues_is_not_written_over(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    stale = change_data(client, title="Stale")
    address = reverse("saving-change", args=[YEAR, "S-1"])
    assert client.post(address, change_data(client, service="TWO")).status_code == 302
    assert Saving.objects.get(year=council, reference="S-1").service.code == "TWO"
    response = client.post(address, stale)
    assert response.status_code == 409
    assert "somebody changed this saving" in text_of(response)
    assert "The saving as it is now" in text_of(response)
    assert Saving.objects.get(year=council, reference="S-1").title == "Lamps"
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    assert data["title"] == "Stale"
    assert client.post(address, data).status_code == 302
    assert Saving.objects.get(year=council, reference="S-1").title == "Stale"


@pytest.mark.slow
def test_a_saving_is_replaced_through_change_control_once(client, council, log_in):
    log_in(Role.FINANCE_LEAD)
    address = reverse("saving-replace", args=[YEAR, 2, "S-3"])
    for missing in AGREED_TO:
        response = client.post(address, NEW | AGREED_TO | {missing: ""})
        assert response.status_code == 422, missing
    assert not Replacement.objects.exists()
    assert client.post(address, NEW | AGREED_TO).status_code == 302
    assert client.post(address, NEW | AGREED_TO).status_code == 409
    assert Replacement.objects.count() == 1
    old, new = (text_of(get(client, "saving", ref)) for ref in ("S-3", "S-9"))
    assert "From month 2 on S-9 replaces it" in old
    assert "From month 2 on it replaces S-3" in new
    assert "Agreed by Cabinet on 14 June 2021" in old and "Agreed by Cabinet" in new
    assert "/replace-saving/" not in get(client, "saving", "S-3").content.decode()
    overview = text_of(get(client, "savings", 2))
    assert "New: it replaces S-3" in overview and "Replaced by S-9; £400 was agreed" in overview


@pytest.mark.slow
def test_a_member_learns_of_a_replacement_only_once_it_is_published(client, council, log_in):
    log_in(Role.FINANCE_LEAD)
    client.post(reverse("saving-replace", args=[YEAR, 2, "S-3"]), NEW | AGREED_TO, follow=True)
    log_in(Role.SCRUTINY_MEMBER)
    assert "S-9" not in text_of(get(client, "saving", "S-3"))
    assert get(client, "saving", "S-9").status_code == 404
    publish(council, 2)
    assert get(client, "saving", "S-9").status_code == 200
    assert "New: it replaces S-3" in text_of(get(client, "savings", 2))


def test_nothing_is_replaced_in_a_published_month(client, council, log_in):
    log_in(Role.FINANCE_LEAD)
    before = everything()
    response = client.post(reverse("saving-replace", args=[YEAR, 1, "S-3"]), NEW | AGREED_TO)
    assert response.status_code == 409
    assert "Reopen it first" in text_of(response)
    assert everything() == before


@pytest.mark.parametrize("name", ["saving-change", "saving-replace"])
def test_a_saving_that_is_not_there_is_not_found(client, council, log_in, name):
    log_in(Role.FINANCE_LEAD)
    args = ("NOPE",) if name == "saving-change" else (2, "NOPE")
    assert get(client, name, *args).status_code == 404


@pytest.mark.slow
def test_words_that_people_type_cannot_run(client, council, log_in):
    log_in(Role.FINANCE_OFFICER)
    evil = "<script>alert(1)</script>"
    client.post(reverse("saving-change", args=[YEAR, "S-1"]), change_data(client, title=evil))
    send(client, sheet(client, commentary=evil))
    for name, args in (("savings", (2,)), ("savings-lines", (2,)), ("saving", ("S-1",))):
        assert evil not in get(client, name, *args).content.decode()
    assert evil not in get(client, "savings-entry", 2).content.decode()
    assert Service.objects.filter(year=council).exists()
