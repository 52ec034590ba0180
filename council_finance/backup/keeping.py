"""The nightly back-ups: their names, the newest of them, and the old ones to remove."""

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from council_finance.errors import Refused

_NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{4}(\d\d)?\.backup")


def folder() -> Path:
    """Return the folder of the back-ups. Raises Refused where none is set or it is not there."""
    if not settings.BACKUP_DIR:
        raise Refused("No folder for back-ups is set: name a file, or set BACKUP_DIR.")
    path = Path(settings.BACKUP_DIR)
    if not path.is_dir():
        raise Refused(f"BACKUP_DIR {path} is no folder. Make it, for the service alone.")
    return path


def next_path() -> Path:
    """Return the path for a back-up made now."""
    return folder() / f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d-%H%M%S}.backup"


def newest() -> Path:
    """Return the newest back-up of BACKUP_DIR. Raises Refused where there is none."""
    names = in_order(path.name for path in folder().iterdir())
    if not names:
        raise Refused(f"There is no back-up in {folder()} yet: run manage.py back_up.")
    return folder() / names[-1]


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of nightly back-ups among them, the oldest first."""
    return sorted(name for name in names if _NAME.fullmatch(name))


def too_old(names: Iterable[str], *, keep: int) -> list[str]:
    """Return the names of the oldest back-ups beyond the number to keep, never of other files."""
    ours = in_order(names)
    return ours[:-keep] if keep else []


def remove_older() -> list[str]:
    """Remove the back-ups of BACKUP_DIR except the newest BACKUP_KEEP; return their names."""
    old = too_old((path.name for path in folder().iterdir()), keep=settings.BACKUP_KEEP)
    for name in old:
        (folder() / name).unlink()
    return old
