"""No file can stop the machine: what is too large, locked or damaged is refused, in words."""

import io
import random
import subprocess
import sys
import textwrap
import zipfile

import openpyxl
import pytest

from council_finance.uploads import limits
from council_finance.uploads.headers import below_headings
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.unreadable import UnreadableCell
from tests.conftest import ROOT
from tests.odd_workbooks import compound, ods, ods_rows, rows_of, xls, xlsx, zipped
from tests.quick_cases import quick_first

HEADER = ["cost_centre", "current_budget"]
TABLE = [HEADER, ["N1", 5]]
ODS_TABLE = ods_rows([HEADER, ["N1", "5"]])
XLS_TABLE = [(0, 0, "cost_centre"), (0, 1, "current_budget"), (1, 0, "N1"), (1, 1, 5.0)]
PASSWORD = "protected by a password"
DAMAGED = "The workbook cannot be opened. Is it damaged"


def refusal(content, sheet=""):
    with pytest.raises(FileRefused) as caught:
        read_rows(content, sheet)
    return "\n".join(problem.sentence for problem in caught.value.problems)


def cells(content, sheet=""):
    content = content.encode() if isinstance(content, str) else content
    return read_rows(content, sheet).cells.to_numpy().tolist()


def test_a_file_may_have_so_many_bytes(monkeypatch):
    assert len(read_rows(b"a,b\n" * 1000).cells) == 1000
    monkeypatch.setattr("council_finance.uploads.reading.MOST_BYTES", 3999)
    assert "more than 0 MB" in refusal(b"a,b\n" * 1000)


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (limits.MOST_ROWS, 2, ""),
        (limits.MOST_ROWS + 1, 2, "reaches to row 1,048,577 and column B"),
        (5, limits.MOST_COLUMNS, ""),
        (5, limits.MOST_COLUMNS + 1, "reaches to column GS; at most 200 columns"),
        (limits.MOST_CELLS // 100 + 1, 100, "reaches to row 100,001 and column CV"),
    ],
)
def test_a_csv_file_may_have_so_many_rows_columns_and_cells(rows, columns, words):
    content = (b",".join([b"1"] * columns) + b"\n") * rows
    if words:
        assert words in refusal(content)
    else:
        assert read_rows(content).cells.shape == (rows, columns)


def test_blank_rows_at_the_end_do_not_count():
    assert cells("a,b\nN1,5\n" + ",,,,,\r\n" * 1_200_000) == [["a", "b"], ["N1", "5"]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\tb\nN1\t5\n".encode("utf-16"), [["a", "b"], ["N1", "5"]]),
        (b"\xfe\xff" + "a\tb\r\nN1\t£5\r\n".encode("utf-16-be"), [["a", "b"], ["N1", "£5"]]),
        (b"a,b\rN1,5\r", [["a", "b"], ["N1", "5"]]),
        (b"a,b,\nN1,5,\n", [["a", "b", ""], ["N1", "5", ""]]),
        (b"a,b\n" + b"N1,5\n" * 70 + b"N2,6,,\n", [["N2", "6", "", ""]]),
        (b"a,b\n" + b"N1,5\n" * 70 + b"N2,6,,\nN3,7\n", [["N2", "6", "", ""], ["N3", "7", "", ""]]),
        (b'a,b\n"N1, ""x""\r\ny",5\n', [["a", "b"], ['N1, "x"\r\ny', "5"]]),
        (b'a,b\n5" pipe,5\n', [["a", "b"], ['5" pipe', "5"]]),
    ],
)
def test_csv_files_in_odd_dress(content, expected):
    assert cells(content)[-len(expected) :] == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\nN1,\x005\n", "This is not a spreadsheet."),
        (b"a,b\n" + b"N1,5\n" * 70 + b"N2,1,234\nN3,5,6\n", "Row 72: “234”: the rows of the file"),
        (b"a,b\n" + b"N1,5\n" * 70 + b"N2,1,234\nN3,5,6\n", "Row 73: “6”: the rows of the file do"),
        (b'a,b\nN1,5\nN2,"5 inch,5\nN3,"x",7\n', "Row 3: a quotation mark is not closed"),
        (b'a,b\nN1,5\nN2,"5\nN3,7\n', "Row 3: a quotation mark is not closed"),
        (b" <HTML><body><table>", "This is a web page without a table"),
        (b"<!DOCTYPE html><html>", "This is a web page without a table"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "This XML spreadsheet of Excel 2003 is damaged",
        ),
    ],
)
def test_csv_files_that_are_none_or_would_shift_figures(content, words):
    assert words in refusal(content)


def body(rows, first=0, last=None):
    content = "\n".join(rows).encode()
    return below_headings(read_rows(content), first, last)


def test_rows_that_repeat_the_headings_are_left_out():
    made = body(["Title", "a,b", "N1,5", "a,b", "N2,6", "a,c"], 1)
    assert made.cells.to_numpy().tolist() == [["N1", "5"], ["N2", "6"], ["a", "c"]]
    assert list(made.row_numbers) == [3, 5, 6]
    made = body(["G,", "a,b", "N1,5", "G,", "a,b", "N2,6"], 0, 1)
    assert list(made.row_numbers) == [3, 6]


def test_values_under_no_heading_are_told_with_their_rows():
    with pytest.raises(FileRefused) as caught:
        body(["a,b", "N1,1,234", "N2,5,", "N3,1,2,3"])
    told = [(p.row, p.column, p.found) for p in caught.value.problems]
    assert told == [(2, "C", "234"), (4, "C", "2"), (4, "D", "3")]
    assert len(body(["a,b,", "N1,5,", "N2,5, "]).cells) == 2


def test_a_heading_over_two_columns_is_told():
    book = openpyxl.Workbook()
    for row in (["cost_centre", "current_budget", None], ["N1", 5, 6]):
        book.active.append(row)
    book.active.merge_cells("B1:C1")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileRefused, match="Row 2, column C: “6.0”: this value stands under no"):
        below_headings(read_rows(out.getvalue()), 0)


FIRST = [["cost_centre", "current_budget"], ["N1", 5]]


@pytest.mark.parametrize(
    "content",
    [
        xlsx({"Old": (rows_of([["old"]]), "hidden"), "Now": rows_of(FIRST)}),
        xlsx({"Old": (rows_of([["old"]]), "veryHidden"), "Now": rows_of(FIRST)}),
        xls({"Old": ([(0, 0, "old")], True), "Now": (XLS_TABLE, False)}),
        ods({"Old": (ods_rows([["old"]]), True), "Now": (ODS_TABLE, False)}),
    ],
)
def test_the_first_sheet_is_the_first_that_is_not_hidden(content):
    assert cells(content)[0] == HEADER
    assert cells(content, "Old") == [["old"]]
    assert "There is no sheet “New”. The sheets are: Old, Now." in refusal(content, "New")


def test_a_workbook_whose_sheets_are_all_hidden_or_too_many():
    assert "Every sheet of the workbook is hidden" in refusal(
        xlsx({"Old": (rows_of([["old"]]), "hidden")})
    )
    sheets = {f"S{number}": rows_of(TABLE) for number in range(limits.MOST_SHEETS)}
    assert cells(xlsx(sheets))[0] == HEADER
    assert "has 101 sheets; at most 100" in refusal(xlsx(sheets | {"More": ""}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), PASSWORD),
        (xls({"S": (XLS_TABLE, False)}, before=b"\x2f\x00\x02\x00\x00\x00"), PASSWORD),
        (
            ods(
                {"S": (ODS_TABLE, False)},
                **{"META-INF/manifest.xml": "<manifest:encryption-data/>"},
            ),
            PASSWORD,
        ),
        (zipped({"xl/workbook.bin": "x"}), "XLSB workbooks are not read"),
        (zipped({"_rels/.rels": "x", "content.xml": "x"}), DAMAGED),
        (xlsx({"S": rows_of(TABLE)}, **{"XL/workbook.xml": "x"}), DAMAGED),
        (zipped({f"p{n}": "" for n in range(limits.MOST_PARTS + 1)}), "made of too many parts"),
        (zipped({"x": b" " * 2_000_000}), "many hundred times its size"),
        (zipped({"x": b" " * 1_000_000}), DAMAGED),
        # a place that wraps around, a table without end: the reader of workbooks dies of these
        (xlsx({"S": '<row r="3"><c r="D9999999993"><v>5</v></c></row>'}), DAMAGED),
        (ods({"S": (ODS_TABLE + "</table:tabl>", False)}), DAMAGED),
        (
            ods(
                {"S": (ODS_TABLE.replace("</text:p>", '<text:s text:c="99999"/></text:p>'), False)}
            ),
            DAMAGED,
        ),
    ],
)
def test_workbooks_that_are_locked_or_no_workbooks(content, words):
    assert words in refusal(content)


@pytest.mark.parametrize("lies", [False, True])
def test_what_a_workbook_unzips_to_is_counted_whatever_its_directory_says(monkeypatch, lies):
    parts = {f"xl/media/{n}.png": random.Random(n).randbytes(400_000) for n in range(3)}
    content = xlsx({"S": rows_of(TABLE)}, **parts)
    assert cells(content)[0] == HEADER
    monkeypatch.setattr("council_finance.uploads.archive.MOST_UNZIPPED_BYTES", 1_000_000)
    if lies:
        size = (400_000).to_bytes(4, "little")
        content = content.replace(size, b"\x10\x00\x00\x00")
    assert "The workbook unzips to more than 0 MB" in refusal(content)


def test_a_zip_entry_that_is_encrypted_is_locked():
    content = bytearray(xlsx({"S": rows_of(TABLE)}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert PASSWORD in refusal(bytes(content))


ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
    ' calcext:value-type="error"><text:p>{}</text:p></table:table-cell>'
)
AS_EXCEL = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
    "<text:p>#DIV/0!</text:p></table:table-cell>"
)
NEVER = '<table:table-cell table:formula="of:=1+1"/>'
EMPTY_TEXT = '<table:table-cell table:formula="of:=T(1)"><text:p/></table:table-cell>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (xls({"S": ([*XLS_TABLE, (2, 1, b"\x2a\x01")], False)}), {(2, 1): "#N/A"}),
        (xls({"S": ([*XLS_TABLE, (2, 1, b"\x01\x00")], False)}), {}),
        (ods({"S": (ods_rows([HEADER, ["N1", ERROR.format("#N/A")]]), False)}), {(1, 1): "#N/A"}),
        (
            ods({"S": (ods_rows([HEADER, [ERROR.format("Err:502"), "5"]]), False)}),
            {(1, 0): "Err:502"},
        ),
        (ods({"S": (ods_rows([HEADER, ["N1", AS_EXCEL]]), False)}), {(1, 1): "#DIV/0!"}),
        (ods({"S": (ods_rows([HEADER, ["N1", NEVER]]), False)}), {(1, 1): "formula"}),
        (ods({"S": (ods_rows([HEADER, ["N1", EMPTY_TEXT]]), False)}), {}),
        (
            xlsx({"S": rows_of(TABLE) + '<row r="3"><c r="B3" t="e"><v>#REF!</v></c></row>'}),
            {(2, 1): "#REF!"},
        ),
    ],
)
def test_cells_without_a_value_are_told_in_every_kind_of_workbook(content, expected):
    found = {
        (row, column): str(cell)
        for row, line in enumerate(cells(content))
        for column, cell in enumerate(line)
        if isinstance(cell, UnreadableCell)
    }
    assert found == expected


BOMBS = """
far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
prefix = '<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
cell = '<table:table-cell office:value-type="float" office:value="1"/>'
gap = '<table:table-cell table:number-columns-repeated="{}"/>'
row = '<table:table-row table:number-rows-repeated="1048576">{}</table:table-row>'
for content in (
    xlsx({"S": rows_of([["a"]]) + far}),
    xlsx({"S": rows_of([["a"]]) + far.replace("><v", ' s="/>"><v')}),
    xlsx({"S": rows_of([["a"]]) + far.replace("<c", prefix).replace("</c", "</x:c")}),
    xlsx({"S": rows_of([["a"]]) + far.replace('"XFD1048576"', "'XFD1048576'")}),
    xlsx({"S": "", "T": " " * 40_000_000}),
    ods({"S": (row.format(gap.format(199) + cell), False)}),
    ods({"S": (row.format(gap.format(999_999_999) + cell), False)}),
    ods({"S": (row.format(gap.format(9_999) * 2) * 1_100, False)}),
    xls({"S": ([(0, 0, "a"), (65535, 199, 1.0)], False)}),
):
    try:
        read_rows(content)
    except FileRefused as refused:
        print(refused)
    else:
        print("read")
"""


def in_little_memory(code, megabytes=1_500):
    """What code prints in a process of its own that may have so much memory."""
    code = textwrap.dedent(f"""
        import resource
        from council_finance.uploads.problems import FileRefused
        from council_finance.uploads.reading import read_rows
        from tests.odd_workbooks import *
        resource.setrlimit(resource.RLIMIT_AS, ({megabytes} << 20, {megabytes} << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (40, 40))
    """) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.mark.slow
def test_bombs_are_refused_in_little_memory():
    told = in_little_memory(BOMBS)
    words = ("reaches to", "many hundred times", "sheets are too large")
    assert len(told) == 9
    assert all(any(word in each for word in words) for each in told), told


@pytest.mark.slow
def test_a_million_blank_formatted_rows_are_no_matter():
    told = in_little_memory("""
        table = [["a", "b"]] + [["N1", 5]] * 100
        blank = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(102, 1_000_000))
        print(read_rows(xlsx({"S": rows_of(table) + blank})).cells.shape)
        styled = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="XFD{n}" s="1"/></row>'
                         for n in range(102, 30_000))
        print(read_rows(xlsx({"S": rows_of(table) + styled})).cells.shape)
    """)
    assert told == ["(101, 2)", "(101, 2)"]


BASES = {
    "csv": b'cost_centre,current_budget\nN1,"1,234"\nN2,(5)\n',
    "xlsx": xlsx({"S": rows_of(TABLE) + '<row r="3"><c r="B3" t="e"><v>#REF!</v></c></row>'}),
    "xls": xls({"S": ([*XLS_TABLE, (2, 1, b"\x2a\x01")], False)}),
    "ods": ods({"S": (ods_rows([HEADER, ["N1", AS_EXCEL], ["N2", NEVER]]), False)}),
}
PIECES = (b"\xff\xff\xff\xff", b"\x00\x00", b"999999999", b'"', b"'", b"<", b"/>", b"\r", b",")


def mutated(content, chance):
    out = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(out))
        kind = chance.randrange(4)
        if kind == 0:
            out[at] = chance.randrange(256)
        elif kind == 1:
            del out[at : at + chance.randint(1, 30)]
        elif kind == 2:
            other = chance.randrange(len(out))
            out[at:at] = out[other : other + chance.randint(1, 40)]
        else:
            out[at:at] = chance.choice(PIECES)
        out = out or bytearray(b"x")
    return bytes(out)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", quick_first(BASES))
def test_mutated_files_give_a_table_or_a_refusal(kind):
    chance = random.Random(kind)
    outcomes = set()
    for _ in range(250):
        content = BASES[kind]
        if content.startswith(b"PK") and chance.random() < 0.8:
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                parts = {name: book.read(name) for name in book.namelist()}
            name = chance.choice(sorted(parts))
            content = zipped(parts | {name: mutated(parts[name], chance)})
        else:
            content = mutated(content, chance)
        try:
            outcomes.add(len(read_rows(content).cells) > 0)
        except FileRefused as refused:
            outcomes.add(bool(refused.problems) and None)
    assert outcomes == {True, None}
