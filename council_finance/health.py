"""What a load balancer or a monitor asks: is the process alive, and can it do its work.

`/healthz` touches nothing. `/readyz` looks at every part that a request or an upload needs, each
beside the others and for two seconds at most. Beside these it tells how back-ups and the other
tasks of the house went; they never make the site unready, as a balancer would take it away. Both
are answered before the host name is looked at, as probes ask by number, and say no more than which
part fails: they need no log-in.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from kombu.exceptions import KombuError

from council_finance import locks, schema, upkeep
from council_finance.logs import PROBES

PATIENCE = 2.0
"""Seconds that a part has to answer."""
NEVER_DONE = "never done"


class NotReady(Exception):
    """A part cannot do its work; its words say why, without any name or address."""


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]):
    """Answer /healthz and /readyz."""

    def middleware(request: HttpRequest) -> HttpResponse:
        view = dict(zip(PROBES, (healthz, readyz), strict=True)).get(request.path_info)
        if view is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = view()
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def healthz() -> HttpResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


def readyz() -> HttpResponse:
    """Every part with how it is; 503 where one fails."""
    found = ask(PARTS | UPKEEP)
    parts = {name: found[name] for name in PARTS}
    ready = all(part["ok"] for part in parts.values())
    told = {"ready": ready, "parts": parts}
    if kept := {name: found[name] for name in UPKEEP if found[name]["is"] != NEVER_DONE}:
        told["upkeep"] = kept
    return JsonResponse(told, status=200 if ready else 503)


def database() -> str:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        raise NotReady("cannot be reached") from error
    return "answers"


def migrations() -> str:
    """Every migration of this version is applied."""
    try:
        missing = schema.missing(connection)
    except DatabaseError as error:
        raise NotReady("cannot be told without the database") from error
    if missing:
        raise NotReady(f"{len(missing)} not applied: run manage.py migrate")
    return "applied"


def broker() -> str:
    """The broker takes messages."""
    options = dict(current_app.conf.broker_transport_options)
    if settings.CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
        options |= {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    with current_app.connection_for_write(transport_options=options) as messages:
        try:
            messages.ensure_connection(max_retries=0)
        except (KombuError, OSError) as error:
            raise NotReady("cannot be reached") from error
    return "answers"


def worker() -> str:
    """At least one worker is alive to do jobs."""
    try:
        count = locks.count_workers()
    except DatabaseError as error:
        raise NotReady("cannot be told without the database") from error
    if not count:
        raise NotReady("none is running: uploads wait until one is")
    return "running"


def static_files() -> str:
    """The pages' own files are collected."""
    if settings.IN_SERVICE and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        raise NotReady("not collected: run manage.py collectstatic")
    return "there"


def _upkeep(task: upkeep.Task) -> Callable[[], str]:
    """How a task of the house went the last time."""

    def part() -> str:
        try:
            found = upkeep.standing(task)
        except DatabaseError as error:
            raise NotReady("cannot be told without the database") from error
        if found is None:
            return NEVER_DONE
        if not found.ok:
            raise NotReady(found.words)
        return found.words

    return part


PARTS = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "worker": worker,
    "static files": static_files,
}

UPKEEP = {str(task.label).lower(): _upkeep(task) for task in upkeep.Task}


class Question:
    """One part, asked in a thread of its own; who asks meanwhile waits for the same answer."""

    _open: dict[str, "Question"] = {}
    _lock = threading.Lock()

    def __init__(self, name: str, part: Callable[[], str]):
        self.part, self.answer = part, None
        self.thread = threading.Thread(target=self._ask, name=f"is {name} ready", daemon=True)

    @classmethod
    def put(cls, name: str, part: Callable[[], str]) -> "Question":
        """The question that is open, so that probes of what hangs do not pile up, or a new one."""
        with cls._lock:
            asked = cls._open.get(name)
            if asked is None or not asked.thread.is_alive():
                asked = cls._open[name] = cls(name, part)
                asked.thread.start()
            return asked

    def _ask(self) -> None:
        try:
            self.answer = {"ok": True, "is": self.part()}
        except NotReady as no:
            self.answer = {"ok": False, "is": str(no)}
        finally:
            connection.close()


def ask(parts: dict[str, Callable[[], str]], patience: float = PATIENCE) -> dict[str, dict]:
    """How each part is: `ok`, and a few words; all together within so many seconds."""
    until = time.monotonic() + patience
    questions = {name: Question.put(name, part) for name, part in parts.items()}
    for question in questions.values():
        question.thread.join(max(0, until - time.monotonic()))
    silent = {"ok": False, "is": f"no answer within {patience:g} seconds"}
    return {name: question.answer or silent for name, question in questions.items()}
