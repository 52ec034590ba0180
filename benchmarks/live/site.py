"""A whole site in a temporary folder: the product as installed, its servers, web and workers."""

import contextlib
import itertools
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.builds import Build, this_build
from benchmarks.live.client import HOST, Browser
from benchmarks.live.programs import Broker, Database, Program, Web, Worker, forget_old_groups

INSTALLED = ("templates", "static", "deploy", "manage.py")
"""What a site needs beside the packages."""
INSIDE = "BENCHMARK_INSIDE"
FIRST_PORT = 8451


def inside_a_box(module: str) -> None:
    """As root, go on in process and mount namespaces of this run's own.

    So whatever ends the run, its processes end and its small disks are gone with it.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    if os.geteuid() != 0 or os.environ.get(INSIDE) or not shutil.which("unshare"):
        return
    own = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
    command = ["unshare", *own, "--", sys.executable, "-m", module, *sys.argv[1:]]
    os.execvpe(command[0], command, os.environ | {INSIDE: "1"})


class Site:
    """The site, from its first start to its end."""

    def __init__(
        self,
        folder: Path,
        build: Build,
        *,
        workers: int,
        small_disks: dict[str, str],
        ports_from: int = 0,
    ) -> None:
        self.folder, self.build, self.product = folder, build, folder / "product"
        self.password = secrets.token_urlsafe(12)
        self.disks = {}
        for name in ("database", "broker", "data", "temporary"):
            self.disks[name] = self._disk(name, small_disks.get(name))
        ports = itertools.count(FIRST_PORT + ports_from)
        self._install()
        self.database = Database(self.product, self._under("database"), next(ports))
        self.broker = Broker(self.product, self._under("broker"), next(ports))
        self.port = next(ports)
        self.environment = self._environment()
        self.web = Web(self.product, self.environment, self.port)
        self.workers = [
            Worker(number, self.product, self.environment) for number in range(1, workers + 1)
        ]

    @property
    def programs(self) -> list[Program]:
        """All of them, in the order they are started."""
        return [self.database, self.broker, self.web, *self.workers]

    def start(self) -> None:
        """The servers, the tables, the pages' files, then web and workers."""
        self.database.make()
        self.broker.start()
        self.broker.wait()
        self.command("manage.py", "migrate", "--verbosity=0")
        self.command("manage.py", "collectstatic", "--no-input", "--verbosity=0")
        for program in (self.web, *self.workers):
            program.start()
        self.web.wait()

    def look_after(self) -> None:
        """Start what has ended by itself, as systemd does (Restart=on-failure)."""
        for program in self.programs:
            if not program.is_alive:
                program.start()

    def command(self, *arguments: str) -> str:
        """A Python program of the product, with the site's settings; what it prints."""
        made = subprocess.run(
            [self.build.python, *arguments],
            cwd=self.product,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"{arguments}: {made.stdout}{made.stderr}")
        return made.stdout

    def browser(self, name: str, timeout: float = 30) -> Browser:
        """Somebody who has logged in."""
        browser = Browser(self.port, timeout)
        browser.log_in(name, self.password)
        return browser

    def stop(self) -> None:
        """End every program, the last started first."""
        for program in reversed(self.programs):
            program.stop()

    def _install(self) -> None:
        """A copy, as a council has one: no edit beside us reaches it while we run."""
        self.product.mkdir()
        leave = shutil.ignore_patterns("__pycache__")
        packages = sorted(each.parent.name for each in self.build.root.glob("*/__init__.py"))
        for name in (*packages, *INSTALLED):
            source, target = self.build.root / name, self.product / name
            copy = shutil.copy2 if source.is_file() else shutil.copytree
            copy(source, target, **({} if source.is_file() else {"ignore": leave}))

    def _disk(self, name: str, size: str | None) -> Path:
        """A folder; where a size is given, a disk of that size."""
        path = self.folder / f"{name}-disk"
        path.mkdir()
        if size:
            options = ["-o", f"size={size},mode=755"]
            subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", path], check=True)
        return path

    def _under(self, disk: str) -> Path:
        path = self.disks[disk] / "here"
        path.mkdir(mode=0o700)
        return path

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.build.python.parent}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "IN_SERVICE": "1",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "1",
            "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto",
            "DATABASE_URL": self.database.address,
            "CELERY_BROKER_URL": self.broker.address,
            "DATA_DIR": str(self._under("data")),
            "TMPDIR": str(self._under("temporary")),
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "2",
            "LOG_FORMAT": "json",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@contextlib.contextmanager
def own_site(
    *,
    workers: int,
    small_disks: dict[str, str] | None = None,
    build: Build | None = None,
    ports_from: int = 0,
) -> Iterator[Site]:
    """A site that is not started yet; at the end nothing of it is left.

    `small_disks` gives `database` or `temporary` a disk of a size such as `300m` (root only).
    Without a build it is of this one; `ports_from` keeps the ports of two sites apart.
    """
    forget_old_groups()
    folder = Path(tempfile.mkdtemp(prefix="budget-monitor-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user
    site = Site(
        folder,
        build or this_build(),
        workers=workers,
        small_disks=small_disks or {},
        ports_from=ports_from,
    )
    try:
        yield site
    finally:
        site.stop()
        for disk in site.disks.values():
            if disk.is_mount():
                subprocess.run(["umount", "--lazy", disk], check=True)
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
