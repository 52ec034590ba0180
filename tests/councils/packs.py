"""Made-up councils for tests: packs written to a folder, files brought in, figures read back."""

from dataclasses import asdict
from pathlib import Path

from council_finance.money import parse_amount
from monitoring.models import FinancialYear, Period, Report
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors import published_data as frozen
from monitoring.publishing.services.reports import publish_report
from monitoring.reports.selectors.report_data import ReportData, current_data
from monitoring.reports.selectors.statements import statement
from monitoring.uploading.services.uploads import upload_file

POSITION_COLUMNS = (
    "service_code",
    "cost_centre",
    "account",
    "original_budget",
    "current_budget",
    "forecast",
    "planned_use_of_reserves",
    "planned_use_of_capital_receipts",
)
VIREMENT_COLUMNS = (
    "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind,"
    "forecast_amount,approved_by,approved_on,reverses,reason"
)
BLANK = "."
"""Stands for a blank cell in the tables of the tests."""


def pence(pounds: str) -> int | None:
    """`-3.63` gives -363; a dot, which stands for nothing, gives None."""
    return None if pounds == BLANK else parse_amount(pounds)


def table(text: str) -> list[list[str]]:
    """The rows of a table drawn with spaces; what follows a # is a comment."""
    rows = (line.split("#")[0].split() for line in text.splitlines())
    return [row for row in rows if row]


def csv_of(columns, rows) -> str:
    """A CSV file; dots become blank cells."""
    lines = [",".join(columns)]
    lines += [",".join("" if cell == BLANK else cell for cell in row) for row in rows]
    return "\n".join(lines) + "\n"


def position(text: str) -> str:
    """position.csv from rows: service, cost centre, original, budget, forecast, reserves, receipts.

    The account is always NET; cells that are left out at the end are blank.
    """
    rows = []
    for service, centre, *amounts in table(text):
        amounts += [BLANK] * (5 - len(amounts))
        rows.append([service, centre, "NET", *amounts])
    return csv_of(POSITION_COLUMNS, rows)


def virements(text: str) -> str:
    """virements.csv from its rows as they stand in the file."""
    rows = "\n".join(line.strip() for line in text.strip().splitlines())
    return f"{VIREMENT_COLUMNS}\n{rows}\n"


def write_pack(
    folder: Path,
    files: dict[str, str],
    *,
    council: str = "Made-up Council",
    year: str = "2021/22",
    publish: tuple[int, ...] = (),
    settings: str = "",
) -> Path:
    """Write a pack: `files` by their names within it; `settings` is the rest of pack.toml."""
    head = f'council = "{council}"\nfinancial_year = "{year}"\npublish = {list(publish)}\n'
    for name, text in {"pack.toml": head + settings, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def bring(year: FinancialYear, kind: str, text: str | bytes, number: int | None = None, **more):
    """Upload a file's text, as a command does."""
    content = text.encode() if isinstance(text, str) else text
    arguments = {"file_name": f"{kind}.csv", "by": None, **more}
    return upload_file(kind=kind, year=year, period=number, content=content, **arguments)


def forget_frozen() -> None:
    """Read what reports froze from the database again."""
    frozen._read_frozen.cache_clear()
    frozen._read_seals.cache_clear()


def refreeze(report: Report, **parts) -> None:
    """Make a report one that froze other parts; None leaves a part out."""
    kept = {name: part for name, part in {**report.frozen, **parts}.items() if part is not None}
    Report.objects.filter(pk=report.pk).update(frozen=kept)
    forget_frozen()


def period_of(year: FinancialYear, number: int) -> Period:
    """The period as it stands in the database."""
    return Period.objects.select_related("year", "batch", "compared_with__period").get(
        year=year, number=number
    )


def publish(year: FinancialYear, number: int):
    """Publish the period's report."""
    return publish_report(period=period_of(year, number), by=None)


def facts_of(year: FinancialYear, number: int) -> ReportData:
    """The period's draft, or its report once published."""
    return current_data(period_of(year, number))


def nodes_of(facts: ReportData) -> dict[str, dict]:
    """The rows of a report by their keys, as plain data."""
    return {row.key: asdict(row) for row in facts.nodes}


def report_row(**fields: object) -> ReportRow:
    """A row of a report: one service without lines, but for what `fields` says."""
    row = {"key": "ONE", "parent_key": "TOP", "level": 1, "kind": "service", "service": 1}
    counts = {"lines": 0, "lines_without_forecast": 0, "budget_without_forecast": 0}
    amounts = {"budget": 0, "use_of_reserves": 0, "use_of_capital_receipts": 0}
    return ReportRow(**{**row, "label": "One", **counts, **amounts, **fields})


def statement_data(year: FinancialYear, number: int, name: str) -> dict:
    """A statement as its JSON."""
    return statement(facts_of(year, number), name).to_data()
