"""Services for people's own accounts: passwords, one-time links and sessions."""

import datetime

from axes.models import AccessAttempt
from axes.utils import reset as forget_wrong_passwords
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.accounts.passwords import may_use_password
from council_finance.accounts.throttle import may_mail_link
from council_finance.errors import Refused


@transaction.atomic
def change_password(*, user: User, password: str) -> None:
    """Change one's own password, which ends every other session of the person."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(by=user, action="changed their password", on=record_of(user))


@transaction.atomic
def set_password_by_link(*, user: User, password: str) -> None:
    """Set a password with a one-time link, which ends the link and the wait after wrong ones.

    `user` is the person as read when the link was checked: the fields that the link was made from
    must be unchanged in the statement that sets the password. Raises Refused where they are not.
    """
    still_good = User.objects.filter(
        pk=user.pk,
        password=user.password,
        last_login=user.last_login,
        email=user.email,
        is_active=True,
    )
    if not still_good.update(password=make_password(password)):
        raise Refused("This link no longer works. Ask for a new one.")
    forget_wrong_passwords(username=user.username)
    audit.record(by=user, action="set a password with a link", on=record_of(user))


def one_time_link(user: User) -> str:
    """Return the path of a link that sets the person's password.

    It ends when a password is set, at the next log-in, or after PASSWORD_RESET_TIMEOUT.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)])


def end_sessions(user: User, *, but: str = "") -> None:
    """End all of a person's sessions, except the one with the key `but`.

    They are deleted, so an account that is reactivated later starts logged out.
    """
    open_ones = Session.objects.filter(expire_date__gte=timezone.now()).exclude(pk=but)
    for session in open_ones.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def forget_what_ended(*, now: datetime.datetime) -> int:
    """Delete sessions that have ended, and wrong passwords whose wait is over.

    Return the number of sessions.
    """
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    return ended


def send_reset_mail(*, address: str, site: str) -> None:
    """Send a one-time link to the people with this e-mail address; where nobody has it, nothing.

    `site` is the beginning of the product's addresses. Mail goes to the stored address, and to
    nobody more often than RESET_MAILED_MOST an hour.
    """
    for user in User.objects.filter(email__iexact=address, is_active=True):
        if not may_use_password(user) or not may_mail_link(user.pk):
            continue
        context = {"user": user, "site": site, "link": f"{site}{one_time_link(user)}"}
        text = render_to_string("accounts/reset_mail.txt", context)
        send_mail("Set a new password for Budget monitor", text, None, [user.email])


def send_first_link(*, user_id: int, site: str) -> None:
    """Send a new person a one-time link; nothing where they have a password by now."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None or user.has_usable_password() or not may_use_password(user):
        return
    context = {"user": user, "site": site, "link": f"{site}{one_time_link(user)}"}
    text = render_to_string("accounts/first_mail.txt", context)
    send_mail("Your account for Budget monitor", text, None, [user.email])


def record_of(user: User) -> str:
    """Return the record of a person on the audit trail."""
    return f"person {user.username}"
