"""The notional offset of the contingency: where it is from, entering it, and what is refused."""

import html
import re
import tomllib

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.contingency.models import ContingencyOffset
from monitoring.contingency.selectors import offset_of
from monitoring.contingency.services import enter_offset, take_offset_back
from monitoring.models import FinancialYear
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.report_data import published_data
from monitoring.reports.selectors.statements import statement
from monitoring.restructuring.services.years import set_up_year
from tests.councils.loaded import load_pack
from tests.councils.month import only_open_year, tie
from tests.councils.packs import bring, facts_of, period_of, position, publish, write_pack

pytestmark = pytest.mark.slow

SERVICES = "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\nROADS,Roads,TOP,1,\n"
LINES = '[display]\nunit = "pounds"\n[contingency]\nlines = ["CONT/NET"]\n'
VIREMENTS = (
    "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind,"
    "approved_by,approved_on,reason\nV1,02,CONT,NET,R1,NET,40,funding,Cabinet,2021-05-20,Works\n"
)
MONTHS = {1: "CONT 90 90 80", 2: "CONT 90 50 45", 3: "CONT 90 50 47"}
"""£90, of which £40 goes to roads in month 2; forecasts are £10, £5 and £3 favourable."""


@pytest.fixture
def year(db, tmp_path) -> FinancialYear:
    files = {"services.csv": SERVICES, "virements.csv": VIREMENTS}
    for number, line in MONTHS.items():
        files[f"periods/0{number}/position.csv"] = position(f"ROADS R1 100 100 100\nROADS {line}")
    pack = write_pack(tmp_path / "pack", files, settings=LINES)
    return only_open_year(load_pack(folder=pack, by=None).year)


def last_entry(year: FinancialYear, number: int) -> int:
    last = ContingencyOffset.objects.filter(period=period_of(year, number)).last()
    return last.pk if last else 0


def enter(year: FinancialYear, number: int, pounds: int | None, by=None, **more) -> None:
    """Enter whole pounds for a month; None takes its own offset back."""
    given = {"period": period_of(year, number), "reason": "Overspends", "by": by} | more
    given.setdefault("seen", last_entry(year, number))
    if pounds is None:
        take_offset_back(**given)
    else:
        enter_offset(**given, amount_pence=pounds * 100)


def set_in_settings(year: FinancialYear, pounds: int | None) -> None:
    settings = tomllib.loads(LINES)
    if pounds is not None:
        settings["contingency"]["notional_offset"] = pounds
    set_up_year(start=year.start, council=year.council, settings=settings, by=None)


def amounts(year: FinancialYear, number: int) -> dict[str, int]:
    """The statement's amounts in pounds by the first word of their row's key."""
    rows = statement(facts_of(year, number), "contingency").rows
    return {row.key.split(":")[0]: row.cells["amount"].pence // 100 for row in rows}


CARRIED_1, CARRIED_2 = "carried from month 1", "carried from month 2"
OWN, SETTINGS = "entered for this month", "from the settings of 2021/22"
OF_LINES = "what the contingency’s own lines are forecast to underspend"


@pytest.mark.parametrize(
    ("in_settings", "entered", "expected"),
    [
        # in the settings; (month, pounds) in turn; offset and source of months 1, 2 and 3
        (None, [], [(10, OF_LINES), (5, OF_LINES), (3, OF_LINES)]),
        pytest.param(
            *(20, [], [(20, SETTINGS), (20, SETTINGS), (20, SETTINGS)]), marks=pytest.mark.slow
        ),
        pytest.param(
            *(0, [], [(0, SETTINGS), (0, SETTINGS), (0, SETTINGS)]), marks=pytest.mark.slow
        ),
        pytest.param(
            *(None, [(2, 30)], [(10, OF_LINES), (30, OWN), (30, CARRIED_2)]), marks=pytest.mark.slow
        ),
        (20, [(2, 30)], [(20, SETTINGS), (30, OWN), (30, CARRIED_2)]),
        (20, [(2, 0)], [(20, SETTINGS), (0, OWN), (0, CARRIED_2)]),
        pytest.param(
            *(20, [(1, 7), (3, 9)], [(7, OWN), (7, CARRIED_1), (9, OWN)]), marks=pytest.mark.slow
        ),
        pytest.param(
            *(20, [(3, 9), (1, 7)], [(7, OWN), (7, CARRIED_1), (9, OWN)]), marks=pytest.mark.slow
        ),
        pytest.param(
            *(None, [(2, 30), (2, 31)], [(10, OF_LINES), (31, OWN), (31, CARRIED_2)]),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *(None, [(2, 30), (2, None)], [(10, OF_LINES), (5, OF_LINES), (3, OF_LINES)]),
            marks=pytest.mark.slow,
        ),
        (20, [(2, 30), (2, None)], [(20, SETTINGS), (20, SETTINGS), (20, SETTINGS)]),
        (20, [(1, 7), (2, 30), (2, None)], [(7, OWN), (7, CARRIED_1), (7, CARRIED_1)]),
        (20, [(2, 30), (2, None), (2, 8)], [(20, SETTINGS), (8, OWN), (8, CARRIED_2)]),
    ],
)
def test_the_offset_is_the_months_own_or_carried_or_the_settings_or_the_lines(
    year, in_settings, entered, expected
):
    set_in_settings(year, in_settings)
    for number, pounds in entered:
        enter(year, number, pounds)
    found = [offset_of(facts_of(year, number)) for number in MONTHS]
    assert [(each.pence, each.words) for each in found] == [
        (pounds * 100, words) for pounds, words in expected
    ]
    for number, (pounds, _) in zip(MONTHS, expected, strict=True):
        printed = amounts(year, number)
        assert printed["offset"] == -pounds
        assert printed["unallocated"] == (90 if number == 1 else 50) - pounds


@pytest.mark.slow
def test_an_offset_is_carried_within_its_year_alone(year):
    enter(year, 3, 30)
    following = set_up_year(start=2022, council="Next", settings=year.settings, by=None)
    bring(following, "services", SERVICES)
    bring(following, "position", position("ROADS R1 1 1 1\nROADS CONT 90 90 80"), 1)
    assert offset_of(facts_of(following, 1)).words == OF_LINES


@pytest.mark.slow
def test_publishing_freezes_it_and_a_reopened_month_takes_another(year):
    enter(year, 1, 7)
    report = publish(year, 1)
    with pytest.raises(Refused, match="Month 1 of 2021/22 is published and its figures are frozen"):
        enter(year, 1, 8)
    with pytest.raises(Refused, match="Month 1 of 2021/22 is published"):
        enter(year, 1, None)
    reopen_report(period=period_of(year, 1), reason="Late", by=None)
    enter(year, 1, 8)
    assert amounts(year, 1)["offset"] == -8
    assert offset_of(published_data(report)).pence == 700, "the published report keeps its own"
    assert offset_of(facts_of(year, 2)).pence == 800
    second = publish(year, 1)
    assert [offset_of(published_data(each)).pence for each in (report, second)] == [700, 800]


def test_a_report_published_before_offsets_were_entered_reads_its_settings(year):
    set_in_settings(year, 20)
    report = publish(year, 1)
    frozen = {name: part for name, part in report.frozen.items() if name != "monthly_offset"}
    type(report).objects.filter(pk=report.pk).update(frozen=frozen)
    report.refresh_from_db()
    assert offset_of(published_data(report)).words == SETTINGS


def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_stored(year, person):
    enter(year, 2, 50)
    entries, trail = ContingencyOffset.objects.count(), AuditEntry.objects.count()
    revision = FinancialYear.objects.get(pk=year.pk).revision
    for number, pounds, more, sentence in (
        (2, -5, {}, "Leave the minus sign out: the notional offset is the amount"),
        (2, 51, {}, "£51 is more than the contingency holds: £50 after transfers"),
        (1, 91, {}, "£91 is more than the contingency holds: £90 after transfers"),
        (2, 40, {"reason": "  "}, "Say why"),
        (2, 40, {"seen": 0}, "Somebody has changed the notional offset since you opened"),
        (2, None, {"seen": 0}, "Somebody has changed the notional offset since you opened"),
        (3, None, {}, "No notional offset has been entered for Month 3 of 2021/22"),
        (4, 5, {}, "There are no figures for Month 4 of 2021/22 yet"),
    ):
        with pytest.raises(Refused, match=re.escape(sentence)):
            enter(year, number, pounds, **more)
    assert (ContingencyOffset.objects.count(), AuditEntry.objects.count()) == (entries, trail)
    assert FinancialYear.objects.get(pk=year.pk).revision == revision
    set_up_year(start=2021, council=year.council, settings={}, by=None)
    with pytest.raises(Refused, match="No budget line of Month 2 of 2021/22 is set as contingency"):
        enter(year, 2, 5)


def test_entries_are_only_added_and_kept_with_who_and_why(year, person):
    officer = person(Role.FINANCE_OFFICER)
    enter(year, 2, 30, by=officer)
    enter(year, 2, 30, by=officer)
    enter(year, 2, None, by=officer, reason="Wrong month")
    found = ContingencyOffset.objects.values_list("amount_pence", "reason", "by")
    assert list(found) == [(3000, "Overspends", officer.pk), (None, "Wrong month", officer.pk)]
    entries = AuditEntry.objects.filter(record="contingency 2021/22 period 2").order_by("pk")
    assert [(each.action, each.detail) for each in entries] == [
        (
            "entered a notional offset",
            {"reason": "Overspends", "amount_pence": {"from": None, "to": 3000}},
        ),
        (
            "took a notional offset back",
            {"reason": "Wrong month", "amount_pence": {"from": 3000, "to": None}},
        ),
    ]
    with pytest.raises(TypeError):
        ContingencyOffset.objects.all().delete()
    month = period_of(year, 2)
    with (
        pytest.raises(IntegrityError, match="contingency_offset_is_nil_or_more"),
        transaction.atomic(),
    ):
        ContingencyOffset.objects.create(period=month, amount_pence=-1, reason="x", by=None)


def test_figures_stay_current_and_a_reviewer_sees_that_something_changed(year):
    before = FinancialYear.objects.get(pk=year.pk).revision
    enter(year, 2, 30)
    now = FinancialYear.objects.get(pk=year.pk).revision
    assert now == before + 1
    assert {period_of(year, number).figures_revision for number in MONTHS} == {now}


def page_of(client, number: int) -> str:
    response = client.get(reverse("contingency", args=[2021, number]))
    main = response.content.decode().split('id="main-content"')[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_the_page_says_where_the_offset_is_from_and_takes_another(client, person, year):
    officer = person(Role.FINANCE_OFFICER)
    client.force_login(officer)
    assert f"The notional offset is £10: {OF_LINES}." in page_of(client, 1)
    address = reverse("contingency", args=[2021, 2])
    sent = {"amount": "£30", "reason": "Overspends", "seen": "0"}
    page = client.post(address, sent, follow=True).content.decode()
    assert "The notional offset of month 2 has been entered." in page
    page = page_of(client, 2)
    assert "The notional offset is £30: entered for this month." in page
    assert f"{officer.name} £30 Overspends" in page
    assert "The notional offset is £30: carried from month 2." in page_of(client, 3)
    seen = last_entry(year, 2)
    for form, status, sentence in (
        ({"amount": "", "reason": "x", "seen": seen}, 422, "Give an amount; 0 if nothing is set"),
        ({"amount": "lots", "reason": "x", "seen": seen}, 422, "“lots” cannot be read"),
        ({"amount": "-1", "reason": "x", "seen": seen}, 409, "Leave the minus sign out"),
        ({"amount": "60", "reason": "x", "seen": seen}, 409, "more than the contingency holds"),
        ({"amount": "20", "reason": "x", "seen": "0"}, 409, f"{officer.name} has changed"),
        ({"do": "take-back", "reason": "", "seen": seen}, 422, "Say why"),
    ):
        response = client.post(address, form)
        assert response.status_code == status, form
        assert sentence in html.unescape(response.content.decode()), form
    sent = {"do": "take-back", "reason": "Wrong", "seen": seen}
    page = client.post(address, sent, follow=True).content.decode()
    assert "The notional offset of month 2 has been taken back." in page
    assert f"The notional offset is £5: {OF_LINES}." in page_of(client, 2)
    assert f"{officer.name} Taken back Wrong" in page_of(client, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "codes", "may"),
    [
        (Role.FINANCE_OFFICER, (), True),
        (Role.FINANCE_LEAD, (), True),
        (Role.FINANCE_OFFICER, ("ROADS",), False),
        (Role.ADMINISTRATOR, (), False),
        (Role.DIRECTOR, ("TOP",), False),
        (Role.BUDGET_MANAGER, ("ROADS",), False),
        (Role.SCRUTINY_MEMBER, (), False),
    ],
)
def test_officers_and_leads_of_the_whole_council_enter_it(client, person, year, role, codes, may):
    client.force_login(tie(person(role), *codes))
    sent = {"amount": "30", "reason": "Overspends", "seen": "0"}
    response = client.post(reverse("contingency", args=[2021, 2]), sent)
    assert response.status_code == (302 if may else 403)
    assert ContingencyOffset.objects.exists() == may
    response = client.get(reverse("contingency", args=[2021, 2]))
    if response.status_code == 200:
        assert ("Enter the notional offset" in response.content.decode()) == may
    publish(year, 1)
    page = client.get(reverse("contingency", args=[2021, 1])).content.decode()
    assert "The notional offset is" in page and "Enter the notional offset" not in page
    if may:
        response = client.post(reverse("contingency", args=[2021, 1]), sent)
        assert response.status_code == 409
        assert "is published and its figures are frozen" in response.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("in_settings", "entered", "number", "words"),
    [
        (None, [], 2, "Contingency offset From its lines £5: what"),
        (20, [], 2, "Contingency offset From settings £20: from the settings of 2021/22."),
        (20, [(2, 30)], 2, "Contingency offset Entered £30: entered for this month."),
        (20, [(2, 0)], 3, "Contingency offset Carried forward £0: carried from month 2."),
        (20, [], 4, "Contingency offset Awaiting figures"),
    ],
)
def test_the_month_has_a_step_for_those_who_see_drafts(
    client, person, year, in_settings, entered, number, words
):
    set_in_settings(year, in_settings)
    for month, pounds in entered:
        enter(year, month, pounds)
    address = reverse("month", args=[2021, number])

    def text() -> str:
        page = client.get(address).content.decode()
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())

    client.force_login(person(Role.FINANCE_OFFICER))
    assert words in text()
    client.force_login(tie(person(Role.DIRECTOR), "TOP"))
    assert "Contingency offset" not in text()


def test_a_council_without_a_contingency_has_no_step(client, person, year):
    set_up_year(start=2021, council=year.council, settings={}, by=None)
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(reverse("month", args=[2021, 2])).content.decode()
    assert "Contingency offset" not in page
