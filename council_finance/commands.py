"""The base of the product's commands: plain sentences on standard error, exit status 0 or 1."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from council_finance.errors import Refused
from council_finance.periods import NotAYear, parse_financial_year
from council_finance.schema import make_tables
from council_finance.typed_text import holds_nul


class PlainParser(CommandParser):
    """A parser that reports wrong arguments like any other error, with exit status 1."""

    def error(self, message: str) -> NoReturn:
        """Print the message and the usage, and exit with status 1."""
        sys.stderr.write(f"{message[:1].upper()}{message[1:]}.\n{self.format_usage()}")
        sys.exit(1)


class PlainCommand(BaseCommand):
    """A command whose `run(**options)` may raise Refused; the reasons go to standard error."""

    requires_migrations_checks = False
    requires_system_checks = []
    needs_tables = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return Django's parser, with PlainParser's way of reporting errors."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = PlainParser
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and exit with status 1 where it was refused."""
        try:
            _refuse_nul(options)
            if self.needs_tables:
                make_tables()
            self.run(**options)
        except Refused as refused:
            for message in refused.messages:
                self.stderr.write(message, style_func=str)
            sys.exit(1)

    def run(self, *args: Any, **options: Any) -> None:
        """Do the work of the command; each command names the options that it takes."""
        raise NotImplementedError


def _refuse_nul(options: Mapping[str, object]) -> None:
    for name, value in options.items():
        if holds_nul(str(value) if isinstance(value, Path) else value):
            raise Refused(f"{name}: a NUL character cannot be stored. Leave it out.")


def year_argument(text: str) -> int:
    """Parse a financial year given as an argument; return the calendar year it begins in."""
    try:
        return parse_financial_year(text)
    except NotAYear as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from error


def add_period_arguments(parser: CommandParser, *, period_required: bool = True) -> None:
    """Add `--year 2019/20` and `--period 3` to a command's arguments."""
    parser.add_argument("--year", type=year_argument, required=True, help="such as 2019/20")
    parser.add_argument("--period", type=int, required=period_required, help="0 to 13")
