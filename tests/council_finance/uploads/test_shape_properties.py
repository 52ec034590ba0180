"""Random ledgers in every shape come back the same lines, each figure the sum of its cells."""

import csv
import io
import random
import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.money import parse_amount
from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.limits import column_number
from council_finance.uploads.origins import read_origins
from council_finance.uploads.reading import read_rows
from monitoring.ledger_files.upload_kinds.position import COLUMNS
from tests.quick_cases import quick_first

Lines = dict[tuple[str, str], int]
Rows = list[list[str]]
"""Pence by cost centre and account; the rows of a file as texts."""

ADD_UP = '[[steps]]\ndo = "add_up"\nby = ["cost_centre", "account"]\n'
PLAIN = '[columns]\nCentre = "cost_centre"\nNatural = "account"\nBudget = "current_budget"\n'


def a_ledger(chance: random.Random) -> Lines:
    centres = chance.sample(["00123", "C200", "P300", "0900", "X-1", "7"], chance.randint(1, 5))
    accounts = chance.sample(["4000", "0400", "9000", "AB", "5"], chance.randint(1, 4))
    pairs = [(centre, account) for centre in centres for account in accounts]
    chosen = chance.sample(pairs, chance.randint(1, len(pairs)))
    return {pair: chance.randint(-(10**11), 10**11) for pair in sorted(chosen)}


def printed(pence: int, chance: random.Random) -> str:
    """An amount in one of the ways that ledgers print it."""
    whole = f"{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
    ways = (f"-{whole}", f"({whole})", f"{whole}-") if pence < 0 else (whole, f"£{whole}")
    return chance.choice(ways)


def shares(pence: int, number: int, chance: random.Random) -> list[int]:
    """Random pence that add up to an amount."""
    parts = [chance.randint(-(10**8), 10**8) for _ in range(number - 1)]
    return [*parts, pence - sum(parts)]


def finer(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    rows = [
        [*codes, f"Project {place}", printed(part, chance)]
        for codes, pence in lines.items()
        for place, part in enumerate(shares(pence, chance.randint(1, 4), chance))
    ]
    chance.shuffle(rows)
    return [["Centre", "Natural", "Project", "Budget"], *rows], PLAIN + ADD_UP


def long_codes(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    step = (
        '[columns]\nBudget = "current_budget"\n[[steps]]\ndo = "take_parts"\ncolumn = "Key"\n'
        'separator = "."\ncount = 5\ninto = { account = 2, cost_centre = 4 }\n'
    )
    rows = [
        [f"{chance.randint(1, 999)}.{account}.0.{centre}.", printed(part, chance)]
        for (centre, account), pence in lines.items()
        for part in shares(pence, chance.randint(1, 3), chance)
    ]
    return [["Key", "Budget"], *rows], step + ADD_UP


def months(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    names = ["Apr", "May", "Jun", "Jul"][: chance.randint(2, 4)]
    step = (
        '[columns]\nCentre = "cost_centre"\nNatural = "account"\n[[steps]]\ndo = "add_columns"\n'
        f'columns = {names!r}\ninto = "current_budget"\n'
    ).replace("'", '"')
    rows = [
        [*codes, *(printed(part, chance) for part in shares(pence, len(names), chance))]
        for codes, pence in lines.items()
    ]
    return [["Centre", "Natural", *names], *rows], step


def printed_once(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    rows, last = [], ""
    for (centre, account), pence in lines.items():
        rows.append(["" if centre == last else centre, account, printed(pence, chance)])
        last = centre
    step = '[[steps]]\ndo = "fill_down"\ncolumns = ["Centre"]\n'
    return [["Centre", "Natural", "Budget"], *rows], PLAIN + step


def crosstab(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    centres = sorted({centre for centre, _ in lines})
    rows = []
    for account in sorted({account for _, account in lines}):
        cells = [lines.get((centre, account)) for centre in centres]
        total = [sum(cell for cell in cells if cell is not None)]
        rows.append(
            [account, *("" if cell is None else printed(cell, chance) for cell in cells + total)]
        )
    step = (
        '[columns]\nNatural = "account"\n[[steps]]\ndo = "turn_columns"\nafter = "Natural"\n'
        'headings_into = "cost_centre"\nfigures_into = "current_budget"\n'
    )
    return [["Natural", *centres, "Total"], *rows], step


def years_and_signs(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    rows = []
    for codes, pence in lines.items():
        kind = chance.choice(["Income", "Expense"])
        amount = -pence if kind == "Income" else pence
        rows.append(["2024/25", kind, *codes, printed(amount, chance)])
        if chance.random() < 0.5:
            rows.append(["2023/24", kind, *codes, printed(amount + 1, chance)])
    chance.shuffle(rows)
    steps = (
        '[[steps]]\ndo = "keep_rows"\ncolumn = "Year"\nvalues = ["2024/25"]\n'
        '[[steps]]\ndo = "reverse_sign"\ncolumn = "Type"\nvalues = ["income"]\n'
        'figures = ["Budget"]\n'
    )
    return [["Year", "Type", "Centre", "Natural", "Budget"], *rows], PLAIN + steps


def twice_and_short(lines: Lines, chance: random.Random) -> tuple[Rows, str]:
    rows = [
        [centre.lstrip("0") if centre == "00123" else centre, account, "1", printed(pence, chance)]
        for (centre, account), pence in lines.items()
        if centre not in ("7", "0900")
    ]
    layout = PLAIN.replace("Budget =", '"The second" =') + (
        '[[steps]]\ndo = "name_column"\ncolumn = "D"\nheading = "Budget"\nname = "The second"\n'
        '[[steps]]\ndo = "pad"\ncolumn = "Centre"\nlength = 5\n'
    )
    rows = rows or [["C200", "5", "1", "0"]]
    return [["Centre", "Natural", "Budget", "Budget"], *rows], layout


SHAPES = (finer, long_codes, months, printed_once, crosstab, years_and_signs, twice_and_short)


def content_of(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def at(rows: Rows, cell: str) -> str:
    letters, number = re.fullmatch(r"([A-Z]+)([0-9]+)", cell).groups()
    return rows[int(number) - 1][column_number(letters) - 1]


@pytest.mark.parametrize("shape", quick_first(SHAPES))
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_ledger_comes_back_from_every_shape(shape, seed):
    chance = random.Random(seed)
    lines = a_ledger(chance)
    rows, layout = shape(lines, chance)
    if shape is twice_and_short:
        lines = {key: pence for key, pence in lines.items() if key[0] not in ("7", "0900")}
        lines = lines or {("C200", "5"): 0}
    made = read_through(read_rows(content_of(rows)), read_layout(tomllib.loads(layout)), COLUMNS)
    assert [problem.sentence for problem in made.problems] == []
    frame = made.frame
    read = {(row.cost_centre, row.account): row.current_budget for row in frame.itertuples()}
    assert read == lines and len(frame) == len(lines)
    origins = read_origins(made.origins.to_bytes())
    for row in frame.itertuples():
        cells = [at(rows, cell) for cell in origins.cells_of(row.Index, "current_budget")]
        total = sum(parse_amount(cell) for cell in cells)
        if shape is years_and_signs and rows[origins.rows_of(row.Index)[0] - 1][1] == "Income":
            total = -total
        assert total == row.current_budget
        if shape is not printed_once:
            for own in ("cost_centre", "account"):
                texts = [at(rows, cell) for cell in origins.cells_of(row.Index, own)]
                assert texts and all(getattr(row, own).lstrip("0") in text for text in texts)
