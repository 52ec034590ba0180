"""The programs a site is made of: started, killed, started again. All on 127.0.0.1."""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

import psycopg2
import redis

from council_finance.processes import die_with_parent, wait_for_http

PATIENCE = 60
_GROUPS = Path("/sys/fs/cgroup")
_GROUP_NAMES = "budget-monitor-"
SUPERUSER = "postgres"


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it holds within so many seconds."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def processor_groups() -> tuple[Path, str, int] | None:
    """Where control groups share the processors out, the file of a group's weight, and what 100
    is in it; None where this run may make none."""
    first, switched_on = _GROUPS / "cpu", _GROUPS / "cgroup.subtree_control"
    if not os.access(first if first.exists() else _GROUPS, os.W_OK):
        return None
    if first.exists():
        return first, "cpu.shares", 1024
    if switched_on.exists() and "cpu" in switched_on.read_text().split():
        return _GROUPS, "cpu.weight", 100
    return None


def forget_old_groups() -> None:
    """Remove the groups of runs that were killed; those of a living one cannot be removed."""
    if found := processor_groups():
        for group in found[0].glob(f"{_GROUP_NAMES}*"):
            with contextlib.suppress(OSError):
                group.rmdir()


class Program:
    """One program with its children, in a session of its own; its output goes to a file."""

    user: str | None = None

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name, self.folder, self.environment = name, folder, environment
        self.process: subprocess.Popen | None = None
        self.starts, self.weight = 0, 100

    def arguments(self) -> list[str]:
        """What is run."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether it does its work."""
        raise NotImplementedError

    @property
    def is_alive(self) -> bool:
        """Whether the program itself runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; it may take a moment until it is ready. From the main thread only: the kernel
        takes the end of the thread that starts a program for the end of its parent."""
        with (self.folder.parent / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments(),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
                preexec_fn=partial(self._in_child, os.getpid()),  # noqa: PLW1509
            )
        self.starts += 1

    def _in_child(self, parent: int) -> None:
        die_with_parent(parent)
        if self.group:
            (self.group / "cgroup.procs").write_text("0")

    @cached_property
    def group(self) -> Path | None:
        """Its share of the processors, as systemd gives it to a unit (CPUWeight); root only."""
        found = processor_groups()
        if found is None:
            return None
        folder, file, hundred = found
        group = folder / f"{self.folder.parent.name}-{self.name}"
        group.mkdir(exist_ok=True)
        (group / file).write_text(str(hundred * self.weight // 100))
        return group

    def wait(self) -> None:
        """Until it is ready. Raises RuntimeError where it never is."""
        if not eventually(lambda: self.is_alive and self.is_ready()):
            raise RuntimeError(f"{self.name} does not start; see {self.folder.parent}")

    def kill(self, *, children: bool = True) -> None:
        """SIGKILL: to all of it, or to the program alone, whose children find themselves."""
        with contextlib.suppress(ProcessLookupError):
            if children:
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()

    def children(self) -> list[int]:
        """Process ids of what the program has started."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(pid) for pid in path.read_text().split()]
        except FileNotFoundError:
            return []

    def kill_child(self, choose: Callable[[list[int]], int]) -> bool:
        """SIGKILL to one of its children; False where it has none."""
        found = self.children()
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choose(found), signal.SIGKILL)
        return bool(found)

    def stop(self) -> None:
        """The end of the run: SIGTERM, then SIGKILL."""
        if self.is_alive:
            self.process.terminate()
            eventually(lambda: not self.is_alive, 3)
        if self.process is not None:
            self.kill()
        if self.group:
            # A killed program's children take a moment to be gone.
            eventually(lambda: not (self.group / "cgroup.procs").read_text(), 10)
            self.group.rmdir()


class Database(Program):
    """A PostgreSQL cluster of its own; as root it runs as the user postgres."""

    def __init__(self, folder: Path, data: Path, port: int) -> None:
        super().__init__("postgresql", folder, {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
        self.data, self.port, self.programs = data, port, _postgresql()
        if os.geteuid() == 0:
            self.user = SUPERUSER
        self.address = f"postgres://{SUPERUSER}@127.0.0.1:{port}/site"

    def make(self) -> None:
        """Make the cluster and the site's database in it."""
        if self.user:
            shutil.chown(self.data, self.user)
        command = [self.programs / "initdb", "--pgdata", self.data, "--username", SUPERUSER]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [*command, *options],
            user=self.user,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        self.start()
        if not eventually(lambda: self._answers("postgres")):
            raise RuntimeError(f"PostgreSQL does not start; see {self.folder.parent}")
        with contextlib.closing(self._connect("postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute("CREATE DATABASE site")

    def arguments(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": self.port}
        settings |= {"unix_socket_directories": "", "log_min_error_statement": "panic"}
        given = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.programs / "postgres"), "-D", str(self.data), *given]

    def is_ready(self) -> bool:
        return self._answers("site")

    def connect(self, name: str = "site"):
        """A session with a database. Raises psycopg2.OperationalError while it is away."""
        return self._connect(name)

    def _connect(self, name: str):
        address = {"host": "127.0.0.1", "port": self.port, "user": SUPERUSER, "dbname": name}
        return psycopg2.connect(**address, connect_timeout=2)

    def _answers(self, name: str) -> bool:
        try:
            self._connect(name).close()
        except psycopg2.OperationalError:
            return False
        return True

    def wait(self) -> None:
        """A new one waits for what a killed one left behind, and is started until it runs."""

        def runs() -> bool:
            if not self.is_alive:
                self.start()
                time.sleep(0.3)
            return self.is_alive and self.is_ready()

        if not eventually(runs):
            raise RuntimeError(f"PostgreSQL does not start; see {self.folder.parent}")


def _postgresql() -> Path:
    """Where the server's programs are: the newest version that is installed."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(versions, key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if there := shutil.which("initdb"):
        return Path(there).resolve().parent
    raise SystemExit("PostgreSQL's server programs are needed (Debian: postgresql).")


class Broker(Program):
    """A Redis of its own that writes what it holds to disk after a second, and so may come back
    without what came since, or with what was taken since."""

    def __init__(self, folder: Path, data: Path, port: int) -> None:
        super().__init__("redis", folder, {"PATH": os.environ["PATH"]})
        self.data, self.port = data, port
        self.address = f"redis://127.0.0.1:{port}/0"

    def arguments(self) -> list[str]:
        if not (program := shutil.which("redis-server")):
            raise SystemExit("Redis is needed (Debian: redis-server).")
        own = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.data)]
        return [program, *own, "--save", "1 1", "--appendonly", "no"]

    def server(self) -> redis.Redis:
        """A client of the harness."""
        return redis.Redis(port=self.port, socket_timeout=2)

    def is_ready(self) -> bool:
        try:
            return bool(self.server().ping())
        except redis.RedisError:
            return False

    def forget(self) -> None:
        """What it wrote to disk is gone."""
        (self.data / "dump.rdb").unlink(missing_ok=True)


class Deployed(Program):
    """What a unit file of systemd starts, with its words and its share of the processors."""

    def __init__(self, name: str, unit: str, folder: Path, environment: dict[str, str]) -> None:
        super().__init__(name, folder, environment)
        lines = (folder / "deploy" / "systemd" / f"{unit}.service").read_text().splitlines()
        told = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
        self.command, self.weight = shlex.split(told["ExecStart"]), int(told.get("CPUWeight", 100))

    def arguments(self) -> list[str]:
        name = Path(self.command[0]).name
        if not (program := shutil.which(name, path=self.environment["PATH"])):
            raise SystemExit(f"{name} is not among the build's packages.")
        return [program, *self.command[1:]]


class Web(Deployed):
    """gunicorn as it is deployed."""

    def __init__(self, folder: Path, environment: dict[str, str], port: int) -> None:
        super().__init__("web", "budget-monitor-web", folder, environment)
        self.port = port

    def is_ready(self) -> bool:
        return wait_for_http(f"http://127.0.0.1:{self.port}/healthz", 0)

    def start(self) -> None:
        """As systemd does, only once nothing of the one before listens any more."""
        eventually(self._port_is_free, 10)
        super().start()

    def _port_is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                return False
        return True


class Worker(Deployed):
    """A Celery worker as it is deployed, with one process that does jobs."""

    def __init__(self, number: int, folder: Path, environment: dict[str, str]) -> None:
        super().__init__(f"worker{number}", "budget-monitor-worker", folder, environment)

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--concurrency=1", f"--hostname={self.name}@here"]

    def is_ready(self) -> bool:
        return self.is_alive
