"""What a reader sees: units, brackets or minus, percentages, nil without a sign."""

import pytest

from council_finance.statements.display import NOT_GIVEN, Display
from council_finance.statements.model import Cell

MILLIONS = Display("m", "brackets", 2, "0.00%")
THOUSANDS = Display("k", "minus", 1)
POUNDS = Display("pounds", "minus", 0)


@pytest.mark.parametrize(
    ("display", "pence", "text"),
    [
        (MILLIONS, 5_855_400_000, "58.554"),
        (MILLIONS, -37_100_000, "(0.371)"),
        (MILLIONS, 123_456_789_000, "1,234.568"),
        (MILLIONS, 49_999, "0.000"),
        (MILLIONS, 50_000, "0.001"),
        (MILLIONS, -49_999, "0.000"),
        (MILLIONS, -50_000, "(0.001)"),
        (THOUSANDS, 123_456_700, "1,235"),
        (THOUSANDS, -123_450_000, "-1,235"),
        (THOUSANDS, -123_449_999, "-1,234"),
        (THOUSANDS, 49_999, "0"),
        (THOUSANDS, -49_999, "0"),
        (THOUSANDS, -50_000, "-1"),
        (POUNDS, 123_450, "1,235"),
        (POUNDS, 123_449, "1,234"),
        (POUNDS, -49, "0"),
        (POUNDS, -50, "-1"),
        (POUNDS, 0, "0"),
        (Display("pounds", "brackets"), -123_450, "(1,235)"),
        (Display("m", "minus"), -37_100_000, "-0.371"),
        (Display("m", "brackets", unit_decimals=1), 11_074_999_999, "110.7"),
        (Display("m", unit_decimals=0), 150_000_000, "2"),
        (Display("k", unit_decimals=1), -1_301_245_000, "-13,012.5"),
        (Display("pounds", unit_decimals=2), 123_405, "1,234.05"),
    ],
)
def test_an_amount_prints_in_the_councils_unit_and_sign(display, pence, text):
    assert display.amount(pence) == text


@pytest.mark.parametrize(
    ("display", "unit", "pence", "rounded"),
    [
        (MILLIONS, "£m", 150_000, 200_000),
        (THOUSANDS, "£000", -150_000, -200_000),
        (POUNDS, "£", 149, 100),
        (POUNDS, "£", -49, 0),
    ],
)
def test_the_rounded_amount_is_what_a_reader_adds_up(display, unit, pence, rounded):
    assert display.unit_label == unit
    assert display.rounded_pence(pence) == rounded


@pytest.mark.parametrize(
    ("display", "part", "whole", "text"),
    [
        (MILLIONS, -56, 10_000, "(0.56%)"),
        (THOUSANDS, -56, 10_000, "-0.6%"),
        (POUNDS, 2, 100, "2%"),
        (THOUSANDS, 1, -8, "12.5%"),
        (THOUSANDS, 5, 10_000, "0.1%"),
        (THOUSANDS, -5, 10_000, "-0.1%"),
        (THOUSANDS, -4, 10_000, "0.0%"),
        (MILLIONS, -4, 100_000, "0.00%"),
        (POUNDS, -1, 1_000, "0%"),
        (THOUSANDS, 1_234_567, 100, "1,234,567.0%"),
        (Display(percent_decimals=6), 1, 3, "33.333333%"),
    ],
)
def test_a_percentage_is_rounded_once_from_pence(display, part, whole, text):
    assert display.percent(part, whole) == text


@pytest.mark.parametrize(
    ("display", "text"),
    [(MILLIONS, "0.00%"), (THOUSANDS, NOT_GIVEN), (Display(percent_of_nil_budget=""), "")],
)
def test_a_percentage_of_nil_prints_what_the_council_chose(display, text):
    assert display.percent(500, 0) == text
    assert Cell.of_percent(500, 0, display) == Cell(text)


@pytest.mark.parametrize(
    ("display", "pence", "words"),
    [
        (MILLIONS, 49_700_000, "£0.497m"),
        (MILLIONS, -49_300_000, "-£0.493m"),
        (THOUSANDS, -49_800_000, "-£498k"),
        (THOUSANDS, 123_400_000, "£1,234k"),
        (POUNDS, 123_400, "£1,234"),
        (POUNDS, -49, "£0"),
        (MILLIONS, -49_999, "£0.000m"),
    ],
)
def test_an_amount_within_a_sentence(display, pence, words):
    assert display.in_words(pence) == words


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (Cell.of_amount(None, THOUSANDS), NOT_GIVEN, None),
        (Cell.of_amount(0, THOUSANDS), "0", 0.0),
        (Cell.of_amount(-150_050, MILLIONS), "(0.002)", -1500.5),
        (Cell.of_amount(150_050, THOUSANDS), "2", 1500.5),
        (Cell.of_percent(None, 100, THOUSANDS), NOT_GIVEN, None),
        (Cell.of_percent(-1, 3, THOUSANDS), "-33.3%", -100 / 3),
    ],
)
def test_a_cell_keeps_the_unrounded_value_beside_what_is_printed(cell, text, value):
    assert (cell.text, cell.value) == (text, value)


@pytest.mark.parametrize(
    ("unit", "pence", "words"),
    [
        ("m", (49_730_000,), ["£0.497m"]),
        ("k", (90_000_000, -70_049_900), ["£900k", "-£700k"]),
        ("k", (20_000,), ["£200"]),
        ("k", (0,), ["£0k"]),
        ("m", (90_010_000, 90_020_000), ["£900,100", "£900,200"]),
        ("k", (70_000_000, 70_000_000), ["£700k", "£700k"]),
        ("pounds", (123_450,), ["£1,235"]),
    ],
)
def test_amounts_of_a_sentence_are_exact_where_printed_ones_would_mislead(unit, pence, words):
    assert Display(unit=unit).distinct_words(*pence) == words
