"""Each rule has cases that ask and cases that do not; figures are in pounds."""

import pandas as pd
import pytest

from monitoring.plausibility.calculations import (
    BELOW_ACTUAL,
    FACTOR,
    FORECAST,
    MEASURES,
    MOVED,
    RECEIPTS,
    RESERVES,
    ROUND,
    RULES,
    SIGN,
    UNCHANGED,
    VANISHED,
    Month,
    count_still,
    find_questions,
)
from monitoring.plausibility.thresholds import Thresholds
from monitoring.plausibility.wording import RULE_TITLES, Naming, describe_question

NUMBER = 6


def line_of(**pounds) -> pd.DataFrame:
    """Return one line with a budget of £1m that is forecast on budget, but for these figures."""
    figures = {
        **{"current_budget": 1_000_100, "actual_to_date": None},
        **{FORECAST: 1_000_100, f"{FORECAST}_before": 1_000_100},
        **dict.fromkeys((RESERVES, RECEIPTS), 0),
        **{f"{name}_before": 0 for name in (RESERVES, RECEIPTS)},
        **pounds,
    }
    pence = {
        name: pd.array([None if value is None else round(value * 100)], dtype="Int64")
        for name, value in figures.items()
    }
    return pd.DataFrame({"line": [7], **pence})


def line_of_case(case, line: int) -> pd.DataFrame:
    """Return the line of a case, without its earlier forecasts."""
    figures = {name: value for name, value in case[-1].items() if name != "earlier"}
    return line_of(**figures).assign(line=line)


def month_of(number=NUMBER, earlier=()) -> Month:
    """Return a month whose line had these forecasts in the months before, the latest first."""

    columns = {
        place: pd.array([round(pounds * 100)], dtype="Int64")
        for place, pounds in enumerate(earlier)
    }
    return Month(number, lambda lines: pd.DataFrame(columns, index=list(lines)))


def moved(to, before=1_000_100, **more):
    return {FORECAST: to, f"{FORECAST}_before": before, **more}


ASKS = [
    ("thousands", FACTOR, moved(7_791, 7_791_000, current_budget=7_500_000)),
    ("thousands of income", FACTOR, moved(-7_791, -7_800_000, current_budget=-7_500_000)),
    ("a hundredth", FACTOR, moved(10_100.55, 1_000_100)),
    ("a thousand times", FACTOR, moved(91_000_000, 90_200, current_budget=90_200)),
    ("thousands in the first month", FACTOR, moved(1_000, None)),
    ("thousands after nil", FACTOR, moved(1_000, 0)),
    ("planned use in thousands", FACTOR, {RESERVES: -250, f"{RESERVES}_before": -250_000}),
    ("income typed as spending", SIGN, moved(40_000, -45_000, current_budget=-45_000)),
    ("a sign in the first month", SIGN, moved(-1_000_100, None)),
    ("receipts put in", SIGN, {RECEIPTS: 60_000, f"{RECEIPTS}_before": -60_000}),
    ("spent more than forecast", BELOW_ACTUAL, {"actual_to_date": 1_020_000}),
    ("spent without a budget", BELOW_ACTUAL, moved(0, 0, current_budget=0, actual_to_date=10_001)),
    ("moved far", MOVED, moved(1_130_000)),
    ("moved down", MOVED, moved(880_000)),
    ("round for the first time", ROUND, moved(900_000, 990_500, earlier=(990_500, 985_000))),
    (
        *("spending runs past", UNCHANGED),
        moved(1_000_100, actual_to_date=600_000, earlier=(1_000_100,) * 3),
    ),
    ("reserves gone", VANISHED, {RESERVES: 0, f"{RESERVES}_before": -10_000}),
    ("receipts gone", VANISHED, {RECEIPTS: 0, f"{RECEIPTS}_before": -624_000}),
]

KEEPS_QUIET = [
    ("nothing has changed", {}),
    ("a small line", moved(5, 5_000, current_budget=5_000)),
    ("a tenth", moved(900_000, 985_000, earlier=(900_000,))),
    ("both signs are small", moved(9_000, -9_900, current_budget=-9_900)),
    ("no longer forecast", moved(None)),
    ("the first forecast", moved(1_090_000, None)),
    ("spent just over", {"actual_to_date": 1_005_000}),
    ("more income than forecast", moved(-50, -50, current_budget=-50, actual_to_date=-90_000)),
    (
        "a credit in an income line",
        moved(-99_000, -99_000, current_budget=-99_000, actual_to_date=3),
    ),
    (
        "moved by less than a tenth of its budget",
        moved(9_900_000, 9_100_000, current_budget=9_000_000),
    ),
    ("moved by a small amount", moved(190_000, 100_050, current_budget=100_050)),
    ("round before", moved(900_000, 950_000, earlier=(950_000, 800_000))),
    ("as round as its budget", moved(900_000, 950_500, current_budget=900_000, earlier=(950_500,))),
    ("taken to nil", moved(0, 9_999, earlier=(9_999,))),
    (
        "unchanged for two reports only",
        moved(1_000_100, actual_to_date=600_000, earlier=(1_000_100,) * 2),
    ),
    (
        "changed three reports ago",
        moved(1_000_100, actual_to_date=600_000, earlier=(1_000_100, 1_000_100, 9)),
    ),
    (
        "unchanged and spending on course",
        moved(1_000_100, actual_to_date=500_050, earlier=(1_000_100,) * 3),
    ),
    ("a little planned use gone", {RESERVES: 0, f"{RESERVES}_before": -9_999}),
    ("planned use reduced", {RESERVES: -1, f"{RESERVES}_before": -400_000}),
]


def ask(number=NUMBER, earlier=(), thresholds=None, **figures) -> pd.DataFrame:
    return find_questions(line_of(**figures), thresholds or Thresholds(), month_of(number, earlier))


@pytest.mark.parametrize(("rule", "figures"), [case[1:] for case in ASKS], ids=[c[0] for c in ASKS])
def test_rule_asks(rule, figures):
    found = ask(**figures)
    assert found["rule"].tolist() == [rule]
    assert found["line"].tolist() == [7]


@pytest.mark.parametrize(
    "figures", [case[1] for case in KEEPS_QUIET], ids=[case[0] for case in KEEPS_QUIET]
)
def test_rule_keeps_quiet(figures):
    assert ask(**figures).empty


def test_every_rule_has_a_case_and_words():
    assert {rule.name for rule in RULES} == {rule for _, rule, _ in ASKS}
    assert {rule.name for rule in RULES} < set(RULE_TITLES)
    assert {measure for rule in RULES for measure in rule.measures} == set(MEASURES)


def test_the_close_asks_nothing_about_forecasts():
    """At the close the outturn is the actual, so only units, signs and planned use are asked."""
    lines = pd.concat(
        [line_of_case(case, place) for place, case in enumerate(ASKS)], ignore_index=True
    )
    found = find_questions(lines, Thresholds(), month_of(number=13))
    expected = {
        (place, rule) for place, (_, rule, _) in enumerate(ASKS) if rule in (FACTOR, SIGN, VANISHED)
    }
    assert set(zip(found["line"], found["rule"], strict=True)) == expected


def test_a_slip_is_asked_about_once_and_the_largest_effect_first():
    small = moved(7_791, 7_791_000, current_budget=7_500_000, actual_to_date=900_000)
    lines = pd.concat(
        [line_of(**moved(1_130_000)), line_of(**small).assign(line=8), line_of().assign(line=9)],
        ignore_index=True,
    )
    found = find_questions(lines, Thresholds(), month_of())
    assert found[["line", "rule", "effect", "place"]].to_numpy().tolist() == [
        [8, FACTOR, 778_320_900, 1],
        [7, MOVED, 12_990_000, 0],
    ]


def test_thresholds_of_nil_switch_a_rule_off():
    off = Thresholds(round_to=0, unchanged_reports=0)
    for _, rule, figures in ASKS:
        if rule in (ROUND, UNCHANGED):
            assert ask(thresholds=off, **figures).empty


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (
            ASKS[0][2],
            "The forecast is £7,791, and in month 5 it was £7,791,000: about 1,000 times less. "
            "Is one of them in thousands of pounds?",
        ),
        (
            ASKS[3][2],
            "The forecast is £91,000,000, and in month 5 it was £90,200: about 1,000 times more. "
            "Is one of them in thousands of pounds?",
        ),
        (
            ASKS[8][2],
            "The forecast is -£1,000,100, and the budget is £1,000,100. Is the sign right?",
        ),
        (
            ASKS[10][2],
            "The forecast for the year is £1,000,100, and £1,020,000 is spent already. "
            "Is a credit expected?",
        ),
        (
            ASKS[12][2],
            "The forecast was £1,000,100 in month 5 and is £1,130,000 now. What has changed?",
        ),
        (
            ASKS[14][2],
            "The forecast is a round £900,000, and never was round before (£990,500 in month 5). "
            "Is it an estimate?",
        ),
        (
            ASKS[15][2],
            "The forecast is £1,000,100 as in the 3 reports before, while spending so far comes to "
            "£1,200,000 by the end of the year at its rate. Is the forecast still right?",
        ),
        (
            ASKS[17][2],
            "Planned use of capital receipts was -£624,000 in month 5 and is nil now. "
            "Is it no longer planned?",
        ),
    ],
)
def test_sentences(figures, sentence):
    found = ask(**figures)
    (row,) = found.itertuples()
    question = describe_question(row, Naming(month_of(), "month 5", 3))
    assert question.sentence == sentence
    assert question.key.startswith(f"7.{row.measure}.{row.rule}.")


def test_still_figures_are_counted_where_they_can_be_compared():
    now = pd.Series([100, 200, None, 0, 5], dtype="Int64")
    before = pd.Series([100, 201, 3, 0, None], dtype="Int64")
    assert count_still(now, before) == (1, 2)
