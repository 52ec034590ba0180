"""What is left out of a file is told: notes, skipped rows; units and totals that nothing names."""

import pytest

from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.problems import HeadingsRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table
from monitoring.ledger_files.upload_kinds.position import COLUMNS

HEADINGS = "service_code,cost_centre,account,description,current_budget,forecast"
LINES = ("ADULT,N1,4000,Care,100,110", "ADULT,N1,9000,Fees,-20,-21", "CHILD,N2,4000,Homes,30,40")
FIGURES = [("N1", 10_000), ("N1", -2_000), ("N2", 3_000)]
OWN = {"CC": "cost_centre", "Code": "account", "Budget": "current_budget", "Out": "forecast"}

NO_LINE = "it has no figures, and not the codes of a line"


def read(*rows):
    return typed_table(read_rows("\n".join([HEADINGS, *rows]).encode()), COLUMNS)


def through(layout, *rows, headings="CC,Code,Budget,Out"):
    raw = read_rows("\n".join([headings, *rows]).encode())
    return read_through(raw, read_layout({"columns": OWN} | layout), COLUMNS, 3)


def figures(made):
    assert [problem.sentence for problem in made.problems] == []
    return list(zip(made.frame["cost_centre"], made.frame["current_budget"], strict=True))


def told(made):
    return [warning.sentence for warning in made.warnings]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("Report ends,,,,,", "Report ends"),
        ("*** End of report ***", "*** End of report ***"),
        (",,,Note: excludes schools,,", "Note: excludes schools"),
        ("CHILD,,,Children's Services,,", "CHILD"),
        ("CHILD,N2,,,,", "CHILD"),
        ("30/06/2024,,,,,", "30/06/2024"),
        (f"Note: {'excludes schools ' * 6},,,,,", f"Note: {'excludes schools ' * 6}"[:60]),
        ('"Printed on 30/06/2024 at 10:15, page 1",,,,,', "Printed on 30/06/2024 at 10:15, page 1"),
    ],
)
@pytest.mark.parametrize("place", [0, 2, 3])
def test_notes_and_headings_between_rows_are_left_out_and_told(row, text, place):
    made = read(*LINES[:place], row, *LINES[place:])
    assert figures(made) == FIGURES
    words = (
        f"Row {place + 2} was left out: it has no figures, and not the codes of a line (“{text}”)."
    )
    assert words in told(made)


def test_many_notes_are_counted():
    made = read(*LINES, *[f"Note {number}" for number in range(1, 9)])
    assert told(made)[4:] == [
        f"Row 9 was left out: {NO_LINE} (“Note 5”).",
        "3 more rows were left out: without figures and the codes of a line.",
    ]


@pytest.mark.parametrize("row", [",,,Other,5,", "ADULT,N1,,Care,,", "X,,,,,?"])
def test_a_row_with_a_figure_or_a_code_is_no_note(row):
    made = read(*LINES, row)
    assert {problem.row for problem in made.problems} == {5}


@pytest.mark.parametrize("note", ["All figures in £000", ",,,Figures are in £ millions,,", "£'000"])
def test_a_unit_in_a_note_under_the_table_is_asked_about(note):
    with pytest.raises(HeadingsRefused) as caught:
        read(*LINES, note)
    assert "It is not certain in which unit" in caught.value.problems[0].message


@pytest.mark.parametrize("skip", [{}, {"blank_codes": True}, {"starts_with": ["All"]}])
def test_a_layout_says_the_unit_or_it_is_asked_about(skip):
    rows = ("N1,4000,1,2", "All figures in £000,,,")
    with pytest.raises(HeadingsRefused):
        through({"skip": skip}, *rows)
    said = through({"skip": skip, "units": {"current_budget": "k", "forecast": "k"}}, *rows)
    assert figures(said) == [("N1", 100_000)]


def test_a_total_without_figures_is_no_line():
    assert figures(read(*LINES[:2], "ADULT,N1,Total,,,", LINES[2])) == FIGURES


@pytest.mark.parametrize(
    ("skip", "row", "words"),
    [
        ({"blank_codes": True}, ",,5,6", "as the layout skips rows without codes."),
        ({"starts_with": ["Rep"]}, "Report,,5,6", "as the layout skips rows that begin so."),
    ],
)
def test_skipped_rows_with_figures_are_told(skip, row, words):
    made = through({"skip": skip}, "N1,4000,1,2", row, "N2,4000,3,4", row)
    assert figures(made) == [("N1", 100), ("N2", 300)]
    assert told(made) == [f"Rows 3, 5 have figures and were left out, {words}"]
    none = through({"skip": skip}, "N1,4000,1,2", row.replace("5,6", ","))
    assert [sentence for sentence in told(none) if "figures and were" in sentence] == []


@pytest.mark.parametrize(
    ("row", "rows"),
    [
        ("ADULT,N1,TOT,All,80,89", "rows 2 to 3"),
        ("ADULT,N9,ALL,,80,89", "rows 2 to 3"),
    ],
)
def test_a_line_that_may_be_a_total_is_told(row, rows):
    made = read(*LINES[:2], row, LINES[2])
    words = f"the figures of this row are the sum of those of {rows}. Is it a total?"
    assert [sentence for sentence in told(made) if words in sentence and "Row 4" in sentence]


@pytest.mark.parametrize(
    "row", ["ADULT,N1,TOT,All,80,90", "ADULT,N1,TOT,,80,80", "ADULT,N1,T,,80,"]
)
def test_a_line_that_is_no_sum_is_not_told(row):
    assert [text for text in told(read(*LINES[:2], row)) if "sum" in text] == []


def test_a_row_of_the_same_codes_that_is_their_sum_is_told_before_it_is_added_up():
    step = {"do": "add_up", "by": ["cost_centre", "account"]}
    made = through({"steps": [step]}, "N1,4000,1,2", "N1,4000,3,5", "N1,4000,4,7")
    assert [text for text in told(made) if text.startswith("Row 4: the figures of this row are")]


def test_credits_printed_below_nil_are_told():
    rule = {"columns": {"CC": "cost_centre", "Code": "account"}}
    rule |= {"debit_credit": {"current_budget": {"debit": "Dr", "credit": "Cr"}}}
    rows = ("N1,4000,5,", "N1,9000,,(2)", "N2,9000,,-3")
    made = through(rule, *rows, headings="CC,Code,Dr,Cr")
    assert told(made)[0].startswith("“Cr”: 2 of 2 credits stood below nil in the file")
    right = through(rule, "N1,4000,5,", "N1,9000,,2", "N2,9000,,3", headings="CC,Code,Dr,Cr")
    assert (figures(right)[1:], told(right)) == ([("N1", -200), ("N2", -300)], [])


REVERSED = "stood below nil in the file and would now be above it"


def test_income_that_is_negative_already_is_told():
    sign = {"sign": {"income_positive_accounts": ["^9"]}}
    made = through(sign, "N1,4000,5,6", "N1,9000,-2,-3", "N2,9000,-2,1")
    assert told(made) == [
        f"“Budget”, “Out”: of 4 figures whose sign the layout reverses, 3 {REVERSED}. Does the "
        "file print income as negative already?"
    ]
    assert told(through(sign, "N1,4000,5,6", "N1,9000,2,3", "N2,9000,2,-1")) == []


def test_a_step_that_reverses_signs_tells_what_it_found():
    step = {"do": "reverse_sign", "column": "Code", "values": ["Income"], "figures": ["Budget"]}
    none = through({"steps": [step]}, "N1,INC,5,6", "N2,Exp,5,6")
    assert told(none) == [
        "No sign was reversed: no row says “Income” in the column “Code”. There it says “Exp”, "
        "“INC”."
    ]
    below = through({"steps": [step]}, "N1,Income,-5,6")
    assert told(below)[0].startswith(
        f"“Budget”: of 1 figure whose sign the layout reverses, 1 {REVERSED}"
    )


TURN = {"do": "turn_columns", "after": "Code", "headings_into": "cost_centre"}
TURN |= {"figures_into": "current_budget"}


def crosstab(headings, *rows, **layout):
    raw = read_rows("\n".join([headings, *rows]).encode())
    data = {"columns": {"Code": "account"}, "steps": [TURN]} | layout
    return read_through(raw, read_layout(data), COLUMNS, 3)


def test_a_crosstabs_headings_with_a_unit_are_codes_without_it():
    heads = "Code,N1 £000,N2 (£000),Total £000"
    with pytest.raises(Exception, match="says £000, and the figures are read in £"):
        crosstab(heads, "4000,1,2,3")
    made = crosstab(heads, "4000,1,2,3", units={"current_budget": "k"})
    assert figures(made) == [("N1", 100_000), ("N2", 200_000)]
    assert figures(crosstab("Code,K,000", "4000,1,2")) == [("K", 100), ("000", 200)]


def test_a_crosstabs_last_column_that_is_the_sum_is_told():
    words = "The column “Net” is the sum of the other columns that are turned into rows."
    assert words in told(crosstab("Code,N1,N2,Net", "4000,1,2,3", "9000,-1,,-1"))[0]
    assert told(crosstab("Code,N1,N2,N3", "4000,1,2,3", "9000,-1,,1")) == []
    assert told(crosstab("Code,N1,N2", "4000,2,2", "9000,1,1")) == []


def test_notes_under_labels_that_are_filled_down():
    fill = {"steps": [{"do": "fill_down", "columns": ["CC"]}]}
    made = through(fill, "N1,4000,1,2", ",9000,3,4", "Report ends,,,")
    assert figures(made) == [("N1", 100), ("N1", 300)]
    assert told(made) == [f"Row 4 was left out: {NO_LINE} (“Report ends”)."]


@pytest.mark.parametrize(
    "top",
    [
        ("Page 2",),
        ("", "County council,,,,,Page 2", "Month 3"),
        ("County council,,,,,Page 11 ", "", " month 3"),
    ],
)
@pytest.mark.parametrize("again", [HEADINGS, HEADINGS.upper() + " "])
def test_a_printed_pages_titles_and_headings_are_left_out(top, again):
    first = ("Page 1", "County council,,,,,Page 1", "Month 3")
    raw = "\n".join([*first, HEADINGS, *LINES[:2], *top, again, LINES[2]])
    made = typed_table(read_rows(raw.encode()), COLUMNS)
    assert (figures(made), told(made)) == (FIGURES, [])


def test_a_line_over_repeated_headings_is_no_title():
    rows = ("Month 3", HEADINGS, *LINES[:2], "Month 3", LINES[2], HEADINGS, "ADULT,N3,1,,5,6")
    made = typed_table(read_rows("\n".join(rows).encode()), COLUMNS)
    assert figures(made) == [*FIGURES, ("N3", 500)]


def test_a_figure_that_says_it_is_text():
    made = read('ADULT,N1,4000,Care,"=""1,234.50""",="-2"')
    assert list(made.frame["current_budget"]) == [123_450]
    assert list(made.frame["forecast"]) == [-200]
