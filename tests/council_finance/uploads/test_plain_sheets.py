"""Plain sheets are read from their XML: the same cells as the reader of workbooks gives."""

import io
import random

import numpy as np
import pytest
import xlsxwriter

from council_finance.uploads import workbook
from council_finance.uploads.archive import Archive
from council_finance.uploads.plain_sheet import read_plain_sheet
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.sheets import sheets_in
from council_finance.uploads.workbook import read_workbook
from tests import odd_workbooks

TEXTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst count="4" uniqueCount="4">'
    "<si><t>Adults &amp; children</t></si><si><t>00123</t></si>"
    '<si><t xml:space="preserve"> spaces </t></si><si><t>ütf – &lt;3 &amp;lt;</t></si></sst>'
)
HEAD = '<row r="1"><c r="A1" t="s"><v>1</v></c></row>'


def row(cells, number=2):
    return f'{HEAD}<row r="{number}" spans="1:9" ht="12.8">{cells}</row>'


PLAIN = [
    row('<c r="A2" t="s"><v>0</v></c><c r="C2"><v>-1234.56</v></c>'),
    row('<c r="B2" t="s"><v>2</v></c><c r="AB2" t="s"><v>3</v></c>'),
    row('<c r="A2"><v>1E-3</v></c><c r="B2" t="n"><v>0.30000000000000004</v></c>'),
    row('<c r="A2"><v>-0</v></c><c r="B2"><v>.5</v></c><c r="C2"><v>1234567890123456789</v></c>'),
    row('<c r="A2"/><c r="B2"></c><c r="C2"><v>7</v></c><c r="D2"/>', number=2),
    row('<c r="A9"><v>+7.10</v></c>', number=9) + '<row r="10"/>',
    '<row r="3"><c r="C3"><v>9007199254740993</v></c></row>',
]
OTHERS = [
    row('<c r="A2" t="str"><v>text</v></c>'),
    row('<c r="A2" t="inlineStr"><is><t>text</t></is></c>'),
    row('<c r="A2" t="b"><v>1</v></c>'),
    row('<c r="A2" t="e"><v>#N/A</v></c>'),
    row('<c r="A2"><f>1+1</f><v>2</v></c>'),
    row('<c r="A2"><f>1+1</f></c>'),
    row('<c r="A2" s="1"><v>43831</v></c>'),
    row("<c r='A2'><v>1</v></c>"),
    row('<c t="s" r="A2"><v>1</v></c>'),
    row("<c><v>1</v></c>"),
    row('<c r="A2"><v></v></c>'),
    row('<c r="A2"><v/></c>'),
    row('<c r="A2"> <v>1</v> </c>'),
    row('<c r="A2">></c>'),
    row('<c r="A2"><v>1>2</v></c>'),
    row('<c r="A2"><v>1</v>>/c>'),
    row('<c r="A2" t="b"><v>1</v></c>'),
    "\n",
    row('<c r="A2"><v>1</v></c><!-- <c r="B2"><v>2</v></c> -->'),
    row('<c r="B2"><v>1</v></c><c r="A2"><v>2</v></c>'),
    row('<c r="A2"><v>1</v></c><c r="A2"><v>2</v></c>'),
    row('<c r="A2" t="s"><v>4</v></c>'),
    row('<c r="A2" t="s"><v>-1</v></c>'),
    row('<c r="A2"><v>nan</v></c>'),
    row('<c r="A2"><v>1e999</v></c>'),
    row('<c r="A2"><v>1_000</v></c>'),
    row('<c r="A2"><v>1.2.3</v></c>'),
    row('<c r="A2"><v>1</v></c></row><row r="3"><cx r="A3"/>'),
    f'{HEAD}<c r="A2"><v>1</v></c>',
    f'<rough r="1"/>{HEAD}',
    "",
]


def read_both_ways(content, monkeypatch):
    """The sheet's cells by the reader of plain sheets, if it takes it, and by the other."""
    taken = []

    def noting(*arguments):
        taken.append(read_plain_sheet(*arguments))
        return None

    with monkeypatch.context() as patch:
        patch.setattr(workbook, "read_plain_sheet", noting)
        try:
            cells = read_workbook(content, "")[0].to_numpy()
        except workbook.FileRefused:
            cells = None
    return taken[0], cells


def assert_the_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert ours.tolist() == theirs.tolist()
    assert [type(cell) for cell in ours.flat] == [type(cell) for cell in theirs.flat]


@pytest.mark.parametrize("rows", PLAIN)
def test_plain_cells_are_those_of_the_reader_of_workbooks(rows, monkeypatch):
    content = odd_workbooks.xlsx({"Ledger": rows}, **{"xl/sharedStrings.xml": TEXTS})
    assert_the_same(*read_both_ways(content, monkeypatch))


@pytest.mark.parametrize("rows", OTHERS)
def test_what_is_not_plain_is_left_to_the_reader_of_workbooks(rows, monkeypatch):
    content = odd_workbooks.xlsx({"Ledger": rows}, **{"xl/sharedStrings.xml": TEXTS})
    assert read_both_ways(content, monkeypatch)[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "<si><r><t>rich</t></r></si>",
        "<si><t>_x000D_</t></si>",
        "<si><t/></si>",
        "<si><t>a&#10;b</t></si>",
        "<si><t> spaces that are not its own </t></si>",
        "<si><t>base</t><rPh><t>sound</t></rPh></si>",
    ],
)
def test_texts_with_more_than_their_characters_are_left_too(text, monkeypatch):
    texts = f"<sst>{text}</sst>"
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    content = odd_workbooks.xlsx({"Ledger": rows}, **{"xl/sharedStrings.xml": texts})
    assert read_both_ways(content, monkeypatch)[0] is None


def written(rows, number_format):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, style = book.add_worksheet(), book.add_format({"num_format": number_format})
        for number, cells in enumerate(rows):
            sheet.write_row(number + 2, 1, cells, style)
    return out.getvalue()


@pytest.mark.parametrize(
    ("number_format", "is_read"),
    [
        ("General", True),
        ("#,##0.00", True),
        ("#,##0.00;[Red]-#,##0.00", True),
        ("[$£-809]#,##0.00", True),
        ("00000", False),
        ("0%", False),
        ("dd/mm/yyyy", False),
        ('0;"day"', False),
    ],
)
def test_sheets_are_read_where_their_formats_show_digits(number_format, is_read, monkeypatch):
    chance = random.Random(number_format)
    rows = [
        [
            *(f"CC{chance.randint(0, 999):04d}", " a & b " * chance.randint(0, 2), None),
            *(chance.randint(-(10**8), 10**8) / 100, chance.random() * 10 ** chance.randint(-9, 9)),
        ]
        for _ in range(40)
    ]
    ours, theirs = read_both_ways(written(rows, number_format), monkeypatch)
    if is_read:
        assert_the_same(ours, theirs)
    else:
        assert ours is None


def test_a_sheet_is_read_in_pieces_of_any_size(monkeypatch):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}.5</v></c></row>' for n in range(1, 200))
    monkeypatch.setattr("council_finance.uploads.plain_sheet._SLICE", 100)
    read = read_plain_sheet(f"<sheetData>{rows}</sheetData>".encode(), b"", (), "The sheet")
    assert np.array_equal(read[:, 0].astype(float), np.arange(1, 200) + 0.5)


def test_the_only_sheet_is_unzipped_once():
    content = odd_workbooks.xlsx({"Ledger": PLAIN[0]}, **{"xl/sharedStrings.xml": TEXTS})
    unzipped: dict[str, bytes] = {}
    assert [sheet.name for sheet in sheets_in(content, unzipped)] == ["Ledger"]
    assert list(unzipped) == ["xl/worksheets/sheet1.xml"]
    assert read_rows(content, unzipped=unzipped).cells.equals(read_rows(content).cells)
    assert not unzipped


def test_what_was_unzipped_before_counts_towards_the_limit(monkeypatch):
    monkeypatch.setattr("council_finance.uploads.archive.MOST_UNZIPPED_BYTES", 10_000)
    content = odd_workbooks.xlsx({"Ledger": PLAIN[0]}, **{"xl/sharedStrings.xml": TEXTS})
    archive = Archive(content, {"xl/sharedStrings.xml": b"x" * 10_001})
    with pytest.raises(FileRefused, match="unzips to more than"):
        archive.read("xl/sharedStrings.xml")
