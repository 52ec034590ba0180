"""A column at once and cell by cell: the same pence, or the same fault."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.money import NotAnAmount, parse_amount
from council_finance.uploads.amounts import column_of_pence
from council_finance.uploads.plain_amounts import read_plain_amounts
from tests.quick_cases import quick_first

ALPHABETS = {
    "plain": "0123456789.-",
    "printed": "0123456789.,-+()£ ",
    "accounting": "£ \xa0\u202f(1,.5)-\N{MINUS SIGN}",
    "with units": "0123456789.,-£kKmM",
    "anything": "019.,-+()£kmx \t\n\N{EN DASH}\N{MINUS SIGN}",
}


def one_by_one(cells, scale: int) -> tuple[list, dict]:
    values, faults = [], {}
    for place, cell in enumerate(cells):
        try:
            values.append(parse_amount(cell, scale))
        except NotAnAmount as fault:
            values.append(None)
            faults[place] = str(fault)
    return values, faults


def compare(cells: list, scale: int) -> None:
    array = np.array([*cells, None], dtype=object)[:-1]
    column, faults = column_of_pence(array, scale)
    given = ~np.asarray(column.isna())
    read = [int(value) if known else None for value, known in zip(column, given, strict=True)]
    assert (read, faults) == one_by_one(cells, scale), cells


@pytest.mark.parametrize("scale", quick_first([1, 1_000, 1_000_000]))
@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
def test_random_texts(alphabet, scale):
    numbers = random.Random(f"{alphabet}{scale}")
    for _ in range(300):
        cells = ["".join(numbers.choices(alphabet, k=numbers.randint(0, 9))) for _ in range(12)]
        compare(cells, scale)


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000])
def test_random_numbers_of_a_workbook(scale):
    numbers = random.Random(scale)
    for _ in range(200):
        cells = [round(numbers.uniform(-1e6, 1e6), numbers.choice((2, 9))) for _ in range(8)]
        compare([*cells, float("nan"), 0, 7, -3], scale)


def test_numbers_and_texts_in_one_column():
    compare([1.5, "2.50", "", 3, None, "(4)", "x", 5.005, True, "1,234", "-"], 1)


def test_the_largest_and_what_is_larger():
    compare(["9999999999.99", "-9999999999.99", "10000000000", "9" * 30], 1)
    compare([9999999999.99, -9999999999.99, 1e10, 1e300], 1)


PLAIN_TEXTS = st.from_regex(r"-?[0-9]{1,11}(\.[0-9]{1,3})?", fullmatch=True)
PRINTED_TEXTS = st.from_regex(
    r"[ \t]?[-+(]?£? ?-?[0-9]{1,3}(,[0-9]{3}){0,3}(\.[0-9]{0,12})?[-)kKm]?[ \xa0]?", fullmatch=True
)
OTHER_TEXTS = st.text(
    "0159.,-+()£kKmMn eE\t\n\r\N{EN DASH}\N{MINUS SIGN}\N{ARABIC-INDIC DIGIT ONE}"
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(PLAIN_TEXTS, PRINTED_TEXTS, OTHER_TEXTS, st.just("")), max_size=30),
    st.sampled_from([1, 1_000, 1_000_000, 1_000_000_000]),
)
def test_any_texts(cells, scale):
    compare(cells, scale)


def test_two_signs_are_no_amount_in_a_column_either():
    compare(["0", "+£-5", "+£5", "+5", "£-5", "-£-5", "+-5", "+£ 5"], 1)


def test_one_decimal_is_plain_whatever_stands_in_the_next_line():
    pence, is_plain, is_empty = read_plain_amounts("1234.5\n98\n\n-0.07\n1.234", 1)
    assert pence.tolist() == [123_450, 9_800, 0, -7, 0]
    assert is_plain.tolist() == [True, True, False, True, False]
    assert is_empty.tolist() == [False, False, True, False, False]


def test_more_rows_than_are_read_at_once():
    amounts = [number * 7 - 300_000 for number in range(70_000)]
    lines = "\n".join(f"{amount / 100:.2f}" for amount in amounts)
    pence, is_plain, _ = read_plain_amounts(lines, 1)
    assert is_plain.all()
    assert pence.tolist() == amounts
