"""python manage.py publish --year 2019/20 --period 3"""

from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand, add_period_arguments
from monitoring.publishing.services.reports import publish_report
from monitoring.structure.selectors.calendar import find_period


class Command(PlainCommand):
    help = "Publishes a period's report."

    def add_arguments(self, parser: CommandParser) -> None:
        add_period_arguments(parser)
        parser.add_argument(
            "--complete",
            default="",
            metavar="REASON",
            help="why services of the month before that have no budget now are not waited for",
        )

    def run(self, *, year: int, period: int, complete: str, **options: Any) -> None:
        report = publish_report(
            period=find_period(year, period), by=None, complete_because=complete
        )
        self.stdout.write(f"{report.period} is published, version {report.version}.")
