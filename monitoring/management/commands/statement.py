"""python manage.py statement NAME --year 2019/20 [--period 3] --format csv [--output FILE]"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance import registry
from council_finance.commands import PlainCommand, add_period_arguments
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.statements.renderers import FORMATS
from monitoring.reports.selectors.draft_data import rows_without_ledger
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.row_services import with_service_codes
from monitoring.reports.selectors.statements import statement, year_statement
from monitoring.reports.selectors.year_data import current_year_data
from monitoring.structure.selectors.calendar import find_period, find_year


class Command(PlainCommand):
    help = "Writes a statement of a period's report, or of a year as a whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        add_period_arguments(parser, period_required=False)
        parser.add_argument("--format", required=True, choices=list(FORMATS))
        parser.add_argument("--output", type=Path, help="a file; else standard output")

    def run(
        self, *, name: str, year: int, period: int | None, output: Path | None, **options: Any
    ) -> None:
        made = _make_statement(name, year, period)
        render = FORMATS[options["format"]].render
        if render is None:
            raise Refused(f"A statement is not written as {options['format']} alone.")
        content = render(made)
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


def _make_statement(name: str, year: int, period: int | None) -> Statement:
    """Return the statement. One of the whole year needs no period, nor figures of a period given.

    Raise `Refused` where there is none.
    """
    entry = registry.statement_entry(name)
    if entry.of_year:
        found = None if period is None else find_period(year, period)
        if found is None or found.batch is None:
            of_year = current_year_data(find_year(year))
            nodes = rows_without_ledger(of_year.year)
            return with_service_codes(year_statement(of_year, name), nodes)
    if period is None:
        raise Refused(f"The statement {name} is that of a period: give one, such as --period 3.")
    facts = current_data(find_period(year, period), of_any_period=entry.of_any_period)
    return with_service_codes(statement(facts, name), facts.nodes)
