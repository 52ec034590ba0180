"""The figures that are read in sentences, with what the words say of them."""

from dataclasses import replace
from fractions import Fraction

import pytest

from monitoring.claims.reading import Kind, read_claims
from monitoring.claims.selectors import judge_row_text
from monitoring.claims.verdicts import Answer, TableFigure, judge, judge_text
from monitoring.claims.words import Measure

READ = [
    ("An overspend of £0.498m.", [(Kind.AMOUNT, 49_800_000, Measure.VARIANCE, 1, 0)]),
    ("It is £371k under budget.", [(Kind.AMOUNT, 37_100_000, Measure.VARIANCE, -1, 0)]),
    ("£1,234.56 less than budgeted", [(Kind.AMOUNT, 123_456, Measure.VARIANCE, -1, 0)]),
    ("The net budget is £24.818m.", [(Kind.AMOUNT, 2_481_800_000, Measure.BUDGET, 0, 0)]),
    ("a forecast outturn of £21.6m", [(Kind.AMOUNT, 2_160_000_000, Measure.FORECAST, 0, 0)]),
    ("The overspend has fallen by £0.2m.", [(Kind.AMOUNT, 20_000_000, Measure.MOVEMENT, -1, 0)]),
    ("a fall in the underspend of £2k", [(Kind.AMOUNT, 200_000, Measure.MOVEMENT, 1, 0)]),
    ("£0.368m better than the last report", [(Kind.AMOUNT, 36_800_000, Measure.MOVEMENT, -1, 0)]),
    ("a net variance of (£0.371m)", [(Kind.AMOUNT, 37_100_000, Measure.VARIANCE, 0, -1)]),
    ("a movement of \N{MINUS SIGN}£0.493m", [(Kind.AMOUNT, 49_300_000, Measure.MOVEMENT, 0, -1)]),
    ("Risks of £5–10m", [(Kind.AMOUNT, 500_000_000, None, 0, 0), (Kind.AMOUNT, 10**9, None, 0, 0)]),
    ("2.5% over budget", [(Kind.PERCENT, Fraction(5, 2), Measure.VARIANCE, 1, 0)]),
    ("7 more children", [(Kind.COUNT, 7, Measure.CHANGE, 1, 0)]),
    ("On 30 June 2019, month 3 of 2019/20, see note 4 and table 2.1", []),
    (
        "An overspend of £0.064m (0.26%)",
        [
            (Kind.AMOUNT, 6_400_000, Measure.VARIANCE, 1, 0),
            (Kind.PERCENT, Fraction(26, 100), Measure.VARIANCE, 1, 0),
        ],
    ),
    (
        "An underspend of £371k against a budget of £66.367m",
        [
            (Kind.AMOUNT, 37_100_000, Measure.VARIANCE, -1, 0),
            (Kind.AMOUNT, 6_636_700_000, Measure.BUDGET, 0, 0),
        ],
    ),
]


@pytest.mark.parametrize("text, expected", READ)
def test_figures_are_read_with_what_the_words_say(text, expected):
    found = [
        (each.kind, each.value, each.meaning.measure, each.meaning.direction, each.sign)
        for each in read_claims(text)
    ]
    assert found == expected


def test_for_a_text_without_a_digit_no_table_is_read():
    for text in ("Capital programme", "Spending rose by two million pounds."):
        assert read_claims(text) == []
        assert judge_row_text(figures=None, node=None, text=text) == []


def test_the_time_that_an_amount_is_for_and_its_place_are_kept():
    text = "Places cost more.\nWe pay £83k a week for 104 of them."
    first, second = read_claims(text)
    assert (first.per, first.text, text[first.start : first.end]) == ("week", "£83k", "£83k")
    assert (second.kind, second.value) == (Kind.COUNT, 104)


def variance(pence: int, service: str = "Care", own: bool = True) -> TableFigure:
    kind, measure = Kind.AMOUNT, Measure.VARIANCE
    return TableFigure(f"{service}: Net variance", service, "", kind, measure, Fraction(pence), own)


JUDGED = [
    ("overspend of £0.4m", 44_999_999, Answer.AGREES, None),
    ("overspend of £0.45m", 44_999_999, Answer.AGREES, None),
    ("overspend of £0.5m", 44_999_999, Answer.DIFFERS, 5_000_001),
    ("overspend of £0.5m", 45_000_000, Answer.AGREES, None),
    ("underspend of £0.4m", 44_999_999, Answer.DIFFERS, None),
    ("underspend of £0.5m", -45_000_000, Answer.AGREES, None),
    ("a variance of -£0.5m", 45_000_000, Answer.DIFFERS, None),
    ("overspend of £450,000", 45_040_000, Answer.AGREES, None),
    ("overspend of £450,100", 45_040_000, Answer.DIFFERS, -30_000),
    ("the budget is £0.45m", 45_000_000, Answer.NOT_FOUND, None),
    ("overspend of £0.45m a week", 45_000_000, Answer.NOT_FOUND, None),
]


@pytest.mark.parametrize("text, pence, answer, difference", JUDGED)
def test_a_figure_is_compared_at_the_digits_of_the_text(text, pence, answer, difference):
    verdict = judge(read_claims(text)[0], [variance(pence)])
    assert (verdict.answer, verdict.difference) == (answer, difference)
    assert verdict.other_direction == (answer == Answer.DIFFERS and difference is None)


def test_another_service_counts_only_where_the_sentence_names_it():
    figures = [variance(45_000_000), variance(7_000_000, "Parks", own=False)]
    plain, named = (
        judge(read_claims(text)[0], figures, ["Parks"])
        for text in ("An overspend of £70k.", "Parks has an overspend of £70k.")
    )
    wrong = judge(read_claims("Parks has an overspend of £450k.")[0], figures, ["Parks"])
    assert (wrong.answer, wrong.figure) == (Answer.DIFFERS, figures[1])
    hidden = judge(read_claims("Parks has an overspend of £450k.")[0], figures[:1], ["Parks"])
    assert hidden.answer == Answer.NOT_FOUND
    assert (plain.answer, plain.figure) == (Answer.DIFFERS, figures[0])
    assert (named.answer, named.figure) == (Answer.AGREES, figures[1])


def test_numbers_in_names_are_no_figures_but_amounts_in_them_hide_none():
    names = ("People aged 65+ in care", "Small grants (+/- £160k)")
    lines = [replace(variance(16_000_000), names=(name,), own=False) for name in names]
    found = judge_text("People aged 65+ in care: an overspend of £160k.", lines)
    assert [(each.claim.text, each.answer) for each in found] == [("£160k", Answer.AGREES)]
