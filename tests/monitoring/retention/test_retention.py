"""What is kept how long, and how often a link is mailed."""

import datetime

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from council_finance import bulk
from council_finance.accounts import views
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import Upload
from monitoring.uploading.services.uploads import receive_upload, run_again, upload_file
from tests.council_finance.accounts.test_log_in import log_in

ADDRESS = "jo@council.example"


@pytest.fixture
def refused(somerset) -> Upload:
    with pytest.raises(Refused):
        upload_file(
            kind="position",
            year=somerset,
            period=5,
            content=b"Centre,Sum\nA100,5\n",
            file_name="export.csv",
            by=None,
        )
    return Upload.objects.get(year=somerset, period=5)


def make_old(upload: Upload, days: float) -> None:
    at = timezone.now() - datetime.timedelta(days=days)
    Upload.objects.filter(pk=upload.pk).update(ended_at=at)


def content(upload: Upload) -> bytes:
    return bytes(Upload.objects.get(pk=upload.pk).content)


@pytest.mark.parametrize(("days", "kept"), [(89, True), (91, False)])
def test_a_file_that_was_not_stored_goes_after_its_days(refused, client, person, days, kept):
    make_old(refused, days)
    call_command("clean_up")
    assert bool(content(refused)) is kept
    client.force_login(person(Role.FINANCE_OFFICER))
    status = client.get(reverse("upload-file", args=[refused.pk])).status_code
    assert status == (200 if kept else 404)
    page = client.get(reverse("upload", args=[refused.pk]))
    assert page.status_code == 200 and b"export.csv" in page.content


def test_stored_files_stay_and_it_is_on_the_trail(refused, somerset, settings, client, person):
    stored = Upload.objects.filter(state="stored").first()
    make_old(refused, 400)
    make_old(stored, 400)
    before = content(stored)
    settings.KEEP_UNSTORED_FILES_DAYS = 0
    call_command("clean_up")
    assert content(refused)
    settings.KEEP_UNSTORED_FILES_DAYS = 90
    call_command("clean_up")
    call_command("clean_up")
    assert content(stored) == before and not content(refused)
    entry = AuditEntry.objects.get(action="removed files not stored")
    assert entry.detail["uploads"] == [refused.pk]
    client.force_login(person(Role.FINANCE_LEAD))
    assert "removed files not stored" in client.get(reverse("audit")).content.decode()


def test_what_is_no_longer_kept_is_not_run_again(refused):
    make_old(refused, 91)
    Upload.objects.filter(pk=refused.pk).update(state="failed")
    call_command("clean_up")
    refused.refresh_from_db()
    with pytest.raises(Refused, match="no longer kept"):
        run_again(upload=refused, by=None)
    refused.refresh_from_db()
    assert refused.state == "failed"


def test_sessions_and_wrong_passwords_go_with_their_time(client, person):
    person(Role.DIRECTOR, username="jo")
    log_in(client, password="pass")
    log_in(Client(), name="sam", password="wrong")
    call_command("clean_up")
    assert (Session.objects.count(), AccessAttempt.objects.count()) == (1, 1)
    past = timezone.now() - datetime.timedelta(minutes=16)
    Session.objects.update(expire_date=past)
    AccessAttempt.objects.update(attempt_time=past)
    call_command("clean_up")
    assert (Session.objects.count(), AccessAttempt.objects.count()) == (0, 0)


# A forgotten password, asked for too often


@pytest.fixture
def counted(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail", "budget@council.example"
    settings.RESET_ASKED_MOST = 4
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


def ask(client, address=ADDRESS, from_="192.0.2.10"):
    return client.post("/password/reset/", {"email": address}, REMOTE_ADDR=from_)


def test_a_person_is_mailed_three_links_an_hour_and_no_page_tells(client, person, counted):
    person(Role.DIRECTOR, username="jo", email=ADDRESS)
    person(Role.DIRECTOR, username="sam", email="sam@council.example")
    answers = {ask(client, from_=f"192.0.2.{number}").url for number in range(5)}
    assert answers == {"/password/reset/sent/"}
    assert len(mail.outbox) == 3
    ask(client, address="sam@council.example")
    assert len(mail.outbox) == 4


def test_from_one_address_so_many_are_asked_for_and_no_more(client, db, counted):
    statuses = [
        ask(client, address=f"x{number}@council.example").status_code for number in range(6)
    ]
    assert statuses == [302] * 4 + [429] * 2
    page = ask(client).content.decode()
    assert "Too many links were asked for" in page and 'name="email"' in page
    assert ask(client, from_="192.0.2.11").status_code == 302


def test_without_a_broker_the_page_says_so(client, db, counted, monkeypatch):
    def away(*_):
        raise OperationalError("redis is away")

    monkeypatch.setattr(views.tasks.send_reset_mail, "delay", away)
    response = ask(client)
    assert response.status_code == 503
    assert "Mail cannot be sent at the moment" in response.content.decode()


# Pages about the site


@pytest.mark.parametrize("name", ["accessibility", "privacy"])
@pytest.mark.parametrize("contact", ["", "finance@council.example"])
def test_anybody_reads_the_pages_about_the_site(client, db, settings, name, contact):
    settings.CONTACT_EMAIL = contact
    response = client.get(reverse(name))
    page = response.content.decode()
    assert response.status_code == 200
    assert ("mailto:finance@council.example" in page) is bool(contact)
    assert ("administrator of Budget monitor" in page) is not bool(contact)
    assert client.post(reverse(name)).status_code == 405
    for other in ("accessibility", "privacy"):
        assert f'href="{reverse(other)}"' in client.get("/login/").content.decode()


# Statistics after many rows


@pytest.mark.slow
@pytest.mark.parametrize(("most", "gathered"), [(20, 1), (10_000, 0)])
def test_after_many_rows_the_database_looks_at_its_tables(
    somerset, monkeypatch, most, gathered, django_capture_on_commit_callbacks
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.monitoring.test_pages import POSITION

    monkeypatch.setattr(bulk, "MANY_ROWS", most)
    committed = django_capture_on_commit_callbacks(execute=True)
    with CaptureQueriesContext(connection) as queries, committed:
        upload_file(
            kind="position",
            year=somerset,
            period=4,
            content=POSITION.read_bytes(),
            file_name="month-4.csv",
            by=None,
        )
    sql = [query["sql"] for query in queries if query["sql"].startswith("ANALYZE")]
    expected = gathered if connection.vendor == "postgresql" else 0
    assert len(sql) == expected
    if expected:
        assert "monitoring_position" in sql[0]
        assert '"batch_id"' in sql[0]
        assert "_pence" not in sql[0]


def test_the_database_does_not_compress_a_kept_file_again(somerset):
    from django.db import connection

    upload = receive_upload(
        kind="position", year=somerset, period=6, content=b"a" * 10_000, file_name="a.csv", by=None
    )
    Upload.objects.filter(pk=upload.pk).update(content=b"a" * 10_000)
    measured = "pg_column_size" if connection.vendor == "postgresql" else "length"
    with connection.cursor() as cursor:
        sql = f"SELECT {measured}(content) FROM monitoring_upload WHERE id = %s"
        cursor.execute(sql, [upload.pk])
        assert cursor.fetchone()[0] >= 10_000


def test_receiving_writes_no_empty_file(somerset):
    upload = receive_upload(
        kind="position", year=somerset, period=6, content=b"", file_name="empty.csv", by=None
    )
    assert content(upload)
