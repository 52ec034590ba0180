"""Sums as in Excel, typed into a cell of the forecast grid: exact, and refused in plain words."""

import pytest

from council_finance.money import NotAnAmount
from monitoring.forecasts.sums import read_figure

ONLY = "a sum has numbers, + - * / and brackets only"


@pytest.mark.parametrize(
    ("text", "held", "pence"),
    [
        ("", 500, None),
        ("-", None, 0),
        ("1,234.50", 500, 123450),
        ("(1,234)", None, -123400),
        ("£12k", None, 1200000),
        ("=12*1500", None, 1800000),
        ("=1200/4", 700, 30000),
        ("=100/3", None, 3333),
        ("=0.005", None, 1),
        ("=-0.005", None, -1),
        ("=-1/8", None, -13),
        ("=1/3*3", None, 100),
        ("=0.1+0.2", None, 30),
        ("=2+3*4", None, 1400),
        ("=(2+3)*4", None, 2000),
        ("=10-4-3", None, 300),
        ("=16/4/2", None, 200),
        ("= £1,500 * 12 \u2212 1k", None, 1700000),
        ("=--5", None, 500),
        ("=2*-3", None, -600),
        ("+5000", 100000, 600000),
        ("+5000", None, 500000),
        ("+ 5000", -100050, 399950),
        ("+500*12", 100, 600100),
        ("+500*12", None, 600000),
        ("+-5", 1000, 500),
        ("+£1.2m", 0, 120000000),
        ("=9999999999.99", None, 999999999999),
        ("=" + "(" * 20 + "1" + ")" * 20, None, 100),
    ],
)
def test_a_figure_is_worked_out_exactly(text, held, pence):
    assert read_figure(text, held) == pence


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12o0", "a figure such as 1,234.50 was expected"),
        ("1.234", "there are more than two decimals"),
        ("=", "the sum ends where a number was expected"),
        ("=12*", "the sum ends where a number was expected"),
        ("=(1+2", "a closing bracket is missing"),
        ("=1)", f"“)” was not expected at character 3; {ONLY}"),
        ("=A1*2", f"“A” was not expected at character 2; {ONLY}"),
        ("=2**3", f"“*” was not expected at character 4; {ONLY}"),
        ("=1,23", f"“1” was not expected at character 2; {ONLY}"),
        ("=1/(2-2)", "it divides by nil"),
        ("=9999999999.995", "the result is beyond £9,999,999,999.99"),
        ("=" + "1+" * 100 + "1", "a sum has at most 200 characters"),
        ("=" + "(" * 21 + "1" + ")" * 21, "a sum has at most 20 pairs of brackets"),
        ("+x", f"“x” was not expected at character 2; {ONLY}"),
    ],
)  # fmt: skip
def test_what_is_no_sum_is_refused_with_its_place(text, message):
    with pytest.raises(NotAnAmount) as refused:
        read_figure(text, 100)
    assert str(refused.value) == message
