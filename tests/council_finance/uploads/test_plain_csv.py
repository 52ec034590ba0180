"""CSV files without quotation marks are read as pandas reads them, and figures from their bytes."""

import itertools

import numpy as np
import pandas as pd
import pytest

from council_finance.uploads.amounts import column_of_pence
from council_finance.uploads.cells import READERS
from council_finance.uploads.columns import TEXT, ColumnSpec
from council_finance.uploads.csv_rows import read_csv
from council_finance.uploads.file_texts import FileTexts
from council_finance.uploads.plain_csv import read_plain_csv

CELLS = (
    *(
        "",
        "ADULT",
        "CC000017",
        "eight!!!",
        "sixteen bytes ok",
        "seventeen bytes!!",
        "café",
        "ééééé",
    ),
    *("  x ", "\t", "\u2028", "£", "-", "-0.07", "1234.5", "12", "(12.50)", "£1,234", "034", "1e5"),
    *("0.001", "12x", "1234567890.12", "99999999999.99"),
)


def table(rows: int, width: int) -> list[list[str]]:
    """Return rows in which every cell stands in every column beside different ones."""
    cells = itertools.cycle(CELLS)
    return [list(itertools.islice(cells, width)) for _ in range(rows)]


def as_text(rows: list[list[str]], line_end: str = "\n") -> str:
    return line_end.join(";".join(row) for row in rows)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_every_text_is_that_of_the_file(width, line_end):
    rows = table(len(CELLS), width) + table(len(CELLS), width)
    cells = read_plain_csv(as_text(rows, line_end), ";", width)
    assert cells.astype(object).to_numpy().tolist() == rows
    assert [list(cells.iloc[place]) for place in range(len(rows))] == rows
    for place in range(width):
        column = [row[place] for row in rows]
        assert list(cells[place]) == column
        assert cells[place][::-1].tolist() == column[::-1]
        assert (cells[place] == "").tolist() == [text == "" for text in column]
        assert (cells[place] == "12").tolist() == [text == "12" for text in column]


def test_a_text_of_many_rows_is_made_once():
    cells = read_plain_csv(as_text([["row", f"CC0000000{n % 3}"] for n in range(2000)]), ";", 2)
    texts = cells[1].to_numpy(dtype=object)
    assert len(set(map(id, texts))) == 3
    assert texts[1999] == "CC00000001"


@pytest.mark.parametrize(
    "text", ["a;b\nc", "a;b\n\nc;d", 'a;"b"', "a;b\rc;d", "a;b\nc;d;e\nf", "a\nb;c;d"]
)
def test_other_files_are_left_to_pandas(text):
    assert read_plain_csv(text, ";", 2) is None


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000])
def test_amounts_are_those_of_the_same_texts(scale):
    texts = np.array(CELLS * 2, dtype=object)
    cells = read_plain_csv(as_text([["x", text] for text in texts]), ";", 2)
    assert isinstance(cells[1].array, FileTexts)
    pence, faults = column_of_pence(cells[1].array, scale)
    expected, expected_faults = column_of_pence(texts, scale)
    assert pd.Series(pence).equals(pd.Series(expected))
    assert faults == expected_faults
    assert faults


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "texts",
    [CELLS, ("ADULT", "CHILD", "", "00123") * 4, ("a\xa0", "b"), ("\x1fa", "b"), ("a", "b ")],
)
def test_columns_of_every_kind_are_those_of_the_same_texts(kind, texts):
    spec = ColumnSpec("column", kind, choices=("ADULT", "CHILD"))
    column = read_plain_csv(as_text([["x", text] for text in texts]), ";", 2)[1].array
    values, faults = READERS[kind](spec, 1).column(column)
    expected, expected_faults = READERS[kind](spec, 1).column(np.array(texts, dtype=object))
    assert list(values) == list(expected)
    assert faults == expected_faults


def test_texts_that_end_beyond_ascii_are_not_read_one_by_one(monkeypatch):
    monkeypatch.delattr("council_finance.uploads.cells.TextReader.__call__")
    column = read_plain_csv("x;Café\nx;£5k fund\nx;Rent", ";", 2)[1].array
    values, faults = READERS[TEXT](ColumnSpec("column", TEXT), 1).column(column)
    assert (list(values), faults) == (["Café", "£5k fund", "Rent"], {})


def test_every_row_has_the_cells_of_the_table():
    cells, widths = read_csv(b"a,b\n1,2\n3,\n,\n")
    assert len(cells) == len(widths()) == 3
    assert set(widths()) == {2}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", ["a,b\n1,2\n", '"a",b\n1,2\n'])
def test_a_second_byte_order_mark_is_no_part_of_the_first_cell(text, encoding):
    cells, _ = read_csv(f"\N{ZERO WIDTH NO-BREAK SPACE}{text}".encode(encoding))
    assert cells.iloc[0].tolist() == ["a", "b"]


def test_nothing_is_filled_in():
    column = read_plain_csv("a;b\nc;d", ";", 2)[1].array
    assert column.take([1, 0]).tolist() == ["d", "b"]
    with pytest.raises(ValueError, match="cannot be filled in"):
        column.take([0, -1], allow_fill=True)
