"""Errors sent to a service that speaks Sentry's protocol, where SENTRY_DSN is set.

An event is built anew from the few parts that are known to be harmless: what happened, where in the
code, under which request id and for which pattern of address. Requests' bodies, cookies, headers
and addresses, variables, people, and earlier log lines are never sent. Messages are sent without
texts in quotation marks, where a database or a library repeats what somebody typed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

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
"""Sources of a transaction's name that are patterns, not the address itself."""
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
    given: Mapping[str, Any] = event
    made: dict[str, Any] = {name: given[name] for name in _KEPT if name in given}
    made["tags"] = {"request_id": request_id()} if request_id() else {}
    if method := given.get("request", {}).get("method"):
        made["tags"]["method"] = method
    if given.get("transaction_info", {}).get("source") in _PATTERNS:
        made["transaction"] = given.get("transaction")
    if entry := given.get("logentry"):
        # The message before its parameters are filled in: those are not sent.
        made["logentry"] = {"message": _scrub_text(entry.get("message") or "", secrets)}
    if found := given.get("exception", {}).get("values"):
        made["exception"] = {"values": [_scrub_exception(each, secrets) for each in found]}
    return cast(Event, made)


def _scrub_exception(given: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    frames = (given.get("stacktrace") or {}).get("frames", [])
    return {
        "type": given.get("type"),
        "module": given.get("module"),
        "value": _scrub_text(given.get("value") or "", secrets),
        "mechanism": {
            name: given["mechanism"][name]
            for name in ("type", "handled")
            if name in (given.get("mechanism") or {})
        },
        "stacktrace": {
            "frames": [{name: frame.get(name) for name in _OF_A_FRAME} for frame in frames]
        },
    }


def _scrub_text(text: str, secrets: Iterable[str]) -> str:
    """Return the first line of a message, without secrets and what somebody may have typed."""
    line = hide(text.partition("\n")[0], secrets)
    return _ADDRESS.sub(HIDDEN, _QUOTED.sub(HIDDEN, line))
