"""Random ledgers, and the programs that write them: what comes back must be what went in.

A ledger is rows of a code, a description and an amount in pence. Each writer makes a file of it in
one shape: codes as texts, as numbers, or as numbers shown with their noughts; amounts as numbers or
as texts as they are printed.
"""

import csv
import io
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import xlsxwriter
import xlwt

from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec

SPECS = (
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("description"),
    ColumnSpec("current_budget", AMOUNT, required=True),
)
HEADINGS = ("cost_centre", "description", "current_budget")
AS_TEXT, AS_NUMBER, AS_SHOWN = "text", "number", "shown"
PENCE, ACCOUNTING = "#,##0.00", '_-£* #,##0.00_-;-£* #,##0.00_-;_-£* "-"??_-;_-@_-'
FORMS = (
    *("0.00", PENCE, ACCOUNTING, "[$£-809]#,##0.00;[Red]-[$£-809]#,##0.00"),
    *('"£"#,##0.00;("£"#,##0.00)', "General", "£#,##0.00_);[Red](£#,##0.00)"),
)


@dataclass(frozen=True)
class Line:
    """A row: `digits` is how many digits a number is shown with, nought for a code that is text."""

    code: str
    description: str
    pence: int
    digits: int
    form: str

    @property
    def pounds(self) -> float:
        return self.pence / 100

    @property
    def printed(self) -> str:
        """The amount as Excel's accounting format prints it."""
        if self.pence == 0:
            return " £-   "
        pounds = f"{abs(self.pence) // 100:,}.{abs(self.pence) % 100:02d}"
        return f"-£{pounds} " if self.pence < 0 else f" £{pounds} "


def ledger(chance: random.Random, lines: int = 12) -> list[Line]:
    """Lines with all kinds of codes, each code once."""
    codes: dict[str, int] = {}
    while len(codes) < lines:
        digits = chance.choice((0, 0, 4, 5, 8, 12, 15))
        number = chance.randrange(10 ** chance.randint(1, max(1, digits)))
        code = f"{number:0{digits}d}" if digits else _word(chance)
        codes.setdefault(code, digits)
    return [
        Line(
            code,
            chance.choice(("Care  homes", "Fees; & <charges>", "Café – “x”", "", "0012", "=1+1")),
            chance.choice((0, 1, -1, 5, chance.randint(-(10**11), 10**11))),
            digits,
            chance.choice(FORMS),
        )
        for code, digits in codes.items()
    ]


def _word(chance: random.Random) -> str:
    letters = "".join(chance.choices("ABCDEFGHJKMNPQRSTUVWXYZ", k=chance.randint(1, 4)))
    return f"{letters}{chance.choice(('', '-', '/', ' ', '.'))}{chance.randrange(1000):03d}"


def code_cell(line: Line, shape: str) -> tuple[object, str]:
    """What is written for a code, and its number format."""
    if shape == AS_TEXT or not line.digits:
        return line.code, "@"
    return int(line.code), "0" * line.digits if shape == AS_SHOWN else "General"


def expected(lines: list[Line], shape: str) -> list[tuple[str, str, int]]:
    """What must come back: a number without noughts in its format is shown without them."""
    return [
        (
            str(int(line.code)) if shape == AS_NUMBER and line.digits else line.code,
            line.description,
            line.pence,
        )
        for line in lines
    ]


def by_xlsxwriter(lines: list[Line], shape: str) -> bytes:
    return sheets_by_xlsxwriter([lines], shape)


def sheets_by_xlsxwriter(ledgers: list[list[Line]], shape: str) -> bytes:
    """A workbook with a sheet for each ledger, called L0, L1 …"""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        for number, lines in enumerate(ledgers):
            sheet = book.add_worksheet(f"L{number}")
            sheet.write_row(0, 0, HEADINGS)
            for row, line in enumerate(lines, start=1):
                cell, form = code_cell(line, shape)
                sheet.write(row, 0, cell, book.add_format({"num_format": form}))
                sheet.write_string(row, 1, line.description)
                sheet.write_number(row, 2, line.pounds, book.add_format({"num_format": line.form}))
    return out.getvalue()


def by_openpyxl(lines: list[Line], shape: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    for row, line in enumerate(lines, start=2):
        cell, form = code_cell(line, shape)
        sheet.cell(row, 1, cell).number_format = form
        text = sheet.cell(row, 2, line.description)
        text.data_type = "s"
        sheet.cell(row, 3, line.pounds).number_format = line.form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlwt(lines: list[Line], shape: str) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ledger")
    for place, heading in enumerate(HEADINGS):
        sheet.write(0, place, heading)
    for row, line in enumerate(lines, start=1):
        cell, form = code_cell(line, shape)
        sheet.write(row, 0, cell, xlwt.easyxf(num_format_str=form))
        sheet.write(row, 1, line.description)
        sheet.write(row, 2, line.pounds, xlwt.easyxf(num_format_str=line.form))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_pandas_ods(lines: list[Line], shape: str) -> bytes:
    """Without number formats: pandas has none for ODS."""
    rows = [(code_cell(line, shape)[0], line.description, line.pounds) for line in lines]
    out = io.BytesIO()
    pd.DataFrame(rows, columns=HEADINGS).to_excel(out, engine="odf", index=False)
    return out.getvalue()


def by_csv(lines: list[Line], shape: str) -> bytes:
    """As Excel saves a sheet of accounting formats; texts that must stay so in their dress."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for line in lines:
        code = str(int(line.code)) if shape == AS_NUMBER and line.digits else line.code
        code = f'="{code}"' if shape == AS_TEXT and line.digits else code
        writer.writerow([code, line.description, line.printed])
    return out.getvalue().encode()


WRITERS: dict[str, Callable[[list[Line], str], bytes]] = {
    "XlsxWriter": by_xlsxwriter,
    "openpyxl": by_openpyxl,
    "xlwt": by_xlwt,
    "pandas (odfpy)": by_pandas_ods,
    "csv": by_csv,
}
"""Of each program its name and what it makes of a ledger."""


def converted(folder: Path, content: bytes, program: str, ending: str) -> bytes:
    """An XLSX workbook as another program saves it."""
    source, made = folder / "ledgers.xlsx", folder / "made" / f"ledgers.{ending}"
    source.write_bytes(content)
    made.parent.mkdir()
    if program == "Gnumeric":
        command = ["ssconvert", str(source), str(made)]
    else:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", ending]
        command += ["--outdir", str(made.parent), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return made.read_bytes()
