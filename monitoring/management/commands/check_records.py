"""python manage.py check_records"""

from typing import Any

from council_finance.commands import PlainCommand
from council_finance.errors import Refused
from monitoring.published.selectors.integrity import (
    published_documents,
    published_statements,
    stored_files,
)


class Command(PlainCommand):
    help = (
        "Proves that every published statement, document and stored file is what its SHA-256 says."
    )

    def run(self, **options: Any) -> None:
        statements, files = published_statements(), stored_files()
        documents = published_documents()
        if differ := [*statements.differ, *documents.differ, *files.differ]:
            raise Refused(*differ)
        self.stdout.write(
            f"{statements.count:,} published statements, {documents.count:,} documents and "
            f"{files.count:,} stored files are what their SHA-256 says."
        )
