"""The command `manage.py test_restore [FILE]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance.backup import keeping
from council_finance.backup.trial import try_back_up
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = (
        "Restores a back-up, the newest of BACKUP_DIR where no FILE is named, into a database for "
        "a moment, proves its checksums and those of what was published, and leaves nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")

    def run(self, *, file: Path | None, **options: Any) -> None:
        trial = try_back_up(file or keeping.newest())
        for line in (*trial.restored, *trial.checked):
            self.stdout.write(line)
        self.stdout.write(f"{trial.file} stands the trial. Nothing of it is left.")
