"""Codes as a person sees them in their file, to the digit; what cannot be told is refused."""

import datetime
import io

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from council_finance.uploads.codes import NotACode, code_of, code_text, was_rounded
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.layouts import apply_layout, read_layout, read_through
from council_finance.uploads.lookalikes import alike_codes, differences
from council_finance.uploads.number_formats import is_date, is_plain, shown_by, with_format
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table

SPECS = (
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("description"),
    ColumnSpec("current_budget", AMOUNT, required=True),
)

READ = {
    # as Excel and others write a text so that it stays one
    '="00123"': "00123", '="A ""1"""': 'A "1"', '= "1"': None, "'00123": "00123",
    "\N{RIGHT SINGLE QUOTATION MARK}00123": "00123", "'00123'": "00123", '="04-Oct"': "04-Oct",
    "'1.23E+05": "1.23E+05", '="12:30"': "12:30", "'-5": "-5",
    # digits
    "00123": "00123", "4711.0": "4711", "00123.00": "00123", "4.5": "4.5", "123456789012345": ...,
    "1234567890123456": ..., "01234567890123400000": ..., "-5": "-5",
    # what looks like a number or a date and is none
    "1E5": "1E5", "12E+05": "12E+05", "E10": "E10", "MAR-24": "MAR-24", "A1-2": "A1-2",
    "10/4": "10/4", "2024/25": "2024/25", "1-3": "1-3", "yes": "yes", "TRUEMAN": "TRUEMAN",
    # what cannot be seen
    "\N{ZERO WIDTH SPACE}P300": "P300", "C200\N{NO-BREAK SPACE}": "C200",
    "C\N{SOFT HYPHEN}200": "C200",
    "\N{LEFT-TO-RIGHT MARK}C200\N{RIGHT-TO-LEFT MARK}": "C200", "\ufeffC200": "C200",
    "C\N{WORD JOINER}20\N{ZERO WIDTH JOINER}0": "C200", "C\N{NO-BREAK SPACE}200": "C 200",
    "\N{NARROW NO-BREAK SPACE}C\N{THIN SPACE}200": "C 200", "\N{HANGUL FILLER}C200": "C200",
    "C200\N{VARIATION SELECTOR-16}": "C200", "\N{IDEOGRAPHIC SPACE}": "",
    "\N{ZERO WIDTH SPACE}": "",
    "Cafe\N{COMBINING ACUTE ACCENT}": "Caf\N{LATIN SMALL LETTER E WITH ACUTE}",
    # what a spreadsheet has made of codes
    "1.23E+05": None, "3.00E+12": None, "1,23E+05": None, "1e+21": None, "1E-05": None,
    "01/03/2024": None, "2024-03-01": None, "2024-03-01 00:00:00": None, "01-Mar": None,
    "Mar-24": None, "04-Oct-2024": None, "12:30": None, "12:30:00": None, "9:30 AM": None,
    "PT0296280H00M00S": None, "TRUE": None, "False": None, "#N/A": None, "#REF!": None,
    "########": None, "Err:502": None, "=A1": None, '="1"&"2"': None,
    # what no code has in it
    "a\tb": None, "a\nb": None, "a\x85b": None, "x" * 65: None, "x" * 64: ...,
}  # fmt: skip


@pytest.mark.parametrize("cell", READ)
def test_the_code_of_a_text(cell):
    code = READ[cell]
    if code is None:
        with pytest.raises(NotACode):
            code_of(cell)
    else:
        assert code_of(cell) == (cell if code is ... else code)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (4711, "4711"),
        (4711.0, "4711"),
        (0.1 + 0.2, "0.3"),
        (999_999_999_999_999.0, "999999999999999"),
        (-5.0, "-5"),
        (None, ""),
        (float("nan"), ""),
        (with_format(123.0, "00000"), "00123"),
        (with_format(123.0, "00000.00"), "00123"),
        (with_format(123.0, "000-000"), "000-123"),
        (with_format(7.0, '"CC"000'), "CC007"),
    ],
)
def test_the_code_of_a_number(cell, code):
    assert code_of(cell) == code


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (datetime.datetime(2024, 3, 1), "a date stands where a code was expected"),
        (datetime.date(2024, 3, 1), "a date stands where a code was expected"),
        (datetime.time(12, 30), "a time stands where a code was expected"),
        (datetime.timedelta(hours=30), "a time stands where a code was expected"),
        (True, "yes or no stands where a code was expected"),
        (1e15, "a number of more than 15 digits"),
        (1.5e-7, "a number stands where a code was expected"),
        (float("inf"), "a number of more than 15 digits"),
        (with_format(123456.0, "0.00E+00"), "by the format 0.00E+00, and it is not certain"),
        (with_format(0.5, "0%"), "by the format 0%, and it is not certain"),
    ],
)
def test_what_is_no_code_says_why(cell, words):
    with pytest.raises(NotACode) as caught:
        code_of(cell)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("form", "plain", "date", "of_123", "of_0"),
    [
        ("General", True, False, "123", "0"),
        ("@", True, False, None, None),
        ("#,##0.00", True, False, None, None),
        ('_-£* #,##0.00_-;-£* #,##0.00_-;_-£* "-"??_-;_-@_-', True, False, None, None),
        ("[$£-809]#,##0.00;[Red]-[$£-809]#,##0.00", True, False, None, None),
        ('"£"#,##0_);("£"#,##0)', True, False, None, None),
        ("00000", False, False, "00123", "00000"),
        ("00", False, False, "123", "00"),
        ("0000 0000", False, False, "0000 0123", "0000 0000"),
        ("\\A0000", False, False, "A0123", "A0000"),
        ('General"x"', False, False, "123x", "0x"),
        ("000;-000;-", False, False, "123", None),
        ("#,##0,", False, False, None, None),
        ("0%", False, False, None, None),
        ("# ?/?", False, False, None, None),
        ("[<100]0;00", False, False, None, None),
        ("*00", False, False, None, None),
        ("dd/mm/yyyy", False, True, None, None),
        ("[h]:mm", False, True, None, None),
        ('0"day"', False, False, "123day", "0day"),
        ("[Red]000", False, False, "123", "000"),
    ],
)
def test_what_a_number_format_shows(form, plain, date, of_123, of_0):
    assert (is_plain(form), is_date(form)) == (plain, date)
    assert (shown_by(123.0, form), shown_by(0.0, form)) == (of_123, of_0)
    assert shown_by(1.5, form) is None


def table(content):
    return typed_table(read_rows(content), SPECS)


@given(
    st.from_regex(
        r"(?:[0-9]{1,4}[EePp][0-9Tt]{0,4}|[A-Za-z0-9]{1,30}|TRUE|pt1h2m3s)", fullmatch=True
    )
)
def test_a_plain_code_is_read_at_once_as_by_the_full_rule(text):
    def found(read):
        try:
            return read(text)
        except NotACode as fault:
            return str(fault)

    assert found(code_of) == found(code_text)


def test_long_numbers_whose_last_digits_are_noughts_were_rounded():
    assert was_rounded(["1234567890123450", "12"]) == {"1234567890123450"}
    assert was_rounded(["1234567890123450", "1234567890123456"]) == set()
    assert was_rounded(["0000000000000000", "123456789012345"]) == set()
    text = 'cost_centre,current_budget\n1234567890123450,5\n="1234567890123460",5\n'
    made = table(text.encode())
    assert [(p.row, p.message[:39]) for p in made.problems] == [
        (2, "the number has more than 15 digits, and")
    ]
    assert made.frame.loc[3, "cost_centre"] == "1234567890123460"


def test_one_number_in_several_formats_is_several_codes():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["cost_centre", "description", "current_budget"])
        formats = [None, "00000", "#,##0", "000-000", "0.00E+00", "dd/mm/yyyy"]
        for row, form in enumerate(formats, start=1):
            style = book.add_format({"num_format": form}) if form else None
            sheet.write_number(row, 0, 123, style)
            sheet.write_number(row, 1, 123, style)
            sheet.write_number(row, 2, 123, style if form != "dd/mm/yyyy" else None)
    made = table(out.getvalue())
    assert list(made.frame["cost_centre"]) == ["123", "00123", "123", "000-123", "", ""]
    assert list(made.frame["description"])[1] == "00123"
    assert list(made.frame["current_budget"]) == [12_300] * 6
    assert [(p.row, p.column, p.found) for p in made.problems] == [
        (6, "cost_centre", "123.0"),
        (7, "cost_centre", "1900-05-02"),
    ]


def test_dates_times_and_yes_in_code_columns_of_a_workbook():
    book = openpyxl.Workbook()
    book.active.append(["cost_centre", "description", "current_budget"])
    for cell in (datetime.date(2024, 3, 1), datetime.time(12, 30), True, "N1"):
        book.active.append([cell, "", 5])
    out = io.BytesIO()
    book.save(out)
    assert [(p.row, p.message.split(".")[0]) for p in table(out.getvalue()).problems] == [
        (2, "a date stands where a code was expected"),
        (3, "a time stands where a code was expected"),
        (4, "yes or no stands where a code was expected"),
    ]


def test_a_cell_of_several_codes_is_split_as_it_is_shown():
    layout = read_layout(
        {
            "columns": {"Net": "current_budget"},
            "split": {"Code": {"into": ["cost_centre", "account"], "separator": "-"}},
        }
    )
    specs = (*SPECS, ColumnSpec("account", CODE))
    text = 'Code,Net\n="00123-4000",5\n\N{ZERO WIDTH SPACE}C200-9000,5\n'
    made = read_through(read_rows(text.encode()), layout, specs)
    assert list(made.frame["cost_centre"] + "/" + made.frame["account"]) == [
        "00123/4000",
        "C200/9000",
    ]
    with pytest.raises(FileRefused, match="Row 2, column Code: “2024-10-04”: a date stands"):
        apply_layout(read_rows(b"Code,Net\n2024-10-04,5\n"), layout, specs)


@pytest.mark.parametrize(
    ("new", "known", "how"),
    [
        ("123", "00123", ["leading noughts"]),
        ("A 100", "A100", ["spaces"]),
        ("a100", "A100", ["capital and small letters"]),
        ("\N{CYRILLIC CAPITAL LETTER A}100", "A100", ["letters that look alike"]),
        ("\N{GREEK CAPITAL LETTER ALPHA}100", "a100", ["capital and small letters", "letters"]),
        ("A1OO", "A100", ["letters that look alike"]),
        ("Al00", "A100", ["letters that look alike"]),
        ("AI00", "A100", ["letters that look alike"]),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}100", "A100", ["letters that look alike"]),
        ("A\N{EN DASH}100", "A-100", ["letters that look alike"]),
        ("O123", "123", ["leading noughts", "letters that look alike"]),
        ("o0 123", "123", ["leading noughts", "spaces", "letters that look alike"]),
        ("L100", "1100", []),
        ("1230", "123", []),
        ("B100", "8100", []),
        ("A-100", "A100", []),
        ("A101", "A100", []),
    ],
)
def test_codes_that_a_person_may_take_for_each_other(new, known, how):
    told = differences(new, known)
    assert len(told) == len(how)
    assert all(kind.startswith(wanted) for kind, wanted in zip(told, how, strict=True))
    assert alike_codes([new, "", "Z9"], [known, "", "Q1"]) == ([(new, known)] if how else [])


def test_a_known_code_is_not_asked_about():
    assert alike_codes(["00123"], ["00123"]) == []
    assert alike_codes(["00123"], ["123", "0123"]) == [("00123", "0123"), ("00123", "123")]
