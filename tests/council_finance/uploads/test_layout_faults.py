"""A wrong layout says all that is wrong with it."""

import pytest

from council_finance.uploads.layouts import LayoutError, apply_layout, read_layout
from council_finance.uploads.reading import read_rows
from monitoring.ledger_files.upload_kinds.position import COLUMNS
from tests.council_finance.uploads.test_layouts import DEBITS, PLAIN, layout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colums = 1", "“colums” is not a key of a layout; use one of: sheet, header_rows,"),
        ("", "The layout names no heading of the file; give [columns]."),
        ("sheet = 1", "sheet must be a text in quotation marks."),
        ('sheet = ""', "sheet must be a text in quotation marks."),
        ("header_rows = 0", "header_rows must be a whole number from 1 to 5."),
        ("header_rows = true", "header_rows must be a whole number from 1 to 5."),
        ("columns = 1", "[columns] must be a table of keys and values."),
        ('[columns]\nA = "No Name"', "[columns] “A”: “No Name” is not a column's name"),
        ('[columns]\n"--" = "account"', "[columns]: “--” is not a heading."),
        (
            '[columns]\nA = "account"\nB = "account"',
            "The column account is filled more than once.",
        ),
        ('[columns]\nA = "account"\n"a:" = "cost_centre"', "The heading “A” stands in the layout"),
        ("[fixed]\nservice_code = 1", "[fixed] service_code must be a text in quotation marks."),
        (
            '[split.A]\ninto = ["account"]\nseparator = "-"',
            "into must be a list of two columns",
        ),
        ('[split.A]\ninto = ["account", "cost_centre"]', "takes either separator or lengths."),
        (
            '[split.A]\ninto = ["a", "b"]\nseparator = ""',
            "separator must be a text in quotation marks.",
        ),
        (
            '[split.A]\ninto = ["a", "b"]\nlengths = [4]',
            "lengths must be as many whole numbers as into",
        ),
        (
            "[split.A]\nat = 1",
            "“at” is not a key of [split.“A”]; use one of: into,",
        ),
        ("[split]\nA = 1", "[A] must be a table of keys and values."),
        ('[debit_credit.forecast]\ndebit = "D"', "[debit_credit.forecast] credit"),
        ('[suffix]\ncolumns = "forecast"', "[suffix] columns must be a list of texts."),
        (
            PLAIN + '[suffix]\ncolumns = ["forecast"]',
            "[suffix] names forecast, which the layout does",
        ),
        (PLAIN + '[sign]\nreverse = ["forecast"]', "[sign] reverse names forecast, which the"),
        (PLAIN + '[sign]\nincome_positive_accounts = ["("]', "“(” is not a regular expression"),
        (
            PLAIN + '[sign]\nreverse = ["current_budget"]\nincome_positive_accounts = ["9"]',
            "[sign] takes reverse or income_positive_accounts, not both.",
        ),
        (
            '[columns]\nA = "forecast"\n[sign]\nincome_positive_accounts = ["9"]',
            "[sign] income_positive_accounts needs the column account.",
        ),
        (
            PLAIN + '[units]\ncurrent_budget = "£000"',
            "[units] current_budget must be “pounds”, “k”, “m”",
        ),
        (PLAIN + '[units]\nforecast = "k"', "[units] names forecast, which the layout does not"),
        ('[skip]\nblank_codes = "yes"', "[skip] blank_codes must be true or false."),
        ("[skip]\nstarts_with = [1]", "[skip] starts_with must be a list of texts."),
        (
            DEBITS + '[suffix]\ncolumns = ["actual_to_date"]',
            "actual_to_date has debit and credit columns; it cannot have a suffix too.",
        ),
    ],
)
def test_a_wrong_layout_says_what_is_wrong(text, sentence):
    with pytest.raises(LayoutError) as caught:
        layout(text)
    assert any(sentence in each for each in caught.value.sentences), caught.value.sentences


def test_all_faults_of_a_layout_are_told_at_once():
    with pytest.raises(LayoutError) as caught:
        layout("sheet = 1\nheader_rows = 9\ncolor = 1")
    assert len(caught.value.sentences) == 3
    with pytest.raises(LayoutError):
        read_layout(["columns"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PLAIN + 'Text = "colour"', "This kind of file has no column colour."),
        (
            PLAIN + 'Text = "description"\n[units]\ndescription = "k"',
            "description is no column of amounts.",
        ),
    ],
)
def test_a_layout_makes_only_columns_that_the_kind_of_file_has(text, sentence):
    raw = read_rows(b"Cost Centre,Subjective,Net Budget 19/20,Text\nN1,A,5,x\n")
    with pytest.raises(LayoutError, match=sentence):
        apply_layout(raw, layout(text), COLUMNS)
