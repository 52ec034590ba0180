"""Kill -9 anywhere, messages lost and doubled, brokers gone: figures whole, uploads stored once.

Real processes on SQLite with the broker of files and on the servers of the environment. Where a
process is to be killed at a certain point it stops itself there first (see tests/faults.py), so
nothing here hangs on how fast a machine is.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis
from django.db import DatabaseError

from council_finance.periods import financial_year_label
from council_finance.processes import die_with_parent
from monitoring import tasks
from monitoring.management.commands.demo import _worker_command
from tests import faults, feed_faults, ready_databases
from tests.conftest import ROOT

pytestmark = [pytest.mark.worker, pytest.mark.slow]

PATIENCE = int(os.environ.get("PATIENCE", "60"))
LINES = 1_000
MANY_LINES = 20_000
PERIOD = 2

CONFIGURED = {name for name in ("DATABASE_URL", "CELERY_BROKER_URL") if os.environ.get(name)}
SITES = ["sqlite and files", *(["as configured"] if CONFIGURED else [])]
REDIS_NUMBER = 2


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


class Files:
    """The broker of files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "broker"

    def waiting(self) -> int:
        return len(self._messages())

    def lose(self) -> None:
        for message in self._messages():
            message.unlink()

    def restart(self) -> None:
        """Everything is gone, as after a clean-up of the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def away(self) -> dict[str, str]:
        """Environment of a process that reaches no broker."""
        nothing = self.folder.parent / "away" / "broker"
        nothing.parent.mkdir(exist_ok=True)
        nothing.touch()
        for shared in ("db.sqlite3", "secret_key", "locks"):
            with contextlib.suppress(FileExistsError):
                (nothing.parent / shared).symlink_to(self.folder.parent / shared)
        url = f"sqlite:///{self.folder.parent / 'db.sqlite3'}"
        return {"DATA_DIR": str(nothing.parent), "DATABASE_URL": url}

    def _messages(self) -> list[Path]:
        return list((self.folder / "queue").glob("*.celery.msg"))


class Redis:
    """A number of a Redis server."""

    def __init__(self, url: str) -> None:
        self.server = redis.Redis.from_url(url)
        self.server.flushdb()

    def waiting(self) -> int:
        return self.server.llen("celery")

    def lose(self) -> None:
        self.server.delete("celery")

    def restart(self) -> None:
        """As a server without persistence: every message and every connection is gone."""
        self.server.flushdb()
        for client in self.server.client_list():
            if client["db"] == str(REDIS_NUMBER) and client["cmd"] != "client|list":
                with contextlib.suppress(redis.ResponseError):  # it has gone by itself
                    self.server.client_kill(client["addr"])

    def away(self) -> dict[str, str]:
        """Environment of a process that reaches no broker."""
        return {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}


class Program(subprocess.Popen):
    """A process of one's own."""

    def is_stopped(self) -> bool:
        options = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        return self.poll() is None and os.waitid(os.P_PID, self.pid, options) is not None


class Worker:
    """A worker that the starter has forked (tests/worker_starter.py)."""

    def __init__(self, starter: Program, arguments: list[str]) -> None:
        self._starter, self.returncode = starter, None
        self.pid = ask(starter, "start", arguments)

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = ask(self._starter, "ended", self.pid)
        return self.returncode

    def wait(self, seconds: float = PATIENCE) -> int:
        assert eventually(lambda: self.poll() is not None, seconds)
        return self.returncode

    def is_stopped(self) -> bool:
        return self.poll() is None and ask(self._starter, "is_stopped", self.pid)

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def ask(program: Program, name: str, argument: object) -> Any:
    """Ask a program that answers a line with a line of JSON."""
    program.stdin.write(json.dumps([name, argument]) + "\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())


class Site:
    """A database, a broker, a helper to ask, and the workers of the moment."""

    def __init__(self, environment: dict[str, str], broker: Files | Redis) -> None:
        self.environment, self.broker = environment, broker
        self.folder = Path(environment["DATA_DIR"])
        self.log = (self.folder / "log").open("a")
        self.workers: list[Worker] = []
        self.seed = 10
        self.helper = self.start_helper()
        self.starter = self.start_answering("tests.worker_starter")

    # -- processes

    def start(self, *arguments: str, more: dict | None = None, **options) -> Program:
        return Program(
            arguments,
            cwd=ROOT,
            env=self.environment | (more or {}),
            stderr=self.log,
            text=True,
            preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509
            **options,
        )

    def start_helper(self, more: dict | None = None) -> Program:
        return self.start_answering("tests.faults", more)

    def start_answering(self, module: str, more: dict | None = None) -> Program:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return self.start(sys.executable, "-m", module, more=more, **pipes)

    def start_worker(self) -> Worker:
        """With the arguments of the demo's, but one that stops where it is told."""
        python, option, program, *arguments = _worker_command().arguments
        assert (python, option, program) == (sys.executable, "-m", "celery")
        arguments[arguments.index("council_finance")] = "tests.faults"
        worker = Worker(self.starter, [*arguments, "-n", f"{uuid.uuid4().hex}@here"])
        self.workers.append(worker)
        return worker

    def worker(self) -> Worker:
        """The worker that runs, or a new one."""
        return self.workers[0] if self.workers else self.start_worker()

    def kill(self, process: Program | Worker) -> None:
        process.kill()
        process.wait()
        if process in self.workers:
            self.workers.remove(process)

    def kill_workers(self) -> None:
        for worker in list(self.workers):
            self.kill(worker)

    def stop_at(self, point: str) -> None:
        (self.folder / faults.STOP_AT).write_text(point)

    def go_on(self) -> None:
        """Nobody stops any more; who has stopped already waits on."""
        (self.folder / faults.STOP_AT).unlink(missing_ok=True)

    def close(self) -> None:
        self.kill_workers()
        self.helper.communicate()
        self.starter.communicate()
        self.log.close()

    # -- what to ask

    def ask(self, name: str, helper: Program | None = None, **arguments):
        """An answer of the helper; an AssertionError with what it raised instead."""
        answer = ask(helper or self.helper, name, arguments)
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def row(self, upload: int) -> dict:
        return self.ask("row", upload=upload)

    def becomes(self, upload: int, state: str) -> bool:
        return eventually(lambda: self.row(upload)["state"] == state)

    def new_ledger(self, lines: int = LINES) -> tuple[str, int]:
        """A file that no upload has brought yet, and its budget."""
        self.seed += 1
        return faults.ledger(self.seed, lines)

    def checked(self, text: str, kind: str = "position", period: int | None = PERIOD) -> int:
        """An upload that waits for its confirmation."""
        self.worker()
        upload = self.ask("receive", kind=kind, period=period, text=text)
        assert self.becomes(upload, "ready"), self.row(upload)
        return upload


def has_stopped(process: Program | Worker) -> bool:
    """Wait until the process has stopped itself; False where it ends instead."""
    eventually(lambda: process.poll() is not None or process.is_stopped())
    return process.is_stopped()


@pytest.fixture(scope="module", params=SITES)
def running(request, tmp_path_factory) -> Iterator[Site]:
    """A site with figures of four open periods."""
    folder = tmp_path_factory.mktemp("site")
    environment = {key: value for key, value in os.environ.items() if key not in CONFIGURED}
    environment |= {"DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with contextlib.ExitStack() as servers:
        if request.param == "as configured":
            environment |= servers.enter_context(_servers())
        url = environment.get("CELERY_BROKER_URL", "")
        site = Site(environment, Redis(url) if url.startswith("redis") else Files(folder))
        servers.callback(site.close)
        if "DATABASE_URL" not in environment:
            ready_databases.copy_file(folder)
        site.ask("set_up", lines=LINES)
        yield site


@contextlib.contextmanager
def _servers() -> Iterator[dict[str, str]]:
    """A database and a Redis number of the site's own, on what is configured of the two."""
    own = {}
    if url := os.environ.get("CELERY_BROKER_URL"):
        own["CELERY_BROKER_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{REDIS_NUMBER}"))
    if not (url := os.environ.get("DATABASE_URL")):
        yield own
        return
    name = f"faults_{uuid.uuid4().hex[:12]}"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield own | {"DATABASE_URL": ready_databases.make_database(name)}
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def site(running) -> Iterator[Site]:
    """The site; at the test's end nobody has stopped and nothing waits."""
    yield running
    running.go_on()
    for worker in list(running.workers):
        if worker.poll() is not None or worker.is_stopped():
            running.kill(worker)


@pytest.fixture
def whole(site) -> Iterator[None]:
    """Figures are read all the while: the old ones or the new ones, and these are the batch's."""
    before = site.ask("view", period=PERIOD)
    site.ask("watch", period=PERIOD)
    yield
    assert eventually(lambda: site.ask("is_up_to_date"))
    seen = site.ask("watched")
    after = site.ask("view", period=PERIOD)
    assert all(view in (before, after) for view in seen)
    assert after in seen
    assert all(site.ask("is_whole", period=period) for period in faults.PERIODS)


def assert_stored_once(site: Site, upload: int, budget: int) -> None:
    assert site.becomes(upload, "stored"), site.row(upload)
    row = site.row(upload)
    assert (row["job"], row["batches"], row["audit"]) == ("done", 1, 1)
    assert site.ask("view", period=PERIOD)[0][3] == budget


def assert_nothing_stored(site: Site, upload: int) -> None:
    row = site.row(upload)
    assert (row["batches"], row["audit"]) == (0, 0)


# Killed


@pytest.mark.parametrize("point", [faults.CLAIMED, "Reading the file", faults.ENDED])
def test_a_worker_killed_while_it_checks_is_replaced(site, whole, point):
    site.stop_at(point)
    worker = site.worker()
    text, budget = site.new_ledger()
    upload = site.ask("receive", kind="position", period=PERIOD, text=text)
    assert has_stopped(worker)
    row = site.row(upload)
    assert (row["state"], row["job"], row["attempt"]) == ("checking", "running", 1)
    site.kill(worker)
    site.go_on()
    site.start_worker()
    assert site.becomes(upload, "ready")
    assert site.row(upload)["attempt"] == 2
    assert_nothing_stored(site, upload)
    site.ask("confirm", upload=upload)
    assert_stored_once(site, upload, budget)


@pytest.mark.parametrize(
    ("point", "step"),
    [
        (faults.CLAIMED, "Starting"),
        ("Reading and checking the file", "Reading and checking the file"),
        ("Working the figures out", "Working the figures out"),
        ("Storing", "Storing"),
        (faults.POSITIONS_WRITTEN, "Storing"),
        (faults.ENDED, "Storing"),
    ],
)
def test_a_worker_killed_while_it_stores_is_replaced(site, whole, point, step):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    worker = site.worker()
    site.stop_at(point)
    site.ask("confirm", upload=upload)
    assert has_stopped(worker)
    row = site.row(upload)
    assert (row["state"], row["job"], row["step"]) == ("storing", "running", step)
    assert_nothing_stored(site, upload)
    site.kill(worker)
    site.go_on()
    site.start_worker()
    assert_stored_once(site, upload, budget)
    assert site.row(upload)["attempt"] == 2


@pytest.mark.parametrize("point", [faults.STORED, faults.ONE_LATER_WRITTEN, faults.ONE_LATER_DONE])
def test_a_worker_killed_before_later_periods_follow_is_replaced(site, point):
    """A tree's new names reach the read model by the recompute alone."""
    word = f"Word {uuid.uuid4().hex}"
    upload = site.checked(faults.tree(word), "services", None)
    worker = site.worker()
    site.stop_at(point)
    site.ask("confirm", upload=upload)
    assert has_stopped(worker)
    assert site.row(upload)["state"] == "stored"
    assert not site.ask("is_up_to_date")
    site.kill(worker)
    site.go_on()
    site.start_worker()
    assert eventually(lambda: site.ask("is_up_to_date"))
    for period in faults.PERIODS:
        assert all(row[2].startswith(word) for row in site.ask("view", period=period))
        assert site.ask("is_whole", period=period)
    row = site.row(upload)
    assert (row["state"], row["attempt"], row["audit"]) == ("stored", 1, 1)


def test_a_stored_ledger_whose_worker_is_killed_is_not_stored_again(site, whole):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    worker = site.worker()
    site.stop_at(faults.STORED)
    site.ask("confirm", upload=upload)
    assert has_stopped(worker)
    site.kill(worker)
    site.go_on()
    site.start_worker()
    assert_stored_once(site, upload, budget)
    assert site.row(upload)["attempt"] == 1


def test_what_killed_its_worker_twice_has_failed_and_can_be_run_again(site, whole):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    site.stop_at("Working the figures out")
    site.ask("confirm", upload=upload)
    worker = site.worker()
    for attempt in (1, 2):
        assert has_stopped(worker)
        assert site.row(upload)["attempt"] == attempt
        site.kill(worker)
        worker = site.start_worker()
    site.go_on()
    assert site.becomes(upload, "failed")
    assert site.row(upload)["step"] == "It failed; nothing was stored"
    assert_nothing_stored(site, upload)
    site.ask("again", upload=upload)
    assert site.becomes(upload, "ready")
    site.ask("confirm", upload=upload)
    assert_stored_once(site, upload, budget)


def test_a_worker_killed_at_any_moment_of_a_long_ledger(site, whole):
    """Nobody stops here: a ledger of 20,000 lines, killed as each step is seen from outside."""
    text, budget = site.new_ledger(MANY_LINES)
    worker = site.worker()
    upload = site.ask("receive", kind="position", period=PERIOD, text=text)
    assert eventually(lambda: site.row(upload)["step"] == "Reading the file")
    site.kill(worker)
    worker = site.start_worker()
    assert site.becomes(upload, "ready")
    site.ask("confirm", upload=upload)
    assert eventually(lambda: site.row(upload)["step"] in ("Storing", "Stored"))
    site.kill(worker)
    site.start_worker()
    assert_stored_once(site, upload, budget)


# Messages


def test_lost_messages_are_sent_again(site, whole):
    site.kill_workers()
    text, budget = site.new_ledger()
    upload = site.ask("receive", kind="position", period=PERIOD, text=text)
    for state in ("ready", "stored"):
        assert site.broker.waiting() == 1
        site.broker.lose()
        assert site.broker.waiting() == 0
        site.ask("make_old", upload=upload)
        worker = site.start_worker()
        assert site.becomes(upload, state)
        site.kill(worker)
        if state == "ready":
            site.ask("confirm", upload=upload)
    site.start_worker()  # it may still have to bring the later periods up to date
    assert_stored_once(site, upload, budget)


def test_a_file_whose_receiver_was_killed_is_checked_all_the_same(site, whole):
    """The row of the upload is there; nobody came to send the message."""
    text, budget = site.new_ledger()
    upload = site.ask("receive", kind="position", period=PERIOD, text=text, start=False)
    assert site.row(upload)["job"] == "queued"
    site.ask("make_old", upload=upload)
    site.worker()
    assert site.becomes(upload, "ready")
    site.ask("confirm", upload=upload)
    assert_stored_once(site, upload, budget)


def test_many_messages_and_two_workers_store_once(site, whole):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    first = site.worker()
    site.stop_at("Working the figures out")
    site.ask("confirm", upload=upload)
    assert has_stopped(first)
    site.go_on()
    site.start_worker()
    site.ask("send", upload=upload, times=3)
    assert eventually(lambda: site.broker.waiting() == 0)
    assert site.row(upload)["attempt"] == 1
    first.send_signal(signal.SIGCONT)
    assert_stored_once(site, upload, budget)
    site.ask("send", upload=upload, times=5)
    assert eventually(lambda: site.broker.waiting() == 0)
    assert_stored_once(site, upload, budget)
    assert site.row(upload)["attempt"] == 1


def test_two_workers_race_for_one_job(site, whole):
    text, budget = site.new_ledger()
    while len(site.workers) < 2:
        site.start_worker()
    upload = site.checked(text)
    site.ask("confirm", upload=upload)
    site.ask("send", upload=upload, times=8)
    assert_stored_once(site, upload, budget)
    assert eventually(lambda: site.broker.waiting() == 0)
    assert site.row(upload)["attempt"] == 1
    site.kill_workers()


@pytest.mark.parametrize("point", ["Working the figures out", "Storing"])
def test_a_worker_taken_for_dead_does_not_store_as_well(site, whole, point):
    """Its lock is gone, as with a session the database server ended, but it lives on."""
    text, budget = site.new_ledger()
    upload = site.checked(text)
    first = site.worker()
    site.stop_at(point)
    site.ask("confirm", upload=upload)
    assert has_stopped(first)
    site.go_on()
    site.ask("cut_off", upload=upload)
    site.start_worker()
    assert_stored_once(site, upload, budget)
    first.send_signal(signal.SIGCONT)
    first.terminate()
    assert first.wait(PATIENCE) == 0
    site.workers.remove(first)
    assert_stored_once(site, upload, budget)
    assert site.row(upload)["attempt"] == 2


# Commands


def upload_command(site: Site, path: Path, **options) -> Program:
    year = financial_year_label(faults.YEAR)
    arguments = ("position", str(path), "--year", year, "--period", str(PERIOD))
    return site.start(
        *(sys.executable, "-m", "tests.faults", "command", "upload", *arguments), **options
    )


@pytest.mark.parametrize(
    "point", ["Reading and checking the file", faults.POSITIONS_WRITTEN, faults.ENDED]
)
def test_after_a_killed_command_the_next_upload_is_taken(site, whole, tmp_path, point):
    site.kill_workers()
    site.stop_at(point)
    (tmp_path / "position.csv").write_text(site.new_ledger()[0])
    command = upload_command(site, tmp_path / "position.csv")
    assert has_stopped(command)
    first = site.ask("latest")
    site.kill(command)
    site.go_on()
    text, budget = site.new_ledger()
    assert site.ask("bring", kind="position", period=PERIOD, text=text) == "stored"
    assert_stored_once(site, site.ask("latest"), budget)
    assert site.row(first)["state"] == "failed"
    assert_nothing_stored(site, first)


def test_a_command_taken_for_dead_says_that_nothing_was_stored(site, tmp_path):
    before = site.ask("view", period=PERIOD)
    site.stop_at("Storing")
    (tmp_path / "position.csv").write_text(site.new_ledger()[0])
    pipes = {"stdout": subprocess.PIPE}
    command = upload_command(site, tmp_path / "position.csv", **pipes)
    assert has_stopped(command)
    upload = site.ask("latest")
    site.ask("cut_off", upload=upload)
    site.ask("sweep")
    assert site.becomes(upload, "failed")
    command.send_signal(signal.SIGCONT)
    said, _ = command.communicate(timeout=PATIENCE)
    assert (command.returncode, said) == (1, "")
    assert_nothing_stored(site, upload)
    assert site.ask("view", period=PERIOD) == before


# The watched folder


def test_a_file_of_the_watched_folder_is_taken_once_wherever_its_process_is_killed(site, tmp_path):
    site.kill_workers()
    site.ask("set_up_feed")
    drop, sent = tmp_path / "drop", {}
    drop.mkdir()
    for place, point in enumerate((*feed_faults.POINTS, feed_faults.SENTENCES)):
        name = f"position-2031-32-01_{place}.csv"
        text = site.new_ledger()[0]
        if point == feed_faults.SENTENCES:
            text = text.replace("S00,", "WRONG,")
        (drop / name).write_text(text)
        sent[name] = feed_faults.sha256_of(text.encode())
        assert site.ask("take", drop=str(drop), die_at=point) == signal.SIGKILL, point
        assert site.ask("take", drop=str(drop)) == 0
    found = site.ask("look_at", drop=str(drop))
    names = list(sent)
    assert found["rows"] == {name: ["stored"] for name in names[:-1]} | {names[-1]: ["refused"]}
    assert [found["stored"].get(sent[name], 0) for name in names] == [1] * len(names[:-1]) + [0]
    texts = [place for place in found["files"] if place.endswith(".txt")]
    moved = {place: each for place, each in found["files"].items() if place not in texts}
    assert sorted(moved.values()) == sorted(sent.values())
    assert [place.partition("/")[0] for place in sorted(moved)] == (
        ["refused"] + ["taken"] * len(names[:-1])
    )
    assert texts == [f"{place}.txt" for place in moved if place.startswith("refused/")]


# Stopped cleanly; the broker gone


def test_a_worker_asked_to_stop_ends_its_upload_first(site, whole):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    worker = site.worker()
    site.stop_at("Working the figures out")
    site.ask("confirm", upload=upload)
    assert has_stopped(worker)
    worker.terminate()
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(PATIENCE) == 0
    site.workers.remove(worker)
    assert_stored_once(site, upload, budget)
    assert site.row(upload)["attempt"] == 1


def test_a_broker_that_forgot_everything_is_used_again(site, whole):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    worker = site.worker()
    site.broker.restart()
    site.ask("confirm", upload=upload)
    assert_stored_once(site, upload, budget)
    assert worker.poll() is None


def test_a_person_may_confirm_while_the_broker_is_away(site, whole):
    text, budget = site.new_ledger()
    upload = site.checked(text)
    helper = site.start_helper(site.broker.away())
    site.ask("confirm", helper, upload=upload)
    helper.communicate()
    assert site.row(upload)["job"] == "queued"
    site.ask("make_old", upload=upload)
    assert_stored_once(site, upload, budget)


@pytest.mark.parametrize("error", [DatabaseError, OSError, LookupError])
def test_the_sweep_outlives_its_errors(monkeypatch, error):
    def fails():
        raise error("away")

    told, swept = [], []
    monkeypatch.setattr(tasks, "sweep_jobs", fails)
    for part in ("recompute_behind", "sweep_feed", "sweep_reminders"):
        monkeypatch.setattr(tasks, part, partial(swept.append, part))
    monkeypatch.setattr(tasks.logger, "warning", lambda *words: told.append(words[-1]))
    monkeypatch.setattr(threading, "excepthook", lambda hook: told.append(hook.exc_value))
    tasks.sweep_once()
    assert [type(one) for one in told] == [error]
    assert swept == ["recompute_behind", "sweep_feed", "sweep_reminders"]
