"""python manage.py clean_up [--dry-run]"""

import datetime
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from council_finance import locks, upkeep
from council_finance.accounts.services import forget_what_ended
from council_finance.commands import PlainCommand
from monitoring.reminders.services import forget_old_mails
from monitoring.retention.services import (
    erase_closed_accounts,
    forget_old_entries,
    forget_replaced_files,
    forget_unstored_files,
)


class Command(PlainCommand):
    help = "Removes what need not be kept, as the settings KEEP_… say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be removed, and remove nothing"
        )

    def run(self, *, dry_run: bool, **options: Any) -> None:
        if dry_run:
            # Do the work and roll it back: the counts are then those of a real run.
            with transaction.atomic():
                done = _clean_up(timezone.now())
                transaction.set_rollback(True)
            self.stdout.write(f"Would be removed: {done}. Nothing was.")
            return
        with upkeep.noted(upkeep.Task.CLEAN_UP):
            done = _clean_up(timezone.now())
            locks.remove_abandoned_files()
        self.stdout.write(f"Removed: {done}.")


def _clean_up(now: datetime.datetime) -> str:
    """Remove everything that is due by then; return how much of what, in words."""
    steps: tuple[tuple[int, Callable[..., int], str], ...] = (
        (settings.KEEP_UNSTORED_FILES_DAYS, forget_unstored_files, "files that were not stored"),
        (settings.KEEP_REPLACED_FILES_DAYS, forget_replaced_files, "files that were replaced"),
        (settings.KEEP_CLOSED_ACCOUNTS_DAYS, erase_closed_accounts, "people (erased)"),
        (settings.KEEP_MAIL_LOG_DAYS, forget_old_mails, "entries of the log of mails"),
        (settings.KEEP_AUDIT_TRAIL_DAYS, forget_old_entries, "entries of the audit trail"),
    )
    done = [f"{forget_what_ended(now=now)} ended sessions"]
    for days, step, what in steps:
        count = step(before=now - datetime.timedelta(days=days)) if days else 0
        done.append(f"{count} {what}")
    return ", ".join(done)
