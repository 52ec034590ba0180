"""The watched folder: take the files that lie still in it, and move them once they are decided on.

The row of a file comes first and the move after, and both are found again after a stop: a file that
has a row is not received a second time, and a file that is in its new place is only noted there.
One process does this at a time, under a lock that ends with it.
"""

import errno
import hashlib
import logging
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from council_finance import whole_files
from council_finance.errors import Refused
from monitoring.feed.file_names import is_unfinished, printable_name, read_name
from monitoring.feed.models import FeedFile, FeedSource, FeedState
from monitoring.feed.received import ReceivedFile
from monitoring.feed.selectors import (
    files_to_move,
    is_anybody_responsible,
    is_row_of_folder,
    responsible_person,
)
from monitoring.feed.services import mark_moved, receive_file, refuse_file
from monitoring.structure.selectors.calendar import find_year
from monitoring.uploading.services.uploads import MOST_BYTES, UploadUnderWay

STILL_SECONDS = 10
"""A file is taken once its size and time have not changed for so long."""

_CHUNK = 1 << 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Look:
    """A file's identity, size and time at a look, and when it was first found so."""

    signature: tuple[int, ...]
    since: float


class FolderWatch:
    """A watched folder, and how its files were at the last look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._looks: dict[str, _Look] = {}

    def take_still_files(self, now: float | None = None) -> None:
        """Receive every file that lies still; `now` is the time of a clock that only goes on.

        A file that cannot be read is left, and the others are taken all the same.
        """
        found = self._find_still(time.monotonic() if now is None else now)
        if not found or not is_anybody_responsible():
            return
        for path in found:
            try:
                _take_file(path)
            except OSError as error:
                logger.warning("A file of the watched folder cannot be taken: %s", error.strerror)

    def _find_still(self, now: float) -> list[Path]:
        looks, still = {}, []
        for path in list_files(self.folder):
            try:
                signature = _read_signature(path.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue
            last = self._looks.get(path.name)
            unchanged = last is not None and last.signature == signature
            look = last if last and unchanged else _Look(signature, now)
            looks[path.name] = look
            if now - look.since >= STILL_SECONDS:
                still.append(path)
        self._looks = looks
        return still


def list_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may be taken, the oldest first.

    Hidden and unfinished ones, folders and links are left alone.
    """
    with os.scandir(folder) as entries:
        found = [
            (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
            for entry in entries
            if not is_unfinished(entry.name) and entry.is_file(follow_symlinks=False)
        ]
    return [folder / name for _, name in sorted(found)]


def _read_signature(found: os.stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _take_file(path: Path) -> None:
    """Receive a file, or keep why it is refused; leave it where it must wait."""
    received = _read_file(path)
    if received is None or is_row_of_folder(received.file_name, received.sha256):
        return
    person = None
    try:
        received = received.named(read_name(path.name))
        year = find_year(received.start or 0)
        person, why_not = responsible_person(year)
        if person is None:
            logger.warning("A file waits in the watched folder: %s", why_not)
            return
        _refuse_too_large(received)
        receive_file(received=received, source=FeedSource.FOLDER, year=year, by=person)
    except UploadUnderWay:
        return  # it is taken once the other has ended
    except Refused as refused:
        refuse_file(
            received=received,
            source=FeedSource.FOLDER,
            by=person,
            sentences=refused.messages,
        )


def _refuse_too_large(received: ReceivedFile) -> None:
    if received.size > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")


def _read_file(path: Path) -> ReceivedFile | None:
    """Return a file with its bytes, or their digest alone where it is too large.

    Return None where it changed while it was read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        before = os.fstat(file.fileno())
        digest, parts = hashlib.sha256(), []
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if before.st_size <= MOST_BYTES:
                parts.append(chunk)
        after = os.fstat(file.fileno())
    content = b"".join(parts)
    if _read_signature(before) != _read_signature(after) or (
        parts and len(content) != after.st_size
    ):
        return None
    return ReceivedFile(
        content, printable_name(path.name), digest=digest.hexdigest(), length=after.st_size
    )


def move_ended_files(folder: Path) -> None:
    """Move every file that is decided on, with its sentences beside it where it was refused."""
    waiting = list(files_to_move())
    if not waiting:
        return
    paths = {printable_name(path.name): path for path in list_files(folder)}
    for file in waiting:
        try:
            _move_file(folder, file, paths.get(file.file_name))
        except (OSError, Refused) as error:
            logger.warning("A file of the watched folder cannot be moved: %s", error)


def _move_file(folder: Path, file: FeedFile, path: Path | None) -> None:
    """Move a file to its place, or note that it is there, or is gone from the folder."""
    place = folder / file.moved_to
    _make_folder(place.parent, folder)
    is_there = place.exists()
    source = None if is_there else _same_file(path, file)
    if file.state in (FeedState.REFUSED, FeedState.FAILED):
        _write_sentences(place, file, source or (place if is_there else folder))
    if source is not None:
        os.rename(source, place)
        _sync_folder(place.parent)
        _sync_folder(folder)
    mark_moved(file=file)


def _make_folder(made: Path, like: Path) -> None:
    """Make a folder where it is missing, open to those to whom the watched one is."""
    if not made.is_dir():
        made.mkdir(exist_ok=True)
        made.chmod(stat.S_IMODE(like.stat().st_mode))


def _same_file(path: Path | None, file: FeedFile) -> Path | None:
    """Return the path where the file at it is still the one of the row; None where it is another.

    A ledger may have written a newer file of the same name meanwhile.
    """
    if path is None:
        return None
    try:
        received = _read_file(path)
    except FileNotFoundError:
        return None
    return path if received is not None and received.sha256 == file.sha256 else None


def _write_sentences(place: Path, file: FeedFile, like: Path) -> None:
    """Write why a file was refused beside its place, for those who may read the file itself."""
    beside = place.with_name(f"{place.name}.txt")
    if beside.exists():
        return
    with whole_files.writing(beside) as text:
        text.write("".join(f"{line}\n" for line in file.sentences).encode())
        os.fchmod(text.fileno(), stat.S_IMODE(like.stat().st_mode) & 0o666)


def _sync_folder(folder: Path) -> None:
    """Have the disk keep the names of a folder, where its file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a network share that cannot
            raise
    finally:
        os.close(descriptor)
