"""Which separator a CSV file has, and rows with more cells than there are headings."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec, normalised
from council_finance.uploads.csv_rows import read_csv
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table

POSITION = (
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("account", CODE),
    ColumnSpec("current_budget", AMOUNT, required=True),
    ColumnSpec("forecast", AMOUNT),
)
COMMENTARY = (ColumnSpec("service_code", CODE, required=True), ColumnSpec("text", required=True))
HEADINGS = "cost_centre,account,current_budget,forecast"


def table(text, specs=POSITION, known=True):
    headings = {normalised(spec.name) for spec in specs} if known else frozenset()
    return typed_table(read_rows(text.encode(), headings=headings), specs)


def refusals(text, specs=POSITION):
    with pytest.raises(FileRefused) as caught:
        table(text, specs)
    return [problem.sentence for problem in caught.value.problems]


@pytest.mark.parametrize(("quote", "known"), [('"{}"', True), ("{}", True), ('"{}"', False)])
@pytest.mark.parametrize("title", ["", "Commentary; month 3; for the board\n", "Month 3\n\n"])
@pytest.mark.parametrize(
    ("separator", "prose"),
    [
        (",", ["Pressures: care; transport; staff; all rising", "None; nothing", "a; b; c"]),
        (",", ["one; two; three; four"]),
        (",", ["a;b;c;d;e"] * 3),
        (";", ["Pressures, as before, of care, transport, staff", "None, nothing"]),
        ("\t", ["Care, transport; staff, and more; again, again", "None; nothing, here"]),
    ],
)
def test_prose_may_hold_any_separator(separator, prose, title, quote, known):
    lines = [f"S{number}{separator}{quote.format(text)}" for number, text in enumerate(prose)]
    made = table(f"{title}service_code{separator}text\n" + "\n".join(lines), COMMENTARY, known)
    assert list(made.frame["text"]) == prose


def test_headings_in_quotation_marks_may_hold_a_separator():
    rows = "\n".join(f'N{number};"1,5";"a, b, c"' for number in range(3))
    made = read_rows(f'"Cost; centre";"Budget, net";"Notes, if any"\n{rows}\n'.encode())
    assert made.cells.iloc[0].tolist() == ["Cost; centre", "Budget, net", "Notes, if any"]
    assert made.cells.iloc[1].tolist() == ["N0", "1,5", "a, b, c"]


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("N1,A,1,234,\nN2,A,500,500\n", [2]),
        ("N2,A,500,500\nN1,A,1,234,\n", [3]),
        ("N2,A,500,500\nN1,A,1,234,", [3]),
        ("N1,A,1,234,\nN2,A,2,345,\n", [2, 3]),
        ("N1,A,1,234,\n", [2]),
        ("N1,A,-1,234.50,\nN2,A,(2,345),\nN3,A,£3,456,\n", [2, 3, 4]),
        ("N1,A,5,6,,\nN2,A,5,6,\n", [2, 3]),
        ("N1,A,5,6\nN2,A,1,234, \n", [3]),
        ("N1,A,5,6\nTotal,,5,6,,,\n", [3]),
    ],
)
def test_more_cells_than_headings_are_a_refusal(body, rows):
    told = "more cells than headings; put 1,234 in quotation marks"
    assert refusals(f"{HEADINGS}\n{body}") == [f"Row {row}: {told}" for row in rows]


def test_rows_are_counted_as_they_stand_in_the_file():
    text = f'Ledger,as at,30 June\n\n{HEADINGS}\nN1,"A\nB",5,6\nN2,A,1,234,\n'
    assert refusals(text) == ["Row 5: more cells than headings; put 1,234 in quotation marks"]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADINGS},,\nN1,A,5,6,,\nN2,A,7,8,,\n",
        f"{HEADINGS}\nN1,A,5,6,,\nN2,A,7,8,,\n",
        f"{HEADINGS}\nN1,A,5,6,\nN2,A,7,8,",
        f"{HEADINGS}\nN1,A,5,6,\n\n,,,,,,,\nN2,A,7,8,\n",
        f"Title,,,,\n{HEADINGS},\nN1,A,5,6,\nN2,A,7,8,\n",
        f'{HEADINGS}\nN1,A,"5",6,\nN2,A,7,"8",\n',
        f"{HEADINGS},,,\nN1,A,5,6\nN2,A,7,8\n",
    ],
)
def test_separators_at_the_end_of_every_row_are_read(text):
    assert list(table(text).frame["forecast"]) == [600, 800]


def test_every_other_separator_has_the_same_rule():
    text = HEADINGS.replace(",", ";")
    assert refusals(f"{text}\nN1;A;5;6;\nN2;A;7;8\n") == [
        "Row 2: more cells than headings; put 1,234 in quotation marks"
    ]


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("a,b,c\n1\n\n1,2\n,,3\n", [3, 1, 0, 2, 3]),
        ("a,b,c\r\n1\r\n\r\n1,2\r\n£,é,3", [3, 1, 0, 2, 3]),
        ("a,b,c\r1\r\r1,2\r,,3\r", [3, 1, 0, 2, 3]),
        ('a,b,c\n"1,5"\n\n1,"2\n"\n,,3\n', [3, 1, 0, 2, 3]),
        ("a,b\n1,2\n,,,,\n \n", [2, 2]),
        ("a,b\n1,2,\n" + ",\n" * 5_000, [2, 3]),
    ],
)
def test_the_cells_of_each_row_are_counted(text, widths):
    counted = read_csv(text.encode())[1]()
    assert counted.tolist() == widths


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["1", "é", " ", "x y"]), max_size=4), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_cells_are_counted_as_the_csv_module_counts_them(rows, separator, newline):
    lines = ["Code", "Code;a,b\tc|d".replace(separator, "-") + separator + "e" + separator + "f"]
    lines += [separator.join(row) for row in rows] + [separator.join("1234"), "end"]
    text = newline.join(lines)
    expected = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    cells, widths = read_csv(text.encode(), frozenset({"e", "f"}))
    assert widths().tolist() == [len(row) for row in expected]
    assert len(cells) == len(lines)
