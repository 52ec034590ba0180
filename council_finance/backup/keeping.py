"""The back-ups of every night: their names, the newest of them, and which of them go."""

import datetime
import re
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
    """Return where the back-up of this moment goes."""
    return folder() / f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d-%H%M%S}.backup"


def newest() -> Path:
    """Return the newest back-up of BACKUP_DIR. Raises Refused where there is none."""
    names = in_order(path.name for path in folder().iterdir())
    if not names:
        raise Refused(f"There is no back-up in {folder()} yet: run manage.py back_up.")
    return folder() / names[-1]


def in_order(names) -> list[str]:
    """Return those of the names that are back-ups made by the clock, the oldest first."""
    return sorted(name for name in names if _NAME.fullmatch(name))


def too_old(names, *, keep: int) -> list[str]:
    """Return the names of back-ups that are one too many; others' files are never among them."""
    ours = in_order(names)
    return ours[:-keep] if keep else []


def remove_older() -> list[str]:
    """Remove back-ups of BACKUP_DIR but for the newest BACKUP_KEEP; return what was removed."""
    old = too_old((path.name for path in folder().iterdir()), keep=settings.BACKUP_KEEP)
    for name in old:
        (folder() / name).unlink()
    return old
