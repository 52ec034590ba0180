"""Rows of the plan entered in the browser, under the checks of their files."""

import datetime
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import Upload
from monitoring.structure.year_changes import basis_of
from monitoring.uploading.services.undo import undo_upload
from planning.entry.registers import REGISTERS
from planning.entry.rows import digest_of, read_cells, row_texts, stored_rows
from planning.plan.models import (
    CapitalScheme,
    CouncilTaxYear,
    FundingSource,
    PlanItem,
    ScenarioAmount,
)
from planning.plan.services import adopt_plan
from tests.councils.packs import bring
from tests.planning.plans import made_up_plan, plan_csv, texts

pytestmark = pytest.mark.slow

ROWS = """
A,Homes,growth,ONE,Demand,,recurring,,,,100,150,150
C,Fewer agencies,saving,ONE,Savings,Eff,recurring,,CAP1,,-30,-60,-60
E,Estates,saving,TWO,Savings,Inc,recurring,,,,-25,-25,-20
E.1,Rents,saving,TWO,Savings,Inc,recurring,E,,,-20,-20,-20
E.2,Unallocated,saving,TWO,Savings,Eff,recurring,E,,,-5,-5,0
"""
FILES = {
    "funding": "reference,source,recurrence,2030/31,2031/32,2032/33\n"
    "F1,Grant,recurrent,900,900,900\n",
    "council_tax": "financial_year,tax_base,band_d_general\n2030/31,100.5,1200\n",
    "capital_plan": "reference,scheme,2030/31,2031/32,2032/33\nCAP1,Depot,5,,\n",
}


@pytest.fixture
def year(db, tmp_path):
    return made_up_plan(tmp_path / "plan", ROWS, **FILES)


@pytest.fixture
def officer(client, person):
    user = person(Role.FINANCE_OFFICER)
    client.force_login(user)
    return user


def address(name: str, *key: str) -> str:
    query = "&".join(f"key={each}" for each in key)
    return f"{reverse('plan-entry-row', args=[2030, name])}?{query}"


def send(client, year, name: str, *key: str, action: str = "store", **fields: str):
    """Return the answer to a row as it is stored, with these cells typed instead."""
    rows = stored_rows(REGISTERS[name], year)
    row = rows.rows[rows.place_of(key)] if key else {}
    sent = row_texts(rows, row) | {"seen": rows.digest, "action": action} | fields
    typed, _ = read_cells(rows.columns, sent)
    return client.post(address(name, *key), {"previewed": digest_of([typed])} | sent)


def stored(year) -> list:
    tables = (PlanItem.objects.filter(version__year=year), FundingSource.objects)
    return [list(rows.order_by("pk").values()) for rows in (*tables, CouncilTaxYear.objects.all())]


def said(answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_an_item_is_added_changed_and_removed_once_its_effect_was_seen(client, year, officer):
    new = {"reference": "G", "title": "Pay", "type": "inflation", "2030/31": "12,500.50"}
    before = stored(year)
    shown = said(send(client, year, "plan", action="preview", **new))
    assert "Net budget now £1,045 £1,065 £1,070" in shown
    assert "Net budget with this change £13,545.50 £13,565.50 £13,570.50" in shown
    assert "Cumulative gap with this change £12,645.50" in shown
    answer = send(client, year, "plan", previewed="another", **new)
    assert answer.status_code == 200 and "What it would do" in said(answer)
    assert stored(year) == before, "nothing is stored before it was seen"
    assert send(client, year, "plan", **new).status_code == 302
    item = PlanItem.objects.get(reference="G")
    assert (item.amounts, item.order, item.recurrence) == ({"2030": 12_500_50}, 6, "recurring")
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.action, entry.record, entry.by) == ("added an item", "plan 2030/31", officer)
    assert entry.detail["cells"]["2030/31"] == {"from": "", "to": "12500.50"}
    assert send(client, year, "plan", "G", order="1", title="Pay award").status_code == 302
    listed = PlanItem.objects.values_list("reference", flat=True)
    assert list(listed) == ["G", "A", "C", "E", "E.1", "E.2"]
    entries = AuditEntry.objects.count()
    assert send(client, year, "plan", "G").status_code == 302
    assert AuditEntry.objects.count() == entries, "the same again changes nothing"
    shown = said(send(client, year, "plan", "G", action="remove"))
    assert "What removing it would do" in shown and "Net budget with this change £1,045" in shown
    assert send(client, year, "plan", "G", action="confirm-remove").status_code == 302
    assert not PlanItem.objects.filter(reference="G").exists()
    amounts = PlanItem.objects.get(reference="A").amounts
    assert amounts == {"2030": 100_00, "2031": 150_00, "2032": 150_00}


BAD = [
    ("plan", (), {"reference": "A"}, "reference stands twice"),
    ("plan", (), {"title": ""}, "Enter the title."),
    ("plan", (), {"type": "saving"}, "a saving needs its kind: Eff, SR, Eff/SR or Inc"),
    ("plan", (), {"type": "gift"}, "“gift”: one of transfer, inflation, growth"),
    ("plan", (), {"2030/31": "much"}, "“much”: "),
    ("plan", (), {"service_code": "NONE"}, "there is no service with this code"),
    ("plan", (), {"depends_on": "CAP9"}, "no capital scheme or decision of this reference"),
    ("plan", (), {"ends": "X"}, "“X”: there is no item of this reference in the file"),
    ("plan", ("E.1",), {"2031/32": "-19"}, "E, 2031/32: “-£25”: its parts add up to -£24"),
    ("plan", ("C",), {"2030/31": "1"}, "cumulative amount in 2030/31 is above nil"),
    ("funding", ("F1",), {"2030/31": "-1"}, "the amount is below nil"),
    ("funding", ("F1",), {"grant_reference": "G9"}, "there is no grant of this reference"),
    ("council_tax", (), {"financial_year": "2030-31"}, "this financial year stands twice"),
    ("council_tax", (), {"tax_base": "0"}, "the tax base must be above nil"),
]
NEW = {
    "plan": {"reference": "N", "title": "New", "type": "growth", "2030/31": "1"},
    "council_tax": {"financial_year": "2031/32", "tax_base": "1", "band_d_general": "1"},
}


def test_a_row_that_its_file_would_be_refused_for_is_refused(client, year, officer):
    before = stored(year)
    for name, key, fields, message in BAD:
        sent = fields if key else NEW[name] | fields
        answer = send(client, year, name, *key, **sent)
        assert answer.status_code == 422 and message in said(answer), (message, said(answer))
    answer = send(client, year, "plan", "E", action="confirm-remove")
    assert answer.status_code == 422
    assert "E.1, parent_reference: “E”: there is no item of this reference" in said(answer)
    assert stored(year) == before


def test_a_row_changed_by_another_meanwhile_is_shown_and_not_overwritten(client, year, officer):
    page = client.get(address("plan", "A"))
    seen = page.context["seen"]
    send(client, year, "plan", "A", title="Homes for children")
    typed = {"seen": seen, "title": "Care homes"}
    for action in ("preview", "store"):
        answer = send(client, year, "plan", "A", action=action, **typed)
        assert answer.status_code == 409 and "Somebody else has changed this" in said(answer)
        assert "Homes for children" in said(answer) and "Care homes" in answer.content.decode()
    again = answer.context["seen"]
    assert again != seen
    assert send(client, year, "plan", "A", seen=again, title="Care homes").status_code == 302
    assert PlanItem.objects.get(reference="A").title == "Care homes"


def test_other_registers_of_the_plan_are_entered_too(client, year, officer):
    source = {"reference": "F2", "source": "Business rates", "recurrence": "recurrent"}
    shown = said(send(client, year, "funding", action="preview", **source, **{"2030/31": "45"}))
    assert "Cumulative gap with this change £100 £165 £170" in shown
    assert send(client, year, "funding", **source, **{"2030/31": "45"}).status_code == 302
    assert texts(year, "mtfs-summary")["cumulative_gap"][0] == "100"
    assert send(client, year, "council_tax", "2030/31", tax_base="101.25").status_code == 302
    assert CouncilTaxYear.objects.get().tax_base == 1_012_500
    scenario = {"scenario": "Worse", "reference": "C", "2030/31": "-10"}
    assert send(client, year, "plan_scenarios", **scenario).status_code == 302
    assert ScenarioAmount.objects.get().amounts == {"2030": -10_00}
    more = {"scenario": "Worse", "reference": "C", "2031/32": "-9"}
    assert send(client, year, "plan_scenarios", "Worse", "C", **more).status_code == 302
    assert ScenarioAmount.objects.get().amounts == {"2030": -10_00, "2031": -9_00}
    assert send(client, year, "capital_plan", "CAP1", scheme="Depots").status_code == 302
    assert CapitalScheme.objects.get().scheme == "Depots"


def test_amounts_of_years_outside_the_plan_stay(client, year, officer):
    head, *rows = plan_csv(ROWS).splitlines()
    bring(year, "plan", "\n".join([f"{head},2029/30", *(f"{row},-7" for row in rows)]))
    send(client, year, "plan", "A", title="Care homes")
    item = PlanItem.objects.get(reference="A")
    assert (item.title, item.amounts["2029"]) == ("Care homes", -7_00)


def test_who_may_not_upload_the_plan_may_not_enter_it(client, year, person):
    before = stored(year)
    for role, status in (
        (Role.FINANCE_OFFICER, 200),
        (Role.ADMINISTRATOR, 403),
        (Role.DIRECTOR, 403),
        (Role.SCRUTINY_MEMBER, 403),
    ):
        client.force_login(person(role))
        assert client.get(address("plan", "A")).status_code == status, role
        if status == 403:
            assert client.post(address("plan", "A"), {"action": "store"}).status_code == 403
            listed = client.get(reverse("plan-entry", args=[2030, "plan"]))
            assert listed.status_code == (200 if role == Role.ADMINISTRATOR else 403)
            assert b"/row/" not in listed.content
    assert stored(year) == before
    assert client.get(reverse("plan-entry", args=[2030, "other"])).status_code == 404


def test_an_adopted_plan_is_frozen_and_a_file_before_an_entry_is_not_undone(client, year, officer):
    bring(year, "plan", plan_csv(ROWS.replace("Homes", "Care homes")))
    send(client, year, "plan", "A", title="Homes for children")
    upload = Upload.objects.filter(year=year, kind="plan").order_by("pk").last()
    with pytest.raises(Refused, match="something newer would be lost"):
        undo_upload(upload=upload, reason="Wrong", basis=basis_of(year.pk, None), by=officer)
    adopt_plan(name="Plan", on=datetime.date(2030, 2, 20), year=2030, by=None)
    before = stored(year)
    listed = client.get(reverse("plan-entry", args=[2030, "plan"]))
    assert "was adopted on 20 February 2030 and is frozen" in said(listed)
    assert b"/row/" not in listed.content
    answer = send(client, year, "plan", "A", title="Other")
    assert answer.status_code == 422 and "is frozen" in said(answer)
    year.refresh_from_db()
    year.settings["plan"]["version"] = "next draft"
    year.save()
    assert send(client, year, "plan", "A", title="Other").status_code == 302
    titles = PlanItem.objects.filter(reference="A").values_list("version__version", "title")
    assert set(titles) == {("", "Homes for children"), ("next draft", "Other")}
    assert PlanItem.objects.filter(version__version="next draft").count() == 5
    assert len(before[0]) == 5


def test_a_year_without_a_plan_says_what_is_needed_first(client, db, tmp_path, officer):
    year = made_up_plan(tmp_path / "plan", ROWS, **FILES)
    PlanItem.objects.all().delete()
    year.settings.pop("plan")
    year.save()
    shown = said(client.get(reverse("plan-entry", args=[2030, "plan"])))
    assert "No rows are stored yet." in shown and "[plan] amounts" in shown
    for name in REGISTERS:
        assert client.get(reverse("plan-entry", args=[2030, name]), follow=True).status_code == 200
        assert stored_rows(REGISTERS[name], year).digest
