"""The parser of units: every way in which a heading may state one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from council_finance.uploads.units import unit_of

K, M, BN = 1_000, 1_000_000, 1_000_000_000

STATED = {
    1: [
        "£",
        "(£)",
        "£s",
        "£'s",
        "£.p",
        "£ p",
        "£ and pence",
        "£0.00",
        "GBP",
        "pounds",
        "£ sterling",
    ],
    K: [
        *("£000", "£000s", "£000's", "£'000", "£'000s", "£‘000", "£‘000’", "£’000", "£000’s"),
        *("£,000", "£,000s", "£1,000s", "£1,000", "£1000s", "£ 000", "£ '000", "£ 000s", "£(000)"),
        *("(£000)", "(£ 000s)", "(£,000's)", "£k", "£K", "£ks", "£k's", "£'k", "(£k)", "in £k"),
        *("£ thousands", "(£ thousands)", "£ thousand", "£thousands", "£ (thousands)", "£thou"),
        *(
            "£ in thousands",
            "£ (in thousands)",
            "thousands of pounds",
            "thousands of £",
            "£ x 1,000",
            "£x1,000",
            "£ × 000",
        ),
        *("000s", "'000", "'000s", "(000s)", ",000", "(thousands)", "in thousands", "000 £", "k£"),
        *("GBP 000", "GBP000", "GBPk", "£0.0k", "£_000", "[£000]", "£: 000", "£ - 000s", "(k)"),
    ],
    M: [
        *("£m", "£M", "£'m", "£’m", "£‘m’", "£m's", "£ms", "£mn", "£ mn", "£mns", "(£m)", "£ (m)"),
        *("£ million", "£million", "£ millions", "(£ millions)", "£mill", "£mil", "£mln", "£ m"),
        *("£0.0m", "£0.00m", "£0.000m", "£000,000", "£1,000,000s", "£000000", "£'000,000"),
        *("millions", "in millions", "(millions)", "millions of pounds", "GBP m", "m£", "in mn"),
    ],
    BN: ["£bn", "£BN", "£ bn", "£'bn", "£bns", "£ billion", "£ billions", "(£bn)", "£0.0bn"],
    None: [
        *("£x", "£ zillions", "£00", "£00s", "£0000", "£100s", "£10,000s", "£ hundreds", "£00000s"),
        *("(zillions £)", "£mm", "£b", "£000/£m", "£m (£000)", "£ lakh", "£ ten thousands", "£t"),
        *("pence", "(p)", "€", "€000", "$m", "US$", "EUR", "k", "m", "mn", "hundreds", "£0.0"),
        *("£ hundred thousands", "£ 0,00", "£'00"),
    ],
}


@pytest.mark.parametrize(
    "heading", ["Budget {}", "{} Budget", "Net Budget 2024/25 {}", "{}", "a_{}"]
)
@pytest.mark.parametrize("scale", STATED)
def test_what_a_heading_states(heading, scale):
    read = {text: unit_of(heading.format(text)).scale for text in STATED[scale]}
    assert read == dict.fromkeys(STATED[scale], scale)


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Budget",
            "current_budget",
            "days_0_30",
            "days_91_365",
            "Period 3",
            "M3 Actual",
            "Actual M 3",
        ),
        *("Budget 2000", "Budget 2024/25", "£ Budget", "Budget £ 2024/25", "£ net of income"),
        *("Actual £ to date", "Forecast (£, full year)", "Budget (net £)", "£ M3", "£ P12", ""),
        *("Commitments", "mileage", "Km", "Payments", "R&M", "Account 1000", "Cost centre"),
    ],
)
def test_pounds_where_no_other_unit_is_stated(heading):
    assert unit_of(heading).scale == 1


@pytest.mark.parametrize(
    ("heading", "rest"),
    [
        ("Budget (£000)", "budget"),
        ("current_budget £'m", "current budget"),
        ("£ thousands: Net budget", "net budget"),
        ("forecast (£ zillions)", "forecast"),
        ("Forecast (zillions £)", "forecast"),
        ("Budget £ (net, 000s)", "budget net"),
    ],
)
def test_the_heading_without_its_unit(heading, rest):
    words = "".join(each if each.isalnum() else " " for each in unit_of(heading).rest)
    assert " ".join(words.split()) == rest


@pytest.mark.parametrize("text", ["£000", " (£ thousands) ", "'000", "£", "£m"])
def test_a_unit_alone(text):
    assert unit_of(text).alone


@pytest.mark.parametrize("text", ["Budget £000", "Budget", "", "000123", "1,000"])
def test_no_unit_alone(text):
    assert not unit_of(text).alone


WORDS = st.sampled_from(["Budget", "net", "Forecast", "2024/25", "to date", "P3", "Revised", "ytd"])
KNOWN = st.sampled_from([(text, scale) for scale, texts in STATED.items() for text in texts])


@given(before=st.lists(WORDS, max_size=3), unit=KNOWN, bracket=st.booleans())
def test_words_before_a_unit_do_not_change_it(before, unit, bracket):
    text, scale = unit
    stated = f"[{text}]" if bracket and text not in ("k", "m", "mn") else text
    assert unit_of(" ".join([*before, stated])).scale == scale


@given(
    noughts=st.integers(1, 12), sign=st.sampled_from(["£", "£ ", "(£", "£'", "£(", "GBP "]),
    first=st.sampled_from(["", "1", "2", "17"]), plural=st.sampled_from(["", "s", "'s"]),
)  # fmt: skip
def test_noughts_are_their_unit_or_asked_about(noughts, sign, first, plural):
    scales = {3: K, 6: M, 9: BN} if first in ("", "1") else {}
    assert unit_of(f"Budget {sign}{first}{'0' * noughts}{plural}").scale == scales.get(noughts)


@pytest.mark.slow
@given(
    word=st.from_regex(r"[zxqw][a-z]{2,8}", fullmatch=True),
    sign=st.sampled_from(["£", "£ ", "(£", "£."]),
)
@example(word="xbn", sign="£")
@example(word="xm", sign="(£")
def test_a_word_after_a_pound_sign_that_is_not_known_is_asked_about(word, sign):
    known = word in ("with", "working", "whole")
    assert unit_of(f"Forecast {sign}{word}").scale == (1 if known else None)
