"""Files that get their name only once they are whole, and the removal of unfinished ones.

A file is written in its folder as `.NAME.budget-monitor-begun`, under a lock that ends with its
process (`flock`). So the remains of a killed process can be recognised with certainty: the name
ends so, the file belongs to this user, and no process holds its lock. Only such files are removed.
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from council_finance.errors import Refused

_BEGUN = ".budget-monitor-begun"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write and read, for this user only; at the end of the block it is at `path`.

    Unfinished files of killed processes in the folder are removed. Raise `Refused` where there is a
    file at `path`, another process is writing it, or it cannot be written.
    """
    if path.exists():
        raise Refused(f"{path} is there already. Give the file another name.")
    begun = path.with_name(f".{path.name}{_BEGUN}")
    try:
        remove_abandoned(path.parent)
        with _open_locked(begun) as file:
            try:
                file.truncate()
                yield file
                file.flush()
                os.fsync(file.fileno())
                os.rename(begun, path)
                _sync_folder(path.parent)
            except BaseException:
                begun.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}.") from error


def remove_abandoned(folder: Path) -> list[Path]:
    """Remove the unfinished files of killed processes from a folder, and return their paths."""
    return [path for path in sorted(folder.glob(f".*{_BEGUN}")) if _remove_if_abandoned(path)]


def remove_if_unlocked(path: Path) -> bool:
    """Remove this user's file where no process holds its lock; return whether it was removed."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if not lock(descriptor) or not is_at(descriptor, path):
            return False
        path.unlink()
        return True
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock an open file for this process alone; return False where another one holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_at(descriptor: int, path: Path) -> bool:
    """Return whether an open file is still the one at that path: it may have been removed."""
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


def _remove_if_abandoned(path: Path) -> bool:
    found = os.stat(path, follow_symlinks=False) if path.exists() else None
    if found is None or not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        return False
    return remove_if_unlocked(path)


@contextlib.contextmanager
def _open_locked(begun: Path) -> Iterator[BinaryIO]:
    """Open and lock the file; try again where it was removed between opening and locking."""
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(begun, flags, 0o600), "w+b", closefd=True) as file:
            if not lock(file.fileno()):
                raise Refused(f"Another process is writing {begun.name}. Wait until it has ended.")
            if is_at(file.fileno(), begun):
                yield file
                return


def _sync_folder(folder: Path) -> None:
    """Have the disk store the new name in the folder too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
