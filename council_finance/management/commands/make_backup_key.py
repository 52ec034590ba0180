"""The command `manage.py make_backup_key FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance import whole_files
from council_finance.backup import encryption
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = "Makes a key for back-ups: the private one into FILE, the public one onto the screen."
    needs_tables = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, *, file: Path, **options: Any) -> None:
        private, public = encryption.make_key()
        with whole_files.writing(file) as written:
            written.write(f"# public key: {public}\n{private}\n".encode("ascii"))
        self.stdout.write(public)
        self.stderr.write(
            f"{file} holds the private key. Without it no back-up that is encrypted for it can "
            "ever be opened: keep a copy of it in two safe places, apart from the back-ups.",
            style_func=str,
        )
