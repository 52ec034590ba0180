"""Files of both councils as people download them, and what must be found in them."""

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.downloads import PACKS, REPORTS
from benchmarks.upload import ROOT


def make_files(folder: Path) -> None:
    """Write the files and, beside them, tables.json: each table's headings, values and prints.

    A value is a number, a text or None; a print is None where the file asks for none.
    """
    from django.core.management import call_command

    from monitoring.packs.services import load_pack

    call_command("migrate", verbosity=0)
    for name in PACKS:
        load_pack(folder=ROOT / "fixtures" / name, by=None)
    tables = [*_statements(folder), *_forecast_grid(folder), *_virement_register(folder)]
    (folder / "tables.json").write_text(json.dumps(tables))


def _statements(folder: Path) -> Iterator[dict]:
    from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
    from council_finance.statements.whole_report import WholeReport
    from monitoring.models import Report
    from monitoring.reports.selectors.report_data import published_data
    from monitoring.reports.selectors.row_services import with_service_codes
    from monitoring.reports.selectors.statements import all_statements

    for start, number in REPORTS.values():
        report = Report.objects.get(period__year__start=start, period__number=number)
        facts = published_data(report)
        statements = tuple(
            with_service_codes(each, facts.nodes) for each in all_statements(facts).values()
        )
        whole = folder / f"{start}-report.xlsx"
        whole.write_bytes(
            WHOLE_REPORT_FORMATS["xlsx"].render_whole(WholeReport(statements[0].header, statements))
        )
        for statement in statements:
            for form in ("xlsx", "ods", "csv"):
                file = folder / f"{start}-{statement.name}.{form}"
                file.write_bytes(FORMATS[form].render(statement))
                what = f"a statement, {form.upper()}"
                yield (
                    _csv_table(statement, file)
                    if form == "csv"
                    else _sheet_table(statement, file, what)
                )
            yield _sheet_table(statement, whole, "a whole report, XLSX")


def _sheet_table(statement, file: Path, what: str) -> dict:
    from council_finance.statements.figures import figure
    from council_finance.statements.wording import headings

    rows = []
    for row in statement.rows:
        cells = [(row.label, row.label)]
        for column in statement.columns:
            cell = row.cells.get(column.key)
            number = cell and column.kind != "text" and figure(cell, statement.display)
            if number:
                cells.append((number.value, cell.text))
            else:
                text = cell.text if cell and column.kind == "text" else None
                cells.append((text or None, text or ""))
        rows.append(cells)
    return _table(what, file, headings(statement), rows, sheet=statement.name, head=3)


def _csv_table(statement, file: Path) -> dict:
    from council_finance.csv_safe import harmless
    from council_finance.statements.tabular import printed_percent
    from council_finance.statements.wording import csv_headings

    rows = []
    for row in statement.rows:
        cells = [(harmless(row.label), None)]
        for column in statement.columns:
            cell = row.cells.get(column.key)
            text = cell and column.kind == "text" and harmless(cell.text)
            value = cell and cell.value
            if cell and cell.percent is not None:
                value = float(printed_percent(cell, statement.display))
            cells.append(((text or None) if column.kind == "text" else value, None))
        code = harmless(statement.service_codes.get(row.key, ""))
        rows.append([*cells, (code or None, None), (row.kind, None)])
    return _table("a statement, CSV", file, csv_headings(statement), rows)


def _forecast_grid(folder: Path) -> Iterator[dict]:
    from monitoring.forecasts.selectors.area import find_area
    from monitoring.forecasts.selectors.workbook_rows import (
        WORKBOOK_COLUMNS,
        column_heading,
        workbook_rows,
    )
    from monitoring.forecasts.workbook import LINES_SHEET, grid_workbook
    from monitoring.models import Period, Service
    from monitoring.people.rights import EVERYTHING

    period = Period.objects.get(year__start=2019, number=3)
    top = Service.objects.get(year=period.year, parent=None)
    area = find_area(period, top, sees=EVERYTHING, forecasts=EVERYTHING)
    file = folder / "forecasts.xlsx"
    file.write_bytes(grid_workbook(period, area, with_exempt=True))
    rows = [
        [
            (each / 100, f"{each / 100:,.2f}") if isinstance(each, int) else (each or None, each)
            for each in row
        ]
        for row in workbook_rows(period, area, with_exempt=True)
    ]
    heads = [column_heading(name) for name in WORKBOOK_COLUMNS]
    yield _table("the council's forecasts, XLSX", file, heads, rows, sheet=LINES_SHEET)


def _virement_register(folder: Path) -> Iterator[dict]:
    import csv
    import io

    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from council_finance.accounts.models import Role, User

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(User.objects.create_user("lead", password="-", role=Role.FINANCE_LEAD))
    answer = client.get(reverse("virements-download", args=[2019, 3]))
    file = folder / "virements.csv"
    file.write_bytes(answer.content)
    head, *lines = csv.reader(io.StringIO(answer.content.decode(), newline=""))
    amounts = [place for place, text in enumerate(head) if text.endswith("(£)")]
    rows = [
        [((float(t) if p in amounts else t) if t else None, None) for p, t in enumerate(line)]
        for line in lines
    ]
    yield _table("the virement register, CSV", file, head, rows)


def _table(what: str, file: Path, headings, rows, *, sheet: str = "", head: int = 0) -> dict:
    return {
        "what": what,
        "file": str(file),
        "headings": list(headings),
        "rows": rows,
        "sheet": sheet,
        "head": head,
    }
