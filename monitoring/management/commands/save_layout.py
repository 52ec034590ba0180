"""python manage.py save_layout NAME KIND FILE"""

import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from council_finance.commands import PlainCommand
from council_finance.errors import Refused
from monitoring.uploading.services.layouts import save_layout


class Command(PlainCommand):
    help = "Saves how an export is read: a TOML file, under a name for upload --layout."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("kind", metavar="KIND", help="a file's name without .csv: position …")
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, *, name: str, kind: str, file: Path, **options: Any) -> None:
        save_layout(name=name, kind=kind, definition=_read_definition(file), by=None)
        self.stdout.write(f"The layout {name} is saved for {kind}.")


def _read_definition(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{file.name} is not TOML: {error}.") from error
