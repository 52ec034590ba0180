"""What ledgers and reports print as amounts, in every kind of file, read to the penny."""

import io

import openpyxl
import pytest
import xlsxwriter

from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table

FORMS = {
    # plain
    "0": 0, "7": 700, "1234.5": 123_450, "1234.50": 123_450, "0.05": 5, ".5": 50, "5.": 500,
    "00012": 1_200, "1234.500": 123_450, "9999999999.99": 999_999_999_999,
    "999999999": 99_999_999_900,
    # thousands
    "1,234": 123_400, "1,234.50": 123_450, "12,345": 1_234_500, "123,456.78": 12_345_678,
    "1,234,567": 123_456_700, "1,234,567.89": 123_456_789, "9,999,999,999.99": 999_999_999_999,
    # pounds
    "£1": 100, "£1,234": 123_400, "£ 1,234": 123_400, "£0.01": 1, "£1234.5": 123_450,
    # negative
    "-1": -100, "-1,234": -123_400, "-£1,234": -123_400, "£-1,234": -123_400, "1,234-": -123_400,
    "1234.50-": -123_450, "£1,234-": -123_400, "(1,234)": -123_400, "(1234.5)": -123_450,
    "(£1,234)": -123_400, "( 1,234 )": -123_400, "\N{MINUS SIGN}5": -500, "\N{EN DASH}5": -500,
    "-.5": -50, "-0": 0, "(0)": 0, "(0.00)": 0,
    # positive with its sign
    "+621": 62_100, "+£621": 62_100, "+1,234.50": 123_450,
    # with a unit of its own
    "£132k": 13_200_000, "132k": 13_200_000, "132K": 13_200_000, "-£135k": -13_500_000,
    "(135k)": -13_500_000, "1.2m": 120_000_000, "£1.2m": 120_000_000, "-£0.5M": -50_000_000,
    "1.234567m": 123_456_700, "0.001k": 100, "£1,234k": 123_400_000, "2.5 k": 250_000,
    # nil and not given
    "-": 0, "\N{EN DASH}": 0, "\N{EM DASH}": 0, " - ": 0, "": None, " ": None,
    "\N{NO-BREAK SPACE}": None,
    # as Excel's accounting formats print them
    " £-   ": 0, "£-": 0, " £ -   ": 0, " -   ": 0, "£\N{NO-BREAK SPACE}\N{EN DASH}": 0,
    " £(1,234.50)": -123_450, "£ (500,000.00)": -50_000_000, " £ (1,234.50)": -123_450,
    "(£ 1,234)": -123_400, "£ ( 1,234.50 )": -123_450, "£(.5)": -50, " £1,234.50 ": 123_450,
    "-£ 1": -100, "- £ 1,234": -123_400, "£ -1,234.50": -123_450, "£- 1": -100, "-   5": -500,
    "£\N{NO-BREAK SPACE}1,234": 123_400, "£\N{NARROW NO-BREAK SPACE}(5)": -500,
    "\N{NARROW NO-BREAK SPACE}5\N{THIN SPACE}": 500, "\N{NON-BREAKING HYPHEN}5": -500,
    "\N{MINUS SIGN}£1,234.50": -123_450, "\N{MINUS SIGN}\N{NO-BREAK SPACE}£5": -500,
    "\N{LEFT-TO-RIGHT MARK}-5": -500, "£(135k)": -13_500_000,
    # spaces around
    " 12 ": 1_200, "\N{NO-BREAK SPACE}12": 1_200, " (12) ": -1_200,
}  # fmt: skip
REFUSED = (
    "x", "n/a", "12 345", "1,23", "12345,678", "1.234,50", "1.005", "0.001", "--5", "-5-", "(-5)",
    "(5", "£ (5", "-(5)", "£(-5)", "£(£5)", "£ ()", "-£", "£--", "((5))", "(5)-", "£5 (6)",
    "5)", "+-5", "1e5", "nan", "inf", "£", "()", "k", "5kk", "10000000000", "(10,000,000,000)",
    "123456789012345678901234567890", "0x10", "½", "$5", "5%", "TRUE", "#N/A",
)  # fmt: skip
SPECS = (ColumnSpec("code", CODE, required=True), ColumnSpec("amount", AMOUNT))


def as_csv(separator: str, encoding: str = "utf-8"):
    def write(texts) -> bytes:
        out = io.StringIO()
        out.write(f"code{separator}amount\n")
        for number, text in enumerate(texts):
            out.write(f'C{number}{separator}"{text}"\n')
        return out.getvalue().encode(encoding)

    return write


def as_xlsx(texts) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["code", "amount"])
        for number, text in enumerate(texts):
            sheet.write_string(number + 1, 0, f"C{number}")
            sheet.write_string(number + 1, 1, text)
    return out.getvalue()


def amounts(table) -> list[int | None]:
    column = table.frame["amount"]
    return [
        int(value) if given else None for value, given in zip(column, column.notna(), strict=True)
    ]


FILES = {
    "commas": as_csv(","),
    "semicolons": as_csv(";"),
    "tabs": as_csv("\t"),
    "with a byte order mark": as_csv(",", "utf-8-sig"),
    "workbook": as_xlsx,
}


def test_there_are_enough_of_them():
    assert len(FORMS) >= 60


@pytest.mark.parametrize("write", FILES.values(), ids=FILES)
def test_every_form_is_read_to_the_penny(write):
    table = typed_table(read_rows(write(FORMS)), SPECS)
    assert table.problems == []
    assert dict(zip(FORMS, amounts(table), strict=True)) == FORMS


@pytest.mark.parametrize("write", FILES.values(), ids=FILES)
def test_what_is_no_amount_is_refused_where_it_stands(write):
    table = typed_table(read_rows(write(REFUSED)), SPECS)
    assert [problem.row for problem in table.problems] == list(range(2, len(REFUSED) + 2))
    assert {problem.column for problem in table.problems} == {"amount"}


@pytest.mark.parametrize(("unit", "scale"), [("£000", 1_000), ("£k", 1_000), ("£m", 1_000_000)])
def test_a_unit_in_the_heading_scales_every_plain_form(unit, scale):
    plain = {text: pence for text, pence in FORMS.items() if not set(text) & set("kKmM")}
    fitting = {t: p for t, p in plain.items() if p is None or abs(p * scale) <= 999_999_999_999}
    lines = "".join(f'C{n},"{text}"\n' for n, text in enumerate(fitting))
    table = typed_table(read_rows(f"code,amount ({unit})\n{lines}".encode()), SPECS)
    assert table.problems == []
    wanted = [None if pence is None else pence * scale for pence in fitting.values()]
    assert amounts(table) == wanted


@pytest.mark.parametrize("number", [0, 5, -5, 1234.5, 0.1 + 0.2, -19.99, 9999999999.99, 1e9])
def test_a_number_of_a_workbook_is_its_penny(number):
    book = openpyxl.Workbook()
    book.active.append(["code", "amount"])
    book.active.append(["A", number])
    out = io.BytesIO()
    book.save(out)
    table = typed_table(read_rows(out.getvalue()), SPECS)
    assert table.problems == []
    assert int(table.frame["amount"].iloc[0]) == round(number * 100)
