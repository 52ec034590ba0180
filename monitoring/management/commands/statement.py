"""python manage.py statement NAME --year 2019/20 --period 3 --format csv [--output FILE]"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand, add_period_arguments
from council_finance.errors import Refused
from council_finance.statements.renderers import FORMATS
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from monitoring.structure.selectors.calendar import find_period


class Command(PlainCommand):
    help = "Writes a statement of a period's report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        add_period_arguments(parser)
        parser.add_argument("--format", required=True, choices=list(FORMATS))
        parser.add_argument("--output", type=Path, help="a file; else standard output")

    def run(
        self, *, name: str, year: int, period: int, output: Path | None, **options: Any
    ) -> None:
        report = current_data(find_period(year, period))
        render = FORMATS[options["format"]].render
        if render is None:
            raise Refused(f"A statement is not written as {options['format']} alone.")
        content = render(statement(report, name))
        if output is None:
            # Django's wrapper writes texts only; a statement is bytes.
            out: Any = self.stdout._out
            out.flush()
            getattr(out, "buffer", out).write(content)
            return
        try:
            output.write_bytes(content)
        except OSError as error:
            raise Refused(f"{output} cannot be written: {error.strerror}.") from error
