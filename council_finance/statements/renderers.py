"""The formats a statement can be had in: one function a format, the same figures in each."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string

from council_finance.csv_safe import harmless
from council_finance.money import exact_pounds
from council_finance.statements.model import Cell, Statement
from council_finance.statements.presenting import for_page
from council_finance.statements.xlsx import facts, to_xlsx


@dataclass(frozen=True)
class Format:
    """A way to render a statement to bytes, and how a browser is told of it."""

    name: str
    label: str
    content_type: str
    render: Callable[[Statement], bytes]


def to_json(statement: Statement) -> bytes:
    """UTF-8 JSON as the contract writes it."""
    return statement.to_json().encode()


def to_csv(statement: Statement) -> bytes:
    """CSV for programs: pounds with two decimals, a plain minus, percentages as numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    labels = [statement.row_heading, *(column.label for column in statement.columns)]
    writer.writerow([harmless(label) for label in labels])
    for row in statement.rows:
        cells = (row.cells.get(column.key) for column in statement.columns)
        kinds = (column.kind for column in statement.columns)
        values = [_csv_value(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
        writer.writerow([harmless(row.label), *values])
    return out.getvalue().encode()


def _csv_value(cell: Cell | None, kind: str) -> str:
    if cell is None:
        return ""
    if kind == "text":
        return harmless(cell.text)
    if cell.pence is not None:
        return exact_pounds(cell.pence)
    return "" if cell.percent is None else repr(float(cell.percent))


def to_html(statement: Statement) -> bytes:
    """A page of its own, readable without this site."""
    context = {"page": for_page(statement), "facts": facts(statement)}
    return render_to_string("statements/document.html", context).encode()


FORMATS = {
    entry.name: entry
    for entry in (
        Format(
            "xlsx",
            "Excel (XLSX)",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            to_xlsx,
        ),
        Format("csv", "CSV", "text/csv; charset=utf-8", to_csv),
        Format("json", "JSON", "application/json", to_json),
        Format("html", "HTML", "text/html; charset=utf-8", to_html),
    )
}
