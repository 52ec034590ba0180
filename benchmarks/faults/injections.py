"""What is broken, and how it is put right again, while people are at work.

Each runs in the main thread, breaks something, waits a while and repairs it; what it leaves for
the rest of its round, `calm` takes back.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import redis
from celery import Celery

from benchmarks.faults.officers import LINES, Officer
from benchmarks.live.site import Site

JOB_LOCKS = 0x42_4D
"""The namespace of the advisory locks that jobs hold (council_finance.locks)."""

_RUNNING = "SELECT id, task FROM council_finance_job WHERE state IN ('queued', 'running')"
_LOCKS = """
SELECT objid, pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s
"""
_CUT_OFF = "SELECT pg_terminate_backend(%s)"
SWEEP = """
import time
import django
django.setup()
from monitoring.uploading.pipeline.jobs import sweep_jobs
while True:
    sweep_jobs()
    time.sleep(0.01)
"""
LONG_LEDGERS = (5_000, 20_000)
BACK = -2 * 60 * 60
"""Seconds by which the clock is moved back."""

FILLER = "filler"
_PROCESSES_ASKED = 8


@dataclass
class Scene:
    """What an injection needs."""

    site: Site
    random: random.Random
    officers: list[Officer]
    clock: Path
    hits: int = 0
    """How often something was broken in this round."""

    def pause(self, least: float = 0.5, most: float = 3.0) -> None:
        """A short while, in which nothing is repaired."""
        time.sleep(self.random.uniform(least, most))

    def rows(self, sql: str, *values) -> list[tuple]:
        """An answer of the database; none while it is away."""
        try:
            connection = self.site.database.connect()
            connection.autocommit = True
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall()
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            return []

    def messenger(self) -> Celery:
        """Sends the product's messages."""
        return Celery(broker=self.site.broker.address)


Injection = Callable[[Scene], None]
INJECTIONS: dict[str, Injection] = {}


def injection(name: str):
    """Put an injection on the list."""

    def keep(function: Injection) -> Injection:
        INJECTIONS[name] = function
        return function

    return keep


@injection("nothing")
def nothing(scene: Scene) -> None:
    """The site at its best."""


@injection("web process killed")
def web_process(scene: Scene) -> None:
    """One of gunicorn's processes; gunicorn starts another."""
    scene.pause(0, 2)
    scene.hits += scene.site.web.kill_child(scene.random.choice)


@injection("web server killed")
def web_server(scene: Scene) -> None:
    """gunicorn whole, or its first process alone."""
    scene.pause(0, 2)
    scene.site.web.kill(children=scene.random.random() < 0.5)
    scene.hits += 1
    scene.pause(0.2, 1)
    scene.site.web.start()


@injection("worker killed")
def worker(scene: Scene) -> None:
    """A Celery worker whole, or its first process alone: what does the job may live on."""
    one = scene.random.choice(scene.site.workers)
    _when_jobs_run(scene)
    one.kill(children=scene.random.random() < 0.7)
    scene.hits += 1
    scene.pause()
    one.start()


@injection("worker's job process killed")
def job_process(scene: Scene) -> None:
    """The processes within the workers that do the jobs."""
    _when_jobs_run(scene)
    scene.hits += sum(one.kill_child(scene.random.choice) for one in scene.site.workers)


@injection("database session killed")
def backend(scene: Scene) -> None:
    """kill -9 of one of PostgreSQL's processes: it then ends every session and recovers."""
    _when_jobs_run(scene)
    scene.hits += scene.site.database.kill_child(scene.random.choice)


@injection("database killed")
def database(scene: Scene) -> None:
    """The postmaster, with or without its sessions."""
    _when_jobs_run(scene)
    server = scene.site.database
    others = server.children() if scene.random.random() < 0.5 else []
    server.kill()
    scene.hits += 1
    for pid in others:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    scene.pause()
    server.start()
    server.wait()


@injection("broker killed")
def broker(scene: Scene) -> None:
    """Redis, which comes back with what it wrote to disk a moment before, or with nothing."""
    _when_jobs_run(scene)
    server = scene.site.broker
    server.kill()
    scene.hits += 1
    if scene.random.random() < 0.5:
        server.forget()
    scene.pause()
    server.start()


@injection("broker gone at upload")
def broker_gone(scene: Scene) -> None:
    """Files are brought while there is no Redis at all, for a longer while."""
    scene.site.broker.kill()
    scene.hits += 1
    scene.site.broker.forget()
    scene.pause(6, 12)
    scene.site.broker.start()


@injection("same message again")
def message_again(scene: Scene) -> None:
    """Every message of the next seconds comes many times."""
    _for_seconds(4, lambda: _send_again(scene, 2))


@injection("two workers on one job")
def two_workers(scene: Scene) -> None:
    """The lock of a job is taken from its living worker, and the job is swept up at once."""
    for officer in scene.officers:
        officer.lines = LONG_LEDGERS
    seen: set[int] = set()

    def cut_off() -> None:
        for job, pid in scene.rows(_LOCKS, JOB_LOCKS):
            if job not in seen:
                seen.add(job)
                time.sleep(scene.random.uniform(0, 0.5))
                scene.hits += scene.rows(_CUT_OFF, pid) == [(True,)]

    command = [sys.executable, "-c", SWEEP]
    place = {"cwd": scene.site.product, "env": scene.site.environment}
    sweeper = subprocess.Popen(command, **place, stderr=subprocess.DEVNULL)
    try:
        _for_seconds(12, cut_off)
    finally:
        sweeper.kill()
        sweeper.wait()


@injection("form sent twice")
def forms_twice(scene: Scene) -> None:
    """Every click on a button sends its form twice at the same time."""
    for officer in scene.officers:
        officer.sends_twice = True


@injection("clock moved back")
def clock_back(scene: Scene) -> None:
    """By two hours, for web and workers; and forward again after the round."""
    scene.pause(0, 1)
    scene.clock.write_text(str(BACK))
    scene.hits += 1


@injection("clock moved back, messages lost")
def clock_back_lost(scene: Scene) -> None:
    """What was sent before the clock was moved never arrives."""
    for one in scene.site.workers:
        one.kill()
    scene.pause(1, 2)
    scene.clock.write_text(str(BACK))
    scene.hits += 1
    with contextlib.suppress(redis.RedisError):
        scene.site.broker.server().flushall()
    for one in scene.site.workers:
        one.start()


@injection("database's disk full")
def database_disk(scene: Scene) -> None:
    """Not a byte is left where the tables and the log of PostgreSQL are."""
    with _full(scene.site.disks["database"]):
        scene.hits += 1
        scene.pause(3, 6)
    scene.site.database.wait()


@injection("upload's disk full")
def upload_disk(scene: Scene) -> None:
    """Not a byte is left where the web server puts a file that comes in."""
    with _full(scene.site.disks["temporary"]):
        scene.hits += 1
        scene.pause(3, 6)


def prepare(scene: Scene) -> None:
    """Before a round: every web process has chosen its folder for files that come in. It does so
    once, and would choose another one where the first is full."""
    for _ in range(_PROCESSES_ASKED):
        scene.officers[0].send_nothing()


def calm(scene: Scene) -> None:
    """After a round: nothing is left of what was injected."""
    scene.clock.write_text("0")
    scene.hits = 0
    for officer in scene.officers:
        officer.sends_twice, officer.lines = False, LINES


NEED_SMALL_DISKS = ("database's disk full", "upload's disk full")


@contextlib.contextmanager
def _full(disk: Path) -> Iterator[None]:
    filler = disk / FILLER
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(65_536)) == 65_536:
            pass
    try:
        yield
    finally:
        filler.unlink()


def _when_jobs_run(scene: Scene, seconds: float = 3) -> None:
    """Most moments are idle: wait for one at which jobs are at work, and then a little."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not scene.rows(_RUNNING):
        time.sleep(0.01)
    time.sleep(scene.random.uniform(0, 0.4))


def _send_again(scene: Scene, times: int) -> None:
    for job, task in scene.rows(_RUNNING):
        for _ in range(times):
            with contextlib.suppress(redis.RedisError):
                scene.messenger().send_task(task, args=[job])
                scene.hits += 1


def _for_seconds(seconds: float, act: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        act()
        time.sleep(0.02)
