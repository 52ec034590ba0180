"""python manage.py publish --year 2019/20 --period 3"""

from council_finance.commands import PlainCommand, add_period_arguments
from monitoring.selectors.reports import find_period
from monitoring.services.reports import publish_report


class Command(PlainCommand):
    help = "Publishes a period's report."

    def add_arguments(self, parser):
        add_period_arguments(parser)

    def run(self, *, year, period, **options) -> None:
        report = publish_report(period=find_period(year, period), by=None)
        self.stdout.write(f"{report.period} is published, version {report.version}.")
