"""What is not kept for good, where a setting says so: the trail by its age, files and people."""

import datetime
import hashlib
import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from council_finance import environment, trail
from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.trail import PermitKind, TrailPermit
from council_finance.upkeep import Task, Upkeep
from monitoring.models import Batch, BudgetLine, Upload
from monitoring.people.services.people import change_person
from monitoring.retention import services as retention
from monitoring.uploading.services.uploads import upload_file
from tests.monitoring.audit.test_audit_pages import TABLE, act, act_at


def ago(days: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def refused(sql: str, *values) -> None:
    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)


# ------------------------------------------------------------------------ what the database holds


@pytest.fixture
def old(db) -> AuditEntry:
    return act_at(ago(1000), action="did long ago", detail={"text": "as it was"})


def test_an_old_entry_goes_only_with_a_permit_for_its_age(old):
    recent = act(text="of today")
    delete = f"DELETE FROM {TABLE} WHERE id = %s"
    refused(delete, old.pk)
    permit = TrailPermit.objects.create(kind=PermitKind.RETENTION, before=ago(1001))
    refused(delete, old.pk)
    permit.delete()
    permit = TrailPermit.objects.create(kind=PermitKind.ERASURE)
    refused(delete, old.pk)
    permit.delete()
    TrailPermit.objects.create(kind=PermitKind.RETENTION, before=timezone.now())
    refused(delete, recent.pk)
    refused(f"UPDATE {TABLE} SET by_name = 'x' WHERE id = %s", old.pk)
    with connection.cursor() as cursor:
        cursor.execute(delete, [old.pk])
    assert not AuditEntry.objects.filter(pk=old.pk).exists()
    assert AuditEntry.objects.filter(pk=recent.pk).exists()


@pytest.mark.parametrize(("days", "kept"), [(364, True), (366, False)])
def test_less_than_a_year_is_kept_whatever_is_permitted(db, days, kept):
    entry = act_at(ago(days))
    TrailPermit.objects.create(kind=PermitKind.RETENTION, before=timezone.now())
    if kept:
        refused(f"DELETE FROM {TABLE} WHERE id = %s", entry.pk)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE id = %s", [entry.pk])
    assert not AuditEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize(
    "change",
    ["at = '2020-01-01 00:00:00+00:00'", "action = 'else'", "id = id + 1000000", "by_id = %s"],
)
def test_even_for_an_erasure_what_was_done_when_and_by_whom_stays(old, person, change):
    someone = person(Role.DIRECTOR)
    TrailPermit.objects.create(kind=PermitKind.ERASURE)
    values = [someone.pk] if "%s" in change else []
    refused(f"UPDATE {TABLE} SET {change} WHERE id = {old.pk}", *values)
    refused(f"DELETE FROM {TABLE} WHERE id = {old.pk}")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET by_name = 'other' WHERE id = {old.pk}")
    assert AuditEntry.objects.get(pk=old.pk).by_name == "other"


def test_the_trail_is_never_emptied_at_one_stroke(old):
    TrailPermit.objects.create(kind=PermitKind.RETENTION, before=timezone.now())
    if connection.vendor == "postgresql":
        refused(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {TABLE}")
    else:
        refused(
            f"REPLACE INTO {TABLE} (id, at, by_name, action, record, detail) "
            f"VALUES ({old.pk}, '2026-01-01', 'x', 'x', 'x', '{{}}')"
        )
    assert AuditEntry.objects.get(pk=old.pk).action == "did long ago"


# ----------------------------------------------------------------------------- by the setting


def test_old_entries_go_with_proof_and_those_that_pages_read_stay(old):
    entered = act_at(ago(1000), action="entered", record="virement 2019/20 V001")
    cleared = act_at(ago(1000), action="cleared a sign-off")
    recent = act_at(ago(700))
    assert retention.forget_old_entries(before=ago(800)) == 1
    left = set(AuditEntry.objects.values_list("pk", flat=True))
    assert old.pk not in left and {entered.pk, cleared.pk, recent.pk} <= left
    entry = AuditEntry.objects.get(action=trail.REMOVED)
    at = old.at.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    line = [old.pk, at, None, "x", "did long ago", old.record, {"text": "as it was"}]
    assert entry.detail == {
        "entries": 1,
        "made_from": old.at.isoformat(),
        "made_to": old.at.isoformat(),
        "sha256": hashlib.sha256(json.dumps(line).encode() + b"\n").hexdigest(),
    }
    assert not TrailPermit.objects.exists()
    assert retention.forget_old_entries(before=ago(800)) == 0
    refused(f"DELETE FROM {TABLE} WHERE id = {recent.pk}")


def test_what_fails_half_way_removes_nothing_and_leaves_no_permit(old, monkeypatch):
    def fails(**_):
        raise RuntimeError("cut off")

    monkeypatch.setattr(trail.audit, "record", fails)
    with pytest.raises(RuntimeError):
        retention.forget_old_entries(before=ago(800))
    assert AuditEntry.objects.filter(pk=old.pk).exists()
    assert not TrailPermit.objects.exists()


def test_by_default_the_trail_and_people_are_kept_for_good(old, person):
    jo = closed(person)
    call_command("clean_up")
    jo.refresh_from_db()
    assert jo.username == "jo" and AuditEntry.objects.filter(pk=old.pk).exists()


def test_a_dry_run_says_what_would_go_and_removes_nothing(old, person, settings, capsys):
    settings.KEEP_AUDIT_TRAIL_DAYS, settings.KEEP_CLOSED_ACCOUNTS_DAYS = 800, 30
    jo = closed(person)
    call_command("clean_up", "--dry-run")
    said = capsys.readouterr().out
    jo.refresh_from_db()
    assert "1 people (erased), 0 entries of the log of mails, 2 entries" in said
    assert "entries of the audit trail. Nothing was." in said
    assert jo.username == "jo" and AuditEntry.objects.filter(pk=old.pk).exists()
    assert not Upkeep.objects.exists()
    call_command("clean_up")
    assert said.partition(": ")[2].startswith(
        capsys.readouterr().out.partition(": ")[2].strip().rstrip(".")
    )
    jo.refresh_from_db()
    assert jo.username == f"erased-{jo.pk}"
    assert not AuditEntry.objects.filter(pk=old.pk).exists()
    assert Upkeep.objects.get(task=Task.CLEAN_UP).succeeded_at is not None


@pytest.mark.parametrize("given", ["1", "364"])
def test_a_trail_kept_less_than_a_year_stops_the_start(monkeypatch, given):
    monkeypatch.setenv("KEEP_AUDIT_TRAIL_DAYS", given)
    with pytest.raises(Exception, match="must be 365 or more, or 0"):
        environment.number_of_a_year_or_more("KEEP_AUDIT_TRAIL_DAYS")


def closed(person) -> User:
    """A person whose account was closed long ago, as far as anything tells."""
    jo = person(Role.DIRECTOR, username="jo", first_name="Jo", last_name="Bloggs", is_active=False)
    User.objects.filter(pk=jo.pk).update(date_joined=ago(2000))
    act_at(ago(1000), action="changed a person", record="person jo")
    return jo


def test_people_go_so_many_days_after_their_account_was_closed(person, somerset, settings):
    person(Role.ADMINISTRATOR, username="boss")
    old = closed(person)
    new = person(Role.SCRUTINY_MEMBER, username="sam")
    change_person(
        person=new, name="Sam X", email="", role=new.role, parts=[], active=False, by=None
    )
    settings.KEEP_CLOSED_ACCOUNTS_DAYS = 30
    for _ in range(2):
        call_command("clean_up")
        assert set(User.objects.values_list("username", flat=True)) == {
            "boss",
            f"erased-{old.pk}",
            "sam",
        }
    assert AuditEntry.objects.filter(action=trail.ERASED).count() == 1


# ------------------------------------------------------------------------------------ files


@pytest.fixture
def ledger(somerset) -> list[Upload]:
    """Three files for one open month, each of which replaces the one before."""
    code = BudgetLine.objects.filter(year=somerset).first().service.code
    made = []
    for amount in (100, 200, 300):
        head = "service_code,cost_centre,account,current_budget,forecast\n"
        upload_file(
            kind="position",
            year=somerset,
            period=4,
            content=f"{head}{code},A100,NET,{amount},{amount}\n".encode(),
            file_name=f"{amount}.csv",
            by=None,
        )
        made.append(Upload.objects.order_by("-pk").first())
    Upload.objects.update(ended_at=ago(400))
    return made


def has_file(upload: Upload) -> bool:
    return bool(bytes(Upload.objects.get(pk=upload.pk).content))


def test_replaced_files_go_and_what_reports_stand_on_stays(ledger, settings):
    published = set(Batch.objects.exclude(period__reports=None).values_list("upload_id", flat=True))
    call_command("clean_up")
    assert all(map(has_file, ledger))
    settings.KEEP_REPLACED_FILES_DAYS = 365
    call_command("clean_up")
    assert list(map(has_file, ledger)) == [False, False, True]
    kept = Upload.objects.filter(pk__in=published)
    assert len(published) > 1 and all(map(has_file, kept))
    entry = AuditEntry.objects.get(action="removed files that were replaced")
    assert entry.detail["uploads"] == [upload.pk for upload in ledger[:2]]
    call_command("check_records")
