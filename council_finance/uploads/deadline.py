"""No file may keep a worker for ever."""

import contextlib
import signal
import threading
from collections.abc import Iterator

from council_finance.uploads.problems import FileRefused, Problem

READING_SECONDS = 120
"""A ledger of 200,000 rows is read in some seconds; ten times that is a file made to hold us up."""


class TooSlow(FileRefused):
    """The time to read a file is up."""


@contextlib.contextmanager
def deadline(seconds: float = READING_SECONDS) -> Iterator[None]:
    """Raise TooSlow in the block once the time is up.

    By the process's alarm, which only its main thread may set: that is where workers and commands
    read files. Elsewhere there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _refuse_slow_file)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _refuse_slow_file(*_: object) -> None:
    raise TooSlow(
        Problem("The file takes too long to read. Save only the table itself, as CSV or XLSX.")
    )
