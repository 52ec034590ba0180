"""Write the workbook of a forecast grid: lines to fill in, totals by service, and notes.

Only forecasts and planned use can be typed over; the sheets are protected without a password.
Totals are formulas on a sheet of their own, so that no total is taken for a line when it is
uploaded again.
"""

import io
from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from council_finance.sheets import POUNDS, TEXTS_STAY_TEXTS
from monitoring.forecasts.selectors.area import Area
from monitoring.forecasts.selectors.workbook_rows import (
    ENTERED,
    WORKBOOK_COLUMNS,
    Value,
    column_heading,
    workbook_rows,
)
from monitoring.structure.models import Period

LINES_SHEET = "Forecasts"
_MAY_DO = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
_WIDTHS = {"description": 36, "budget_note": 24}
_TOTALLED = ("current_budget", "actual_to_date", "commitments", *ENTERED[1:])
_TOTAL_HEADINGS = ("Service code", "Service", *map(column_heading, _TOTALLED), "Forecast")


def grid_workbook(period: Period, area: Area, *, with_exempt: bool) -> bytes:
    """Return the workbook of an area's lines."""
    rows = workbook_rows(period, area, with_exempt=with_exempt)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, TEXTS_STAY_TEXTS) as book:
        _LinesSheet(book).write(rows)
        _write_totals(book, area, len(rows))
        _write_notes(book, period, area)
    return out.getvalue()


class _LinesSheet:
    """The sheet with a row for each line."""

    def __init__(self, book: xlsxwriter.Workbook):
        self.sheet: Worksheet = book.add_worksheet(LINES_SHEET)
        self.heading = _heading_format(book)
        self.fixed = book.add_format({"num_format": POUNDS, "bg_color": "#F3F2F1"})
        self.text = book.add_format({"bg_color": "#F3F2F1"})
        self.entered = book.add_format({"num_format": POUNDS, "locked": False})

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        """Write headings and rows."""
        sheet = self.sheet
        for place, name in enumerate(WORKBOOK_COLUMNS):
            sheet.set_column(place, place, _WIDTHS.get(name, 16))
            sheet.write_string(0, place, column_heading(name), self.heading)
        sheet.set_row(0, 45)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                self._write_cell(number, place, value)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, max(1, len(rows)), len(WORKBOOK_COLUMNS) - 1)
        sheet.protect("", _MAY_DO)

    def _write_cell(self, number: int, place: int, value: Value) -> None:
        is_entered = WORKBOOK_COLUMNS[place] in ENTERED
        if isinstance(value, int):
            style = self.entered if is_entered else self.fixed
            self.sheet.write_number(number, place, value / 100, style)
        elif is_entered:
            self.sheet.write_blank(number, place, None, self.entered)
        elif value:
            self.sheet.write_string(number, place, value, self.text)


def _heading_format(book: xlsxwriter.Workbook) -> Format:
    return book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})


def _write_totals(book: xlsxwriter.Workbook, area: Area, count: int) -> None:
    """Write the totals of each service and of the area, as formulas over the lines."""
    sheet: Worksheet = book.add_worksheet("Totals")
    heading, pounds = _heading_format(book), book.add_format({"num_format": POUNDS})
    bold = book.add_format({"num_format": POUNDS, "bold": True, "top": 1})
    for place, text in enumerate((*_TOTAL_HEADINGS, "Net variance")):
        sheet.write_string(0, place, text, heading)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 36)
    sheet.set_column(2, len(_TOTAL_HEADINGS), 16)
    last = len(area.sections) + 1
    for number, section in enumerate(area.sections, start=2):
        sheet.write_string(number - 1, 0, section.figure.service_code)
        sheet.write_string(number - 1, 1, section.label)
        for place, formula in enumerate(_section_formulas(number, count + 1), start=2):
            sheet.write_formula(number - 1, place, formula, pounds)
    sheet.write_string(last, 1, "Total", bold)
    for place in range(2, len(_TOTAL_HEADINGS) + 1):
        column = xl_col_to_name(place)
        sheet.write_formula(last, place, f"=SUM({column}2:{column}{last})", bold)
    sheet.freeze_panes(1, 2)
    sheet.protect("", _MAY_DO)


def _section_formulas(number: int, last: int) -> list[str]:
    """Return the formulas of a service's row: sums, its forecast, and its net variance.

    A line without a forecast in the workbook counts with the one that is carried forward; one with
    neither is left out of the variance, with its budget.
    """
    service, forecast = _line_range("service_code", last), _line_range("forecast", last)
    carried, budget = _line_range("carried_forecast", last), _line_range("current_budget", last)
    here = f"{service},$A{number}"
    sums = [f"=SUMIFS({_line_range(name, last)},{here})" for name in _TOTALLED]
    kept = f'{here},{forecast},"="'
    sums.append(f"=SUMIFS({forecast},{here})+SUMIFS({carried},{kept})")
    columns = {name: xl_col_to_name(place) for place, name in enumerate(_TOTALLED, start=2)}
    forecasts = xl_col_to_name(2 + len(_TOTALLED))
    planned = "+".join(f"{columns[name]}{number}" for name in ENTERED[1:])
    left_out = f'SUMIFS({budget},{kept},{carried},"=")'
    sums.append(f"={forecasts}{number}-({columns['current_budget']}{number}-{left_out})+{planned}")
    return sums


def _line_range(name: str, last: int) -> str:
    """Return the cells of a column of the lines."""
    column = xl_col_to_name(WORKBOOK_COLUMNS.index(name))
    return f"{LINES_SHEET}!${column}$2:${column}${max(2, last)}"


def _write_notes(book: xlsxwriter.Workbook, period: Period, area: Area) -> None:
    sheet: Worksheet = book.add_worksheet("Notes")
    sheet.set_column(0, 0, 100)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for number, text in enumerate(_note_texts(period, area)):
        sheet.write_string(number, 0, text, wrapped)
    sheet.protect("", _MAY_DO)


def _note_texts(period: Period, area: Area) -> list[str]:
    return [
        f"Forecasts of {area.name}, {period.name.lower()} of {period.year.label}. "
        "Amounts are in pounds.",
        "Fill in the white columns of the sheet Forecasts: forecast, planned use of reserves and "
        "planned use of capital receipts. Planned use is negative where a reserve or receipts pay.",
        "Upload the workbook on the page it comes from. It changes forecasts and planned use only; "
        "budgets, actuals and commitments are the ledger’s, and the check says what has changed in "
        "the ledger since the download.",
        "A cell that you do not edit changes nothing. A blank cell changes nothing either: type 0 "
        "for nil.",
        "A forecast that was carried forward from an earlier month is blank, and shown under "
        "Carried forecast. Type it again to make it this month’s own.",
        "The columns that begin with Downloaded are how the upload knows which cells were edited.",
        "The sheets are protected without a password: in Excel, Review, Unprotect sheet.",
    ]
