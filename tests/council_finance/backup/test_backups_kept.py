"""Back-ups that are encrypted, copied to a second place, and tried by restoring them."""

import datetime
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg2
import pyrage
import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from council_finance import health, upkeep
from council_finance.audit import AuditEntry
from council_finance.backup import copies, encryption, keeping, operations, scratch, trial
from council_finance.errors import Refused
from council_finance.upkeep import Task, Upkeep
from tests import ready_databases
from tests.council_finance.backup.test_backup import (
    HAS_SERVER,
    ROOT,
    SERVER,
    _sql,
    backup,
    contents,
    database,
    is_empty,
    known_as,
    migrated,
    server,
    source,
)

__all__ = ["backup", "database", "migrated", "server", "source"]


# ------------------------------------------------------------------------------ encrypted


@pytest.fixture
def key(settings, tmp_path):
    """A key in a file, as the command makes it; back-ups are encrypted for it."""
    call_command("make_backup_key", tmp_path / "key")
    settings.BACKUP_KEY_FILE = str(tmp_path / "key")
    return tmp_path / "key"


@pytest.fixture
def sealed(key, source, tmp_path) -> Path:
    path = tmp_path / "sealed.backup"
    operations.back_up(path, using=source)
    return path


def test_an_encrypted_back_up_comes_back_and_shows_nothing(sealed, source, database):
    whole = sealed.read_bytes()
    assert whole.startswith(b"age-encryption.org/v1\n")
    assert not zipfile.is_zipfile(sealed)
    for plain in (b"monitoring_upload", b"manifest.json", b"PK\x05\x06"):
        assert plain not in whole
    assert sealed.stat().st_mode & 0o777 == 0o600
    target = database("target")
    found = operations.restore(sealed, using=target)
    assert found["monitoring_position"].rows == 3
    assert contents(target)["monitoring_upload"] == contents(source)["monitoring_upload"]


def test_any_program_that_reads_age_opens_it(sealed, key):
    identity = pyrage.x25519.Identity.from_str(key.read_text().splitlines()[1])
    plain = pyrage.decrypt(sealed.read_bytes(), [identity])
    with zipfile.ZipFile(io.BytesIO(plain)) as zipped:
        assert zipped.testzip() is None
        assert "manifest.json" in zipped.namelist()


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[:-70_000],
        lambda whole: whole[:60],
        lambda whole: whole + b"x",
        lambda whole: whole[:-500] + bytes([whole[-500] ^ 1]) + whole[-499:],
        lambda whole: whole[:30] + bytes([whole[30] ^ 1]) + whole[31:],
        lambda whole: whole[: len(whole) // 2] + whole[len(whole) // 2 + 1 :],
    ],
)
def test_one_that_was_changed_or_cut_off_is_refused(sealed, database, damage):
    target = database("target")
    sealed.write_bytes(damage(sealed.read_bytes()))
    with pytest.raises(Refused, match="Nothing was restored"):
        operations.restore(sealed, using=target)
    assert is_empty(target)


def test_parts_in_another_order_are_refused(key, tmp_path, settings):
    """Each part is authentic by itself; their order and the last one are so too."""
    identity = pyrage.x25519.Identity.from_str(key.read_text().splitlines()[1])
    out = io.BytesIO()
    encryption.encrypt(io.BytesIO(os.urandom(200_000)), out, [identity.to_public()])
    whole = out.getvalue()
    start = whole.index(b"\n", whole.index(b"\n---") + 1) + 1 + 16
    size = 65_536 + 16
    first, second = whole[start : start + size], whole[start + size : start + 2 * size]
    for changed in (
        whole[:start] + second + first + whole[start + 2 * size :],
        whole[: start + size],
        whole[:start] + whole[start + size :],
    ):
        with (
            pytest.raises(Refused, match="changed or cut off"),
            encryption.decrypted(io.BytesIO(changed), tmp_path / "x"),
        ):
            pass


def test_without_its_key_it_is_refused_with_what_to_do(sealed, settings, database, tmp_path):
    target = database("target")
    settings.BACKUP_KEY_FILE = ""
    with pytest.raises(Refused, match="is encrypted. Set BACKUP_KEY_FILE"):
        operations.restore(sealed, using=target)
    call_command("make_backup_key", tmp_path / "other")
    settings.BACKUP_KEY_FILE = str(tmp_path / "other")
    with pytest.raises(Refused, match="encrypted for another one"):
        operations.restore(sealed, using=target)
    both = (tmp_path / "other").read_text() + (tmp_path / "key").read_text()
    (tmp_path / "both").write_text(both)
    settings.BACKUP_KEY_FILE = str(tmp_path / "both")
    operations.restore(sealed, using=target)


def test_the_machine_that_makes_them_need_not_open_them(source, settings, tmp_path, database):
    private, public = encryption.make_key()
    settings.BACKUP_RECIPIENTS = [public]
    path = tmp_path / "for-the-safe.backup"
    operations.back_up(path, using=source)
    with pytest.raises(Refused, match="Set BACKUP_KEY_FILE"):
        operations.restore(path, using=database("target"))
    settings.BACKUP_KEY = [private]
    assert operations.restore(path, using=database("other"))["monitoring_position"].rows == 3


def test_a_wrong_key_is_told_before_anything_is_written(source, settings, tmp_path):
    settings.BACKUP_RECIPIENTS = ["age1nonsense"]
    with pytest.raises(Refused, match="BACKUP_RECIPIENTS"):
        operations.back_up(tmp_path / "x.backup", using=source)
    settings.BACKUP_RECIPIENTS, settings.BACKUP_KEY = [], ["AGE-SECRET-KEY-1X"]
    with pytest.raises(Refused, match="a private key begins with"):
        operations.back_up(tmp_path / "x.backup", using=source)
    settings.BACKUP_KEY, settings.BACKUP_KEY_FILE = [], str(tmp_path / "nowhere")
    with pytest.raises(Refused, match="cannot be read: No such file"):
        operations.back_up(tmp_path / "x.backup", using=source)
    (tmp_path / "empty").write_text("# nothing\n")
    settings.BACKUP_KEY_FILE = str(tmp_path / "empty")
    with pytest.raises(Refused, match="holds no key"):
        operations.back_up(tmp_path / "x.backup", using=source)
    assert not list(tmp_path.glob("*.backup"))


def test_a_full_disk_is_told_as_one(key, tmp_path):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        encryption.encrypt(io.BytesIO(b"x" * 200_000), Full(), encryption.recipients())


MEASURED = """
import os, resource, sys
from django.conf import settings
folder, key = sys.argv[1:]
settings.configure(DATA_DIR=folder, BACKUP_RECIPIENTS=[], BACKUP_KEY_FILE="", BACKUP_KEY=[key])
from pathlib import Path
from council_finance.backup import encryption
with encryption.unnamed_file() as plain, open(folder + "/sealed", "w+b") as sealed:
    for _ in range(96):
        plain.write(os.urandom(1 << 20))
    plain.seek(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    encryption.encrypt(plain, sealed, encryption.recipients())
    sealed.seek(0)
    with encryption.decrypted(sealed, Path("x")) as back:
        assert back.seek(0, 2) == 96 << 20
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_memory_stays_small_however_large_the_back_up(tmp_path):
    private, _ = encryption.make_key()
    grown = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path), private],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(grown.stdout) < 16 * 1024  # KiB, of a file of 96 MiB


def test_the_key_is_for_its_owner_only_and_never_written_over(capsys, tmp_path):
    key = tmp_path / "key"
    call_command("make_backup_key", key)
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_text()
    with pytest.raises(SystemExit):
        call_command("make_backup_key", key)
    assert key.read_text() == before
    assert before.splitlines()[1].startswith("AGE-SECRET-KEY-1")
    told = capsys.readouterr()
    assert "AGE-SECRET-KEY" not in told.out + told.err
    assert "two safe places" in told.err


# -------------------------------------------------------------------- names and a second place

NIGHTS = [f"2026-11-{day:02d}-0130.backup" for day in range(1, 6)]


@pytest.fixture
def nights(tmp_path, settings) -> Path:
    """A folder of five back-ups, and of other files."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (*NIGHTS, "before-upgrade.backup", "2026-11-09-0130.backup.txt", "notes"):
        (folder / name).write_bytes(name.encode())
    settings.BACKUP_DIR = str(folder)
    return folder


@pytest.fixture
def away(tmp_path, settings) -> Path:
    folder = tmp_path / "away"
    folder.mkdir()
    settings.BACKUP_COPY_DIR = str(folder)
    return folder


def test_only_the_oldest_of_the_clocks_own_go(nights, settings):
    settings.BACKUP_KEEP = 2
    assert keeping.remove_older() == NIGHTS[:3]
    left = {path.name for path in nights.iterdir()}
    assert left == {*NIGHTS[3:], "before-upgrade.backup", "2026-11-09-0130.backup.txt", "notes"}
    settings.BACKUP_KEEP = 0
    assert keeping.remove_older() == []


def test_the_newest_is_the_clocks_not_the_files(nights, settings, tmp_path):
    os.utime(nights / NIGHTS[0])
    assert keeping.newest() == nights / NIGHTS[-1]
    assert keeping.next_path().name > NIGHTS[-1]
    for path in nights.iterdir():
        path.unlink()
    with pytest.raises(Refused, match="no back-up in"):
        keeping.newest()
    settings.BACKUP_DIR = str(tmp_path / "none")
    with pytest.raises(Refused, match="is no folder"):
        keeping.newest()
    settings.BACKUP_DIR = ""
    with pytest.raises(Refused, match="set BACKUP_DIR"):
        keeping.next_path()


def test_a_copy_is_compared_and_the_oldest_go(nights, away, settings):
    settings.BACKUP_COPIES_KEEP = 2
    for name in NIGHTS:
        (away / "others.backup").touch()
        copied = copies.copy(nights / name)
        assert (away / name).read_bytes() == name.encode()
        assert copied.sha256 == copies.sha256_of(nights / name)
        assert (away / name).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in away.iterdir()} == {*NIGHTS[3:], "others.backup"}
    again = copies.copy(nights / NIGHTS[-1])
    assert (again.was_there, again.removed) == (True, [])
    assert "same disk" in again.warning


def test_the_one_just_copied_is_never_removed(nights, away, settings):
    settings.BACKUP_COPIES_KEEP = 1
    for name in NIGHTS[1:]:
        copies.copy(nights / name)
    copied = copies.copy(nights / NIGHTS[0])
    assert copied.removed == []
    assert (away / NIGHTS[0]).exists()


def test_a_copy_that_differs_is_removed_and_told(nights, away, monkeypatch):
    plain = shutil.copyfileobj

    def one_byte_less(source, target, _size):
        plain(source, target)
        target.truncate(3)

    monkeypatch.setattr(copies.shutil, "copyfileobj", one_byte_less)
    with pytest.raises(Refused, match="differs from the file, and was removed"):
        copies.copy(nights / NIGHTS[0])
    assert list(away.iterdir()) == []
    (away / NIGHTS[0]).write_bytes(b"of another council")
    with pytest.raises(Refused, match="another file called"):
        copies.copy(nights / NIGHTS[0])
    assert (away / NIGHTS[0]).read_bytes() == b"of another council"


def test_a_place_that_is_not_there_is_told(nights, settings, tmp_path):
    with pytest.raises(Refused, match="No second place is set"):
        copies.copy(nights / NIGHTS[0])
    settings.BACKUP_COPY_DIR = str(tmp_path / "unmounted")
    with pytest.raises(Refused, match="Is it mounted"):
        copies.copy(nights / NIGHTS[0])
    settings.BACKUP_COPY_COMMAND = "true"
    with pytest.raises(Refused, match="not both"):
        copies.copy(nights / NIGHTS[0])


PROGRAM = """#!/bin/sh
set -e
cd "$STORE"
case $1 in
list) ls -1 ;;
put) cp "$3" "$2" ;;
sha256) sha256sum "$2" ;;
remove) rm "$2" ;;
esac
"""


@pytest.fixture
def program(tmp_path, settings, monkeypatch) -> Path:
    """A program that keeps files in a folder, as the example does on another machine."""
    store = tmp_path / "a store"
    store.mkdir()
    script = tmp_path / "store.sh"
    script.write_text(PROGRAM)
    script.chmod(0o700)
    monkeypatch.setenv("STORE", str(store))
    settings.BACKUP_COPY_COMMAND = f"{script} {{action}} {{name}} {{file}}"
    return store


def test_a_program_takes_copies_elsewhere(nights, program, settings):
    settings.BACKUP_COPIES_KEEP = 2
    for name in NIGHTS:
        copied = copies.copy(nights / name)
    assert {path.name for path in program.iterdir()} == set(NIGHTS[3:])
    assert copied.removed == [NIGHTS[2]]
    assert copies.copy(nights / NIGHTS[4]).was_there


def test_a_program_that_fails_is_told_in_its_words(nights, program, settings):
    settings.BACKUP_COPY_COMMAND = "sh -c 'echo no route to host >&2; exit 3' {action}"
    with pytest.raises(Refused, match="failed to list: no route to host"):
        copies.copy(nights / NIGHTS[0])
    settings.BACKUP_COPY_COMMAND = "/no/such/program"
    with pytest.raises(Refused, match="cannot be run: No such file"):
        copies.copy(nights / NIGHTS[0])


def test_the_example_for_another_machine_does_what_it_must(nights, tmp_path, settings, monkeypatch):
    """deploy/copy-by-ssh, with stand-ins for ssh and scp that work on this machine."""
    programs, store = tmp_path / "bin", tmp_path / "store"
    programs.mkdir()
    store.mkdir()
    (programs / "ssh").write_text(
        '#!/bin/sh\nwhile [ "$1" = -o ]; do shift 2; done\nshift\nexec sh -c "$*"\n'
    )
    (programs / "scp").write_text(
        "#!/bin/sh\nwhile :; do case $1 in -o) shift 2;; -*) shift;; *) break;; esac; done\n"
        'exec cp -- "$1" "${2#*:}"\n'
    )
    for name in ("ssh", "scp"):
        (programs / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    script = ROOT / "deploy" / "copy-by-ssh"
    settings.BACKUP_COPY_COMMAND = f"{script} backup@elsewhere {store} {{action}} {{name}} {{file}}"
    settings.BACKUP_COPIES_KEEP = 3
    for name in NIGHTS:
        assert not copies.copy(nights / name).was_there
    assert {path.name for path in store.iterdir()} == set(NIGHTS[2:])


# ------------------------------------------------------------------------------- the trial


class Council:
    """A council's database on the configured server, and the commands that keep it."""

    def __init__(self, url: str, folder: Path):
        self.url, self.folder = url, folder
        self.backups, self.away = folder / "backups", folder / "away"
        for each in (self.backups, self.away, folder / "data"):
            each.mkdir()
        kept = {key: value for key, value in os.environ.items() if key != "CELERY_BROKER_URL"}
        self.environment = kept | {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder / "data"),
            "BACKUP_DIR": str(self.backups),
            "BACKUP_COPY_DIR": str(self.away),
            "BACKUP_KEY_FILE": str(folder / "key"),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *arguments: str) -> str:
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def ask(self, sql: str) -> list[tuple]:
        with known_as("council", self.url), connections["council"].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def council(server, tmp_path):
    if HAS_SERVER:
        url = server(template=ready_databases.template())
    else:
        url = f"sqlite:///{ready_databases.copy_file(tmp_path)}"
    return Council(url, tmp_path)


def scratch_databases() -> list[str]:
    connection = psycopg2.connect(SERVER)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%\\_restore\\_test'")
        found = [row[0] for row in cursor.fetchall()]
    connection.close()
    return found


def nothing_is_left(council: Council) -> bool:
    left = {path.name for path in (council.folder / "data").iterdir()}
    return (
        not scratch_databases() if HAS_SERVER else not left & {"restore-test", "restore-test.lock"}
    )


@pytest.mark.worker
def test_a_night_as_the_timers_do_it(council):
    """Back-up, copy and trial, encrypted; then a trial of one that is not what it was."""
    council.must("make_backup_key", str(council.folder / "key"))
    council.must("load_pack", str(ROOT / "fixtures" / "somerset-2019-20"))
    council.must("back_up")
    council.must("copy_backup")
    (night,) = council.backups.iterdir()
    assert night.read_bytes() == (council.away / night.name).read_bytes()
    said = council.must("test_restore")
    (counts,) = re.findall(r"(\d+) published statements, (\d+) documents and (\d+) stored", said)
    statements = council.ask("SELECT count(*) FROM monitoring_reportstatement")
    documents = council.ask("SELECT count(*) FROM monitoring_reportdocument")
    files = council.ask("SELECT count(*) FROM monitoring_upload WHERE state = 'stored'")
    assert counts == tuple(str(rows[0][0]) for rows in (statements, documents, files))
    assert min(map(int, counts)) > 0
    assert "stands the trial" in said
    assert nothing_is_left(council)
    rows = council.ask("SELECT task FROM council_finance_upkeep WHERE failed_at IS NULL")
    assert sorted(rows) == [("back_up",), ("copy_backup",), ("test_restore",)]

    council.ask("UPDATE monitoring_reportstatement SET text = text || ' ' WHERE id = 1")
    second = council.backups / "2999-01-01-000000.backup"
    council.must("back_up", str(second))
    failed = council.run("test_restore")
    assert failed.returncode == 1
    assert "is not what its SHA-256 says" in failed.stderr
    assert nothing_is_left(council)
    entries = council.ask(
        "SELECT detail FROM council_finance_auditentry WHERE action = 'tested a restore' "
        "ORDER BY id"
    )
    results = [_json(row[0])["result"] for row in entries]
    assert results == ["passed", "failed"]


def _json(value):
    return json.loads(value) if isinstance(value, str) else value


@pytest.fixture
def noted(monkeypatch):
    """What a trial would keep, without a database."""
    kept = []
    monkeypatch.setattr(trial, "_store_result", lambda file, **given: kept.append(given))
    return kept


@pytest.mark.worker
def test_a_trial_that_was_killed_is_cleared_away_by_the_next(backup, server, settings, noted):
    """On the server a database with our comment, else the folder of the trial."""
    settings.RESTORE_TEST_SERVER = server() if HAS_SERVER else "sqlite://"
    with (
        scratch.database() as url,
        pytest.raises(Refused, match="Another restore test is running"),
        scratch.database(),
    ):
        pass
    if HAS_SERVER:
        name = url.rsplit("/", 1)[1]
        _sql(f'CREATE DATABASE "{name}"')
        with pytest.raises(Refused, match="no restore test left behind"), scratch.database():
            pass
        _sql(f"COMMENT ON DATABASE \"{name}\" IS '{scratch._OURS}'")
    else:
        (Path(settings.DATA_DIR) / "restore-test").mkdir()
        (Path(settings.DATA_DIR) / "restore-test" / "db.sqlite3").touch()
        (Path(settings.DATA_DIR) / "restore-test.lock").touch()
    with scratch.database():
        pass
    assert (
        not scratch_databases()
        if HAS_SERVER
        else not list(Path(settings.DATA_DIR).glob("restore-test*"))
    )


@pytest.mark.slow
def test_a_damaged_back_up_fails_the_trial_and_leaves_nothing(backup, settings, noted):
    settings.RESTORE_TEST_SERVER = "sqlite://"
    backup.write_bytes(backup.read_bytes()[:-9])
    with pytest.raises(Refused, match="damaged or no back-up"):
        trial.try_back_up(backup)
    assert [each["succeeded"] for each in noted] == [False]
    assert not list(Path(settings.DATA_DIR).glob("restore-test*"))


# -------------------------------------------------------------------- told to who looks after it


def told(client) -> dict:
    return client.get("/readyz").json().get("upkeep", {})


def test_readyz_tells_how_it_went_and_stays_ready(client, db, monkeypatch):
    monkeypatch.setattr(health, "PARTS", {})
    monkeypatch.setattr(health, "check_parts", _answers)
    assert told(client) == {}
    upkeep.note(task=Task.BACK_UP, succeeded=True)
    upkeep.note(task=Task.RESTORE_TEST, succeeded=True)
    upkeep.note(task=Task.RESTORE_TEST, succeeded=False, says="damaged")
    assert told(client) == {
        "back-up": {"ok": True, "is": "done"},
        "restore test": {"ok": False, "is": "failed the last time"},
    }
    assert client.get("/readyz").status_code == 200
    long_ago = timezone.now() - datetime.timedelta(days=2, minutes=1)
    Upkeep.objects.filter(task=Task.BACK_UP).update(succeeded_at=long_ago)
    assert told(client)["back-up"] == {
        "ok": False,
        "is": "was last done more than 2 days ago",
    }


def _answers(parts) -> dict[str, dict]:
    """Do as `check_parts` in this thread: another does not see what a test has not committed."""
    found = {}
    for name, part in parts.items():
        try:
            found[name] = {"ok": True, "is": part()}
        except health.NotReady as no:
            found[name] = {"ok": False, "is": str(no)}
    return found


def test_a_task_that_is_refused_is_kept_as_failed(db):
    with pytest.raises(Refused), upkeep.noted(Task.COPY):
        raise Refused("No second place is set.", "Set one.")
    row = Upkeep.objects.get()
    assert (row.succeeded_at, row.says) == (None, "No second place is set.")
    with upkeep.noted(Task.COPY):
        pass
    row.refresh_from_db()
    assert row.succeeded_at > row.failed_at
    assert upkeep.standing(Task.COPY).ok


def test_a_trial_goes_onto_the_audit_trail(db, tmp_path):
    trial._store_result(tmp_path / "night.backup", succeeded=False, says="It is damaged.")
    entry = AuditEntry.objects.get(action="tested a restore")
    assert (entry.record, entry.by_name) == ("back-ups", "command line")
    assert entry.detail == {"file": "night.backup", "result": "failed", "says": "It is damaged."}
    assert Upkeep.objects.get(task=Task.RESTORE_TEST).failed_at is not None
