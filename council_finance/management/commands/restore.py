"""The command `manage.py restore FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance.backup.operations import restore
from council_finance.backup.report import listed
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = "Fills an empty database from a back-up, all or nothing, and proves that it is the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, *, file: Path, **options: Any) -> None:
        for line in listed(restore(file)):
            self.stdout.write(line)
        self.stdout.write(f"Restored: every count and checksum is that of {file}.")
