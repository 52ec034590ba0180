"""The mails that people get, by their own choice or by default, and the log of mails."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet

from council_finance.accounts.models import Role, User
from monitoring.people.rights import may_see_month
from monitoring.reminders.models import Digest, MailState, ReminderChoice, ReminderMail
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import open_years
from monitoring.timetable.bank_holidays import england_bank_holidays
from monitoring.timetable.calculations import is_working_day
from monitoring.timetable.selectors import timetable_of

_SALT = "monitoring.reminders.stop"


@dataclass(frozen=True)
class Wanted:
    """The mails that a person gets."""

    digest: str
    at_once: bool

    @property
    def is_anything(self) -> bool:
        """Return True where there is any mail at all."""
        return self.at_once or self.digest != Digest.OFF


def is_mail_set_up() -> bool:
    """Return whether reminders can be sent: with a mail server, and the address of links."""
    return bool(settings.EMAIL_HOST and settings.SITE_ADDRESS)


def wanted_by(user: User) -> Wanted:
    """Return the mails that a person gets.

    Without a choice of their own, those who take part in a month get a weekly digest, and members
    nothing. Nobody gets a mail that their role does not give them.
    """
    choice = ReminderChoice.objects.filter(user=user).first()
    return _limit_to_role(user, choice)


def has_stopped_mails(user: User) -> bool:
    """Return whether a person chose to get no mail at all."""
    choice = ReminderChoice.objects.filter(user=user).first()
    return choice is not None and choice.digest == Digest.OFF and not choice.at_once


def people_to_mail() -> list[tuple[User, Wanted]]:
    """Return the people who get any mails, and which: their account is open and has an address."""
    people = User.objects.filter(is_active=True).exclude(email="").exclude(role=Role.NO_ROLE)
    choices = {choice.user_id: choice for choice in ReminderChoice.objects.all()}
    found = [(user, _limit_to_role(user, choices.get(user.pk))) for user in people.order_by("pk")]
    return [(user, wanted) for user, wanted in found if wanted.is_anything]


def _limit_to_role(user: User, choice: ReminderChoice | None) -> Wanted:
    if not user.has_role:
        return Wanted(Digest.OFF, at_once=False)
    takes_part = may_see_month(user)
    if choice is None:
        return Wanted(Digest.WEEKLY if takes_part else Digest.OFF, at_once=False)
    return Wanted(choice.digest if takes_part else Digest.OFF, choice.at_once)


def is_mail_day(today: datetime.date) -> bool:
    """Return whether digests are sent on a day: a working day of the council's calendars."""
    closed = set(england_bank_holidays(today.year))
    for year in open_years():
        closed |= set(timetable_of(read_settings(year.settings)).closed)
    return is_working_day(today, closed=closed)


def stop_token(user: User) -> str:
    """Return the signed text with which a person's reminders are stopped without a log-in."""
    return signing.Signer(salt=_SALT).sign(str(user.pk))


def person_of_token(token: str) -> User | None:
    """Return the person of a signed text; None where it was not signed here, or they have left."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()


def logged_mails(state: str = "") -> QuerySet[ReminderMail]:
    """Return the mails of the log, the latest first; of one state where it is given."""
    mails = ReminderMail.objects.select_related("user").order_by("-pk")
    return mails.filter(state=state) if state in MailState.values else mails


def mail_states() -> list[tuple[str, str]]:
    """Return the states of mails with their names, in order."""
    return [(state.value, str(state.label)) for state in MailState]
