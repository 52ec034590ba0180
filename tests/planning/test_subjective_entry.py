"""Subjectives, accounts, estimates and quoted gaps entered in the browser."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from planning.entry.registers import REGISTERS
from planning.entry.rows import digest_of, read_cells, row_texts, stored_rows
from planning.models import AccountRule, Estimate, Meeting, QuotedGap, Subjective
from tests.councils.month import small_council
from tests.councils.packs import bring

pytestmark = pytest.mark.slow

SUBJECTIVES = (
    "code,name,group,kind,order,subtotal_after\nEMP,Employees,employees,expenditure,1,Gross\n"
    "EXT,Income,income,external_income,2,\nNET,Net,,net,9,\n"
)
ACCOUNTS = "account,name,subjective_code\nN*,Net,EMP\n"
ESTIMATES = (
    "financial_year,service_code,subjective_code,step,amount\n"
    "2020/21,HOME,NET,,800\n2021/22,HOME,EMP,,900\n2021/22,HOME,EXT,,-90\n2022/23,HOME,EMP,base,950\n"
)


@pytest.fixture
def year(db, tmp_path):
    year = small_council(tmp_path)
    for kind, text in (
        ("subjectives", SUBJECTIVES),
        ("accounts", ACCOUNTS),
        ("estimates", ESTIMATES),
    ):
        bring(year, kind, text)
    return year


@pytest.fixture
def officer(client, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    return client


def words_of(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(html.unescape(text).split())


def send(client, year, register: str, /, *key: str, action: str = "store", **fields: str):
    """Return the answer to a row as it is stored, with these cells typed instead."""
    rows = stored_rows(REGISTERS[register], year)
    row = rows.rows[rows.place_of(key)] if key else {}
    sent = row_texts(rows, row) | {"seen": rows.digest, "action": action} | fields
    typed, _ = read_cells(rows.columns, sent)
    address = reverse("plan-entry-row", args=[year.start, register])
    query = "&".join(f"key={each}" for each in key)
    return client.post(f"{address}?{query}", {"previewed": digest_of([typed])} | sent)


def test_subjectives_and_accounts_are_entered_and_one_in_use_is_kept(officer, year):
    new = {"code": "RUN", "name": "Running costs", "kind": "expenditure", "order": "2"}
    assert send(officer, year, "subjectives", **new).status_code == 302
    assert list(Subjective.objects.filter(year=year).values_list("code", "order")) == [
        ("EMP", 1),
        ("RUN", 2),
        ("EXT", 3),
        ("NET", 4),
    ]
    answer = send(officer, year, "subjectives", "EMP", action="confirm-remove")
    assert answer.status_code == 409
    assert (
        "The code EMP stays as it is: 1 account and 2 estimates of this year name it."
    ) in words_of(answer)
    assert send(officer, year, "subjectives", "EMP", code="PAY").status_code == 409
    assert not Subjective.objects.filter(code="PAY").exists()

    sent = {"account": "NET", "subjective_code": "RUN"}
    shown = words_of(send(officer, year, "accounts", action="preview", **sent))
    # The lines of month 2, all of the account NET.
    assert "Employees now £2,850 £3,080 Employees with this change £0" in shown
    assert "Running costs now £0 Running costs with this change £2,850 £3,080" in shown
    assert send(officer, year, "accounts", **sent).status_code == 302
    wrong = send(officer, year, "accounts", account="4*1", subjective_code="RUN")
    assert wrong.status_code == 422
    assert "a star stands at the end only, such as 41*" in words_of(wrong)
    assert send(officer, year, "accounts", "N*", action="confirm-remove").status_code == 302
    assert [str(each) for each in AccountRule.objects.filter(year=year)] == ["NET is RUN"]


def test_a_quoted_gap_is_entered_changed_and_removed(officer, year):
    gap = {"financial_year": "2023/24", "gap": "19.5m", "scope": "council"}
    assert send(officer, year, "plan_gap", **gap).status_code == 302
    assert QuotedGap.objects.get().gap_pence == 1_950_000_000
    wrong = send(officer, year, "plan_gap", **gap | {"scope": "NONE"})
    assert wrong.status_code == 422
    assert "“council” or the code of a service was expected" in words_of(wrong)
    assert send(officer, year, "plan_gap", **gap).status_code == 422
    key = ("2023/24", "council")
    assert send(officer, year, "plan_gap", *key, scope="CARE").status_code == 302
    assert QuotedGap.objects.get().scope == "CARE"
    key = ("2023/24", "CARE")
    assert send(officer, year, "plan_gap", *key, action="confirm-remove").status_code == 302
    assert not QuotedGap.objects.exists()


def test_a_meeting_is_entered_changed_and_removed(officer, year):
    meeting = {"meeting_on": "7 September 2021", "committee": "Cabinet"}
    shown = send(officer, year, "meetings", action="preview", **meeting)
    assert "No total depends on it." in words_of(shown)
    assert send(officer, year, "meetings", **meeting).status_code == 302
    key = ("2021-09-07", "Cabinet")
    entries = AuditEntry.objects.count()
    assert send(officer, year, "meetings", *key).status_code == 302
    assert AuditEntry.objects.count() == entries, "the same again changes nothing"
    more = {"meeting_on": "2021-09-08", "provisional": "yes"}
    assert send(officer, year, "meetings", *key, **more).status_code == 302
    found = Meeting.objects.get(year=year)
    assert (str(found.meeting_on), found.provisional) == ("2021-09-08", True)
    wrong = send(officer, year, "meetings", **meeting | {"meeting_on": "soon"})
    assert wrong.status_code == 422 and "“soon”: " in words_of(wrong)
    key = ("2021-09-08", "Cabinet")
    assert send(officer, year, "meetings", *key, action="confirm-remove").status_code == 302
    assert not Meeting.objects.filter(year=year).exists()


def sheet_of(client, year, *place):
    """The address of a sheet, and what a browser sends for it as it is stored."""
    address = reverse("plan-estimates", args=[year.start, *place])
    page = client.get(address)
    sheet = page.context["sheet"]
    cells = [cell for row in sheet.rows for cell in row.cells if hasattr(cell, "name")]
    return address, {cell.label: cell.name for cell in cells}, page.context["seen"]


def enter(client, address: str, sent: dict[str, str]):
    """Show the totals of what is typed, then store it."""
    shown = client.post(address, sent | {"action": "preview"})
    previewed = {"previewed": shown.context["previewed"]} if shown.status_code == 200 else {}
    return shown, client.post(address, sent | previewed | {"action": "store"})


def estimates(year) -> dict[tuple[int, str, str, str], int]:
    rows = Estimate.objects.filter(year=year).values_list(
        "financial_year", "service__code", "subjective__code", "step", "amount_pence"
    )
    return {tuple(key): amount for *key, amount in rows}


def test_estimates_are_entered_as_a_sheet_with_its_totals_before_they_are_stored(officer, year):
    address, cells, seen = sheet_of(officer, year, 2021)
    before = estimates(year)
    sent = {
        "seen": seen,
        cells["Employees of Home care"]: "1,000.50",
        cells["Income of Home care"]: "",
        cells["Employees of Roads"]: "20",
        cells["Net of Schools"]: "7",
    }
    shown = officer.post(address, sent | {"action": "store"})
    assert shown.status_code == 200 and estimates(year) == before, "not stored before it was seen"
    sheet = shown.context["sheet"]
    assert [each.text for each in sheet.totals] == [*("1,020.50", "1,020.50", "–", "7", "1,027.50")]
    assert [each.label for each in sheet.columns] == [
        "Employees",
        "Gross",
        "Income",
        "Net",
        "Total",
    ]
    words = words_of(shown)
    assert "Total now £800 £900 £900 -£90 £810 £950" in words
    assert "Total with this change £800 £1,020.50 £1,020.50 £0 £1,027.50 £950" in words
    sent["previewed"] = shown.context["previewed"]
    other = officer.post(address, sent | {"action": "store", cells["Net of Schools"]: "8"})
    assert other.status_code == 200 and estimates(year) == before, "changed after it was seen"
    assert officer.post(address, sent | {"action": "store"}).status_code == 302
    now = {key: amount for key, amount in estimates(year).items() if key[0] == 2021}
    assert now == {
        (2021, "HOME", "EMP", ""): 1_000_50,
        (2021, "ROADS", "EMP", ""): 20_00,
        (2021, "SCHOOL", "NET", ""): 7_00,
    }
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.action, entry.record) == ("changed estimates", "plan 2021/22")
    assert entry.detail["cells"]["HOME EXT"] == {"from": "-90.00", "to": ""}
    assert officer.post(address, sent | {"action": "preview"}).status_code == 409, "a stale page"


def test_a_year_or_a_step_that_lost_its_last_estimate_is_gone(officer, year):
    address, cells, seen = sheet_of(officer, year, 2020)
    _, stored = enter(officer, address, {"seen": seen, cells["Net of Home care"]: ""})
    assert stored.status_code == 302
    address, cells, seen = sheet_of(officer, year, 2022, "base")
    sent = {"seen": seen, cells["Employees of Home care"]: "", cells["Employees of Roads"]: ""}
    assert enter(officer, address, sent)[1].status_code == 302
    assert {key[0] for key in estimates(year)} == {2021}
    address, cells, seen = sheet_of(officer, year, 2022, "growth bids")
    sent = {"seen": seen, cells["Employees of Roads"]: "(5)"}
    assert enter(officer, address, sent)[1].status_code == 302
    assert estimates(year)[2022, "ROADS", "EMP", "growth bids"] == -5_00


def test_estimates_that_their_file_would_be_refused_for_are_refused(officer, year, person):
    address, cells, seen = sheet_of(officer, year, 2021)
    before = estimates(year)
    for name, text, message in (
        ("Employees of Roads", "much", "Employees of Roads: “much”: "),
        ("Net of Home care", "5", "the service has a net budget and an analysis for this year"),
    ):
        answer, _ = enter(officer, address, {"seen": seen, cells[name]: text})
        assert answer.status_code == 422 and message in words_of(answer), words_of(answer)
        assert f'id="fault-{cells[name]}"' in answer.content.decode()
    assert estimates(year) == before
    for role, read, written in (
        (Role.ADMINISTRATOR, 200, 403),
        (Role.DIRECTOR, 403, 403),
        (Role.SCRUTINY_MEMBER, 403, 403),
    ):
        officer.force_login(person(role))
        page = officer.get(address)
        assert page.status_code == read
        assert b"grid__input" not in page.content
        sent = {"seen": seen, cells["Employees of Roads"]: "1", "action": "store"}
        assert officer.post(address, sent).status_code == written, role
    assert estimates(year) == before
