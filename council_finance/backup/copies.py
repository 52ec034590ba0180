"""Copies of back-ups in a second place: a mounted folder, or wherever a program takes them.

A copy is accepted once it was read back and has the SHA-256 of the file here.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from council_finance import whole_files
from council_finance.backup import keeping
from council_finance.errors import Refused

_BLOCK = 1 << 20


class Place(Protocol):
    """A place for copies."""

    def names(self) -> list[str]:
        """Return the names of the files there."""

    def put(self, file: Path) -> None:
        """Copy a file there, under its own name."""

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file there, read again."""

    def remove(self, name: str) -> None:
        """Remove a file there."""


@dataclass(frozen=True)
class Copied:
    """The result of copying: the file, its SHA-256, the removed copies, and a warning if any."""

    name: str
    sha256: str
    was_there: bool
    removed: list[str]
    warning: str


def copy(file: Path) -> Copied:
    """Copy a back-up to the second place, compare, and remove the oldest copies there.

    Raises Refused where no place is set, or the copy is not the same.
    """
    place, warning = _choose_place(file)
    here, there = sha256_of(file), place.names()
    was_there = file.name in there
    if not was_there:
        place.put(file)
    if place.sha256(file.name) != here:
        if was_there:
            raise Refused(
                f"The second place has another file called {file.name}. Nothing was copied; look "
                "at which of the two is right."
            )
        place.remove(file.name)
        raise Refused(
            f"The copy of {file.name} differs from the file, and was removed. Copy again; if it "
            "differs again, look at the disk and the network there."
        )
    names = {*there, file.name}
    removed = [
        name
        for name in keeping.too_old(names, keep=settings.BACKUP_COPIES_KEEP)
        if name != file.name
    ]
    for name in removed:
        place.remove(name)
    return Copied(file.name, here, was_there, removed, warning)


def _choose_place(file: Path) -> tuple[Place, str]:
    """Return the place that is set, and a warning where it is on the file's own disk."""
    if settings.BACKUP_COPY_COMMAND and settings.BACKUP_COPY_DIR:
        raise Refused("Set BACKUP_COPY_DIR or BACKUP_COPY_COMMAND, not both.")
    if settings.BACKUP_COPY_COMMAND:
        return Program(settings.BACKUP_COPY_COMMAND), ""
    if not settings.BACKUP_COPY_DIR:
        raise Refused(
            "No second place is set, so nothing was copied: set BACKUP_COPY_DIR or "
            "BACKUP_COPY_COMMAND."
        )
    folder = Path(settings.BACKUP_COPY_DIR)
    if not folder.is_dir():
        raise Refused(f"BACKUP_COPY_DIR {folder} is no folder. Is it mounted?")
    same_disk = folder.stat().st_dev == file.stat().st_dev
    warning = f"{folder} is on the same disk as {file}. Is it mounted?" if same_disk else ""
    return Folder(folder), warning


@dataclass(frozen=True)
class Folder:
    """A folder, usually of another machine and mounted here."""

    path: Path

    def names(self) -> list[str]:
        """Return the names of the files there."""
        return [each.name for each in self.path.iterdir()]

    def put(self, file: Path) -> None:
        """Copy a file there; the copy gets its name once it is whole."""
        with open(file, "rb") as source, whole_files.writing(self.path / file.name) as target:
            shutil.copyfileobj(source, target, _BLOCK)

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file, read from the disk where the system allows it."""
        with open(self.path / name, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self.path / name).unlink()


@dataclass(frozen=True)
class Program:
    """A program that is run to `list`, `put`, `sha256` or `remove`, by a template of its command.

    In the template's words {action}, {name} and {file} are replaced; no shell is used.
    """

    template: str

    def names(self) -> list[str]:
        """Return the names it lists, one a line; a path's last part counts."""
        return [line.strip().rpartition("/")[2] for line in self._run_program("list").splitlines()]

    def put(self, file: Path) -> None:
        """Have the program take a file."""
        self._run_program("put", file.name, file)

    def sha256(self, name: str) -> str:
        """Return the first word of its output, as `sha256sum` prints it."""
        return (self._run_program("sha256", name).split() or [""])[0]

    def remove(self, name: str) -> None:
        """Have the program remove a file."""
        self._run_program("remove", name)

    def _run_program(self, action: str, name: str = "", file: Path | str = "") -> str:
        """Run the program for an action; return its output. Raises Refused where it fails."""
        words = shlex.split(self.template)
        for mark, value in (("{action}", action), ("{name}", name), ("{file}", str(file))):
            words = [word.replace(mark, value) for word in words]
        try:
            ended = subprocess.run(words, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Refused(f"BACKUP_COPY_COMMAND cannot be run: {error.strerror}.") from error
        if ended.returncode:
            said = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
            what = f"{action} {name}".strip()
            raise Refused(f"BACKUP_COPY_COMMAND failed to {what}: {said}")
        return ended.stdout


def sha256_of(file: Path) -> str:
    """Return a file's SHA-256. Raises Refused where it cannot be read."""
    try:
        with open(file, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
