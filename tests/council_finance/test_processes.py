"""Several programs as one: none outlives its parent, a dead one comes back, a stop is clean."""

import contextlib
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from council_finance.processes import ChildCommand, free_port, run_together, wait_for_http
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

PATIENCE = 30

# Notes its own number, then waits; told to, it starts a child of its own and ignores SIGTERM.
CHILD = """
import os, pathlib, signal, subprocess, sys, time
folder, how = pathlib.Path(sys.argv[1]), sys.argv[2]
if how == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / f"{other.pid}.pid").touch()
(folder / f"{os.getpid()}.pid").touch()
if how.isdigit():
    sys.exit(int(how))
time.sleep(600)
"""

PARENT = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored
from council_finance.processes import ChildCommand, run_together

commands = [
    ChildCommand(f"child {how}", [sys.executable, "-c", sys.argv[2], sys.argv[1], how])
    for how in sys.argv[3:]
]
ready = lambda: print("ready", flush=True)
sys.exit(run_together(commands, ready, pause=0.1, stop_within=0.5))
"""


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def pids(folder: Path) -> set[int]:
    return {int(file.stem) for file in folder.glob("*.pid")}


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet collected does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        os.kill(pid, 0)
        return True
    return False


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(*how: str) -> subprocess.Popen:
        command = [sys.executable, "-c", PARENT, str(tmp_path), CHILD, *how]
        parent = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(parent)
        return parent

    yield begin
    for parent in started:
        parent.kill()
    left = [pid for pid in pids(tmp_path) if not eventually(lambda pid=pid: not alive(pid), 5)]
    for pid in left:  # they would hold the pipes open
        os.kill(pid, signal.SIGKILL)
    for parent in started:
        parent.communicate()
    assert left == []


@pytest.mark.skipif(sys.platform != "linux", reason="only the kernel of Linux sees to it")
def test_no_child_outlives_a_parent_that_is_killed(start, tmp_path):
    parent = start("waits", "waits")
    assert eventually(lambda: len(pids(tmp_path)) == 2)
    children = pids(tmp_path)
    assert all(map(alive, children))
    parent.kill()
    assert eventually(lambda: not any(map(alive, children)))


def test_a_child_that_dies_is_started_again(start, tmp_path):
    parent = start("waits")
    assert eventually(lambda: len(pids(tmp_path)) == 1)
    (first,) = pids(tmp_path)
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: len(pids(tmp_path)) == 2)
    (second,) = pids(tmp_path) - {first}
    assert alive(second)
    parent.terminate()
    output, errors = parent.communicate(timeout=PATIENCE)
    assert parent.returncode == 0
    assert output == "ready\n"
    assert errors == "The child waits ended (status -9); starting it again.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_all_of_them(start, tmp_path, number):
    parent = start("waits", "stubborn")
    assert eventually(lambda: len(pids(tmp_path)) == 3)
    assert parent.stdout.readline() == "ready\n"
    parent.send_signal(number)
    assert parent.wait(PATIENCE) == 0
    assert eventually(lambda: not any(map(alive, pids(tmp_path))), 5)
    assert parent.stderr.read() == ""


def test_one_that_keeps_dying_ends_everything_with_a_clear_sentence(tmp_path, capfd):
    failing = ChildCommand("worker", [sys.executable, "-c", CHILD, str(tmp_path), "3"])
    waiting = ChildCommand("web server", [sys.executable, "-c", CHILD, str(tmp_path), "waits"])
    assert run_together([waiting, failing], pause=0, quick=PATIENCE, give_up_after=3) == 1
    assert not any(map(alive, pids(tmp_path)))
    sentences = capfd.readouterr().err.splitlines()
    assert sentences == [
        "The worker ended (status 3); starting it again.",
        "The worker ended (status 3); starting it again.",
        "The worker ended (status 3), 3 times in a row soon after its start; giving up.",
    ]


def test_one_not_to_be_restarted_gives_its_status(tmp_path):
    once = ChildCommand("job", [sys.executable, "-c", CHILD, str(tmp_path), "7"], restart=False)
    assert run_together([once]) == 7


def test_signal_handlers_are_put_back_and_nothing_runs_on_after_an_error(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    command = ChildCommand("job", [sys.executable, "-c", CHILD, str(tmp_path), "waits"])

    def fails() -> None:
        raise RuntimeError("not ready")

    with pytest.raises(RuntimeError):
        run_together([command], fails, is_ready=lambda: bool(pids(tmp_path)))
    assert signal.getsignal(signal.SIGTERM) is before
    assert len(pids(tmp_path)) == 1
    assert not any(map(alive, pids(tmp_path)))


def test_a_child_has_its_environment_and_folder(tmp_path):
    write = "import os, pathlib; pathlib.Path('note').write_text(os.environ['WORD'])"
    command = ChildCommand(
        "job", [sys.executable, "-c", write], {"WORD": "here"}, tmp_path, restart=False
    )
    assert run_together([command]) == 0
    assert (tmp_path / "note").read_text() == "here"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/broken" else 404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def test_a_server_is_waited_for_and_its_port_is_not_free(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        assert wait_for_http(f"http://127.0.0.1:{port}/", PATIENCE)
        assert not wait_for_http(f"http://127.0.0.1:{port}/broken", 0)
        assert free_port(port) != port
        server.shutdown()
        thread.join()
    assert not wait_for_http(f"http://127.0.0.1:{port}/", 0)


def test_the_preferred_port_is_taken_where_it_is_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert free_port(port) == port
