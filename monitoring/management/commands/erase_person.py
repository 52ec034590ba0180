"""python manage.py erase_person USERNAME --yes"""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from council_finance.commands import PlainCommand
from monitoring.people.selectors.people import person_called
from monitoring.people.services.erasure import erase_person


class Command(PlainCommand):
    help = (
        "Takes a person's name, user name and e-mail address out of everything but frozen reports. "
        "It cannot be taken back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--yes", action="store_true", help="do it; without this, only say what would be left"
        )

    def run(self, *, username: str, yes: bool, **options: Any) -> None:
        person = person_called(username)
        with transaction.atomic():
            left = erase_person(person=person, by=None)
            if not yes:
                transaction.set_rollback(True)
        if yes:
            self.stdout.write(f"{person.username} is erased, and is now called erased-{person.pk}.")
        else:
            self.stdout.write(f"{person.username} can be erased; add --yes to do it.")
        for table, count in left.items():
            self.stdout.write(f"The name stays in {count} of the {table}.")
