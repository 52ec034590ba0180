"""Files called .xls that are markup: Excel's XML of 2003, web pages and web archives."""

import datetime

import pytest

from council_finance.uploads.file_format import is_spreadsheetml, is_web_page
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.spreadsheetml import read_spreadsheetml
from council_finance.uploads.table import typed_table
from council_finance.uploads.unreadable import UnreadableCell
from council_finance.uploads.web_tables import read_web_page
from monitoring.ledger_files.upload_kinds.position import COLUMNS

SPREADSHEETML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Styles><Style ss:ID="code"><NumberFormat ss:Format="00000"/></Style></Styles>
 <Worksheet ss:Name="Notes"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible>
 </x:WorksheetOptions></Worksheet>
 <Worksheet ss:Name="Ledger"><Table>
  <Row><Cell><Data ss:Type="String">Cost centre</Data></Cell>
   <Cell ss:MergeAcross="1"><Data ss:Type="String">Account</Data></Cell>
   <Cell><Data ss:Type="String">Budget</Data></Cell></Row>
  <Row ss:Index="3" ss:Hidden="1"><Cell ss:StyleID="code"><Data ss:Type="Number">123</Data></Cell>
   <Cell ss:Index="4"><Data ss:Type="Number">1234.5</Data></Cell>
   <Cell ss:Formula="=1/0"><Data ss:Type="Error">#DIV/0!</Data></Cell>
   <Cell ss:Formula="=A1"/></Row>
  <Row><Cell><Data ss:Type="DateTime">2024-06-30T00:00:00.000</Data></Cell>
   <Cell><Data ss:Type="Boolean">1</Data></Cell></Row>
 </Table></Worksheet></Workbook>"""


def test_excels_xml_is_read_with_its_places_and_types():
    content = SPREADSHEETML.encode()
    assert is_spreadsheetml(content)
    notes, ledger = read_spreadsheetml(content)
    assert (notes.name, notes.hidden, notes.rows) == ("Notes", True, [])
    assert (ledger.name, ledger.hidden, ledger.hidden_rows) == ("Ledger", False, [3])
    assert ledger.rows == [
        ["Cost centre", "Account", "", "Budget"],
        [],
        ["00123", "", "", 1234.5, "#DIV/0!", "formula"],
        [datetime.datetime(2024, 6, 30), True],
    ]
    assert [type(cell) for cell in ledger.rows[2][4:]] == [UnreadableCell, UnreadableCell]


@pytest.mark.parametrize(
    "text",
    [
        SPREADSHEETML.replace("<Workbook", '<!DOCTYPE a [<!ENTITY b "c">]><Workbook', 1),
        SPREADSHEETML.replace("</Workbook>", ""),
        SPREADSHEETML.replace(">1234.5<", ">many<"),
        SPREADSHEETML.replace('ss:Index="4"', 'ss:Index="4000"'),
    ],
)
def test_excels_xml_that_is_not_sound_is_refused(text):
    with pytest.raises(FileRefused):
        read_spreadsheetml(text.encode())


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta http-equiv=Content-Type content="text/html; charset=windows-1252"></head><body>
<table><tr><td><table>
<tr><th rowspan=2>Cost&nbsp;centre<th colspan=2>Full year
<tr><th>Budget<th>Forecast
<tr><td>00123</td><td x:num="1234.567">1,235</td><td>£5</td></tr>
<tr style='display:none'><td>C200<td><td>(7.50)<br>
</table></td></tr></table><p>Printed</body></html>"""


def test_the_table_of_a_web_page_is_read():
    content = PAGE.encode("cp1252")
    assert is_web_page(content) and not is_spreadsheetml(content)
    (sheet,) = read_web_page(content)
    assert sheet.rows == [
        ["Cost\xa0centre", "Full year"],
        ["", "Budget", "Forecast"],
        ["00123", 1234.567, "£5"],
        ["C200", "", "(7.50)"],
    ]
    assert sheet.hidden_rows == [4]


def test_a_web_archive_gives_each_page_with_a_table():
    def part(location, body):
        return (
            f"--boundary\r\nContent-Location: {location}\r\n"
            f'Content-Type: text/html; charset="us-ascii"\r\n'
            f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n"
        )

    content = (
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="boundary"\r\n\r\n'
        + part("book.htm", "<x:Name>Adults</x:Name><x:Name>Place</x:Name><frameset></frameset>")
        + part("sheet001.htm", '<table><tr><td x:num=3D"5">5<td>a=\r\nb</table>')
        + part("sheet002.htm", "<table><tr><td>A100</table>")
        + "--boundary--\r\n"
    ).encode()
    assert is_web_page(content)
    assert [(sheet.name, sheet.rows) for sheet in read_web_page(content)] == [
        ("Adults", [[5.0, "ab"]]),
        ("Place", [["A100"]]),
    ]


def test_a_web_page_without_a_table_is_refused():
    with pytest.raises(FileRefused, match="without a table"):
        read_web_page(b"<html><body><p>Log in first</p></body></html>")


@pytest.mark.parametrize(
    "content", [b"cost_centre,account\n1,2\n", b"From,To\n1,2\n", b"PK\x03\x04"]
)
def test_other_files_are_no_web_pages(content):
    assert not is_web_page(content) and not is_spreadsheetml(content)


def test_a_file_of_markup_is_read_like_a_workbook():
    assert read_rows(SPREADSHEETML.encode()).cells.iloc[2].tolist()[:4] == ["00123", "", "", 1234.5]
    assert read_rows(PAGE.encode("cp1252"), "Table 1").cells.shape == (4, 3)
    with pytest.raises(FileRefused, match="There is no sheet “Table 2”"):
        read_rows(PAGE.encode("cp1252"), "Table 2")


SAP_LIST = """Budget report 03.2024
--------------------------------------
|Cost centre|Account|Current budget  |
|-----------|-------|----------------|
|00123      |4000   |  1,000,000.00  |
|00123      |9000   |    200,000.00- |
--------------------------------------
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_a_list_with_pipes_is_read_in_each_encoding(encoding):
    table = typed_table(read_rows(SAP_LIST.encode(encoding)), COLUMNS)
    assert [problem.sentence for problem in table.problems] == []
    assert table.frame["current_budget"].to_dict() == {5: 100_000_000, 6: -20_000_000}
    assert list(table.frame["cost_centre"]) == ["00123", "00123"]
