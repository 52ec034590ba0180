"""Mails that wait, that are no longer needed, and that the mail server does not take."""

import datetime
import smtplib

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend

from council_finance import locks
from council_finance.accounts.models import Role, User
from monitoring.models import ReminderMail
from monitoring.reminders.pipeline.queueing import queue_digests, queue_new_work
from monitoring.reminders.pipeline.sending import SENDING_LOCK, send_mails
from monitoring.reminders.selectors.choices import is_mail_day
from monitoring.reminders.services import choose_reminders, stop_reminders
from monitoring.reminders.waking import sweep_reminders

pytestmark = pytest.mark.slow

MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)


def logged() -> list[tuple[str, int, str]]:
    return list(ReminderMail.objects.values_list("state", "attempts", "result"))


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.tree_rights.all().delete(),
        lambda user: User.objects.filter(pk=user.pk).update(role=Role.NO_ROLE),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(email=""),
        lambda user: stop_reminders(user=user),
    ],
    ids=["looks after nothing", "no role", "account closed", "no address", "stopped"],
)
def test_a_mail_is_written_by_the_rights_of_the_moment(mail, manager, now, change):
    assert queue_digests(now) == 1
    change(manager)
    assert send_mails(now + MINUTE) == 0
    assert [state for state, _, _ in logged()] == ["not_needed"]
    assert outbox.outbox == []


@pytest.mark.parametrize("name", ["EMAIL_HOST", "SITE_ADDRESS"])
def test_nothing_is_sent_unless_mail_is_set_up(mail, manager, now, name):
    queue_digests(now)
    setattr(mail, name, "")
    assert send_mails(now) == 0
    sweep_reminders()
    assert (logged(), outbox.outbox) == ([("waiting", 0, "")], [])


class Broken(EmailBackend):
    """A mail server that fails as its class says, when it is opened or when it takes a mail."""

    opening: Exception | None = None
    sending: Exception | None = None

    def open(self):
        if self.opening:
            raise self.opening
        return super().open()

    def send_messages(self, messages):
        if self.sending:
            raise self.sending
        return super().send_messages(messages)


@pytest.fixture
def server(mail, monkeypatch):
    mail.EMAIL_BACKEND = f"{__name__}.Broken"
    monkeypatch.setattr(Broken, "opening", None)
    monkeypatch.setattr(Broken, "sending", None)
    return Broken


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError("no"), smtplib.SMTPAuthenticationError(535, b"no")]
)
def test_a_mail_waits_for_the_mail_server(server, manager, now, error):
    queue_digests(now)
    server.opening = error
    assert [send_mails(now + minutes * MINUTE) for minutes in (0, 1, 6)] == [0, 0, 0]
    assert logged() == [("waiting", 2, "")]
    server.opening = None
    assert [send_mails(now + minutes * MINUTE) for minutes in (7, 12, 13)] == [0, 1, 0]
    assert logged() == [("sent", 3, "")]
    assert len(outbox.outbox) == 1


def test_a_mail_that_waited_too_long_is_given_up(server, manager, now):
    queue_digests(now)
    server.opening = ConnectionRefusedError("no")
    send_mails(now)
    server.opening = None
    send_mails(now + 21 * HOUR)
    assert logged() == [("failed", 2, "The mail server could not be reached in time.")]
    assert outbox.outbox == []


@pytest.mark.parametrize(
    ("error", "state", "result"),
    [
        (
            smtplib.SMTPRecipientsRefused({"manager@council.test": (550, b"unknown")}),
            "failed",
            "The mail server refused it with code 550.",
        ),
        (
            smtplib.SMTPDataError(554, b"spam for manager@council.test"),
            "failed",
            "The mail server refused it with code 554.",
        ),
        (
            smtplib.SMTPServerDisconnected("gone"),
            "uncertain",
            "The connection to the mail server broke off. It is not sent again.",
        ),
        (
            TimeoutError("slow"),
            "uncertain",
            "The connection to the mail server broke off. It is not sent again.",
        ),
    ],
    ids=["unknown person", "refused text", "disconnected", "no answer"],
)
def test_a_mail_that_the_server_may_have_is_not_sent_again(
    server, manager, now, error, state, result
):
    queue_digests(now)
    server.sending = error
    send_mails(now)
    server.sending = None
    assert send_mails(now + HOUR) == 0
    assert (logged(), outbox.outbox) == ([(state, 1, result)], [])


def test_one_process_sends_at_a_time(mail, manager, now, monkeypatch):
    monkeypatch.setattr("council_finance.locks._TRIES", 1)
    queue_digests(now)
    with locks.hold_job_lock(SENDING_LOCK) as held:
        assert held
        assert send_mails(now) == 0
    assert send_mails(now) == 1


def test_a_message_that_was_lost_is_made_up_for(mail, manager, now):
    """The sweep asks again for what waits."""
    queue_digests(now)
    sweep_reminders()
    assert [state for state, _, _ in logged()] == ["failed"]  # years later, so too late
    ReminderMail.objects.update(queued_at="2999-01-01T00:00:00Z", state="waiting")
    sweep_reminders()
    assert len(outbox.outbox) == 1


def test_work_that_is_due_when_mails_begin_is_not_new(mail, manager, now):
    choose_reminders(user=manager, digest="off", at_once=True, now=now)
    assert queue_new_work(now) == 0
    choose_reminders(user=manager, digest="daily", at_once=True, now=now)
    assert queue_new_work(now + HOUR) == 0
    assert not ReminderMail.objects.exists()


def test_mails_come_on_working_days(small_year):
    days = [datetime.date(2021, 8, day) for day in (27, 28, 29, 30, 31)]
    assert [is_mail_day(day) for day in days] == [True, False, False, False, True]
    small_year.settings |= {"timetable": {"closed_days": ["31 August 2021 Audit day"]}}
    small_year.save()
    assert not is_mail_day(days[-1])
