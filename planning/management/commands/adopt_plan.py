"""python manage.py adopt_plan --name NAME --on 2019-02-20 --year 2019/20"""

import argparse
import datetime
from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand, year_argument
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from planning.plan.services import adopt_plan


class Command(PlainCommand):
    help = "Freezes a version of the plan and writes the savings of a year into its register."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the plan, its version, or both")
        parser.add_argument(
            "--on", required=True, type=_parse_day, help="the day of the resolution"
        )
        parser.add_argument("--year", required=True, type=year_argument, help="such as 2019/20")

    def run(self, *, name: str, on: datetime.date, year: int, **options: Any) -> None:
        adoption = adopt_plan(name=name, on=on, year=year, by=None)
        total = plain_pounds(sum(row.agreed for row in adoption.written))
        label = financial_year_label(year)
        self.stdout.write(f"{adoption.version} is adopted and frozen.")
        self.stdout.write(f"{len(adoption.written)} savings of {label}, {total} in all:")
        for row in adoption.written:
            self.stdout.write(f"  {row.reference}: {plain_pounds(row.agreed)}, {row.title}")
        for sentence in adoption.differences:
            self.stdout.write(sentence)


def _parse_day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day such as 2019-02-20") from error
