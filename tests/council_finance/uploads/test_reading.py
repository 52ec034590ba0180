"""Files as people and ledgers write them, and files that are none, into typed columns."""

import datetime
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.money import exact_pounds
from council_finance.uploads.columns import (
    AMOUNT,
    CHOICE,
    CODE,
    DATE,
    WHOLE,
    YES,
    ColumnSpec,
)
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table

SPECS = (
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("account", CODE),
    ColumnSpec("description"),
    ColumnSpec("current_budget", AMOUNT, required=True),
    ColumnSpec("forecast", AMOUNT),
    ColumnSpec("period", WHOLE),
    ColumnSpec("approved_on", DATE),
    ColumnSpec("exempt", YES),
    ColumnSpec("kind", CHOICE, choices=("funding", "technical")),
)
HEADER = "cost_centre,account,current_budget"


def table(content, sheet=""):
    content = content.encode() if isinstance(content, str) else content
    return typed_table(read_rows(content, sheet), SPECS)


def workbook(rows, sheet="Ledger", first=None):
    book = openpyxl.Workbook()
    book.active.title = first or sheet
    if first:
        book.create_sheet(sheet)
    for row in rows:
        book[sheet].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column(name, *cells, header="cost_centre,current_budget"):
    """The values of one column of a CSV file."""
    rows = [f'A{number},1,"{cell}"' for number, cell in enumerate(cells)]
    return table("\n".join([f"{header},{name}", *rows]))


def problems(made):
    return [(p.row, p.column, p.found, p.message) for p in made.problems]


def refusal(content, sheet=""):
    with pytest.raises(FileRefused) as caught:
        table(content, sheet)
    return "\n".join(problem.message for problem in caught.value.problems)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_csv_file_in_any_of_its_dresses(separator, encoding, newline):
    lines = ["cost_centre", "description", "current_budget"], ["N1", "Café £ – “x”", "1234.50"]
    text = newline.join(separator.join(line) for line in lines) + newline
    made = table(text.encode(encoding))
    assert made.frame.loc[2, "description"] == "Café £ – “x”"
    assert made.frame.loc[2, "current_budget"] == 123_450
    assert problems(made) == []


@pytest.mark.parametrize("separator", [";", "\t"])
def test_thousands_separators_are_not_taken_for_columns(separator):
    lines = ["cost_centre", "current_budget", "forecast"], ["N1", "1,234,567.00", "(2,345,678)"]
    made = table("\n".join(separator.join(line) for line in lines))
    assert made.frame.loc[2, ["current_budget", "forecast"]].to_list() == [
        123_456_700,
        -234_567_800,
    ]


def test_quoted_cells_hold_separators_quotation_marks_and_line_breaks():
    made = table(f'{HEADER},description\nN1,A,"1,234","Say ""no"",\nthen pay"\nN2,A,5,x\n')
    assert made.frame["current_budget"].to_dict() == {2: 123_400, 3: 500}
    assert made.frame.loc[2, "description"] == 'Say "no",\nthen pay'


def test_the_header_may_stand_below_title_rows():
    titles = "Test Council\n\nLedger for month 3,,as at 30 June\n"
    made = table(f"{titles}{HEADER}\nN1,A,5\n,,\nN2,B,x\n")
    assert list(made.frame.index) == [5, 7]
    assert [(p.row, p.column, p.found) for p in made.problems] == [(7, "current_budget", "x")]


def test_rows_of_a_sheet_are_counted_as_the_person_sees_them():
    rows = [["Ledger"], [], HEADER.split(","), ["N1", "A", 5], [], ["N2", "B", "x"]]
    made = table(workbook(rows))
    assert list(made.frame.index) == [4, 6]
    assert [(p.row, p.found) for p in made.problems] == [(6, "x")]


@pytest.mark.parametrize(
    ("heading", "pence"),
    [
        ("current_budget", 123_400),
        ("Current Budget", 123_400),
        ("  CURRENT  budget ", 123_400),
        ("Current budget (£)", 123_400),
        ("£ Current-Budget:", 123_400),
        ("Current budget £000", 123_400_000),
        ("Current budget (£000)", 123_400_000),
        ("Current budget (£'000)", 123_400_000),
        ("Current budget £000s", 123_400_000),
        ("Current budget £k", 123_400_000),
        ("Current budget £m", 123_400_000_000),
        ("Current budget (£ million)", 123_400_000_000),
    ],
)
def test_a_heading_is_matched_whatever_its_dress_and_its_unit_scales(heading, pence):
    made = table(f"COST CENTRE,{heading}\nN1,1234\n")
    assert made.frame.loc[2, "current_budget"] == pence
    assert made.headings["current_budget"] == heading.strip()


def test_a_problem_names_the_column_by_its_heading_in_the_file():
    assert problems(table("Cost Centre,Current budget £000\nN1,abc\n,7\n")) == [
        (3, "Cost Centre", "", "the cell is blank; a value is needed"),
        (2, "Current budget £000", "abc", "a figure such as 1,234.50 was expected"),
    ]


def test_all_problems_are_told_at_once():
    made = table(f"{HEADER}\n" + "N1,A,x\n" * 1500)
    assert len(made.problems) == 1500
    assert made.problems[-1].row == 1501


@pytest.mark.parametrize(
    ("written", "code"),
    [("00123", "00123"), ("4711.0", "4711"), ("4711.00", "4711"), (" N1 ", "N1"), ("4.5", "4.5")],
)
def test_codes_are_trimmed_text(written, code):
    assert column("account", written).frame.loc[2, "account"] == code


@pytest.mark.parametrize(("cell", "code"), [(4711, "4711"), (4711.0, "4711"), ("00123", "00123")])
def test_codes_of_a_workbook_lose_the_point_that_excel_gave_them(cell, code):
    assert table(workbook([HEADER.split(","), [cell, "A", 1]])).frame.loc[2, "cost_centre"] == code


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("account", "x" * 64, "x" * 64),
        ("forecast", "", pd.NA),
        ("forecast", "-", 0),
        ("forecast", "(1,234)", -123_400),
        ("period", "3", 3),
        ("period", "3.0", 3),
        ("period", "", pd.NA),
        ("approved_on", "2019-07-08", datetime.date(2019, 7, 8)),
        ("approved_on", "08/07/2019", datetime.date(2019, 7, 8)),
        ("approved_on", "8 July 2019", datetime.date(2019, 7, 8)),
        ("approved_on", "", None),
        ("exempt", "yes", True),
        ("exempt", " YES ", True),
        ("exempt", "no", False),
        ("exempt", "", False),
        ("kind", "funding", "funding"),
        ("kind", "Technical", "technical"),
        ("kind", "", ""),
    ],
)
def test_a_cell_becomes_the_value_of_its_column(name, written, value):
    made = column(name, written)
    found = made.frame.loc[2, name]
    assert problems(made) == []
    assert (found is value) if value is pd.NA or value is None else (found == value)


@pytest.mark.parametrize(
    ("name", "written", "message"),
    [
        ("account", "x" * 65, "a code has at most 64 characters"),
        ("account", "a\tb", "a code has no line breaks or tabs in it"),
        ("description", "x" * 10_001, "a text has at most 10,000 characters"),
        ("forecast", "1.234", "there are more than two decimals"),
        ("forecast", "TRUE", "a figure such as 1,234.50 was expected"),
        ("forecast", "99999999999", "the figure is beyond £9,999,999,999.99"),
        ("period", "3.5", "a whole number was expected"),
        ("period", "-3", "a whole number was expected"),
        ("period", "third", "a whole number was expected"),
        ("approved_on", "31/02/2019", "a date such as 2019-07-08 or 08/07/2019 was expected"),
        ("approved_on", "07/13/2019", "a date such as 2019-07-08 or 08/07/2019 was expected"),
        ("approved_on", "43654", "a date such as 2019-07-08 or 08/07/2019 was expected"),
        ("exempt", "perhaps", "yes or no was expected"),
        ("kind", "other", "one of funding, technical was expected"),
    ],
)
def test_a_cell_that_cannot_be_what_its_column_holds(name, written, message):
    made = column(name, "", written)
    assert [(p.row, p.column, p.message) for p in made.problems] == [(3, name, message)]
    assert made.problems[0].found[:50] == written[:50]


def test_cells_of_a_workbook_keep_their_type():
    day = datetime.date(2019, 7, 8)
    made = table(
        workbook(
            [
                [spec.name for spec in SPECS],
                [1, "A", "x", 0.1 + 0.2, "£132k", 3, day, True, "funding"],
                [2, "A", 5, True, day, day, datetime.datetime(2019, 7, 8, 9), 1, ""],
            ]
        )
    )
    first = made.frame.loc[2]
    assert (first["current_budget"], first["forecast"], first["period"]) == (30, 13_200_000, 3)
    assert (first["approved_on"], bool(first["exempt"]), first["kind"]) == (day, True, "funding")
    assert made.frame.loc[3, "approved_on"] == day
    assert [(p.row, p.column, p.message) for p in made.problems] == [
        (3, "current_budget", "a number was expected"),
        (3, "forecast", "a date stands where a figure was expected"),
        (3, "period", "a whole number was expected"),
    ]


@pytest.mark.parametrize("name", ["description", "forecast"])
def test_errors_and_formulas_never_worked_out_are_no_blanks(name):
    book = openpyxl.Workbook()
    book.active.append(["cost_centre", "current_budget", name])
    for code, cell in (("N1", "=1+1"), ("N2", "#N/A"), ("N3", None)):
        book.active.append([code, 1, cell])
    out = io.BytesIO()
    book.save(out)
    message = "an error, or a formula that was never worked out, has no value"
    assert problems(table(out.getvalue())) == [
        (2, name, "formula", message),
        (3, name, "#N/A", message),
    ]


def test_a_formula_with_its_stored_value_is_that_value():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["cost_centre", "current_budget", "description"])
        sheet.write_row(1, 0, ["N1"])
        sheet.write_formula(1, 1, "=2*617.25", None, 1234.5)
        sheet.write_formula(1, 2, '=IF(TRUE,"","x")', None, "to be blank")
    made = table(_replaced(out.getvalue(), b"<v>to be blank</v>", b"<v></v>"))
    assert problems(made) == []
    assert made.frame.loc[2, "current_budget"] == 123_450
    assert made.frame.loc[2, "description"] == ""


def _replaced(workbook, old, new):
    """The workbook with a piece of its sheet's XML replaced, as Excel would have written it."""
    source = zipfile.ZipFile(io.BytesIO(workbook))
    parts = {name: source.read(name) for name in source.namelist()}
    assert old in parts["xl/worksheets/sheet1.xml"]
    return _zip(**{name: part.replace(old, new) for name, part in parts.items()})


def test_only_the_named_sheets_errors_count():
    book = openpyxl.Workbook()
    book.active.append(["#N/A", "#REF!"])
    book.create_sheet("Ledger & “more”").append(HEADER.split(","))
    book["Ledger & “more”"].append(["N1", "A", 5])
    out = io.BytesIO()
    book.save(out)
    made = table(out.getvalue(), "Ledger & “more”")
    assert (problems(made), made.frame.loc[2, "current_budget"]) == ([], 500)


def test_the_first_sheet_is_read_unless_one_is_named():
    content = workbook([HEADER.split(","), ["N1", "A", 5]], sheet="Second", first="First")
    assert refusal(content) == "The sheet is empty."
    assert len(table(content, "Second").frame) == 1
    assert refusal(content, "Third") == (
        "There is no sheet “Third”. The sheets are: First, Second."
    )
    assert "A CSV file has no sheets" in refusal(f"{HEADER}\nN1,A,5\n", "Second")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("N1,A,5\nN2,A,7\nTotal,,12\n", []),
        (",,12\n", [(2, "the cell is blank; a value is needed")]),
        ("N1,A,5\nN2,A,7\n,,12\n", [(4, "the cell is blank; a value is needed")]),
    ],
)
def test_a_row_is_a_total_only_where_its_codes_are_blank_and_it_says_so(body, found):
    made = table(f"{HEADER}\n{body}")
    assert [(p.row, p.message) for p in made.problems] == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("N1,5,x\nN2,7,y\n,12,Grand TOTAL\n", []),
        ("N1,5,x\nN2,7,y\n,,Total\n", []),
        ("N1,5,x\n,5,Subtotal\nN2,7,y\n,7,Subtotal\n,12,Total\n", []),
        ("N1,5,x\n,5,Total A\nN2,-7,y\n,(2),Total so far\n", []),
        ("N1,5,x\nN2,7,y\n,12.01,Total\n", [(4, "12.01", "rows 2 to 3: 12.00")]),
        (
            "N1,5,x\n,5,Subtotal\nN2,7,y\n,8,Subtotal\n",
            [(5, "8.00", "rows 2 to 4: 12.00; since the total before it, row 4: 7.00")],
        ),
    ],
)
def test_a_total_row_is_compared_and_not_stored(body, found):
    made = table(f"cost_centre,current_budget,description\n{body}")
    assert [(p.row, p.found) for p in made.problems] == [(row, text) for row, text, _ in found]
    for problem, (_, _, above) in zip(made.problems, found, strict=True):
        assert problem.message == f"this total is not the sum of the rows above it ({above})"
    assert "" not in set(made.frame["cost_centre"])


def test_a_service_that_is_called_total_is_no_total_row():
    made = table(f"{HEADER},description\nN1,A,5,Total facilities\nN2,A,7,Other\n")
    assert list(made.frame["current_budget"]) == [500, 700]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b" \r\n\n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        ("account,forecast\nA,5\n", "The column cost_centre is missing."),
        ("account,forecast\nA,5\n", "The column current_budget is missing."),
        ("a,b\n1,2\n", "No row of headings was found. The columns are: cost_centre, account,"),
        (f"{HEADER},Current budget\nN1,A,5,6\n", "The column Current budget is in the file"),
        (f"{HEADER}\n", "There are headings but no rows under them."),
        (f"{HEADER}\n,,\n , ,\n", "There are headings but no rows under them."),
        ("cost_centre,current_budget\n", "There are headings but no rows under them."),
        (f"{HEADER},description\n,,0,Total\n", "There are headings and totals but no rows"),
        (
            f"{HEADER}\n" + "N1,A,5\n" * 80 + "N2,A,1,234\n",
            "do not have the same number of columns",
        ),
        (f'{HEADER}\nN1,A,"5\nN2,A,7\n', "a quotation mark is not closed"),
    ],
)
def test_a_table_that_cannot_be_used_says_what_is_missing(content, message):
    assert message in refusal(content)


def _zip(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


NO_BOOK = "The workbook cannot be opened."
NO_TABLE = "This is not a spreadsheet."
NO_HEADINGS = "No row of headings was found."
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
HTML = b"<html><body><table><tr><td>cost_centre</td></tr></table></body></html>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bytes(range(256)) * 8, NO_TABLE),
        (bytes(range(128, 256)) * 8, NO_HEADINGS),
        (PNG, NO_TABLE),
        (PDF, NO_HEADINGS),
        (HTML, "The column current_budget is missing"),
        (_zip(readme="no workbook"), NO_BOOK),
        (_zip(**{"xl/workbook.xml": "<workbook"}), NO_BOOK),
        (b"PK\x03\x04 and nothing more", NO_BOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, NO_BOOK),
        (workbook([HEADER.split(",")])[:700], NO_BOOK),
        (f"{HEADER}\nN1,A,5\n".encode("utf-16-le")[:-1], NO_TABLE),
        (b'"' + b"x" * 200_000, "The file is no table of cells"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(content, message):
    assert message in refusal(content)


def test_columns_that_were_not_used_are_named():
    made = table(f"{HEADER},Colour,Size\nN1,A,5,red,L\n")
    assert [warning.message for warning in made.warnings] == [
        "These columns were not used: Colour, Size."
    ]


def test_columns_that_are_absent_are_blank_and_not_given():
    made = table(f"{HEADER}\nN1,A,5\n")
    assert made.given == {"cost_centre", "account", "current_budget"}
    row = made.frame.loc[2]
    assert (row["description"], row["kind"], bool(row["exempt"])) == ("", "", False)
    assert row["forecast"] is pd.NA
    assert row["approved_on"] is None
    assert {name: str(made.frame[name].dtype) for name in ("current_budget", "forecast")} == {
        "current_budget": "Int64",
        "forecast": "Int64",
    }


PENCE = st.lists(st.integers(-999_999_999_999, 999_999_999_999), min_size=1, max_size=30)


def _printed(pence, style):
    text = exact_pounds(abs(pence))
    if style == "brackets":
        return f"({text})" if pence < 0 else text
    grouped = f"{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
    return f"£{grouped}-" if pence < 0 else f"£{grouped}"


@pytest.mark.slow
@given(PENCE, st.sampled_from(["brackets", "grouped"]), st.sampled_from([",", ";", "\t"]))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_the_sum_of_a_csv_file_is_the_sum_of_what_was_written(amounts, style, separator):
    rows = [["cost_centre", "current_budget", "description"]]
    rows += [[f"N{n}", f'"{_printed(pence, style)}"', ""] for n, pence in enumerate(amounts)]
    rows += [["", exact_pounds(sum(amounts)), "Total"]] if abs(sum(amounts)) < 10**12 else []
    made = table("\n".join(separator.join(row) for row in rows))
    assert problems(made) == []
    assert int(made.frame["current_budget"].sum()) == sum(amounts)


@pytest.mark.slow
@given(PENCE)
@settings(derandomize=True, max_examples=25, deadline=None)
def test_the_sum_of_a_workbook_is_the_sum_of_what_was_written(amounts):
    rows = [[f"N{n}", "A", pence / 100] for n, pence in enumerate(amounts)]
    made = table(workbook([HEADER.split(","), *rows]))
    assert problems(made) == []
    assert list(made.frame["current_budget"]) == amounts
