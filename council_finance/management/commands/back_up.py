"""The command `manage.py back_up [FILE]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance import upkeep
from council_finance.backup import keeping
from council_finance.backup.operations import back_up
from council_finance.backup.report import listed
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = (
        "Writes everything the database holds into one file; others may work meanwhile. Without "
        "FILE it is named by the clock in BACKUP_DIR, and the newest BACKUP_KEEP stay there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")

    def run(self, *, file: Path | None, **options: Any) -> None:
        with upkeep.noted(upkeep.Task.BACK_UP):
            path = file or keeping.next_path()
            for line in listed(back_up(path)):
                self.stdout.write(line)
            removed = [] if file else keeping.remove_older()
        self.stdout.write(f"{path} holds all of it, {path.stat().st_size:,} bytes.")
        if removed:
            self.stdout.write(f"{len(removed)} older ones are removed: {', '.join(removed)}.")
