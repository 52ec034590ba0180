"""Limit the time that reading a file may take."""

import contextlib
import signal
import threading
from collections.abc import Iterator

from council_finance.uploads.problems import FileRefused, Problem

READING_SECONDS = 120
"""The limit: about ten times what a ledger of 200,000 rows takes."""


class TooSlow(FileRefused):
    """A file that takes longer to read than is allowed."""


@contextlib.contextmanager
def deadline(seconds: float = READING_SECONDS) -> Iterator[None]:
    """Raise TooSlow in the block once the time has passed.

    This uses the process's alarm signal, which only the main thread may set: workers and commands
    read files there. In other threads there is no limit.
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
