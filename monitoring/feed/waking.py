"""The sweep of the feed: decide on files that are checked, move them, and take new ones."""

from functools import cache
from pathlib import Path

from django.conf import settings

from council_finance import locks
from monitoring.feed.folder import FolderWatch, move_ended_files
from monitoring.feed.selectors import files_to_decide_on
from monitoring.feed.services import decide_on_file

FEED_LOCK = -1
"""The number of the lock among those of jobs; no job has it."""


def sweep_feed() -> None:
    """Do what is to be done for the feed, unless another worker does it already."""
    if not settings.DROP_DIR and not files_to_decide_on().exists():
        return
    with locks.hold_job_lock(FEED_LOCK) as held:
        if held:
            work_on_feed()


def work_on_feed(now: float | None = None) -> None:
    """Decide on files that are checked, take those that lie still, and move those that ended.

    Stopped anywhere, it goes on from there when it is run again. The lock is held.
    """
    for file in files_to_decide_on():
        decide_on_file(file=file)
    if not settings.DROP_DIR:
        return
    folder = Path(settings.DROP_DIR)
    _watch_of(folder).take_still_files(now)
    move_ended_files(folder)


@cache
def _watch_of(folder: Path) -> FolderWatch:
    """Return the watch of a folder, which remembers how its files were."""
    return FolderWatch(folder)
