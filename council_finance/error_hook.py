"""Errors to a service that speaks Sentry's protocol, where SENTRY_DSN is set; scrubbed.

An event is built anew from the few parts that are known to be harmless, rather than harmful ones
being taken out of it: what happened, where in the code, under which request id and for which
pattern of address. Requests' bodies, cookies, headers and addresses, variables, people, and what
was logged before never leave. Messages go without what is between quotation marks in them, which is
where a database or a library repeats what somebody typed.
"""

import re
from collections.abc import Iterable

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from council_finance.logs import HIDDEN, hide, request_id

_KEPT = (
    *("event_id", "timestamp", "level", "platform", "logger", "environment", "release"),
    "sdk",
)
_PATTERNS = ("route", "task")
"""Where a transaction has its name from, if that is a pattern and not the address itself."""
_OF_A_FRAME = ("filename", "function", "module", "lineno", "in_app")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’|\([^()]*\)=\([^()]*\)")
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def start(dsn: str, *, in_service: bool, secrets: Iterable[str]) -> None:
    """Send errors of this process to the service at `dsn`; of its children too."""
    kept = tuple(secrets)
    sentry_sdk.init(
        dsn,
        environment="service" if in_service else "own machine",
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        server_name="",
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        default_integrations=True,
        integrations=[
            DjangoIntegration(transaction_style="url"),
            CeleryIntegration(),
            LoggingIntegration(level=None),
        ],
        before_send=lambda event, hint: scrubbed(event, hint, kept),
    )


def scrubbed(event: Event, _hint: Hint, secrets: Iterable[str] = ()) -> Event:
    """Return a new event with the harmless parts of one."""
    made = {name: event[name] for name in _KEPT if name in event}
    made["tags"] = {"request_id": request_id()} if request_id() else {}
    if method := event.get("request", {}).get("method"):
        made["tags"]["method"] = method
    if event.get("transaction_info", {}).get("source") in _PATTERNS:
        made["transaction"] = event.get("transaction")
    if entry := event.get("logentry"):
        # The text as the program has it, with its gaps; what fills them is what is not sent.
        made["logentry"] = {"message": _text(entry.get("message") or "", secrets)}
    if found := event.get("exception", {}).get("values"):
        made["exception"] = {"values": [_exception(each, secrets) for each in found]}
    return made


def _exception(given: dict, secrets: Iterable[str]) -> dict:
    frames = (given.get("stacktrace") or {}).get("frames", [])
    return {
        "type": given.get("type"),
        "module": given.get("module"),
        "value": _text(given.get("value") or "", secrets),
        "mechanism": {
            name: given["mechanism"][name]
            for name in ("type", "handled")
            if name in (given.get("mechanism") or {})
        },
        "stacktrace": {
            "frames": [{name: frame.get(name) for name in _OF_A_FRAME} for frame in frames]
        },
    }


def _text(text: str, secrets: Iterable[str]) -> str:
    """The first line of a message, without secrets and what somebody may have typed."""
    line = hide(text.partition("\n")[0], secrets)
    return _ADDRESS.sub(HIDDEN, _QUOTED.sub(HIDDEN, line))
