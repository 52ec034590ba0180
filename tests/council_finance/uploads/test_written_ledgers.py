"""Ledgers written by other programs come back to the penny and the digit of a code."""

import random

import pytest

from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table
from tests.quick_cases import quick_first
from tests.written_ledgers import (
    AS_NUMBER,
    AS_SHOWN,
    AS_TEXT,
    SPECS,
    WRITERS,
    converted,
    expected,
    ledger,
    sheets_by_xlsxwriter,
)

SHAPES = (AS_TEXT, AS_NUMBER, AS_SHOWN)


def read(content: bytes, sheet: str = "") -> list[tuple[str, str, int]]:
    """The lines of a file, in which nothing may be wrong."""
    table = typed_table(read_rows(content, sheet), SPECS)
    assert table.problems == []
    rows = table.frame[[spec.name for spec in SPECS]]
    return list(rows.itertuples(index=False, name=None))


@pytest.mark.parametrize("shape", quick_first(SHAPES))
@pytest.mark.parametrize("program", WRITERS)
def test_random_ledgers_come_back(program, shape):
    # pandas writes no formats to ODS: a number is shown without noughts before it.
    is_bare = shape == AS_SHOWN and program == "pandas (odfpy)"
    for seed in range(4):
        lines = ledger(random.Random(f"{program} {shape} {seed}"))
        wanted = expected(lines, AS_NUMBER if is_bare else shape)
        assert read(WRITERS[program](lines, shape)) == wanted, seed


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("program", ["LibreOffice", "Gnumeric"])
def test_random_ledgers_come_back_from_another_program(tmp_path, program, ending):
    """Thirty ledgers, ten of each shape, in one start of the program for each shape."""
    for shape in SHAPES:
        ledgers = [ledger(random.Random(f"{program} {shape} {seed}")) for seed in range(10)]
        folder = tmp_path / shape
        folder.mkdir()
        content = converted(folder, sheets_by_xlsxwriter(ledgers, shape), program, ending)
        for number, lines in enumerate(ledgers):
            assert read(content, f"L{number}") == expected(lines, shape), (shape, number)
