"""Amounts whose number format shows them in another unit, as a percentage or as a credit."""

import io
import subprocess

import numpy as np
import openpyxl
import pytest

from council_finance.uploads.amounts import column_of_pence
from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.number_formats import ShownNumber, with_format
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table
from monitoring.ledger_files.upload_kinds.position import COLUMNS

POUNDS, THOUSANDS = "current_budget", "current_budget £000"


def workbook(form, heading=THOUSANDS, figure=1_234_500):
    book = openpyxl.Workbook()
    book.active.append(["cost_centre", "account", heading])
    book.active.append(["N1", "4000", figure])
    book.active["C2"].number_format = form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pence(content):
    made = typed_table(read_rows(content), COLUMNS)
    assert made.problems == []
    return made.frame["current_budget"].iloc[0]


@pytest.mark.parametrize(
    ("form", "in_pounds", "in_thousands"),
    [
        ("#,##0", 123_450_000, 123_450_000_000),
        ("#,##0,", 123_450_000, 123_450_000),
        ("#,##0.0,;(#,##0.0,)", 123_450_000, 123_450_000),
        ('£#,##0,"k"', 123_450_000, 123_450_000),
        ('£0.0,,"m"', 123_450_000, 123_450_000),
        ('#,##0"k"', 123_450_000_000, 123_450_000_000),
        ('#,##0" DR";#,##0" CR"', 123_450_000, 123_450_000_000),
        ('[>=1000000]0.0,,"m";[>=1000]0,"k";0,', 123_450_000, 123_450_000),
    ],
)
def test_a_figure_is_what_its_cell_shows(form, in_pounds, in_thousands):
    assert pence(workbook(form, POUNDS)) == in_pounds
    assert pence(workbook(form)) == in_thousands


@pytest.mark.parametrize(
    ("form", "figure", "words"),
    [
        ("0%", 0.5, "the cell shows a percentage (by the format 0%)"),
        ('#,##0" CR"', 5, "the cell shows CR beside a figure that is above nil"),
        ('#,##0" DR"', -5, "the cell shows DR beside a figure that is below nil"),
        ("0,,", 5_000_000, "it is not certain in which unit the cell shows this figure"),
        ('[>=1000]0"m";0', 5, "it is not certain in which unit the cell shows this figure"),
    ],
)
def test_a_figure_that_is_not_certain_is_refused(form, figure, words):
    made = typed_table(read_rows(workbook(form, figure=figure)), COLUMNS)
    assert [problem.row for problem in made.problems] == [2]
    assert made.problems[0].message.startswith(words)


@pytest.mark.parametrize(
    ("shown", "scale", "expected"),
    [
        ("1,235", 1_000, 123_450_000),
        ("£1,235k", 1, 123_450_000),
        ("1,234,500k", 1, 123_450_000_000),
        ("1.2m", 1_000, 123_450_000),
        ("1.23E+06", 1, 123_450_000),
    ],
)
def test_what_an_ods_file_shows(shown, scale, expected):
    cells = np.array([ShownNumber(1_234_500, None, f"as {shown}")], dtype=object)
    figures, faults = column_of_pence(cells, scale)
    assert (list(figures), faults) == ([expected], {})


def test_the_same_number_by_two_formats_is_two_figures():
    forms = ("#,##0,", "#,##0", '0"k"', "0%")
    cells = np.array([with_format(2_000.0, form) for form in forms] + [3.0], dtype=object)
    figures, faults = column_of_pence(cells, 1_000)
    assert [figures[at] for at in (0, 1, 2, 4)] == [200_000, 200_000_000, 200_000_000, 300_000]
    assert list(faults) == [3]


def test_a_layout_rounds_a_figure_in_the_unit_that_its_cell_shows():
    layout = {"columns": {"cost_centre": "cost_centre", "account": "account", "Net": POUNDS}}
    layout |= {"round_to_penny": True, "units": {POUNDS: "k"}}
    content = workbook("#,##0,", "Net", 1_234.567)
    made = read_through(read_rows(content), read_layout(layout), COLUMNS)
    assert list(made.frame[POUNDS]) == [123_457]


SPREADSHEETML = """<?xml version="1.0"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="s1"><NumberFormat ss:Format="#,##0,"/></Style></Styles>
<Worksheet ss:Name="A"><Table><Row><Cell><Data ss:Type="String">cost_centre</Data></Cell>
<Cell><Data ss:Type="String">account</Data></Cell>
<Cell><Data ss:Type="String">current_budget £000</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">N1</Data></Cell><Cell><Data ss:Type="String">4000</Data></Cell>
<Cell ss:StyleID="s1"><Data ss:Type="Number">1234500</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def test_excels_xml_of_2003():
    assert pence(SPREADSHEETML.encode()) == 123_450_000


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["ods", "xls"])
def test_libreoffice_writes_what_it_shows(tmp_path, ending):
    (tmp_path / "ledger.xlsx").write_bytes(workbook("#,##0,"))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
        + ["--convert-to", ending, "--outdir", str(tmp_path), str(tmp_path / "ledger.xlsx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert pence((tmp_path / f"ledger.{ending}").read_bytes()) == 123_450_000
