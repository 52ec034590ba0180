"""What killed processes leave behind is cleared away, and nothing else; a restore goes on."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from council_finance import locks, whole_files
from council_finance.errors import Refused
from tests import ready_databases
from tests.council_finance.backup.test_backup import (
    HAS_SERVER,
    ROOT,
    backup,
    database,
    migrated,
    server,
    source,
)

__all__ = ["backup", "database", "migrated", "server", "source"]

BEGUN = ".night.backup.budget-monitor-begun"


def in_another_process(code: str, *arguments: object) -> subprocess.Popen:
    """Start a program that says "ready" and waits; it is killed by the test."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    return process


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    process.stdout.close()


WRITES = """
import sys, time
from pathlib import Path
from council_finance import whole_files
with whole_files.writing(Path(sys.argv[1])) as file:
    file.write(b"half of it")
    file.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
def test_what_a_killed_writer_left_goes_with_the_next_file(tmp_path):
    process = in_another_process(WRITES, tmp_path / "night.backup")
    with whole_files.writing(tmp_path / "other.backup") as file:
        file.write(b"whole")
    assert (tmp_path / BEGUN).read_bytes() == b"half of it"  # its writer lives
    with (
        pytest.raises(Refused, match="Another process is writing"),
        whole_files.writing(tmp_path / "night.backup"),
    ):
        pass
    kill(process)
    assert (tmp_path / BEGUN).exists()
    with whole_files.writing(tmp_path / "third.backup") as file:
        file.write(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.backup", "third.backup"]


@pytest.mark.slow
def test_the_same_file_can_be_written_again_after_a_kill(tmp_path):
    kill(in_another_process(WRITES, tmp_path / "night.backup"))
    with whole_files.writing(tmp_path / "night.backup") as file:
        file.write(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["night.backup"]
    assert (tmp_path / "night.backup").read_bytes() == b"new"
    assert (tmp_path / "night.backup").stat().st_mode & 0o777 == 0o600


def test_nothing_that_is_not_ours_is_removed(tmp_path):
    (tmp_path / "precious").write_bytes(b"x")
    (tmp_path / BEGUN).symlink_to(tmp_path / "precious")
    (tmp_path / ".folder.budget-monitor-begun").mkdir()
    (tmp_path / ".other.begun").write_bytes(b"of another program")
    (tmp_path / "visible.budget-monitor-begun").write_bytes(b"of another program")
    before = sorted(tmp_path.iterdir())
    assert whole_files.remove_abandoned(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == before


# ------------------------------------------------------------------------ locks on files

HOLDS = """
import sys, time
from django.conf import settings
sqlite = {"ENGINE": "django.db.backends.sqlite3"}
settings.configure(DATA_DIR=sys.argv[1], DATABASES={"default": sqlite})
from council_finance import locks
with locks.hold_job_lock(7) as held:
    assert held
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock_files(tmp_path, settings, monkeypatch):
    """The folder of the locks that are files, whatever the tests' database is."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(locks, "_try_job_lock", locks._file_lock)
    return tmp_path / "locks"


def test_a_lock_leaves_no_file(lock_files):
    for number in range(3):
        with locks.hold_job_lock(number) as held:
            assert held and not locks.is_job_lock_free(number)
        assert locks.is_job_lock_free(number)
    assert list(lock_files.iterdir()) == []


@pytest.mark.slow
def test_the_file_of_a_killed_holder_goes_and_that_of_a_living_one_stays(lock_files):
    process = in_another_process(HOLDS, lock_files.parent)
    (lock_files / "job-8").touch()
    (lock_files / "job-x").touch()
    (lock_files / "workers").touch()
    assert locks.remove_abandoned_files() == 1
    assert not locks.is_job_lock_free(7)
    kill(process)
    assert locks.is_job_lock_free(7)
    assert sorted(path.name for path in lock_files.iterdir()) == ["job-x", "workers"]


@pytest.mark.slow
def test_one_at_a_time_though_each_removes_the_file(lock_files):
    """Many take and leave the same lock: never two inside at once."""
    code = HOLDS.partition("with locks.hold_job_lock")[0] + (
        "import os\nprint('ready', flush=True)\nwon = 0\n"
        "while won < 40:\n"
        "    with locks._file_lock(1) as held:\n"
        "        if held:\n"
        "            inside = os.open(sys.argv[1] + '/inside', os.O_CREAT | os.O_EXCL)\n"
        "            os.unlink(sys.argv[1] + '/inside'); os.close(inside); won += 1\n"
    )
    processes = [in_another_process(code, lock_files.parent) for _ in range(3)]
    for process in processes:
        assert process.wait(timeout=60) == 0
        process.stdout.close()
    assert list(lock_files.iterdir()) == []


# --------------------------------------------------------------- a restore that was killed


def restoring(url: str, folder: Path, path: Path) -> subprocess.Popen:
    kept = {key: value for key, value in os.environ.items() if key != "CELERY_BROKER_URL"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "restore", str(path)],
        cwd=ROOT,
        env=kept | {"DATABASE_URL": url, "DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def applied(url: str) -> int:
    """How many migrations the database has had."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return _count(connection, sqlite3.OperationalError)
    import psycopg2

    with contextlib.closing(psycopg2.connect(url)) as connection:
        return _count(connection, psycopg2.errors.UndefinedTable)


def _count(connection, no_table: type[Exception]) -> int:
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT count(*) FROM django_migrations")
    except no_table:
        return 0
    return cursor.fetchone()[0]


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 9, 22])
def test_a_restore_killed_while_it_made_tables_can_be_tried_again(backup, server, tmp_path, after):
    url = server() if HAS_SERVER else f"sqlite:///{tmp_path / 'target.sqlite3'}"
    process = restoring(url, tmp_path, backup)
    until = time.monotonic() + 60
    while applied(url) < after and process.poll() is None:
        assert time.monotonic() < until
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert after <= applied(url)
    again = restoring(url, tmp_path, backup)
    said, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert "every count and checksum" in said


@pytest.mark.slow
def test_tables_that_cannot_be_taken_up_are_told_with_what_to_do(backup, server, tmp_path):
    """The one instant in which a table is there and the note that it is there is not."""
    if HAS_SERVER:
        url = server(template=ready_databases.template())
    else:
        url = f"sqlite:///{ready_databases.copy_file(tmp_path)}"
    name = url.rsplit("/", 1)[1]
    forget = "DELETE FROM django_migrations WHERE app = 'reserves'"
    if HAS_SERVER:
        import psycopg2

        with contextlib.closing(psycopg2.connect(url)) as connection, connection:
            connection.cursor().execute(forget)
    else:
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute(forget)
            connection.commit()
    ended = restoring(url, tmp_path, backup)
    _, errors = ended.communicate(timeout=120)
    assert ended.returncode == 1
    assert "Make it anew, then run this command again" in errors
    assert name in errors and "Traceback" not in errors
