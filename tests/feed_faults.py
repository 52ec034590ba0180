"""The ledger feed in a process that is killed: it takes, decides, moves, and dies where it is told.

The process is forked from one that has Django set up already, so that many can be killed in a
second. It does the workers' jobs itself, so that nothing else takes part.
"""

import functools
import hashlib
import os
import signal
import time
import traceback
from collections import Counter
from pathlib import Path

RECEIVED = "upload and row written, not committed"
COMMITTED = "received, and nobody told"
CONFIRMED = "confirmed, not committed"
DECIDED = "decided on, not moved"
SENTENCES = "sentences written, not moved"
MOVED = "moved, not noted"
NOTED = "moved and noted"
POINTS = (RECEIVED, COMMITTED, CONFIRMED, DECIDED, MOVED, NOTED)
ADDRESS = "ledger@council.test"
_SWEEPS = 6


def sha256_of(content: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def set_up_person(start: int) -> None:
    """An officer who answers for the feed of a year, whose clean files are stored."""
    from council_finance.accounts.models import Role, User
    from monitoring.models import FinancialYear

    User.objects.create_user("ledger", ADDRESS, role=Role.FINANCE_OFFICER)
    year = FinancialYear.objects.get(start=start)
    year.settings = {**year.settings, "ledger_feed": {"person": ADDRESS, "store": "when clean"}}
    year.save()


def take(drop: Path, *, die_at: str = "", die_after: float | None = None) -> int:
    """Take what lies in the folder in a process of its own; the signal that ended it, or 0.

    It dies at a point, or is killed after so many seconds, or ends by itself.
    """
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        _take_and_end(drop, die_at)
    if die_after is not None:
        time.sleep(die_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the process failed"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _take_and_end(drop: Path, die_at: str) -> None:
    from django.conf import settings

    from monitoring.feed import folder

    settings.DROP_DIR, folder.STILL_SECONDS = str(drop), 0
    try:
        _put_points_in(die_at)
        for _ in range(_SWEEPS):
            _sweep_once()
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _sweep_once() -> None:
    """What workers do: the sweep, and every job that waits. A full disk is tried again later."""
    from django.db import DatabaseError

    from council_finance.jobs import Job, JobState
    from monitoring.feed.waking import sweep_feed
    from monitoring.uploading import tasks
    from monitoring.uploading.pipeline.jobs import sweep_jobs

    works = {task.name: task.run for task in (tasks.check_upload, tasks.store_upload)}
    for part in (sweep_jobs, sweep_feed):
        try:
            part()
        except (DatabaseError, OSError):
            continue
    try:
        for job in Job.objects.filter(state=JobState.QUEUED, in_process=False).order_by("pk"):
            works[job.task](job.pk)
    except (DatabaseError, OSError):
        return


def _put_points_in(die_at: str) -> None:
    from monitoring.feed import folder, services, waking

    _die(services, "start_check", RECEIVED, die_at)
    _die(folder, "receive_file", COMMITTED, die_at)
    _die(services, "confirm_upload", CONFIRMED, die_at)
    _die(waking, "move_ended_files", DECIDED, die_at, before=True)
    _die(folder, "_write_sentences", SENTENCES, die_at)
    _die(folder, "mark_moved", MOVED, die_at, before=True)
    _die(folder, "mark_moved", NOTED, die_at)


def _die(module, name: str, point: str, die_at: str, *, before: bool = False) -> None:
    """Have the process die before or after a function, where that is the point.

    Before it is moved, a file must have been decided on: until then the process lives on.
    """
    if point != die_at:
        return
    function = getattr(module, name)

    @functools.wraps(function)
    def dies(*arguments, **named):
        if before and (point != DECIDED or _is_decided()):
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*arguments, **named)
        if not before:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(module, name, dies)


def _is_decided() -> bool:
    from monitoring.feed.selectors import files_to_move

    return files_to_move().exists()


def look_at(drop: Path) -> dict:
    """Rows by file name, stored batches by SHA-256, and every file of the folder by its place."""
    from monitoring.models import Batch, FeedFile

    rows: dict[str, list[str]] = {}
    for name, state in FeedFile.objects.order_by("pk").values_list("file_name", "state"):
        rows.setdefault(name, []).append(state)
    stored = Counter(Batch.objects.values_list("upload__sha256", flat=True))
    found = sorted(path for path in drop.rglob("*") if path.is_file())
    files = {str(path.relative_to(drop)): sha256_of(path.read_bytes()) for path in found}
    return {"rows": rows, "stored": dict(stored), "files": files}
