"""Amounts: every way of writing one that ledgers and reports use, and what is none."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.money import (
    LIMIT_PENCE,
    NotAnAmount,
    exact_pounds,
    parse_amount,
    percentage,
    plain_pounds,
    round_half_away,
)

BEYOND = "beyond £9,999,999,999.99"
DECIMALS = "more than two decimals"
SIGNS = "more than one sign"
TEXT = "a figure such as 1,234.50 was expected"


@pytest.mark.parametrize(
    ("written", "pence"),
    [
        ("1234.5", 123_450),
        ("1,234.50", 123_450),
        ("£1,234", 123_400),
        ("(1,234)", -123_400),
        ("-1,234", -123_400),
        ("1,234-", -123_400),
        ("+621", 62_100),
        ("£132k", 13_200_000),
        ("-£135k", -13_500_000),
        ("£-135k", -13_500_000),
        ("1.2m", 120_000_000),
        ("1.2M", 120_000_000),
        ("£1.234567m", 123_456_700),
        ("(£0.498m)", -49_800_000),
        ("0.29", 29),
        (".5", 50),
        ("5.", 500),
        ("1234", 123_400),
        ("12,345,678.90", 1_234_567_890),
        ("  £ 1,234.50  ", 123_450),
        ("\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}", 1200),
        ("\N{MINUS SIGN}12", -1200),
        ("\N{EN DASH}12", -1200),
        ("1234.500", 123_450),
        ("9,999,999,999.99", LIMIT_PENCE),
        ("-9,999,999,999.99", -LIMIT_PENCE),
        (Decimal("12.34"), 1234),
    ],
)
def test_what_is_written_is_read(written, pence):
    assert parse_amount(written) == pence


@pytest.mark.parametrize("blank", [None, "", "   ", "\t", "\N{NO-BREAK SPACE}", float("nan")])
def test_blank_is_not_given(blank):
    assert parse_amount(blank) is None


@pytest.mark.parametrize(
    "nil",
    ["-", " - ", "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}", "(0)", "-0", "0.00", 0, 0.0, -0.0],
)
def test_a_dash_or_nought_is_nil(nil):
    assert parse_amount(nil) == 0


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("abc", TEXT),
        ("n/a", TEXT),
        ("#N/A", TEXT),
        ("NaN", TEXT),
        ("inf", TEXT),
        ("1e5", TEXT),
        ("£", TEXT),
        ("k", TEXT),
        (".", TEXT),
        ("()", TEXT),
        ("(1,234", TEXT),
        ("1,234)", TEXT),
        ("1.2.3", TEXT),
        ("1,23", TEXT),
        ("12,34,567", TEXT),
        ("1 234", TEXT),
        ("5%", TEXT),
        ("£5bn", TEXT),
        ("12 CR", TEXT),
        ("TRUE", TEXT),
        ("-(5)", TEXT),
        ("--5", SIGNS),
        ("-5-", SIGNS),
        ("(-5)", SIGNS),
        ("(5-)", SIGNS),
        ("(+5)", SIGNS),
        ("+5-", SIGNS),
        ("-£-5", SIGNS),
        ("1.234", DECIMALS),
        ("0.001", DECIMALS),
        ("1.234567k", DECIMALS),
        ("£1.000000001m", DECIMALS),
        ("10,000,000,000", BEYOND),
        ("9,999,999,999.999", DECIMALS),
        ("(10,000,000,000.00)", BEYOND),
        ("10,000m", BEYOND),
        ("123456789012345678901234567890", BEYOND),
        (True, "a number was expected"),
        (False, "a number was expected"),
        (1.005, DECIMALS),
        (10**10, BEYOND),
        (-(10**10), BEYOND),
        (1e300, BEYOND),
        (float("inf"), BEYOND),
        (float("-inf"), BEYOND),
    ],
)
def test_what_is_no_amount_is_refused(written, message):
    with pytest.raises(NotAnAmount, match=message):
        parse_amount(written)


@pytest.mark.parametrize(
    ("written", "scale", "pence"),
    [
        ("58.554", 1_000_000, 5_855_400_000),
        ("58554", 1_000, 5_855_400_000),
        ("(0.371)", 1_000_000, -37_100_000),
        ("0.00001", 1_000, 1),
        (58.554, 1_000_000, 5_855_400_000),
        (0.1 + 0.2, 1_000_000, 30_000_000),
        (12, 1_000, 1_200_000),
        ("£132k", 1_000_000, 13_200_000),
        ("1.2m", 1_000, 120_000_000),
        ("-", 1_000, 0),
    ],
)
def test_a_column_in_thousands_or_millions_is_scaled_unless_the_cell_has_its_unit(
    written, scale, pence
):
    assert parse_amount(written, scale) == pence


@pytest.mark.parametrize(
    ("written", "scale", "message"),
    [
        ("0.000001", 1_000, DECIMALS),
        ("1.123456789", 1_000_000, DECIMALS),
        (0.000001, 1_000, DECIMALS),
        ("10000", 1_000_000, BEYOND),
        (10_000, 1_000_000, BEYOND),
        (10_000.0, 1_000_000, BEYOND),
    ],
)
def test_decimals_and_limit_hold_after_scaling(written, scale, message):
    with pytest.raises(NotAnAmount, match=message):
        parse_amount(written, scale)


@pytest.mark.parametrize(
    ("number", "pence"),
    [
        (0.29, 29),
        (1.1 * 3, 330),
        (0.1 + 0.2, 30),
        (4.35 * 100, 43_500),
        (9_999_999_999.99, LIMIT_PENCE),
        (12.340001, 1234),
        (12.339999, 1234),
        (-12.340001, -1234),
        (1e-320, 0),
        (np.float64(1.5), 150),
    ],
)
def test_a_number_cell_near_a_penny_is_that_penny(number, pence):
    assert parse_amount(number) == pence


@pytest.mark.parametrize("number", [12.34000101, 12.33999899, -12.34000101, 0.005])
def test_a_number_cell_further_from_a_penny_is_refused(number):
    with pytest.raises(NotAnAmount, match=DECIMALS):
        parse_amount(number)


@pytest.mark.slow
@given(st.integers(-LIMIT_PENCE, LIMIT_PENCE))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_what_is_written_for_programs_reads_back(pence):
    assert parse_amount(exact_pounds(pence)) == pence
    assert parse_amount(pence / 100) == pence
    assert parse_amount(plain_pounds(pence)) == pence


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [
        (0, 100, 0),
        (49, 100, 0),
        (50, 100, 1),
        (51, 100, 1),
        (149, 100, 1),
        (150, 100, 2),
        (-49, 100, 0),
        (-50, 100, -1),
        (-51, 100, -1),
        (-149, 100, -1),
        (-150, 100, -2),
        (1, 3, 0),
        (2, 3, 1),
        (-2, 3, -1),
        (3, -6, -1),
        (-3, -6, 1),
        (10**30 + 1, 2, 5 * 10**29 + 1),
    ],
)
def test_a_half_rounds_away_from_nil(numerator, denominator, whole):
    assert round_half_away(numerator, denominator) == whole


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_rounding_is_to_the_nearest_and_the_same_on_both_sides_of_nil(numerator, denominator):
    rounded = round_half_away(numerator, denominator)
    off = abs(Fraction(numerator, denominator)) - abs(rounded)
    assert Fraction(-1, 2) <= off < Fraction(1, 2)
    assert round_half_away(-numerator, denominator) == -rounded


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 4, 25.0), (1, -4, 25.0), (-1, -4, -25.0), (0, 5, 0.0), (5, 0, None), (0, 0, None)],
)
def test_a_percentage_is_of_the_absolute_whole_and_nil_has_none(part, whole, percent):
    assert percentage(part, whole) == percent


@pytest.mark.parametrize(
    ("pence", "exact", "plain"),
    [
        (0, "0.00", "£0"),
        (1, "0.01", "£0.01"),
        (-1, "-0.01", "-£0.01"),
        (538, "5.38", "£5.38"),
        (-123_450, "-1234.50", "-£1,234.50"),
        (-1_234_567, "-12345.67", "-£12,345.67"),
        (49_800_000, "498000.00", "£498,000"),
        (LIMIT_PENCE, "9999999999.99", "£9,999,999,999.99"),
    ],
)
def test_pounds_for_programs_and_for_sentences(pence, exact, plain):
    assert exact_pounds(pence) == exact
    assert plain_pounds(pence) == plain
