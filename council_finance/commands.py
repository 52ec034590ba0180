"""What the product's commands share: plain sentences on standard error, exit status 0 or 1."""

import argparse
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from council_finance.errors import Refused
from council_finance.periods import NotAYear, parse_financial_year
from council_finance.schema import make_tables
from council_finance.typed_text import holds_nul


class PlainParser(CommandParser):
    """Wrong arguments are told like any other error, with exit status 1."""

    def error(self, message: str):
        sys.stderr.write(f"{message[:1].upper()}{message[1:]}.\n{self.format_usage()}")
        sys.exit(1)


class PlainCommand(BaseCommand):
    """A command whose `run(**options)` may raise Refused; its sentences go to standard error."""

    requires_migrations_checks = False
    needs_tables = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs) -> CommandParser:
        """Django's parser, with PlainParser's way of telling errors."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = PlainParser
        return parser

    def handle(self, *args, **options) -> None:
        """Run, and exit with 1 where it was refused."""
        try:
            _refuse_nul(options)
            if self.needs_tables:
                make_tables()
            self.run(**options)
        except Refused as refused:
            for message in refused.messages:
                self.stderr.write(message, style_func=str)
            sys.exit(1)

    def run(self, **options) -> None:
        """What the command does."""
        raise NotImplementedError


def _refuse_nul(options: dict) -> None:
    for name, value in options.items():
        if holds_nul(str(value) if isinstance(value, Path) else value):
            raise Refused(f"{name}: a NUL character cannot be stored. Leave it out.")


def year_argument(text: str) -> int:
    """A financial year as an argument: the calendar year it begins in."""
    try:
        return parse_financial_year(text)
    except NotAYear as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from error


def add_period_arguments(parser: CommandParser, *, period_required: bool = True) -> None:
    """`--year 2019/20 --period 3`."""
    parser.add_argument("--year", type=year_argument, required=True, help="such as 2019/20")
    parser.add_argument("--period", type=int, required=period_required, help="0 to 13")
