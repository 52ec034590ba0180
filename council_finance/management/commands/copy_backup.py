"""The command `manage.py copy_backup [FILE]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance import upkeep
from council_finance.backup import copies, keeping
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = (
        "Copies a back-up, the newest of BACKUP_DIR where no FILE is named, to the second place "
        "(BACKUP_COPY_DIR or BACKUP_COPY_COMMAND), compares the copy, and keeps the newest "
        "BACKUP_COPIES_KEEP there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")

    def run(self, *, file: Path | None, **options: Any) -> None:
        with upkeep.noted(upkeep.Task.COPY):
            copied = copies.copy(file or keeping.newest())
        if copied.warning:
            self.stderr.write(copied.warning, style_func=str)
        said = "was there already" if copied.was_there else "is copied"
        self.stdout.write(f"{copied.name} {said}; there and here its SHA-256 is {copied.sha256}.")
        if copied.removed:
            self.stdout.write(
                f"{len(copied.removed)} older copies are removed: {', '.join(copied.removed)}."
            )
