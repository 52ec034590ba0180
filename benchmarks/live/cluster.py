"""PostgreSQL clusters of a run's own, apart from any other of the machine."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.live.programs import Database, forget_old_groups
from council_finance.processes import free_port

FIRST_PORT = 8481


@contextlib.contextmanager
def own_cluster() -> Iterator[Database]:
    """Give a cluster that runs; at the end nothing of it is left."""
    with empty_cluster() as cluster:
        cluster.make()
        yield cluster


@contextlib.contextmanager
def empty_cluster() -> Iterator[Database]:
    """Give a cluster in a temporary folder, neither made nor started; it is stopped at the end."""
    forget_old_groups()
    with tempfile.TemporaryDirectory(prefix="budget-monitor-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        home, data = folder / "home", folder / "database"
        home.mkdir()
        data.mkdir(mode=0o700)
        cluster = Database(home, data, free_port(FIRST_PORT))
        try:
            yield cluster
        finally:
            cluster.stop()
