"""Try a back-up: restore it into a database for a moment, and hold it to its own checksums.

Programs of their own do it, so that nothing of this one can reach the council's database, and
nothing of the council's database can make the trial look well.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from council_finance import audit, upkeep
from council_finance.backup import scratch
from council_finance.errors import Refused

RECORD = "back-ups"
"""What the audit trail calls them."""


@dataclass(frozen=True)
class Trial:
    """What the restore and the check of the records said, a sentence a line."""

    file: Path
    restored: list[str]
    checked: list[str]


def try_back_up(file: Path) -> Trial:
    """Restore a back-up into a database for a moment and check it; nothing of it is left.

    The result is kept for health and metrics, and goes onto the audit trail. Raises Refused where
    the back-up does not stand the trial.
    """
    try:
        with scratch.database() as url:
            restored = _run(url, "restore", str(file.resolve()))
            trial = Trial(file, restored, _run(url, "check_records"))
    except Refused as refused:
        _keep(file, succeeded=False, says=refused.messages[0])
        raise
    _keep(file, succeeded=True, says=" ".join(trial.checked))
    return trial


def _run(url: str, *arguments: str) -> list[str]:
    ended = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(settings.DATA_DIR)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise Refused(*(ended.stderr.strip().splitlines() or ["The restore ended without a word."]))
    return ended.stdout.splitlines()


@transaction.atomic
def _keep(file: Path, *, succeeded: bool, says: str) -> None:
    upkeep.note(task=upkeep.Task.RESTORE_TEST, succeeded=succeeded, says=says)
    audit.record(
        by=None,
        action="tested a restore",
        on=RECORD,
        file=file.name,
        result="passed" if succeeded else "failed",
        says=says,
    )
