"""What a back-up and a restore take, beside copying the bytes and PostgreSQL's own programs.

Each way is a whole process, and all are run in turn. Copying is a file as large as the database's
own, by `cp` and written to the disk (`sync`). The product restores into empty tables, and reads
back and compares every one. `pg_dump` and `pg_restore` (archive format, compression level 1) are
PostgreSQL's own, which make the tables and compare nothing; they must be on the path.

A physical back-up is deploy/physical-backup, which copies the files of the whole server and
verifies the copy. Its restore does what docs/operating.md says: it verifies the back-up, copies it
into place and starts a server with it, which then has to answer how many positions there are.

Processor time is that of the process with its children, and that of the database's sessions; of a
restored server it is that of the whole server.
"""

import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from benchmarks.live.cluster import empty_cluster, own_cluster
from benchmarks.live.programs import SUPERUSER, Database
from benchmarks.upload import ROOT, create_database, drop_database

PHYSICAL = ROOT / "deploy" / "physical-backup"
MANAGE = (sys.executable, "manage.py")
_POLL_SECONDS = 0.05
_BLOCK = 1 << 20
_SECONDS_REMOVED = 61
Taken = dict[str, float]


def measure(environment: dict[str, str], cluster: Database, turns: int) -> dict[str, list[Taken]]:
    """Return of each way what its turns took, in seconds: clock, product and database.

    The environment names a database of the cluster, which holds no other large one.
    """
    found: dict[str, list[Taken]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bytes_of = make_file_as_large(environment["DATABASE_URL"], folder / "bytes")
        print(f"database: {bytes_of / 1e6:,.0f} MB")
        let_start_quickly(cluster)
        with own_cluster() as other, database_like(other.address) as empty:
            migrated = environment | {"DATABASE_URL": empty}
            subprocess.run([*MANAGE, "migrate", "-v0"], env=migrated, cwd=ROOT, check=True)
            for _ in range(turns):
                for way, taken in one_turn(environment, empty, folder):
                    found.setdefault(way, []).append(taken)
                for way, taken in one_physical_turn(environment, cluster, folder):
                    found.setdefault(way, []).append(taken)
        for each in ("product.backup", "own.dump", "physical"):
            files = [file for file in (folder / each).rglob("*") if file.is_file()]
            size = sum(file.stat().st_size for file in files or [folder / each])
            print(f"{each}: {size / 1e6:,.0f} MB")
    return found


def make_file_as_large(address: str, path: Path) -> int:
    """Write a file as large as the database with its indexes, and return its size."""
    with contextlib.closing(psycopg2.connect(address)) as session, session.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    with open(path, "wb") as file:
        for _ in range(0, size, _BLOCK):
            file.write(os.urandom(_BLOCK))
    return size


def one_turn(environment: dict[str, str], empty: str, folder: Path) -> Iterator[tuple[str, Taken]]:
    """Yield each way with what it took.

    `empty` is the address of a database without rows, on another server that they restore into.
    """
    full = environment["DATABASE_URL"]
    product, own = folder / "product.backup", folder / "own.dump"
    copying = ["sh", "-c", "cp bytes copied && sync copied"]
    yield "copying the bytes", run(copying, full, environment, folder)
    product.unlink(missing_ok=True)
    yield "back-up", run([*MANAGE, "back_up", product], full, environment)
    dump = ["pg_dump", "--format=custom", "--compress=1", f"--file={own}", full]
    yield "pg_dump", run(dump, full, environment)
    with database_like(empty, empty) as new:
        command = [*MANAGE, "restore", product]
        yield "restore, compared", run(command, new, environment | {"DATABASE_URL": new})
    with database_like(empty) as new:
        command = ["pg_restore", "--no-owner", f"--dbname={new}", own]
        yield "pg_restore", run(command, new, environment)


def let_start_quickly(cluster: Database) -> None:
    """Set what docs/operating.md says: a restored server writes its files to the disk at once."""
    with contextlib.closing(cluster.connect()) as session:
        session.autocommit = True
        session.cursor().execute("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'")


def one_physical_turn(
    environment: dict[str, str], cluster: Database, folder: Path
) -> Iterator[tuple[str, Taken]]:
    """Yield the physical back-up and its restore with what they took."""
    full, kept = environment["DATABASE_URL"], folder / "physical"
    if kept.exists():
        shutil.rmtree(kept)
    kept.mkdir()
    forget_removed_files()
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": SUPERUSER}
    yield "physical back-up, verified", run([PHYSICAL, kept, "1"], full, environment | server)
    (back_up,) = kept.glob("[0-9]*")
    name = urlsplit(full).path[1:]
    wanted = count_positions(cluster, name)
    yield "physical restore, verified", restore_physical(back_up, name, wanted)


def forget_removed_files() -> None:
    """Wait until files that were removed slow the making of others down no more.

    ext4 gives their inodes to nobody for a minute after they are on the disk, and passes over each
    of them for each new file: a thousand new ones then take ten times as long.
    """
    subprocess.run(["sync"], check=True)
    time.sleep(_SECONDS_REMOVED)


def restore_physical(back_up: Path, name: str, wanted: int) -> Taken:
    """Verify a physical back-up, start a server with a copy of it, and return what it took.

    The server's database of this name must have so many positions.
    """
    with empty_cluster() as restored:
        begun, before = time.monotonic(), children_seconds()
        verify = [restored.programs / "pg_verifybackup", "--quiet", back_up]
        subprocess.run(verify, check=True)
        subprocess.run(["cp", "-r", f"{back_up}/.", restored.data], check=True)
        if restored.user:
            subprocess.run(["chown", "-R", restored.user, restored.data], check=True)
        product = children_seconds() - before
        restored.start()
        restored.wait()
        if count_positions(restored, name) != wanted:
            raise SystemExit("The restored server has other positions.")
        clock = time.monotonic() - begun
    # The server's seconds are known once it has ended.
    whole = children_seconds() - before
    return {"clock": clock, "product": product, "database": whole - product}


def count_positions(cluster: Database, name: str) -> int:
    """Return how many positions a database of a cluster has."""
    with contextlib.closing(cluster.connect(name)) as session, session.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM monitoring_position")
        return cursor.fetchone()[0]


@contextlib.contextmanager
def database_like(server: str, template: str = "") -> Iterator[str]:
    """Give the address of a new database on a server: an empty one, or a copy of the template."""
    address = create_database(server, template)
    try:
        yield address
    finally:
        drop_database(server, address)


def run(command: list, address: str, environment: dict[str, str], folder: Path = ROOT) -> Taken:
    """Run a command to its end and return what it took."""
    with sessions_watched(address) as database_seconds:
        begun, before = time.monotonic(), children_seconds()
        subprocess.run(command, env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        taken = {"clock": time.monotonic() - begun, "product": children_seconds() - before}
    return taken | {"database": database_seconds()}


def children_seconds() -> float:
    """Return the processor seconds of the processes that this one has started and that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


@contextlib.contextmanager
def sessions_watched(address: str) -> Iterator[Callable[[], float]]:
    """Give a function for the processor seconds of all the database's sessions in the block.

    They are looked at every 0.05 seconds: what a session does after the last look is not seen.
    """
    seen: dict[int, float] = {}
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(address, seen, ended))
    watcher.start()
    try:
        yield lambda: sum(seen.values())
    finally:
        ended.set()
        watcher.join()


def _watch(address: str, seen: dict[int, float], ended: threading.Event) -> None:
    with contextlib.closing(psycopg2.connect(address)) as session, session.cursor() as cursor:
        session.autocommit = True
        while not ended.wait(_POLL_SECONDS):
            cursor.execute(
                "SELECT pid FROM pg_stat_activity "
                "WHERE (datname = current_database() OR backend_type = 'walsender') "
                "AND pid <> pg_backend_pid()"
            )
            for (pid,) in cursor.fetchall():
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    ticks = int(fields[11]) + int(fields[12])
                    seen[pid] = ticks / os.sysconf("SC_CLK_TCK")


def print_table(found: dict[str, list[Taken]]) -> None:
    """Print the median of each way, and how many times as long as copying it took."""
    print("| | product | database | clock | clock: low–high | copying |")
    print("|---|---:|---:|---:|---:|---:|")
    median = {
        way: {figure: statistics.median(each[figure] for each in taken) for figure in taken[0]}
        for way, taken in found.items()
    }
    for way, taken in found.items():
        clock = [each["clock"] for each in taken]
        print(
            f"| {way} | {median[way]['product']:.1f} | {median[way]['database']:.1f} "
            f"| {median[way]['clock']:.1f} | {min(clock):.1f}–{max(clock):.1f} "
            f"| {median[way]['clock'] / median['copying the bytes']['clock']:.1f} × |"
        )
