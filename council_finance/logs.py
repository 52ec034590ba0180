"""Logs: one line an event, as text or as JSON, each with its request's id and without secrets.

A request's id comes with it (X-Request-ID, from the web server in front) or is made here. It is
sent back with the answer and, in the headers of Celery's messages, on to the worker that does the
job, together with the number of the person who made the request. A line has the pattern of an
address and never the address itself, because one-time links are addresses.
"""

import contextvars
import copy
import datetime
import json
import logging
import re
import time
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from council_finance.middleware import GetResponse

HEADER = "X-Request-ID"
HIDDEN = "[hidden]"

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_person: contextvars.ContextVar[int | None] = contextvars.ContextVar("person", default=None)
_PLAUSIBLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LEAST_SECRET = 8
_PATTERNS = (
    # user:password@ in an address of a server
    (re.compile(r"(://[^\s:/@]*):[^\s/]*@"), rf"\1:{HIDDEN}@"),
    # the link that sets a password
    (re.compile(r"(/password/reset/)[^/\s]+/[^/\s\"']+"), rf"\1{HIDDEN}"),
    # name=value and "name": "value", of cookies, headers, forms and settings
    (
        re.compile(
            r"(?i)((?:password\w*|passwd|secret\w*|token|sessionid|csrf\w*|authorization|api[-_]?key)"
            r"[\"']?\s*[=:]\s*(?:bearer\s+|basic\s+)?)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"
        ),
        rf"\1{HIDDEN}",
    ),
)

logger = logging.getLogger("council_finance.requests")


def request_id() -> str:
    """Return the id of the request that this work is done for; empty where there is none."""
    return _request_id.get()


def person() -> int | None:
    """Return the number of the person that this work is done for; None for a stranger or none."""
    return _person.get()


def of_person(pk: int | None) -> None:
    """Put the person's number into every line from here to the end of the request."""
    _person.set(pk)


def of_request(given: str, *, else_id: str, person: int | None) -> None:
    """Put the id of a request, where it looks like one, and its person into every line from here.

    `else_id` stands for an id that is missing or does not look like one.
    """
    _request_id.set(given if _PLAUSIBLE.fullmatch(given) else else_id)
    _person.set(person)


def with_request_id(get_response: GetResponse) -> GetResponse:
    """Give each request an id and each answer its header, and log the answer's status."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        of_request(given, else_id=uuid.uuid4().hex, person=None)
        start = time.monotonic()
        response = get_response(request)
        response[HEADER] = request_id()
        _log_answer(request, response, start)
        return response

    return middleware


@receiver(request_finished)
def forget_request(**_: Any) -> None:
    """Forget the request after its last line, which Django writes after every middleware."""
    _request_id.set("")
    _person.set(None)


def _log_answer(request: HttpRequest, response: HttpResponse, start: float) -> None:
    if request.resolver_match is None and response.status_code < 400:
        return  # a static file, or a probe every few seconds
    fields = {
        "method": request.method if request.method in _METHODS else "other",
        "route": pattern_of(request),
        "status": response.status_code,
        "milliseconds": round((time.monotonic() - start) * 1000),
    }
    logger.info("%(method)s %(route)s %(status)s", fields, extra={"fields": fields})


def pattern_of(request: HttpRequest) -> str:
    """Return the pattern of a request's address; a request refused early is resolved here."""
    if request.path_info in PROBES:
        return request.path_info
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return "no such address"
    return f"/{match.route}"


def _replace_address(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record with the pattern in place of the address.

    Django puts the address into its lines about answers of status 400 and above.
    """
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest) or not isinstance(record.args, tuple):
        return record
    plain = {request.path, request.path_info, request.get_full_path()}
    # Django writes characters beyond ASCII as escapes.
    addresses = plain | {each.encode("unicode_escape").decode("ascii") for each in plain}
    changed = copy.copy(record)
    changed.args = tuple(pattern_of(request) if each in addresses else each for each in record.args)
    return changed


PROBES = ("/healthz", "/readyz")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Plain(logging.Formatter):
    """A formatter of lines for people, without secrets."""

    def __init__(self, secrets: Iterable[str] = ()):
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self.secrets = _long_secrets(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its traceback under it."""
        return hide(super().format(_replace_address(record)), self.secrets)


class Json(logging.Formatter):
    """A formatter of JSON, one object a line: time, level, logger, message, request or job."""

    def __init__(self, secrets: Iterable[str] = ()):
        super().__init__()
        self.secrets = _long_secrets(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; a traceback is one text in it."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide(_replace_address(record).getMessage(), self.secrets),
            "request_id": request_id(),
            "person": person(),
            "process": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = hide(self.formatException(record.exc_info), self.secrets)
        return json.dumps(line, ensure_ascii=False, default=str)


def _long_secrets(secrets: Iterable[str]) -> list[str]:
    """Return secrets too long to be ordinary words, the longest first."""
    return sorted({each for each in secrets if len(each) >= _LEAST_SECRET}, key=len, reverse=True)


def hide(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without those secrets, and without whatever looks like one."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def logging_settings(form: str, secrets: list[str]) -> dict[str, Any]:
    """Return LOGGING for Django and gunicorn, to standard error; `form` is "plain" or "json".

    JSON is for a service and has every request and job; plain text has warnings only.
    """
    formatter = {"plain": Plain, "json": Json}[form]
    level = "INFO" if form == "json" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "secrets": secrets}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handler writes to the console a second time, without the formatter.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # The development server's own lines have addresses; the product logs each request.
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }
