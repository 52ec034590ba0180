"""python manage.py reset_second_factor USERNAME"""

from typing import Any

from django.core.management.base import CommandParser

from council_finance.accounts.second_factor import reset_second_factor_of
from council_finance.commands import PlainCommand


class Command(PlainCommand):
    help = "Takes away the second factor of a person who has lost it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")

    def run(self, *, username: str, **options: Any) -> None:
        person = reset_second_factor_of(username=username, by=None)
        self.stdout.write(f"{person.name} logs in with their password alone.")
