"""python manage.py check_records"""

from typing import Any

from council_finance.commands import PlainCommand
from council_finance.errors import Refused
from monitoring.published.selectors.integrity import published_statements, stored_files


class Command(PlainCommand):
    help = "Proves that every published statement and every stored file is what its SHA-256 says."

    def run(self, **options: Any) -> None:
        statements, files = published_statements(), stored_files()
        if differ := [*statements.differ, *files.differ]:
            raise Refused(*differ)
        self.stdout.write(
            f"{statements.count} published statements and {files.count} stored files are what "
            "their SHA-256 says."
        )
