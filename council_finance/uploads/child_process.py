"""Read a workbook in a process of its own, which may die without ending the worker.

The reader of workbooks allocates memory for the sizes that a file states. Where there is not enough
it aborts its process, which Python code cannot catch.
"""

import contextlib
import gc
import itertools
import marshal
import os
import pickle
import resource
import signal
import struct
import traceback
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from council_finance.uploads.deadline import READING_SECONDS
from council_finance.uploads.limits import MEGABYTE, refusal
from council_finance.uploads.problems import FileRefused

Rows = list[list]

MOST_MEMORY = 1_500 * MEGABYTE
"""The memory allowed on top of the worker's own; the largest workbook takes half of it."""

_MOST_FILES = 1 << 20
_MARSHAL_VERSION = 2
"""The version that writes no references to earlier objects, which would only cost time."""

_ROWS, _REFUSED, _FAILED, _END = b"R", b"N", b"F", b"E"
_HEAD = struct.Struct("<cQ")
_CELLS_AT_ONCE = 100_000
_AS_THEY_ARE = {str, float, int, bool, type(None)}
_PIPE_BYTES = MEGABYTE


def read_in_child_process(read: Callable[[], Rows]) -> np.ndarray:
    """Return the rows that a function returns, all of one length, as an array of rows and columns.

    The function runs in a child process. Raises the FileRefused that it raises, and a FileRefused
    where the child dies.
    """
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        _run_child(read, sender)
    os.close(sender)
    is_over = False
    try:
        with open(receiver, "rb", buffering=_PIPE_BYTES) as stream:
            rows = _receive_rows(stream)
        is_over = True
    finally:
        if not is_over:
            # The deadline has passed, or the file is refused.
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if rows is None:
        raise refusal(
            "The workbook cannot be read: it would take far more memory than a file of its size"
            " needs. Save it again as XLSX, or the table alone as CSV."
        )
    return rows


def _receive_rows(stream: BinaryIO) -> np.ndarray | None:
    """Return the rows that the child sends; None where it dies first. Raises its FileRefused."""
    parts: list[np.ndarray] = []
    for kind, content in _read_messages(stream):
        if kind == _REFUSED:
            raise FileRefused(*pickle.loads(content))
        if kind == _FAILED:
            raise RuntimeError(f"The process that reads workbooks failed:\n{content.decode()}")
        if kind == _END:
            width = pickle.loads(content)
            whole = np.concatenate([*parts, np.empty(0, dtype=object)])
            return whole.reshape(-1, width) if width else whole.reshape(0, 0)
        parts.append(_unpack_rows(content))
    return None


def _read_messages(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and content of each complete message, until the child closes the pipe."""
    while len(head := stream.read(_HEAD.size)) == _HEAD.size:
        kind, size = _HEAD.unpack(head)
        content = stream.read(size)
        if len(content) == size:
            yield kind, content


def _run_child(read: Callable[[], Rows], sender: int) -> None:
    """Send the rows from the child, and exit without running the parent's clean-up code."""
    try:
        _isolate_process(sender)
        with open(sender, "wb", buffering=0) as stream:
            _send_rows_or_failure(read, stream)
    finally:
        os._exit(0)


def _send_rows_or_failure(read: Callable[[], Rows], stream: BinaryIO) -> None:
    """Send the rows, the refusal or the traceback of an error; nothing when memory runs out."""
    is_sent = False
    try:
        with contextlib.suppress(MemoryError):
            _send_rows(read, stream)
        is_sent = True
    finally:
        if not is_sent:
            _send_message(stream, _FAILED, traceback.format_exc().encode())


def _isolate_process(sender: int) -> None:
    """Close the parent's files, reset its signals, and limit processor time and memory."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    os.closerange(3, sender)
    os.closerange(sender + 1, _MOST_FILES)
    gc.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_process(resource.RLIMIT_CPU, 2 * READING_SECONDS)
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as sizes:
            pages = int(sizes.read().split()[0])
        _limit_process(resource.RLIMIT_AS, pages * resource.getpagesize() + MOST_MEMORY)


def _limit_process(what: int, most: int) -> None:
    """Lower a resource limit of this process; never raise it above the hard limit."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, hard))


def _send_rows(read: Callable[[], Rows], stream: BinaryIO) -> None:
    """Send the rows in batches, then their width; or the problems of a refused file."""
    try:
        rows = read()
    except FileRefused as refused:
        _send_message(stream, _REFUSED, pickle.dumps(refused.problems))
        return
    width = len(rows[0]) if rows else 0
    step = max(1, _CELLS_AT_ONCE // max(1, width))
    for start in range(0, len(rows), step):
        cells = list(itertools.chain.from_iterable(rows[start : start + step]))
        _send_message(stream, _ROWS, _pack_rows(cells))
    _send_message(stream, _END, pickle.dumps(width))


def _send_message(stream: BinaryIO, kind: bytes, content: bytes) -> None:
    """Write a whole message; one call of `write` on a pipe may write only a part."""
    left = memoryview(_HEAD.pack(kind, len(content)) + content)
    while left:
        left = left[stream.write(left) :]


def _pack_rows(cells: list) -> bytes:
    """Return cells as bytes, by marshal (several times faster) and by pickle for other types."""
    try:
        return marshal.dumps((cells, b""), _MARSHAL_VERSION)
    except ValueError:
        others = {n: cell for n, cell in enumerate(cells) if type(cell) not in _AS_THEY_ARE}
        plain = [None if n in others else cell for n, cell in enumerate(cells)]
        return marshal.dumps((plain, pickle.dumps(others)), _MARSHAL_VERSION)


def _unpack_rows(content: bytes) -> np.ndarray:
    """Return the cells that `_pack_rows` packed."""
    plain, others = marshal.loads(content)
    cells = np.empty(len(plain), dtype=object)
    cells[:] = plain
    for place, cell in pickle.loads(others).items() if others else ():
        cells[place] = cell
    return cells
