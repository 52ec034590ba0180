"""python manage.py make_person USERNAME --role ROLE [--part CODE …] [--name …] [--email …]"""

from typing import Any

from django.core.management.base import CommandParser

from council_finance.accounts.models import Role
from council_finance.accounts.services import one_time_link
from council_finance.commands import PlainCommand
from monitoring.people.services.people import make_person


class Command(PlainCommand):
    help = "Makes a person, and prints the link with which they set their password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--part",
            dest="parts",
            action="append",
            default=[],
            metavar="CODE",
            help="a service's code: they look after it and all under it",
        )
        parser.add_argument("--name", default="")
        parser.add_argument("--email", default="")

    def run(
        self,
        *,
        username: str,
        name: str,
        email: str,
        role: str,
        parts: list[str],
        **options: Any,
    ) -> None:
        person = make_person(
            username=username, name=name, email=email, role=role, parts=parts, by=None
        )
        self.stdout.write(
            f"{person.username} is made, {person.get_role_display().lower()}. The link to set the "
            f"password, after the site's own address (it works once, and for three days):\n"
            f"{one_time_link(person)}"
        )
