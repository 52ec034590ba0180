"""Total rows of every shape: compared with the rows they sum, never stored, no line lost."""

import io
from dataclasses import dataclass, field

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table
from tests import cases

SPECS = (
    ColumnSpec("service_code", CODE),
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("account", CODE, required=True),
    ColumnSpec("description", TEXT),
    ColumnSpec("current_budget", AMOUNT, required=True),
    ColumnSpec("forecast", AMOUNT),
)
HEADER = "service_code,cost_centre,account,description,current_budget,forecast"


def read(*rows, header=HEADER):
    return typed_table(read_rows("\n".join([header, *rows]).encode()), SPECS)


def stored(table):
    return [(row.cost_centre, row.current_budget) for row in table.frame.itertuples()]


LINES = ("A,N1,1,,100,110", "A,N2,1,,20,21", "B,N3,1,,3,4")


@pytest.mark.parametrize(
    "total",
    [
        ",,,Total,123,135",
        "Total,,,,123,135",
        ",Grand Total,,,123,135",
        ",,GRAND TOTAL:,,123,135",
        ",,,Net total,123,",
        "Total,Total,Total,,123,135",
        "A,Total,,,123,135",
        "B,,,Sub-total,3,4",
        ",,,Subtotal B,3,4",
        ",N3 Total,,,3,4",
        ",N3,,N3 Total,3,4",
        ",N1 Total,,,100,110",
        "A,,,Total A,120,131",
        ",,,Total A,120,131",
        ",,,Report totals,,",
    ],
)
def test_a_total_that_agrees_is_no_line(total):
    table = read(*LINES, total)
    assert (table.problems, table.warnings) == ([], [])
    assert stored(table) == [("N1", 10_000), ("N2", 2_000), ("N3", 300)]


@pytest.mark.parametrize(
    "rows",
    [
        (",,,Total,123,135", *LINES),
        (",,,Total A,120,131", *LINES[:2], ",,,Total B,3,4", LINES[2]),
        (",,,Total,123,135", ",,,Total A,120,131", *LINES[:2], ",,,Total B,3,4", LINES[2]),
        (*LINES, ",,,Total A,120,131", ",,,Total B,3,4", ",,,Grand total,123,135"),
        (*LINES[:2], ",,,Sub-total,120,131", LINES[2], ",,,Sub-total,3,4", ",,,Total,123,135"),
        (*LINES[:2], ",,,,,", *LINES[2:], ",,,Total of the second block,3,4"),
        (*LINES[:2], ",,,Total A,120,131", ",,,Total C,0,0", LINES[2], ",,,Total,123,135"),
        (*LINES[:2], "A,,,Total,120,131", LINES[2], "B,,,Total,3,4", ",,,Net total,123,135"),
        (
            *LINES,
            ",,,Total A,120,131",
            ",,,Total B,3,4",
            ",,,Total for A:,120,131",
            ",,,Total,123,",
        ),
    ],
)
def test_totals_stand_anywhere(rows):
    table = read(*rows)
    assert table.problems == []
    assert stored(table) == [("N1", 10_000), ("N2", 2_000), ("N3", 300)]


def test_a_total_that_does_not_agree_says_what_was_summed():
    rows = (*LINES[:2], ",,,Subtotal,120,131", LINES[2], ",,,Total Place,24,25")
    assert [problem.sentence for problem in read(*rows).problems] == [
        "Row 6, column current_budget: “24.00”: this total is not the sum of the rows above it "
        "(rows 2 to 5: 123.00; since the total before it, row 5: 3.00)"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "B,N4,1,Total Facilities Management,50,55",
        "B,N4,1,Total Facilities Management,123,1",
        "B,N4,1,Totally new,123,135",
        "B,Total Facilities,4000,,50,55",
        "B,TOTAL1,4000,,123,135",
        "B,N4,Totals4,,123,135",
    ],
)
def test_a_line_that_is_called_total_is_not_lost(line):
    table = read(*LINES, line, ",,,Total,,")
    assert table.problems == []
    assert len(table.frame) == 4


@pytest.mark.parametrize(
    "row, line",
    [(",N9,Total,,123,135", "N9/Total"), ("X,999,999,Grand total,123,135", "999/999")],
)
def test_a_total_with_codes_is_known_by_its_figures(row, line):
    table = read(*LINES, row)
    assert len(table.frame) == 3
    assert [warning.sentence for warning in table.warnings] == [
        "Row 5: this row has codes, but it says total and its figures are the sum of "
        f"other rows: it was taken for a total and is not stored (line {line})"
    ]


@pytest.mark.parametrize("row", [",N9,Total,,124,135", "X,999,999,Grand total,123,136"])
def test_a_total_with_codes_that_does_not_agree_is_refused(row):
    [problem] = read(*LINES, row).problems
    assert problem.row == 5
    assert "It has the codes of a line" in problem.message


def test_a_blank_code_is_still_a_fault():
    assert "the cell is blank" in read(*LINES, "B,N4,,Facilities,5,5").problems[0].message


# Rounded units


@pytest.mark.parametrize(
    ("unit", "lines", "total", "agrees"),
    [
        ("£000", (100, 200), 301, True),
        ("£000", (100, 200), 299, True),
        ("£000", (100, 200), 302, False),
        ("£000", (100, 200, 300), 602, False),
        ("£000", (100, 200, 300, 400), 1002, True),
        ("£000", (100.5, 200), 300.6, True),
        ("£000", (100.5, 200), 300.7, False),
        ("£m", (1.4, 2.3), 3.8, True),
        ("£m", (1.4, 2.3), 3.9, False),
        ("£m", (1.4, 2.3), 4, True),
        ("£m", (1.412, 2.304), 3.717, True),
        ("£m", (1.412, 2.304), 3.718, False),
    ],
)
def test_a_rounded_total_agrees_within_half_a_unit_a_line(unit, lines, total, agrees):
    header = f"cost_centre,account,description,current_budget {unit}"
    rows = [f"N{number},1,,{amount}" for number, amount in enumerate(lines)]
    table = read(*rows, f",,Total,{total}", header=header)
    assert table.problems == []
    assert len(table.frame) == len(lines)
    assert [warning.row for warning in table.warnings] == ([] if agrees else [len(lines) + 2])
    if not agrees:
        assert "by more than the rounding of its figures" in table.warnings[0].message


def test_a_total_in_pounds_agrees_to_the_penny():
    assert read(*LINES, ",,,Total,123.01,135").problems
    assert not read(*LINES, ",,,Total,123.00,135").problems


# Layouts


def through(text, layout):
    return read_through(read_rows(text.encode()), read_layout(layout), SPECS)


def test_totals_are_known_through_a_layout():
    layout = {
        "columns": {"CC": "cost_centre", "Sum": "current_budget", "Acc": "account"},
        "fixed": {"service_code": "A"},
    }
    text = "CC,Acc,Name,Sum\nN1,1,x,5\nN2,1,y,7\nGrand Total,,,12\n"
    assert stored(through(text, layout)) == [("N1", 500), ("N2", 700)]
    text = "CC,Acc,Name,Sum\nN1,1,x,5\nN1,,Total N1,5\nN2,1,y,7\nN2,,Total N2,7\n,,Total,12\n"
    table = through(text, layout)
    assert (stored(table), table.problems) == ([("N1", 500), ("N2", 700)], [])
    layout = {
        "columns": {"CC": "cost_centre", "Sum": "current_budget"},
        "fixed": {"account": "NET"},
    }
    text = "CC,Sum\nN1,5\nN2,7\nTotal,12\n"
    assert stored(through(text, layout)) == [("N1", 500), ("N2", 700)]
    assert through("CC,Sum\nN1,5\nN2,7\nTotal,13\n", layout).problems


# Random trees


@dataclass
class Node:
    name: str
    lines: list[tuple[int, int]] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    def sums(self):
        parts = [*self.lines, *(child.sums() for child in self.children)]
        return sum(a for a, _ in parts), sum(b for _, b in parts)


PENCE = st.integers(-(10**9), 10**9)


def trees(depth):
    lines = st.lists(st.tuples(PENCE, PENCE), min_size=1, max_size=4)
    leaf = st.builds(Node, st.just(""), lines)
    if depth == 0:
        return leaf
    inner = st.builds(
        Node, st.just(""), st.just([]), st.lists(trees(depth - 1), min_size=1, max_size=3)
    )
    return st.one_of(leaf, inner)


def pounds(pence):
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


class Writer:
    """Writes a tree as rows: each node's total before or after its rows, in one of the columns."""

    def __init__(self, place, before, words, blank_rows):
        self.place, self.before, self.words, self.blank_rows = place, before, words, blank_rows
        self.rows, self.lines, self.number = [], [], 0

    def write(self, node, path=("1",)):
        name = ".".join(path)
        if self.before:
            self.total(node, name)
        for amounts in node.lines:
            self.number += 1
            self.lines.append((f"N{self.number:04d}", *amounts))
            texts = [f"S{name}", f"N{self.number:04d}", "4000", "care"]
            self.rows.append([*texts, *map(pounds, amounts)])
        for number, child in enumerate(node.children, start=1):
            self.write(child, (*path, str(number)))
        if not self.before:
            self.total(node, name)
        if self.blank_rows:
            self.rows.append([""] * 6)

    def total(self, node, name):
        cells = ["", "", "", ""]
        cells[self.place] = self.words.format(name)
        self.rows.append([*cells, *map(pounds, node.sums())])


def as_csv(rows):
    return "\n".join([HEADER, *(",".join(row) for row in rows)]).encode()


def as_xlsx(rows):
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    for row in rows:
        book.active.append([*row[:4], *(float(cell) if cell else None for cell in row[4:])])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


written = st.builds(
    Writer,
    place=st.sampled_from([0, 1, 2, 3]),
    before=st.booleans(),
    words=st.sampled_from(["Total {}", "{} Total", "Sub-total", "SUBTOTAL {}", "Grand total"]),
    blank_rows=st.booleans(),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tree=trees(4), writer=written, data=st.data())
def test_a_tree_of_totals_comes_back_as_its_lines(tree, writer, data):
    writer.write(tree)
    content = data.draw(st.sampled_from([as_csv, as_xlsx]))(writer.rows)
    table = typed_table(read_rows(content), SPECS)
    assert table.problems == []
    frame = table.frame
    assert list(zip(frame.cost_centre, frame.current_budget, frame.forecast, strict=True)) == (
        writer.lines
    )
    assert (frame.current_budget.sum(), frame.forecast.sum()) == tree.sums()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(tree=trees(3), writer=written, off=st.integers(1, 10**6), data=st.data())
def test_a_total_that_is_wrong_stops_the_file(tree, writer, off, data):
    writer.write(tree)
    totals = [n for n, row in enumerate(writer.rows) if row[2] != "4000" and any(row)]
    wrong = data.draw(st.sampled_from(totals))
    writer.rows[wrong][4] = pounds(3 * 10**11 + off)  # more than all lines together
    table = typed_table(read_rows(as_csv(writer.rows)), SPECS)
    assert wrong + 2 in [problem.row for problem in table.problems]


# The case files


@pytest.fixture
def council(db):
    return cases.council()


@pytest.mark.parametrize("name", ["16", "23"])
def test_case_files_with_totals_are_stored(council, name):
    cases.bring(council, name)
    assert {code: row.current_budget_pence for code, row in cases.lines(council).items()} == {
        "00123/4000": 100_000_000,
        "00123/9000": -20_000_000,
        "C200/4000": 50_000_000,
        "P300/4000": 30_000_000,
        "P300/9000": -10_000_000,
    }


def test_an_export_whose_last_row_says_total_in_the_account_column(council):
    text = cases.path("23").read_text(encoding="utf-8").replace(",Grand Total,,", ",X,Total,")
    upload = cases.bring(council, text.encode())
    assert len(cases.lines(council)) == 5
    assert "taken for a total and is not stored" in cases.warnings(upload)
    told = cases.refusal(council, text.replace("1500000.00", "73500000.00").encode())
    assert "this total is not the sum of the rows above it (rows 2 to 6: 1500000.00)" in told
