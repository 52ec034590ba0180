"""Log-ins and downloads on the audit trail.

A user name that nobody has is not written down: people type their password into the wrong field,
and the trail is kept for good. For the same reason failed log-ins are listed only so often.
"""

import datetime
import hashlib
import re
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.accounts.services import record_of
from council_finance.accounts.throttle import client_address, counted
from council_finance.middleware import GetResponse
from council_finance.periods import financial_year_slug

WRONG_PASSWORD, WRONG_CODE = "the user name or the password", "the code of the second factor"
_LOG_IN = "log-in"
_FILE_NAME = re.compile(r"filename\*?=(?:utf-8'')?\"?([^\";]+)")
_VERSION = re.compile(r"-(?:v(\d+)|draft)\.\w+$")
_IN_ADDRESSES = {"name": "statement", "number": "period", "code": "service", "pk": "number"}


def note_log_in(request: HttpRequest, user: User, *, by: str) -> None:
    """Note that a person has logged in; `by` says with what."""
    # "with" is a keyword of Python.
    detail: dict[str, Any] = {"address": client_address(request), "with": by}
    audit.record(by=user, action=audit.LOGGED_IN, on=record_of(user), **detail)


def note_log_out(user: User, *, after_minutes: int | None = None) -> None:
    """Note that a person has logged out, or was logged out after so many idle minutes."""
    record = record_of(user)
    if after_minutes is None:
        audit.record(by=user, action=audit.LOGGED_OUT, on=record)
    else:
        audit.record(by=user, action=audit.WAS_LOGGED_OUT, on=record, minutes_idle=after_minutes)


def note_failed_log_in(request: HttpRequest, typed: str, *, wrong: str = WRONG_PASSWORD) -> None:
    """Note that a log-in failed; `typed` is the user name that was entered."""
    address = client_address(request)
    if not _may_note(address, typed):
        return
    known = User.objects.filter(username=typed).first()
    audit.record(
        by=None,
        instead=audit.NOT_LOGGED_IN,
        action=audit.FAILED_TO_LOG_IN,
        on=record_of(known) if known else _LOG_IN,
        wrong=wrong,
        address=address,
        **({} if known else {"user_name": "nobody has it"}),
    )


def note_failed_sign_on(request: HttpRequest) -> None:
    """Note that a log-in by single sign-on failed; who it was is not known."""
    address = client_address(request)
    if _may_note(address, "single sign-on"):
        audit.record(
            by=None,
            instead=audit.NOT_LOGGED_IN,
            action=audit.FAILED_TO_LOG_IN,
            on=_LOG_IN,
            wrong="single sign-on",
            address=address,
        )


def _may_note(address: str, typed: str) -> bool:
    """Count one more failure; return whether it is to be listed.

    The first beyond the limit adds an entry that says so.
    """
    name = hashlib.sha256(typed.encode()).hexdigest()
    # Failures are listed until the person must wait (AXES_COOLOFF_TIME), and not during the wait.
    times = counted(f"failed {address} {name}", settings.AXES_COOLOFF_TIME)
    if times > settings.AXES_FAILURE_LIMIT:
        return False
    for what, most in (
        (address, settings.FAILED_LOG_INS_NOTED),
        ("all addresses", settings.FAILED_LOG_INS_NOTED_IN_ALL),
    ):
        number = counted(f"failed {what}", datetime.timedelta(hours=1))
        if number == most + 1:
            audit.record(
                by=None,
                instead=audit.NOT_LOGGED_IN,
                action="failed to log in too often to be listed",
                on=_LOG_IN,
                address=what,
                listed=most,
                within="an hour",
            )
        if number > most:
            return False
    return True


def with_downloads_noted(get_response: GetResponse) -> GetResponse:
    """Note every file that a person downloads; what strangers read is public."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match, user = request.resolver_match, request.user
        disposition = response.get("Content-Disposition", "")
        was_given = request.method == "GET" and response.status_code == 200
        if was_given and disposition.startswith("attachment") and user.is_authenticated and match:
            _note_download(user, match, disposition)
        return response

    return middleware


def _note_download(user: User, match: ResolverMatch, disposition: str) -> None:
    """Add an entry with the file, by the parts of its address and the version in its name."""
    found = _FILE_NAME.search(disposition)
    name = unquote(found[1]) if found else str(match.url_name)
    detail = {
        _IN_ADDRESSES.get(key, key.removesuffix("_name")): value
        for key, value in match.kwargs.items()
        if key != "start"
    }
    if "start" in match.kwargs:
        detail["year"] = financial_year_slug(match.kwargs["start"])
    if version := _VERSION.search(name):
        detail["version"] = int(version[1]) if version[1] else "draft"
    audit.record(by=user, action=audit.DOWNLOADED, on=f"file {name}"[:200], **detail)
