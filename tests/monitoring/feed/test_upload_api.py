"""Files that programs send with a token: who may, what is refused, and that it is once."""

import json

import jsonschema
import pytest
from django.core import mail as outbox
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import Role, TokenKind
from council_finance.accounts.tokens.services import issue_token
from monitoring.api.openapi import document
from monitoring.feed.models import FeedFile
from monitoring.feed.upload_openapi import UPLOAD_SCHEMA
from monitoring.feed.waking import sweep_feed
from monitoring.models import Upload
from monitoring.reminders.pipeline.queueing import queue_feed_mails
from monitoring.reminders.pipeline.sending import send_mails
from monitoring.reminders.services import stop_reminders
from tests.councils.month import tie
from tests.monitoring.feed.conftest import ADDRESS, CLEAN, set_feed, states

ADDRESS_OF_MONTH = "/api/v1/uploads?kind=position&year=2021-22&period=2"
WRONG = CLEAN.replace(b",700,", b",7o0,")


def token(person, kind=TokenKind.UPLOAD) -> dict[str, str]:
    """The header of a new token of a person."""
    secret = issue_token(
        person=person, name="Ledger", days=9, kind=kind, allowed=[kind], now=timezone.now()
    )
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def send(officer, client, django_capture_on_commit_callbacks):
    """Send a file as a program does; Celery's tasks run at once."""
    own = token(officer)

    def post(address=ADDRESS_OF_MONTH, content=CLEAN, headers=own, content_type="text/csv"):
        program = Client(enforce_csrf_checks=True)
        with django_capture_on_commit_callbacks(execute=True):
            answer = program.post(address, content, content_type=content_type, headers=headers)
        found = json.loads(answer.content)
        described = document()["paths"]["/uploads"]["post"]["responses"]
        assert str(answer.status_code) in described
        if answer.status_code in (200, 202):
            jsonschema.validate(found, UPLOAD_SCHEMA)
        return answer.status_code, answer, found

    return post


def sweep(capture) -> None:
    for _ in range(3):
        with capture(execute=True):
            sweep_feed()


@pytest.mark.slow
def test_a_sent_file_is_checked_answered_and_once(
    year, officer, send, django_capture_on_commit_callbacks
):
    set_feed(year, store="when clean")
    status, answer, found = send()
    upload = Upload.objects.get(pk=found["id"])
    assert (status, answer["Location"]) == (202, f"/api/v1/uploads/{upload.pk}")
    assert (found["state"], found["known"], upload.uploaded_by) == ("checking", False, officer)
    sweep(django_capture_on_commit_callbacks)
    again = send()
    assert (again[0], again[2]["id"], again[2]["known"]) == (200, upload.pk, True)
    assert (again[2]["state"], again[2]["rows"], states()) == ("stored", 6, ["stored", "same"])
    other = CLEAN.replace(b"ROADS,R1", b"ROADS,R9")
    assert send(content=other)[0] == 202
    status, _, found = send(content=other.replace(b"765", b"766"))
    assert (status, found["title"]) == (409, "Another upload is under way")
    sweep(django_capture_on_commit_callbacks)
    last = Upload.objects.latest("pk")
    waits = Client().get(f"/api/v1/uploads/{last.pk}", headers=token(officer)).json()
    sentences = [each["sentence"] for each in waits["warnings"]]
    assert (waits["state"], waits["warning_count"]) == ("ready", len(sentences))
    assert "The line R1/NET is no longer in the file." in sentences


@pytest.mark.slow
def test_a_file_with_errors_is_refused_with_its_sentences_and_mailed_once(
    year, send, officer, person, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_HOST, settings.SITE_ADDRESS = "mail.council.test", "https://budget.council.test"
    lead = person(Role.FINANCE_LEAD, email="lead@council.test")
    person(Role.DIRECTOR, email="director@council.test")
    stopped = person(Role.FINANCE_OFFICER, username="stopped", email="stopped@council.test")
    stop_reminders(user=stopped)
    _, answer, _ = send(content=WRONG)
    sweep(django_capture_on_commit_callbacks)
    found = Client().get(answer["Location"], headers=token(officer)).json()
    assert (found["state"], found["error_count"]) == ("refused", 1)
    sentence = "Row 7, column original_budget: “7o0”: a figure such as 1,234.50 was expected"
    assert found["errors"][0]["sentence"] == sentence
    for _ in range(2):
        send(address="/api/v1/uploads?kind=position&year=2021-22&period=1")
        queue_feed_mails(timezone.now())
        send_mails(timezone.now())
    both = [officer.email, lead.email]
    assert sorted(mail.to[0] for mail in outbox.outbox) == sorted(2 * both)
    first, published = outbox.outbox[0].body, outbox.outbox[-1].body
    assert "Ledger position for month 2 of 2021/22 was refused" in first
    assert "- Row 7, column original_budget: a figure such as 1,234.50 was expected\n" in first
    assert f"https://budget.council.test{reverse('upload', args=[found['id']])}" in first
    assert "7o0" not in first and "Reopen it first" in published
    set_feed(year, mail_to=[ADDRESS.upper()])
    send(content=WRONG.replace(b"7o0", b"7oo"))
    sweep(django_capture_on_commit_callbacks)
    queue_feed_mails(timezone.now())
    send_mails(timezone.now())
    assert [mail.to for mail in outbox.outbox[4:]] == [[officer.email]]


def test_who_may_send_and_look(year, officer, person, send):
    assert send(headers={})[0] == 401
    assert send(headers={"Authorization": "Bearer bm_wrong"})[0] == 401
    assert send(headers=token(officer, TokenKind.READ))[0] == 403
    browser = Client()
    browser.force_login(officer)
    assert browser.post(ADDRESS_OF_MONTH, CLEAN, content_type="text/csv").status_code == 401
    part = tie(person(Role.FINANCE_OFFICER, username="tied"), "CARE")
    assert send(headers=token(part))[0] == 403
    assert send(headers=token(person(Role.ADMINISTRATOR)))[0] == 403
    own = token(officer)
    other = Upload.objects.filter(year=year).first()
    assert Client().get(f"/api/v1/uploads/{other.pk}", headers=own).json()["id"] == other.pk
    assert Client().get(f"/api/v1/uploads/{10**30}", headers=own).status_code == 404
    assert Client().get("/api/v1/uploads", headers=own).status_code == 405
    assert Client().delete(f"/api/v1/uploads/{other.pk}", headers=own).status_code == 405
    officer.role = Role.DIRECTOR
    officer.save()
    assert send(headers=own)[0] == 403
    assert Client().get(f"/api/v1/uploads/{other.pk}", headers=own).status_code == 403
    officer.is_active = False
    officer.save()
    assert send(headers=own)[0] == 401
    assert not FeedFile.objects.exists()


WRONG_ADDRESSES = {
    "?kind=position": "Say year in the address",
    "?kind=position&year=2021-23&period=2": "not a financial year",
    "?kind=position&year=2030-31&period=2": "There is no such financial year",
    "?kind=nothing&year=2021-22&period=2": "nothing",
    "?kind=position&year=2021-22": "position",
    "?kind=position&year=2021-22&period=x": "A period is a number",
    "?kind=position&year=2021-22&period=2&files=3": "There is no parameter “files”",
    "?kind=position&year=2021-22&period=2&period=3": "Give “period” once",
    f"?kind=position&year=2021-22&period=2&sheet={'x' * 101}": "sheet is too long",
}


def test_what_cannot_be_read_or_taken_is_refused_with_a_sentence(year, send, monkeypatch):
    before = Upload.objects.count()
    for query, words in WRONG_ADDRESSES.items():
        status, answer, found = send(address=f"/api/v1/uploads{query}")
        assert (status, answer["Content-Type"]) == (400, "application/problem+json"), query
        assert words in found["detail"], query
    assert send(content_type="application/x-www-form-urlencoded")[0] == 415
    status, _, found = send(content=b"")
    assert (status, found["detail"]) == (422, "The file is empty.")
    assert send(address=ADDRESS_OF_MONTH.replace("=2&", "=1&") + "&layout=None")[0] == 422
    assert send(address=ADDRESS_OF_MONTH[:-1] + "14")[0] == 422
    assert send(address=ADDRESS_OF_MONTH + "&scope=NONE")[0] == 422
    monkeypatch.setattr("monitoring.feed.sent_files.MOST_BYTES", 9)
    assert send()[0] == 413
    monkeypatch.undo()

    def is_full(**_):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("monitoring.feed.upload_api.receive_file", is_full)
    status, answer, _ = send()
    assert (status, answer["Retry-After"]) == (503, "60")
    assert (Upload.objects.count(), set(states())) == (before, {"refused"})


@pytest.mark.slow
def test_a_form_with_one_file_and_the_page_of_the_feed(year, officer, send, client, folder):
    boundary = "x1y2"
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="month.csv"\r\n\r\n'
    ).encode() + CLEAN
    kind = f"multipart/form-data; boundary={boundary}"
    end = f"\r\n--{boundary}--\r\n".encode()
    assert send(content=f"--{boundary}--\r\n".encode(), content_type=kind)[0] == 400
    status, _, found = send(content=form + end, content_type=kind)
    assert (status, found["file_name"], found["size"]) == (202, "month.csv", len(CLEAN))
    folder.put("position-2021-22-02.csv", CLEAN.replace(b"765", b"766"))
    folder.put("nothing.csv")
    set_feed(year, person="nobody@council.test")
    client.force_login(officer)
    page = client.get(reverse("ledger-feed")).content.decode()
    for words in (
        "1 file of the ledger has been received, and 2 lie in the watched folder",
        "Nothing is taken: no open year has a person responsible",
        "The person responsible for 2021/22, nobody@council.test, has no open account",
        "No open year has a person responsible.",
        "position, month 2 of 2021/22",
        f"Upload {found['id']}",
    ):
        assert words in page, words
    set_feed(year, person=ADDRESS)
    page = client.get(reverse("ledger-feed")).content.decode()
    assert "Another file of this kind and period is being checked, stored, or waits." in page
