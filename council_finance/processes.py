"""Run several programs as one: start them, keep them running, stop them and leave none behind."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

PR_SET_PDEATHSIG = 1
TICK = 0.05
POSIX = os.name == "posix"


@dataclass(frozen=True)
class ChildCommand:
    """A program to run: its name for messages, its arguments, additions to the environment."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    restart: bool = True  # False: when it ends, everything ends, with its status


def run_together(
    commands: Sequence[ChildCommand],
    ready: Callable[[], object] | None = None,
    *,
    is_ready: Callable[[], bool] | None = None,
    pause: float = 1.0,
    quick: float = 10.0,
    give_up_after: int = 5,
    stop_within: float = 3.0,
) -> int:
    """Run the commands until SIGINT, SIGTERM or SIGHUP and return the exit status.

    ``ready`` is called once, when ``is_ready`` (called again and again; it must be quick) first
    returns true. A child that ends is started again after ``pause`` seconds; one that lived for
    less than ``quick`` seconds, ``give_up_after`` times in a row, ends everything with status 1.
    Call it from the main thread: signals arrive there, and Linux takes the end of the thread that
    started a child for the end of its parent.
    """
    children = [_Child(command) for command in commands]
    with _catch_stop_signals() as caught:
        try:
            while not caught:
                for child in children:
                    status = child.look_after(pause, quick, give_up_after)
                    if status is not None:
                        return status
                if ready and (is_ready is None or is_ready()):
                    ready()
                    ready = None
                time.sleep(TICK)
            return 0
        finally:
            _stop_all([child.process for child in children if child.process], stop_within)


def wait_for_http(url: str, seconds: float) -> bool:
    """Return whether ``url`` answers within ``seconds`` (0: one try); no server error counts."""
    address = urlsplit(url)
    until = time.monotonic() + seconds
    while True:
        # Not urllib.request: it would go through a proxy, even for this machine.
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=1)
        with (
            contextlib.closing(connection),
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            connection.request("GET", address.path or "/")
            if connection.getresponse().status < 500:
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(TICK)


def free_port(preferred: int = 8000) -> int:
    """Return a free loopback port: ``preferred``, one of the next twenty, or any."""
    for port in (*range(preferred, min(preferred + 21, 65536)), 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if POSIX:  # a port that was closed a moment ago is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("No free port on 127.0.0.1.")


@cache
def _load_prctl() -> Callable[..., int] | None:
    return ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that ends (Linux)."""
    prctl = _load_prctl()
    if prctl and (prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0 or os.getppid() != parent):
        os._exit(1)  # the parent ended before the call above took effect


class _Child:
    """A command, the process that runs it now, and the number of times it ended too soon."""

    def __init__(self, command: ChildCommand) -> None:
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.started = self.start_at = 0.0
        self.quick_ends = 0

    def start(self) -> None:
        """Start the command's process, which ends when this one does."""
        _load_prctl()  # before the fork: nothing is loaded between fork and exec
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command.arguments,
            env={**os.environ, **self.command.environment},
            cwd=self.command.folder,
            stdin=subprocess.DEVNULL,
            start_new_session=POSIX,  # Ctrl-C reaches us alone, and its children can be ended too
            preexec_fn=partial(die_with_parent, os.getpid()) if POSIX else None,  # noqa: PLW1509
        )

    def look_after(self, pause: float, quick: float, give_up_after: int) -> int | None:
        """Start the child where it is not running; return a status where everything must end."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return None
        status = self.process.poll()
        if status is None:
            return None
        _kill_group(self.process)
        self.process, self.start_at = None, now + pause
        ended = f"The {self.command.name} ended (status {status})"
        if not self.command.restart:
            print(f"{ended}; stopping.", file=sys.stderr, flush=True)
            return status if status >= 0 else 128 - status
        self.quick_ends = self.quick_ends + 1 if now - self.started < quick else 0
        if self.quick_ends >= give_up_after:
            often = f"{self.quick_ends} times in a row soon after its start"
            print(f"{ended}, {often}; giving up.", file=sys.stderr, flush=True)
            return 1
        print(f"{ended}; starting it again.", file=sys.stderr, flush=True)
        return None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a child, and every process it started, at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if POSIX:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _stop_all(processes: Sequence[subprocess.Popen[bytes]], within: float) -> None:
    """Tell every child to end; kill those that have not ended within so many seconds."""
    for process in processes:
        process.terminate()
    until = time.monotonic() + within
    while time.monotonic() < until and any(process.poll() is None for process in processes):
        time.sleep(TICK)
    for process in processes:
        _kill_group(process)
        process.wait()


@contextlib.contextmanager
def _catch_stop_signals() -> Iterator[list[int]]:
    """Give the list of stop signals caught so far; one that is ignored (nohup) stays so."""
    caught: list[int] = []
    wanted = [signal.SIGINT, signal.SIGTERM]
    if POSIX and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        wanted.append(signal.SIGHUP)
    before = {one: signal.signal(one, lambda got, _: caught.append(got)) for one in wanted}
    try:
        yield caught
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
