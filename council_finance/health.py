"""Answers for load balancers and monitors: is the process alive, and can it do its work.

`/healthz` touches nothing. `/readyz` checks every part that a request or an upload needs, all at
the same time and for two seconds at most. It also reports back-ups and the other maintenance tasks,
which never make the site unready: a balancer would take it away. Both are answered before the host
name is checked, as probes use the address's number. They name no more than the part that fails, so
they need no log-in.
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, TypedDict

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from kombu.exceptions import KombuError

from council_finance import locks, schema, upkeep
from council_finance.celery import app
from council_finance.logs import PROBES
from council_finance.middleware import GetResponse

PATIENCE = 2.0
"""Seconds that a part has to answer."""
NEVER_DONE = "never done"


class NotReady(Exception):
    """A part that cannot do its work; the message says why, without any name or address."""


PartState = TypedDict("PartState", {"ok": bool, "is": str})
"""The state of a part: whether it works, and a few words."""


def answer_probes(get_response: GetResponse) -> GetResponse:
    """Answer /healthz and /readyz."""
    views = dict(zip(PROBES, (healthz, readyz), strict=True))

    def middleware(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        if view is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = view()
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def healthz() -> HttpResponse:
    """Answer that the process is alive."""
    return JsonResponse({"alive": True})


def readyz() -> HttpResponse:
    """Answer with the state of every part; 503 where one fails."""
    found = check_parts(PARTS | UPKEEP)
    parts = {name: found[name] for name in PARTS}
    ready = all(part["ok"] for part in parts.values())
    answer: dict[str, object] = {"ready": ready, "parts": parts}
    if tasks := {name: found[name] for name in UPKEEP if found[name]["is"] != NEVER_DONE}:
        answer["upkeep"] = tasks
    return JsonResponse(answer, status=200 if ready else 503)


# Each check of a part returns a few words, or raises NotReady with the reason.


def database() -> str:
    """Check that the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        raise NotReady("cannot be reached") from error
    return "answers"


def migrations() -> str:
    """Check that every migration of this version is applied."""
    try:
        missing = schema.missing(connection)
    except DatabaseError as error:
        raise NotReady("cannot be told without the database") from error
    if missing:
        raise NotReady(f"{len(missing)} not applied: run manage.py migrate")
    return "applied"


def broker() -> str:
    """Check that the broker takes messages."""
    options = dict(app.conf.broker_transport_options)
    if settings.CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
        options |= {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    with app.connection_for_write(transport_options=options) as messages:
        try:
            messages.ensure_connection(max_retries=0)
        except (KombuError, OSError) as error:
            raise NotReady("cannot be reached") from error
    return "answers"


def worker() -> str:
    """Check that at least one worker is alive."""
    try:
        count = locks.count_workers()
    except DatabaseError as error:
        raise NotReady("cannot be told without the database") from error
    if not count:
        raise NotReady("none is running: uploads wait until one is")
    return "running"


def static_files() -> str:
    """Check that the pages' static files are collected."""
    if settings.IN_SERVICE and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        raise NotReady("not collected: run manage.py collectstatic")
    return "there"


def _task_check(task: upkeep.Task) -> Callable[[], str]:
    """Return the check of a maintenance task's last result."""

    def check() -> str:
        try:
            found = upkeep.standing(task)
        except DatabaseError as error:
            raise NotReady("cannot be told without the database") from error
        if found is None:
            return NEVER_DONE
        if not found.ok:
            raise NotReady(found.words)
        return found.words

    return check


PARTS = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "worker": worker,
    "static files": static_files,
}

UPKEEP = {str(task.label).lower(): _task_check(task) for task in upkeep.Task}


class PartCheck:
    """A check of a part in a thread of its own; probes that come meanwhile share its result."""

    _running: ClassVar[dict[str, "PartCheck"]] = {}
    _lock = threading.Lock()

    def __init__(self, name: str, part: Callable[[], str]):
        self.part = part
        self.answer: PartState | None = None
        self.thread = threading.Thread(target=self._run_check, name=f"is {name} ready", daemon=True)

    @classmethod
    def start(cls, name: str, part: Callable[[], str]) -> "PartCheck":
        """Return the check that is running, or a new one.

        So checks of a part that hangs do not pile up.
        """
        with cls._lock:
            check = cls._running.get(name)
            if check is None or not check.thread.is_alive():
                check = cls._running[name] = cls(name, part)
                check.thread.start()
            return check

    def _run_check(self) -> None:
        try:
            self.answer = {"ok": True, "is": self.part()}
        except NotReady as no:
            self.answer = {"ok": False, "is": str(no)}
        finally:
            connection.close()


def check_parts(
    parts: Mapping[str, Callable[[], str]], patience: float = PATIENCE
) -> dict[str, PartState]:
    """Return the state of each part; all are checked within so many seconds together."""
    until = time.monotonic() + patience
    checks = {name: PartCheck.start(name, part) for name, part in parts.items()}
    for check in checks.values():
        check.thread.join(max(0, until - time.monotonic()))
    silent: PartState = {"ok": False, "is": f"no answer within {patience:g} seconds"}
    return {name: check.answer or silent for name, check in checks.items()}
