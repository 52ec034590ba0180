"""deploy/physical-backup: what it keeps and what it refuses, and that a server starts from it."""

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.backups import restore_physical
from benchmarks.live.cluster import own_cluster
from tests.conftest import ROOT

SCRIPT = ROOT / "deploy" / "physical-backup"
ROLE = "budget-backup"


def back_up(folder: Path, keep: int, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [SCRIPT, folder, str(keep)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def stand_ins(folder: Path, verified: bool) -> str:
    """A path with programs that copy nothing and find the copy whole, or not."""
    programs = {
        "pg_basebackup": 'mkdir "${1#--pgdata=}"; echo stand-in > "${1#--pgdata=}/PG_VERSION"',
        "pg_verifybackup": f'test -e "$2/PG_VERSION"; exit {0 if verified else 1}',
    }
    folder.mkdir(exist_ok=True)
    for name, does in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_the_newest_stay_and_other_files_do_too(tmp_path):
    kept, path = tmp_path / "kept", stand_ins(tmp_path / "programs", verified=True)
    for name in ("2020-01-01-013000", "2020-01-02-013000", "before-the-move", ".begun"):
        (kept / name).mkdir(parents=True)
    (kept / ".begun" / "PG_VERSION").write_text("of a run that was killed")
    assert back_up(kept, 0, PATH=path).returncode == 0
    assert len(list(kept.glob("20*"))) == 3
    newest = max(kept.glob("20*")).name
    (kept / newest).rename(kept / "2020-01-03-013000")
    ended = back_up(kept, 2, PATH=path)
    assert (ended.returncode, ended.stderr) == (0, "")
    newest = max(kept.glob("20*")).name
    left = {each.name for each in kept.iterdir()}
    assert left == {newest, "2020-01-03-013000", "before-the-move", ".lock"}
    assert (kept / newest / "PG_VERSION").read_text() == "stand-in\n"


def test_one_that_is_not_whole_gets_no_name_and_removes_none(tmp_path):
    kept, path = tmp_path / "kept", stand_ins(tmp_path / "programs", verified=False)
    (kept / "2020-01-01-013000").mkdir(parents=True)
    assert back_up(kept, 1, PATH=path).returncode == 1
    assert [each.name for each in kept.glob("[0-9]*")] == ["2020-01-01-013000"]


def test_two_at_a_time_are_refused(tmp_path):
    path = stand_ins(tmp_path / "programs", verified=True)
    ended = subprocess.run(
        ["flock", tmp_path / ".lock", SCRIPT, tmp_path, "1"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "Another physical back-up" in ended.stderr


@pytest.mark.slow
def test_a_server_starts_from_it_with_every_row_and_refuses_a_changed_byte(tmp_path):
    """With PostgreSQL's own programs, by a role that may copy and nothing else."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return  # They are needed where tests run on PostgreSQL, and there alone.
    kept = tmp_path / "kept"
    kept.mkdir()
    with own_cluster() as cluster:
        with cluster.connect() as session, session.cursor() as cursor:
            cursor.execute("CREATE TABLE monitoring_position AS SELECT generate_series(1, 5000)")
            cursor.execute(f'CREATE ROLE "{ROLE}" LOGIN REPLICATION')
        session.close()
        server = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": ROLE}
        ended = back_up(kept, 1, **server)
    assert ended.returncode == 0, ended.stderr
    (copy,) = kept.glob("[0-9]*")
    assert copy.stat().st_mode & 0o777 == 0o700
    restore_physical(copy, "site", 5000)

    largest = max(copy.glob("base/*/*"), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    with pytest.raises(subprocess.CalledProcessError):
        restore_physical(copy, "site", 5000)
