"""python manage.py back_up FILE"""

from pathlib import Path

from council_finance.backup.doing import back_up
from council_finance.backup.report import listed
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = "Writes everything the database holds into one file; others may work meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, *, file: Path, **options) -> None:
        for line in listed(back_up(file)):
            self.stdout.write(line)
        self.stdout.write(f"{file} holds all of it, {file.stat().st_size:,} bytes.")
