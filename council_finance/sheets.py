"""Rows as a workbook to edit: texts that cannot run as formulas, amounts as numbers in pounds."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

TEXTS_STAY_TEXTS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Options of every workbook: what somebody typed runs as nothing, whatever it looks like."""

POUNDS = "#,##0.00;-#,##0.00"
"""The format of an amount in pounds and pence."""


def rows_to_xlsx(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]
) -> bytes:
    """Return a workbook with one sheet: a row of headings, then the rows.

    A whole number is an amount in pence, None a blank cell.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, TEXTS_STAY_TEXTS) as book:
        sheet = book.add_worksheet(name[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        pounds = book.add_format({"num_format": POUNDS})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, bold)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, place, value / 100, pounds)
                elif value:
                    sheet.write_string(number, place, value)
    return out.getvalue()
