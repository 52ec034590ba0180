"""Test a back-up: restore it into a temporary database and check its checksums.

Separate processes do it, so that the test cannot reach the council's database, and nothing in the
council's database can make the test pass.
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
"""The record on the audit trail for tests of back-ups."""


@dataclass(frozen=True)
class Trial:
    """The output of the restore and of the check of records, a sentence a line."""

    file: Path
    restored: list[str]
    checked: list[str]


def try_back_up(file: Path) -> Trial:
    """Restore a back-up into a temporary database and check it; the database is removed.

    The result is stored for health and metrics, and goes onto the audit trail. Raises Refused
    where the back-up fails the test.
    """
    try:
        with scratch.database() as url:
            restored = _run_command(url, "restore", str(file.resolve()))
            trial = Trial(file, restored, _run_command(url, "check_records"))
    except Refused as refused:
        _store_result(file, succeeded=False, says=refused.messages[0])
        raise
    _store_result(file, succeeded=True, says=" ".join(trial.checked))
    return trial


def _run_command(url: str, *arguments: str) -> list[str]:
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
def _store_result(file: Path, *, succeeded: bool, says: str) -> None:
    upkeep.note(task=upkeep.Task.RESTORE_TEST, succeeded=succeeded, says=says)
    audit.record(
        by=None,
        action="tested a restore",
        on=RECORD,
        file=file.name,
        result="passed" if succeeded else "failed",
        says=says,
    )
