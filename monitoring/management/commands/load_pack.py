"""python manage.py load_pack DIR"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand
from monitoring.packs.services import load_pack


class Command(PlainCommand):
    help = "Loads and publishes a pack."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def run(self, *, folder: Path, **options: Any) -> None:
        outcome = load_pack(folder=folder, by=None)
        self.stdout.write(f"{outcome.year.council}, {outcome.year.label}")
        for words, names in (
            ("stored", outcome.stored),
            ("the same as before", outcome.same),
            ("published", [f"period {number}" for number in outcome.published]),
            ("left aside, as nothing here reads it", outcome.left),
        ):
            for name in names:
                self.stdout.write(f"  {name}: {words}")
