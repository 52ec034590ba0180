"""python manage.py upload KIND FILE --year 2019/20 [--period 3] …"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand, add_period_arguments
from council_finance.errors import Refused
from council_finance.uploads.problems import Problem
from monitoring.structure.selectors.calendar import find_year
from monitoring.uploading.services.uploads import upload_file


class Command(PlainCommand):
    help = "Uploads one file and confirms it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", help="a file's name without .csv: position …")
        parser.add_argument("file", type=Path, metavar="FILE")
        add_period_arguments(parser, period_required=False)
        parser.add_argument("--layout", default="", help="a saved layout's name")
        parser.add_argument(
            "--sheet",
            action="append",
            default=[],
            help="a workbook's sheet, as often as there are several; else the first with the"
            " headings, and all that have the same",
        )
        parser.add_argument(
            "--new-code",
            action="append",
            default=[],
            metavar="CODE",
            help="a new code that looks like a known one and is another; may be given again",
        )
        parser.add_argument("--scope", default="", help="a service's code: only its lines")

    def run(self, *, kind: str, file: Path, year: int, period: int, **options: Any) -> None:
        upload = upload_file(
            kind=kind,
            year=find_year(year),
            period=period,
            content=_read_content(file),
            file_name=file.name,
            by=None,
            scope=options["scope"],
            sheets=options["sheet"],
            layout=options["layout"],
            new_codes=options["new_code"],
        )
        for note in (*upload.reading.get("notes", ()), *upload.found_changes.notes):
            self.stdout.write(note)
        for warning in upload.warnings:
            self.stdout.write(f"Warning: {Problem(**warning).sentence}")
        self.stdout.write(f"{file.name}: {upload.row_count:,} rows stored.")


def _read_content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
