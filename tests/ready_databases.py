"""Databases with the product's tables in them, for the sites that tests start.

A hundred migrations take six seconds, and each site would run them again. Here they are run once
for each kind of database in a run of the tests, and a site begins with a copy. Tests about
migrating, and the site as it is deployed, run them for themselves.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
RUN = os.environ.setdefault("RUN_OF_TESTS", uuid.uuid4().hex[:12])
"""The name of this run, which the processes of pytest-xdist inherit."""
FOLDER = Path(tempfile.gettempdir()) / f"ready-{RUN}"
TEMPLATE = f"ready_{RUN}"


def copy_file(folder: Path) -> Path:
    """Put an SQLite database with empty tables into a data folder."""
    _make_once("sqlite", _migrate_file)
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(FOLDER / "db.sqlite3", folder))


def make_database(name: str) -> str:
    """Make a database with empty tables on the configured PostgreSQL, and return its address."""
    _ask_server(f'CREATE DATABASE "{name}" TEMPLATE "{template()}"')
    return _address(name)


def template() -> str:
    """Return the name of a database with empty tables on the configured PostgreSQL."""
    _make_once("postgresql", _migrate_database)
    return TEMPLATE


def drop_all() -> None:
    """Drop what was made, once no process of this run needs it."""
    if (FOLDER / "postgresql").exists():
        _ask_server(f'DROP DATABASE "{TEMPLATE}" WITH (FORCE)')
    shutil.rmtree(FOLDER, ignore_errors=True)


def _make_once(kind: str, make: Callable[[], None]) -> None:
    """Let the first process make what the others copy; they wait for it."""
    FOLDER.mkdir(exist_ok=True)
    with open(FOLDER / f"{kind}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / kind).exists():
            make()
            (FOLDER / kind).touch()


def _migrate_file() -> None:
    _migrate(DATABASE_URL="")


def _migrate_database() -> None:
    _ask_server(f'CREATE DATABASE "{TEMPLATE}"')
    _migrate(DATABASE_URL=_address(TEMPLATE))


def _migrate(**servers: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(FOLDER), "CELERY_BROKER_URL": ""} | servers,
        check=True,
    )


def _address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _ask_server(sql: str) -> None:
    import psycopg2

    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(sql)
