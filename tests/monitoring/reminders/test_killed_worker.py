"""A real worker killed before, and after, the mail server has a mail: none is sent twice.

The mail server is one of this process. It stops at a chosen point and says so, and the worker is
killed just there, so nothing here hangs on how fast a machine is.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import Queue

import pytest

from council_finance.processes import die_with_parent
from monitoring.management.commands.demo import _worker_command
from tests import ready_databases
from tests.conftest import ROOT
from tests.councils.month import MONTH_1, SERVICES, SETTINGS
from tests.councils.packs import position, write_pack

pytestmark = [pytest.mark.worker, pytest.mark.slow]

PATIENCE = int(os.environ.get("PATIENCE", "60"))
NO_GREETING, NO_ANSWER, WORKS = "no greeting", "no answer to the text", "works"
PEOPLE = ("ann", "bob", "cat")
SET_UP = """
from django.utils import timezone
from council_finance.accounts.models import Role, User
from monitoring.models import Report
from monitoring.reminders.services import choose_reminders
for name in {people}:
    user = User.objects.create_user(name, f"{{name}}@council.test", role=Role.SCRUTINY_MEMBER)
    choose_reminders(user=user, digest="off", at_once=True, now=timezone.now())
"""


class MailServer:
    """An SMTP server that does as `plan` says, and notes who was sent a mail."""

    def __init__(self) -> None:
        self.plan = WORKS
        self.received: list[str] = []
        self.stopped: Queue[str] = Queue()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines) -> None:
        """Answer one connection until it ends; at the point of the plan, wait for its end."""
        if self.plan == NO_GREETING:
            self.stopped.put(NO_GREETING)
            connection.recv(1)
            return
        connection.sendall(b"220 here\r\n")
        recipient = ""
        for line in lines:
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b"@")[0].decode()
            if word != b"DATA":
                connection.sendall(b"250 fine\r\n")
                continue
            connection.sendall(b"354 go on\r\n")
            while lines.readline() != b".\r\n":
                pass
            self.received.append(recipient)
            if self.plan == NO_ANSWER:
                self.stopped.put(NO_ANSWER)
                connection.recv(1)
                return
            connection.sendall(b"250 taken\r\n")


class Site:
    """A site on SQLite with its broker in files, whose mails go to that server."""

    def __init__(self, folder: Path, server: MailServer) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "CELERY_BROKER_URL": "",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(server.port),
            "EMAIL_USE_TLS": "0",
            "DEFAULT_FROM_EMAIL": "budget@council.test",
            "SITE_ADDRESS": "https://budget.council.test",
        }
        self.workers: list[subprocess.Popen] = []

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr

    def start_worker(self) -> subprocess.Popen:
        with (self.folder / "worker.log").open("a") as log:
            worker = subprocess.Popen(
                _worker_command().arguments,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509
            )
        self.workers.append(worker)
        return worker

    def ask(self, query: str, *values: object) -> list[tuple]:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=30) as database:
            return database.execute(query, values).fetchall()

    def queue(self, name: str) -> None:
        """Put the mail about the published report into a person's queue."""
        self.ask(
            "INSERT INTO monitoring_remindermail"
            " (user_id, kind, about, items, state, attempts, queued_at, not_before, result)"
            " SELECT id, 'published', 'report ' || (SELECT max(id) FROM monitoring_report), '[]',"
            " 'waiting', 0, datetime('now'), datetime('now'), ''"
            " FROM accounts_user WHERE username = ?",
            name,
        )

    def log(self) -> dict[str, tuple[str, int]]:
        rows = self.ask(
            "SELECT username, state, attempts FROM monitoring_remindermail"
            " JOIN accounts_user ON accounts_user.id = user_id"
        )
        return {name: (state, attempts) for name, state, attempts in rows}


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer()
    yield made
    made.listening.close()


@pytest.fixture
def site(tmp_path, server) -> Iterator[Site]:
    files = {"services.csv": SERVICES, "periods/01/position.csv": position(MONTH_1)}
    pack = write_pack(tmp_path / "pack", files, publish=(1,), settings=SETTINGS)
    made = Site(tmp_path, server)
    ready_databases.copy_file(tmp_path)
    made.manage("load_pack", str(pack))
    made.manage("shell", "-c", SET_UP.format(people=PEOPLE))
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()


def test_a_worker_killed_in_between_sends_no_mail_twice(site, server):
    for name, plan in zip(PEOPLE, (NO_GREETING, NO_ANSWER), strict=False):
        server.plan = plan
        site.queue(name)
        worker = site.start_worker()
        assert server.stopped.get(timeout=PATIENCE) == plan
        assert site.log()[name] == ("sending", 1)
        worker.kill()
        worker.wait()
    server.plan = WORKS
    site.queue("cat")
    site.start_worker()
    until = time.monotonic() + PATIENCE
    while site.log()["cat"][0] != "sent":
        assert time.monotonic() < until, (site.folder / "worker.log").read_text()
        time.sleep(0.05)
    assert site.log() == {"ann": ("uncertain", 1), "bob": ("uncertain", 1), "cat": ("sent", 1)}
    assert server.received == ["bob", "cat"]
