"""Charts of savings: what they draw and find, their tables, and statuses of any council's words."""

import pytest

from council_finance.charts.marks import STATUS_COLOURS
from council_finance.statements import Display
from savings.calculations import AgreedTotals, DeliveryBreakdown
from savings.charts import by_report, by_service, status_marks, to_shortfall

POUNDS = Display(unit="pounds", percent_decimals=1)
WORDS = ("Red", "Green", "Blue")


def agreed(**pounds: int) -> AgreedTotals:
    """Agreed savings by status, in pounds."""
    sums = {word: 100 * pounds.get(word.lower(), 0) for word in WORDS}
    return AgreedTotals(sum(sums.values()), sums)


def bars(chart) -> dict[str, list[float]]:
    return {trace["name"]: list(trace["x"]) for trace in chart.figure["data"]}


def test_services_stand_by_size_and_each_status_has_its_word_shape_and_colour():
    rows = [("One", agreed(green=5)), ("Two", agreed(red=10, blue=90)), ("Three", agreed(red=20))]
    chart = by_service(rows, WORDS, POUNDS)
    assert bars(chart) == {
        "▲ Red": [10.0, 20.0, 0.0],
        "● Green": [0.0, 0.0, 5.0],
        "■ Blue": [90.0, 0.0, 0.0],
    }
    colours = [trace["marker"]["color"] for trace in chart.figure["data"]]
    assert colours == [STATUS_COLOURS[word] for word in WORDS]
    assert list(chart.figure["data"][0]["text"]) == ["▲ 10", "▲ 20", ""]
    assert list(chart.figure["layout"]["yaxis"]["ticktext"]) == ["Two", "Three", "One"]
    assert chart.title == "£30 of £125 agreed (24.0%) is Red, most of it at Three"
    assert chart.figures_at == "savings-summary-caption"


def test_two_services_of_one_name_are_two_bars():
    chart = by_service([("Same", agreed(red=1)), ("Same", agreed(red=2))], WORDS, POUNDS)
    assert bars(chart)["▲ Red"] == [2.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "words", "title"),
    [
        ([("One", agreed(green=5))], WORDS, "£5 of £5 agreed (100.0%) is Green"),
        (
            [("One", agreed(green=5)), ("Two", agreed(blue=9))],
            WORDS,
            "£9 of £14 agreed (64.3%) is Blue, all of it at Two",
        ),
        (
            [("One", AgreedTotals(300, {"Black": 100, "Red": 200}))],
            ("Black", "Red"),
            "£3 of £3 agreed (100.0%) is Black or Red",
        ),
        (
            [("One", AgreedTotals(500, {"Off track": 200, "On track": 300}))],
            ("Off track", "On track"),
            "£3 of £5 agreed (60.0%) is On track",
        ),
    ],
)
def test_the_finding_tells_savings_in_trouble_or_the_status_with_most_money(rows, words, title):
    assert by_service(rows, words, POUNDS).title == title


def test_a_schemes_own_words_have_further_colours_and_no_two_look_alike():
    words = (*(f"Word {n}" for n in range(20)), "Not reported", "RED")
    found = status_marks(words)
    assert len(set(found.values())) == len(words)
    assert found["RED"] == ("▲", STATUS_COLOURS["Red"])
    chart = by_service([("One", AgreedTotals(5, {"Off track": 5}))], ("Off track",), POUNDS)
    assert list(bars(chart)) == ["▼ Off track"]


def test_from_agreed_to_shortfall():
    chart = to_shortfall(DeliveryBreakdown(100_00, 75_00, 40_00, 0, 0), POUNDS)
    trace = chart.figure["data"][0]
    assert list(trace["x"]) == [100.0, -40.0, -35.0, 25.0]
    assert list(trace["measure"]) == ["absolute", "relative", "relative", "absolute"]
    assert chart.table.rows == (
        ("Agreed", "100", "100.0%"),
        ("Delivered to date", "40", "40.0%"),
        ("Forecast still to come", "35", "35.0%"),
        ("Shortfall", "25", "25.0%"),
    )
    assert chart.title == "£25 (25.0%) of what was agreed is not forecast to be made"


@pytest.mark.parametrize(
    ("made", "labels", "title", "unit"),
    [
        (
            DeliveryBreakdown(100_00, 100_00, None, 2, 0),
            ["Agreed", "Forecast", "Shortfall"],
            "What was agreed is forecast to be made in full",
            "Savings agreed, delivered and forecast, £",
        ),
        (
            DeliveryBreakdown(100_00, 120_00, 130_00, 1, 55_00),
            ["Agreed", "Delivered to date", "Forecast still to come", "More than agreed"],
            "£20 (20.0%) more is forecast than was agreed",
            "Savings agreed, delivered and forecast, £; without the £55 that has no forecast; what "
            "is delivered is not given for every saving",
        ),
    ],
)
def test_what_is_not_given_is_not_nil(made, labels, title, unit):
    chart = to_shortfall(made, POUNDS)
    assert [row[0] for row in chart.table.rows] == labels
    assert (chart.title, chart.unit) == (title, unit)
    steps = list(chart.figure["data"][0]["x"])
    assert steps[0] + sum(steps[1:-1]) == steps[-1]


def test_nothing_is_drawn_of_nothing():
    assert to_shortfall(DeliveryBreakdown(0, None, None, 0, 500), POUNDS) is None
    assert by_service([], WORDS, POUNDS) is None
    assert by_service([("One", AgreedTotals(5, {}))], (), POUNDS) is None
    assert by_report([("Month 1", agreed(red=5))], WORDS, POUNDS) is None


@pytest.mark.parametrize(
    ("before", "now", "title"),
    [
        (agreed(red=5), agreed(red=7, green=1), "£7 agreed is Red, up from £5 in month 2"),
        (agreed(red=5), agreed(red=5), "£5 agreed is Red, as in month 2"),
        (agreed(red=5, green=5), agreed(green=4), "£4 agreed is Green, down from £5 in month 2"),
        (
            AgreedTotals(900, {"Red": 0, "Green": 0, "Blue": 0, "Not reported": 900}),
            agreed(red=9),
            "£9 agreed is Red; month 2 reported no statuses yet",
        ),
    ],
)
def test_the_course_tells_what_changed_since_the_last_report(before, now, title):
    words = (*WORDS, "Not reported") if "Not reported" in before.by_status else WORDS
    now = AgreedTotals(now.total, dict.fromkeys(words, 0) | now.by_status)
    chart = by_report([("Month 2", before), ("Month 3", now)], words, POUNDS)
    assert chart.title == title
    assert [row[0] for row in chart.table.rows] == ["Month 2", "Month 3"]
    assert chart.table.headings == ("Report", *words, "Agreed")
