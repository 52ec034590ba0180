"""Choosing reminders, stopping them by a link, and the log for the administrator."""

import datetime

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.upkeep import Task, Upkeep
from monitoring.models import ReminderChoice, ReminderMail
from monitoring.people.services.erasure import erase_person, export_person
from monitoring.reminders.pipeline.queueing import queue_digests
from monitoring.reminders.pipeline.sending import send_mails
from monitoring.reminders.selectors.choices import Wanted, stop_token, wanted_by
from monitoring.reminders.services import forget_old_mails


def test_people_choose_their_reminders(client, mail, manager, small_year):
    client.force_login(manager)
    assert "Choose which mails you get" in client.get(reverse("password")).content.decode()
    page = client.get(reverse("reminders")).content.decode()
    assert "They go to manager@council.test." in page and "No reminders are sent" not in page
    refused = client.post(reverse("reminders"), {"digest": "hourly"})
    assert (refused.status_code, wanted_by(manager)) == (422, Wanted("daily", at_once=False))
    client.post(reverse("reminders"), {"digest": "weekly", "at_once": "on"})
    assert wanted_by(manager) == Wanted("weekly", at_once=True)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.detail) == (
        "chose their reminders",
        {"digest": "Once a week", "at_once": "yes"},
    )
    mail.EMAIL_HOST = ""
    assert "No reminders are sent here yet" in client.get(reverse("reminders")).content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_each_role_gets_what_it_takes_part_in(client, mail, person, role):
    user = person(role, email="x@council.test")
    takes_part = role not in (Role.SCRUTINY_MEMBER, Role.NO_ROLE)
    assert wanted_by(user) == Wanted("weekly" if takes_part else "off", at_once=False)
    client.force_login(user)
    posted = client.post(reverse("reminders"), {"digest": "daily", "at_once": "on"})
    if role == Role.NO_ROLE:
        assert posted.status_code == 403
    chosen = Wanted("daily" if takes_part else "off", at_once=role != Role.NO_ROLE)
    assert wanted_by(user) == chosen
    log = client.get(reverse("mail-log")).status_code
    assert log == (200 if role == Role.ADMINISTRATOR else 403)


def test_a_link_in_the_mail_stops_them_without_a_log_in(mail, manager, now):
    """By one POST without cookies, as in RFC 8058. Opening the link only asks."""
    queue_digests(now)
    send_mails(now)
    headers = outbox.outbox[0].extra_headers
    path = headers["List-Unsubscribe"].strip("<>").removeprefix("https://budget.council.test")
    stranger = Client(enforce_csrf_checks=True)
    assert "Stop all reminders?" in stranger.get(path).content.decode()
    assert wanted_by(manager).is_anything
    name, _, value = headers["List-Unsubscribe-Post"].partition("=")
    for _ in range(2):
        answer = stranger.post(path, {name: value})
        assert "Your reminders are stopped" in answer.content.decode()
    assert not wanted_by(manager).is_anything
    assert AuditEntry.objects.filter(action="stopped their reminders").count() == 1
    assert "manager" not in answer.content.decode()


def test_a_link_that_was_not_made_here_stops_nothing(client, mail, manager):
    token = stop_token(manager)
    for wrong in (token[:-1], f"{manager.pk}", f"9{token}", "x:y"):
        assert client.post(reverse("reminders-stop", args=[wrong])).status_code == 404
    manager.is_active = False
    manager.save()
    assert client.post(reverse("reminders-stop", args=[token])).status_code == 404
    assert wanted_by(manager).is_anything


def test_the_log_names_every_mail_and_its_result(client, mail, manager, now, person):
    queue_digests(now)
    send_mails(now)
    ReminderMail.objects.create(
        user=manager, kind="turn", about="x", state="sending", queued_at=now, not_before=now
    )
    send_mails(now)
    client.force_login(person(Role.ADMINISTRATOR))
    page = client.get(reverse("mail-log")).content.decode()
    assert "Digest" in page and "New work" in page
    assert "The worker was stopped while it sent this mail. It is not sent again." in page
    only = client.get(reverse("mail-log"), {"state": "sent"}).content.decode()
    assert "1 in all" in only and "The worker was stopped" not in only
    assert reverse("mail-log") in client.get(reverse("settings")).content.decode()


def test_the_log_is_forgotten_after_its_days_and_with_the_person(mail, manager, now, person):
    queue_digests(now)
    send_mails(now)
    assert b"reminder mails" in export_person_text(manager)
    assert forget_old_mails(before=now) == 0
    assert forget_old_mails(before=now + datetime.timedelta(seconds=1)) == 1
    assert queue_digests(now) == 1
    erase_person(person=manager, by=person(Role.ADMINISTRATOR))
    assert not ReminderMail.objects.exists() and not ReminderChoice.objects.exists()


def export_person_text(user) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(export_person(person=user, by=None))) as zipped:
        return zipped.read("records.json")


def test_the_daily_command_queues_digests_and_notes_that_it_ran(mail, manager, capsys, monkeypatch):
    monkeypatch.setattr("monitoring.reminders.pipeline.queueing.is_mail_day", lambda _: True)
    call_command("send_reminders")
    assert capsys.readouterr().out == "Queued: 1 digest. A worker sends them.\n"
    assert [each.to for each in outbox.outbox] == [["manager@council.test"]]
    call_command("send_reminders")
    assert (capsys.readouterr().out[:9], len(outbox.outbox)) == ("Queued: 0", 1)
    assert Upkeep.objects.get(task=Task.REMINDERS).failed_at is None
    mail.SITE_ADDRESS = ""
    with pytest.raises(SystemExit):
        call_command("send_reminders")
    assert "set EMAIL_HOST and SITE_ADDRESS first" in capsys.readouterr().err
    assert Upkeep.objects.get(task=Task.REMINDERS).failed_at is not None
