"""python manage.py carry_forward_savings --year 2018/19"""

from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand, year_argument
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from planning.plan.brought_forward import Shortfall
from planning.plan.selectors.pressures import describe_pressures, unfunded_pressures
from planning.plan.services import carry_forward_savings


class Command(PlainCommand):
    help = "Brings the savings that a year did not deliver forward into the next year's register."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", required=True, type=year_argument, help="such as 2018/19")

    def run(self, *, year: int, **options: Any) -> None:
        shortfalls, differences = carry_forward_savings(year=year, by=None)
        short = [each for each in shortfalls if each.recurring]
        self.stdout.write(
            f"{len(short)} recurring savings of {financial_year_label(year)} were not delivered "
            "in full:"
        )
        for each in short:
            self.stdout.write(f"  {_describe_shortfall(each)}")
        for sentence in (*differences, *describe_pressures(unfunded_pressures(year))):
            self.stdout.write(sentence)


def _describe_shortfall(each: Shortfall) -> str:
    saving = each.saving
    delivered = "nothing reported" if saving.delivered is None else plain_pounds(saving.delivered)
    return (
        f"{saving.reference}: agreed {plain_pounds(saving.agreed)}, delivered {delivered}, "
        f"short {plain_pounds(each.recurring)}, written out by the plan "
        f"{plain_pounds(each.written_out)}, brought forward {plain_pounds(each.brought_forward)}"
    )
