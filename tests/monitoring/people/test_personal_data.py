"""What is held about a person, handed over; a person erased, and the figures still stand."""

import io
import json
import zipfile

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from council_finance import audit, trail
from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.trail import TrailPermit
from monitoring.models import BudgetLine, ReportStatement, TreeRight, Upload, Virement
from monitoring.people.selectors.personal_data import _project_models
from monitoring.people.services.erasure import erase_person, export_person
from monitoring.people.services.people import change_person

MAIL = "jo.bloggs@council.example"
NAMES = ("Jo Böggs", MAIL, "jo-b", "Jo Maiden", "192.0.2.77")


@pytest.fixture
def jo(person, somerset) -> User:
    """Somebody who has left traces of every kind, under a former name too."""
    made = person(
        Role.BUDGET_MANAGER, username="jo-b", first_name="Jo", last_name="Maiden", email=MAIL
    )
    part = BudgetLine.objects.filter(year=somerset).first().service.code
    change_person(
        person=made,
        name="Jo Böggs",
        email=MAIL,
        role=Role.BUDGET_MANAGER,
        parts=[part],
        active=True,
        by=None,
    )
    made.refresh_from_db()
    audit.record(by=made, action="logged in", on="person jo-b", address="192.0.2.77")
    audit.record(by=made, action="typed a forecast", on="forecasts x", to=5)
    audit.record(
        by=None,
        action="approved",
        on="virement 2019/20 V099",
        approver="Jo Böggs",
        because=f"Agreed with Jo Böggs ({MAIL}), not with Jo Böggson",
        people=[{"who": "jo-b"}],
    )
    AccessAttempt.objects.create(username="jo-b", failures_since_start=1)
    return made


@pytest.fixture
def virement(jo, person, somerset) -> Virement:
    """One that she entered, another approved; and one that bears her name as who approved it."""
    line = BudgetLine.objects.filter(year=somerset).first()
    made = Virement.objects.create(
        year=somerset,
        reference="V099",
        leg=1,
        period=4,
        to_line=line,
        amount_pence=12_345,
        forecast_amount_pence=0,
        kind="funding",
        reason="Asked for by Jo Böggs",
        approved_by="Jo Böggs",
        entered_by=jo,
    )
    return made


def everything_of_the_trail() -> str:
    rows = AuditEntry.objects.values_list("by_name", "record", "detail")
    return json.dumps(list(rows), ensure_ascii=False)


def test_an_erased_person_is_named_nowhere_in_account_and_trail(jo):
    erase_person(person=jo, by=None)
    jo.refresh_from_db()
    assert (jo.username, jo.name, jo.email) == (
        f"erased-{jo.pk}",
        f"Erased person {jo.pk}",
        "",
    )
    assert not jo.is_active and not jo.has_usable_password() and jo.last_login is None
    text = everything_of_the_trail()
    for name in NAMES:
        assert name not in text.replace("Jo Böggson", ""), name
    entry = AuditEntry.objects.get(record="virement 2019/20 V099")
    new = f"Erased person {jo.pk}"
    assert entry.detail == {
        "approver": new,
        "because": f"Agreed with {new} ({new}), not with Jo Böggson",
        "people": [{"who": new}],
    }
    assert AuditEntry.objects.get(action="typed a forecast").by_name == new
    assert not TreeRight.objects.filter(user=jo).exists()
    assert not AccessAttempt.objects.filter(username="jo-b").exists()
    assert not TrailPermit.objects.exists()


def test_figures_and_decisions_stay_and_so_does_who_may_not_decide(jo, virement):
    frozen = dict(ReportStatement.objects.values_list("pk", "text"))
    left = erase_person(person=jo, by=None)
    virement.refresh_from_db()
    assert (virement.amount_pence, virement.entered_by_id) == (12_345, jo.pk)
    assert virement.approved_by == f"Erased person {jo.pk}"
    assert left == {"virements": 1}  # the reason, which somebody wrote
    assert dict(ReportStatement.objects.values_list("pk", "text")) == frozen
    with pytest.raises(IntegrityError), transaction.atomic():
        Virement.objects.filter(pk=virement.pk).update(approver=jo)
    assert AuditEntry.objects.filter(by=jo, action="typed a forecast").count() == 1
    entry = AuditEntry.objects.get(action=trail.ERASED)
    assert (entry.record, entry.detail) == (
        f"person erased-{jo.pk}",
        {"still_named_in": {"virements": 1}},
    )


def test_nobody_else_loses_their_name(jo, person):
    """Another person of the same name, and words that only begin like it."""
    other = person(Role.DIRECTOR, username="jo-b2", first_name="Jo", last_name="Böggs")
    audit.record(by=other, action="did", on="x", text="Jo Böggs")
    erase_person(person=jo, by=None)
    entry = AuditEntry.objects.get(action="did")
    assert (entry.by_name, entry.detail) == ("Jo Böggs", {"text": "Jo Böggs"})
    assert AuditEntry.objects.get(action="typed a forecast").by_name == f"Erased person {jo.pk}"
    other.refresh_from_db()
    assert other.name == "Jo Böggs"


def test_she_is_logged_out_and_cannot_come_back(jo, client):
    client.force_login(jo)
    assert Session.objects.count() == 1
    erase_person(person=jo, by=None)
    assert Session.objects.count() == 0
    jo.refresh_from_db()
    with pytest.raises(Refused, match="is erased"):
        change_person(
            person=jo, name="Jo", email="", role=Role.DIRECTOR, parts=[], active=True, by=None
        )
    with pytest.raises(Refused, match="erased already"):
        erase_person(person=jo, by=None)


def test_the_last_administrator_and_oneself_are_never_erased(person):
    boss = person(Role.ADMINISTRATOR, username="boss")
    with pytest.raises(Refused, match="last administrator"):
        erase_person(person=boss, by=None)
    second = person(Role.ADMINISTRATOR, username="second")
    with pytest.raises(Refused, match="your own account"):
        erase_person(person=boss, by=boss)
    erase_person(person=boss, by=second)
    assert User.objects.filter(role=Role.ADMINISTRATOR).get() == second


def test_what_fails_half_way_erases_nothing(jo, monkeypatch):
    before = everything_of_the_trail()

    def fails(*_, **__):
        raise RuntimeError("cut off")

    monkeypatch.setattr("monitoring.people.services.erasure.mentions", fails)
    with pytest.raises(RuntimeError):
        erase_person(person=jo, by=None)
    jo.refresh_from_db()
    assert jo.username == "jo-b"
    assert everything_of_the_trail() == before


# ---------------------------------------------------------------------------------- handed over


def opened(content: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert zipped.testzip() is None
        return {name: json.loads(zipped.read(name)) for name in zipped.namelist()}


def test_everything_held_is_handed_over_and_no_password(jo, virement):
    Upload.objects.filter(pk=Upload.objects.first().pk).update(uploaded_by=jo)
    held = opened(export_person(person=jo, by=None))
    account = held["account.json"]
    assert (account["user name"], account["name"], account["e-mail"]) == ("jo-b", "Jo Böggs", MAIL)
    assert account["has a password"] is True and len(account["wrong passwords kept"]) == 1
    assert {entry["action"] for entry in held["audit-trail.json"]} == {
        "changed a person",
        "logged in",
        "typed a forecast",
        "exported what is held about a person",
    }
    records = held["records.json"]
    assert [row["reference"] for row in records["virements"]] == ["V099"]
    assert len(records["uploads"]) == 1 and "content" not in records["uploads"][0]
    assert held["named-in.json"] == {"virements": 1}
    assert jo.password not in json.dumps(held)


def test_every_table_that_names_a_person_is_handed_over(jo, db):
    """A new table with a key to people is in the export without anybody thinking of it."""
    keyed = {
        relation.related_model
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and relation.related_model._meta.app_label
        in ("council_finance", "accounts", "monitoring", "savings", "reserves")
    }
    through = {field.remote_field.through for field in User._meta.many_to_many}
    assert len(keyed) > 6 and keyed - through <= set(_project_models())


# ------------------------------------------------------------------------------------- commands


def test_the_commands_export_and_erase(jo, virement, tmp_path, capsys):
    call_command("export_person", "jo-b", tmp_path / "jo.zip")
    assert (tmp_path / "jo.zip").stat().st_mode & 0o777 == 0o600
    assert opened((tmp_path / "jo.zip").read_bytes())["account.json"]["user name"] == "jo-b"
    call_command("erase_person", "jo-b")
    assert "add --yes" in capsys.readouterr().out
    jo.refresh_from_db()
    assert jo.username == "jo-b" and not TrailPermit.objects.exists()
    call_command("erase_person", "jo-b", "--yes")
    said = capsys.readouterr().out
    assert f"is now called erased-{jo.pk}" in said
    assert "The name stays in 1 of the virements" in said
    with pytest.raises(SystemExit):
        call_command("erase_person", "jo-b", "--yes")
    assert "nobody with the user name jo-b" in capsys.readouterr().err


# ----------------------------------------------------------------------------------------- page


@pytest.fixture
def boss(client, person) -> Client:
    client.force_login(person(Role.ADMINISTRATOR, username="boss"))
    return client


def test_the_administrator_downloads_and_erases_on_the_page(jo, boss):
    page = boss.get(reverse("person", args=[jo.pk])).content.decode()
    assert "Download this person’s data" in page and "Erase this person" in page
    assert page.count('method="post"') == page.count('name="csrfmiddlewaretoken"')
    response = boss.post(reverse("person-export", args=[jo.pk]))
    assert response["Content-Type"] == "application/zip"
    assert response["Cache-Control"] == "no-store"
    assert opened(response.content)["account.json"]["user name"] == "jo-b"
    wrong = boss.post(reverse("person-erase", args=[jo.pk]), {"username": "jo"})
    assert wrong.status_code == 422 and "Type the user name jo-b" in wrong.content.decode()
    done = boss.post(reverse("person-erase", args=[jo.pk]), {"username": "jo-b"}, follow=True)
    page = done.content.decode()
    assert "The person is erased" in page and "Save changes" not in page
    assert "Erase this person" not in page and "jo-b" not in page


def test_the_page_refuses_ones_own_account(boss):
    me = User.objects.get(username="boss")
    response = boss.post(reverse("person-erase", args=[me.pk]), {"username": "boss"})
    assert response.status_code == 409 and "your own account" in response.content.decode()


@pytest.mark.parametrize("address", ["person-export", "person-erase"])
@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_else_may(jo, client, person, address, role):
    client.force_login(person(role, username="other"))
    response = client.post(reverse(address, args=[jo.pk]), {"username": "jo-b"})
    assert response.status_code == 403
    jo.refresh_from_db()
    assert jo.username == "jo-b"


def test_asking_alone_changes_nothing(jo, boss):
    for address in ("person-export", "person-erase"):
        assert boss.get(reverse(address, args=[jo.pk])).status_code == 405
        assert boss.post(reverse(address, args=[0])).status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM council_finance_trailpermit")
        assert cursor.fetchone() == (0,)
