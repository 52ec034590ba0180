"""The open-data bundle of a published report: its tables, their description and their licence."""

import json
from collections.abc import Iterator

from django.conf import settings

from council_finance.periods import period_name
from council_finance.statements.archive import zip_of
from council_finance.statements.model import Statement
from council_finance.statements.tabular import to_csv
from monitoring.open_data.description import (
    LICENCES,
    DataFile,
    data_package,
    flat_schema,
    statement_schema,
)
from monitoring.open_data.flat_rows import flat_rows
from monitoring.open_data.responses import seal_of
from monitoring.open_data.writers import csv_parts, parquet_parts
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData, published_data
from monitoring.reports.selectors.row_services import with_service_codes
from monitoring.reports.selectors.statements import all_statements

CONTENT_TYPE = "application/zip"
_BUNDLE_VERSION = "1"
"""To be raised when the same report gives other bytes: programs then read it again."""


def bundle_tag(report: Report) -> str:
    """Return an ETag that is the same as long as the bundle has the same bytes."""
    seal = seal_of([report], "bundle", _BUNDLE_VERSION, settings.OPEN_DATA_LICENCE)
    return f'"{seal}"'


def bundle_name(report: Report) -> str:
    """Return the name of the bundle, as that of its file and in its description."""
    period = report.period
    return f"open-data-{period.year.slug}-{period.number:02d}-v{report.version}"


def make_bundle(report: Report) -> bytes:
    """Return a ZIP of the report's tables with datapackage.json; the same report, the same bytes.

    Percentages, amounts and texts are those that were published; nothing in it is a draft's.
    """
    facts = published_data(report)
    files = list(_data_files(facts))
    described = (
        json.dumps(_describe_report(report, facts, files), ensure_ascii=False, indent=1) + "\n"
    )
    contents = [("datapackage.json", described.encode())]
    contents += [(each.path, each.content) for each in files]
    return zip_of(contents, stored="figures.parquet")


def _data_files(facts: ReportData) -> Iterator[DataFile]:
    title = "All figures of the report, a row for each cell"
    rows = list(flat_rows([facts]))
    table = b"".join(csv_parts(rows))
    yield DataFile("figures.csv", title, "text/csv", table, flat_schema())
    parquet = b"".join(parquet_parts(rows))
    yield DataFile("figures.parquet", title, "application/vnd.apache.parquet", parquet)
    for made in all_statements(facts).values():
        if made.rows:
            yield from _statement_files(with_service_codes(made, facts.nodes))


def _statement_files(made: Statement) -> Iterator[DataFile]:
    place = f"statements/{made.name}"
    yield DataFile(f"{place}.csv", made.title, "text/csv", to_csv(made), statement_schema(made))
    yield DataFile(f"{place}.json", made.title, "application/json", made.to_json().encode())


def _describe_report(report: Report, facts: ReportData, files: list[DataFile]) -> dict[str, object]:
    header = facts.header
    number = report.period.number
    when = f"{period_name(number)} of {header.financial_year}"
    figures = {each.name: each.sha256 for each in all_statements(facts).values()}
    return data_package(
        files,
        name=bundle_name(report),
        title=f"Budget monitoring report of {header.council}, {when}",
        council=header.council,
        licence=LICENCES[settings.OPEN_DATA_LICENCE],
        version=str(report.version),
        created=report.published_at.isoformat(timespec="seconds"),
        more={
            "financialYear": header.financial_year,
            "period": number,
            "figuresAsAt": header.file_date.isoformat(),
            "sha256OfPublishedFigures": figures,
        },
    )
