"""A whole report in one file: its cover, and its statements as a ZIP of CSV files. Pure."""

import hashlib
from dataclasses import dataclass

from council_finance.periods import long_date, month_name, parse_financial_year, period_name
from council_finance.statements.archive import zip_of
from council_finance.statements.model import Header, Statement
from council_finance.statements.tabular import csv_bytes, to_csv


@dataclass(frozen=True)
class WholeReport:
    """A report's header and its statements in order."""

    header: Header
    statements: tuple[Statement, ...]

    @property
    def period(self) -> int:
        """Return the period of the report; its header has one."""
        if self.header.period is None:
            raise ValueError("the header of a report has a period")
        return self.header.period

    @property
    def when(self) -> str:
        """Return the month in words: `June 2019`, or `Outturn 2019/20`."""
        return month_name(parse_financial_year(self.header.financial_year), self.period)

    @property
    def title(self) -> str:
        """Return the title on the cover."""
        return f"Budget monitoring report, {self.when}"

    @property
    def final(self) -> bool:
        """Return whether these are the figures of a published report."""
        return all(statement.sha256 for statement in self.statements)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Return what the cover says about the figures, by name."""
        header = self.header
        status = f"{header.status.capitalize()}, version {header.version}"
        return [
            ("Council", header.council),
            ("Financial year", header.financial_year),
            ("Period", f"{period_name(self.period)}, {self.when}"),
            ("Status", status if self.final else f"{status}. Not final: figures may still change."),
            ("Figures as at", long_date(header.file_date)),
            ("Statements", str(len(self.statements))),
            ("Check", self.check),
        ]

    @property
    def check(self) -> str:
        """Return how a reader can check that these are the published figures."""
        if not self.final:
            return "A draft has no check sums; they are made when the report is published."
        return (
            "Each statement bears the SHA-256 of its published figures: that of its JSON file "
            "as downloaded from the report."
        )


_CONTENTS = (
    "file",
    "title",
    "sha256_of_file",
    "sha256_of_published_figures",
    "council",
    "financial_year",
    "period",
    "status",
    "version",
    "as_at",
)


def whole_report_to_zip(whole: WholeReport) -> bytes:
    """Return a ZIP: a CSV file for each statement, `contents.csv` with SHA-256, `notes.csv`."""
    files = [(f"{each.name}.csv", to_csv(each)) for each in whole.statements]
    header = whole.header
    report = (
        header.council,
        header.financial_year,
        str(whole.period),
        header.status,
        str(header.version),
        header.file_date.isoformat(),
    )
    contents = [
        (name, each.title, hashlib.sha256(content).hexdigest(), each.sha256, *report)
        for each, (name, content) in zip(whole.statements, files, strict=True)
    ]
    notes = [
        (f"{each.name}.csv", note.mark, note.text)
        for each in whole.statements
        for note in each.footnotes
    ]
    return zip_of(
        [
            ("contents.csv", csv_bytes(_CONTENTS, contents)),
            ("notes.csv", csv_bytes(("file", "mark", "text"), notes)),
            *files,
        ]
    )
