"""python manage.py export_person USERNAME FILE"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance import whole_files
from council_finance.commands import PlainCommand
from monitoring.people.selectors.people import person_called
from monitoring.people.services.erasure import export_person


class Command(PlainCommand):
    help = "Writes everything that is held about a person into FILE, as JSON in a ZIP."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, *, username: str, file: Path, **options: Any) -> None:
        person = person_called(username)
        with whole_files.writing(file) as written:
            written.write(export_person(person=person, by=None))
        self.stdout.write(f"{file} holds everything that is held about {person.name}.")
