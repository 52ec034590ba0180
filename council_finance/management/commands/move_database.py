"""The command `manage.py move_database --to postgres://user@host/name`."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from council_finance.backup.operations import move
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = "Takes everything into another, empty database, and proves that nothing was lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            required=True,
            metavar="URL",
            help="as DATABASE_URL; without a password, that of PGPASSWORD or ~/.pgpass is taken",
        )

    def run(self, *, to: str, **options: Any) -> None:
        archive = move(to, settings.DATA_DIR)
        self.stdout.write(
            "Moved: every count and checksum is that of the old database, which is as it was.\n"
            f"A back-up of it is in {archive}. Set DATABASE_URL to the new one and start again."
        )
