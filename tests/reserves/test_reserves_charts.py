"""Reserves and debt drawn: findings from the figures, steps that lead from one to the next."""

import pytest

from council_finance import registry
from council_finance.statements import Display
from monitoring.debt.charts import by_age
from monitoring.debt.selectors import debt_chart
from reserves import charts
from reserves.calculations import Balance
from reserves.overview import ReservesOverview, how_long_it_lasts, reserves_charts
from tests.councils.packs import bring, facts_of, position
from tests.councils.reserves import FILES, MINIMUM, load_council, move, transfer

POUNDS = Display(unit="pounds", favourable="minus")
OPEN = {"start": 2021, "at_close": False}
FUND = Balance(1000_00, 50_00, -30_00, 0, 1020_00)


@pytest.fixture
def council(db, tmp_path):
    """Month 1 published, month 2 a draft that forecasts £20 over; the minimum is £1,040."""
    return load_council(tmp_path, settings=MINIMUM)


def drawn(chart) -> list[tuple[float, str, str]]:
    """Each step of a waterfall: pounds, what stands beside it, how it is measured."""
    (trace,) = chart.figure["data"]
    return list(zip(trace["x"], trace["text"], trace["measure"], strict=True))


def assert_leads_on(chart) -> None:
    """Every standing figure is the one before it and the steps between."""
    now = None
    for pounds, _, measure in drawn(chart):
        if measure == "absolute":
            assert now is None or pounds == pytest.approx(now)
            now = pounds
        else:
            now += pounds


def test_the_general_fund_goes_from_opening_to_after_the_forecast():
    chart = charts.general_fund(FUND, -20_00, POUNDS, **OPEN)
    assert chart.title == "The General Fund stays at £1,000 after the forecast"
    assert drawn(chart) == [
        (1000, "1,000", "absolute"),
        (50, "50", "relative"),
        (-30, "-30", "relative"),
        (1020, "1,020", "absolute"),
        (-20, "-20", "relative"),
        (1000, "1,000", "absolute"),
    ]
    assert_leads_on(chart)
    assert chart.figures_at == "reserves-general-fund-caption"


@pytest.mark.parametrize(
    ("effect", "title"),
    [
        (-21_00, "The General Fund falls from £1,000 to £999 after the forecast"),
        (5_00, "The General Fund rises from £1,000 to £1,025 after the forecast"),
        (-1020_00, "The General Fund falls from £1,000 to nil after the forecast"),
        (-1021_00, "The General Fund falls from £1,000 to -£1 after the forecast"),
        (None, "The General Fund rises from £1,000 to £1,020"),
    ],
)
def test_the_finding_is_made_from_the_printed_figures(effect, title):
    chart = charts.general_fund(FUND, effect, POUNDS, **OPEN)
    assert chart.title == title
    assert_leads_on(chart)


def test_at_the_close_what_was_booked_counts_and_what_was_not_is_said():
    both = Balance(150_00, 40_00, -60_00, -55_00, 135_00, booked=True)
    chart = charts.earmarked(both, POUNDS, start=2021, at_close=True)
    assert chart.table.rows == (
        ("31 March 2021", "150"),
        ("Actual movements", "-55"),
        ("Expected, not booked yet", "40"),
    )
    assert chart.table.total == ("31 March 2022", "135")
    assert chart.title == "Earmarked reserves fall from £150 to £135"
    assert_leads_on(chart)


@pytest.mark.parametrize(
    ("effect", "minimum", "title", "beyond"),
    [
        (-20_00, 900_00, "£100 above its minimum level after", ("£120 above", "£100 above")),
        (-20_00, 1010_00, "£10 below its minimum level after", ("£10 above", "£10 below")),
        (-20_00, 1000_00, "at its minimum level after", ("£20 above", "the same")),
    ],
)
def test_the_general_fund_beside_its_minimum(effect, minimum, title, beyond):
    chart = charts.against_minimum(1020_00, effect, minimum, POUNDS, at_close=False)
    assert chart.title == f"The General Fund is {title} the forecast"
    assert [row[2] for row in chart.table.rows] == [*beyond, ""]
    colours = chart.figure["data"][0]["marker"]["color"]
    assert (colours[0] != colours[1]) is ("below" in title)


def test_without_a_forecast_and_at_the_close_one_balance_stands_beside_the_minimum():
    for at_close, when in ((True, "at the close"), (False, "at year end")):
        chart = charts.against_minimum(5_00, None, 6_00, POUNDS, at_close=at_close)
        assert chart.title == f"The General Fund is £1 below its minimum level {when}"
        assert len(chart.table.rows) == 2


def test_the_overviews_charts_show_the_statements_figures(council):
    found = reserves_charts(ReservesOverview(facts_of(council, 2)))
    assert [text for _, text, _ in drawn(found["fund"])] == [
        *("1,000", "50", "0", "1,050", "-20", "1,030")
    ]
    assert [row[1] for row in found["minimum"].table.rows] == ["1,050", "1,030", "1,040"]
    assert found["earmarked"].table.total == ("31 March 2022", "35")
    for name in ("fund", "earmarked"):
        assert_leads_on(found[name])


def test_without_a_minimum_or_reserves_there_is_nothing_to_draw(db, tmp_path):
    facts = facts_of(load_council(tmp_path), 2)
    assert set(reserves_charts(ReservesOverview(facts))) == {"fund", "earmarked"}
    capital = [
        each for each in facts.report_section("reserves")["reserves"] if each["kind"] == "capital"
    ]
    nothing = {**facts.report_section("reserves"), "reserves": capital, "movements": []}
    facts = facts.with_report_section("reserves", nothing)
    assert reserves_charts(ReservesOverview(facts)) == {}
    assert how_long_it_lasts(ReservesOverview(facts)) == ""


# For how long it lasts, in words

LASTS = "With an overspend of £20 every year, this year’s included, the General Fund would last "
NOT_ABOVE = "; it is not above its minimum level as it is."


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ("1", f"{LASTS}more than 20 years, and stay above its minimum level for 0.4 years."),
        ("10", f"{LASTS}more than 20 years{NOT_ABOVE}"),
        ("1000", f"{LASTS}2.5 years{NOT_ABOVE}"),
        ("1049", f"{LASTS}less than a tenth of a year{NOT_ABOVE}"),
        ("1050", "The General Fund holds nothing that could carry the forecast overspend."),
    ],
)
def test_for_how_long_the_general_fund_lasts_is_said(council, drawn, words):
    """Of £20 over, £1,050 before it, and a minimum of £1,040."""
    move(council, "GF", f"-{drawn}")
    assert how_long_it_lasts(ReservesOverview(facts_of(council, 2))) == words


@pytest.mark.slow
def test_without_an_overspend_nothing_is_made_up(council):
    bring(council, "position", position("CARE C 300 300 300"), 2)
    said = how_long_it_lasts(ReservesOverview(facts_of(council, 2)))
    assert (
        said == "No overspend is forecast, so the forecast takes nothing out of the General Fund."
    )
    bring(council, "position", FILES["periods/02/position.csv"], 13)
    assert how_long_it_lasts(ReservesOverview(facts_of(council, 13))) == ""


# On the pages of others


def panel(facts, place: str, key: str = ""):
    node = next(each for each in facts.nodes if key in ("", each.key))
    return dict(registry.panels(place, facts, node))


def test_the_councils_overview_has_reserves_after_the_forecast(council):
    content = panel(facts_of(council, 2), "overview")["reserves/overview_panel.html"]
    assert content["sentence"].endswith("and £1,030 after the forecast overspend of £20.")
    assert [(each.value, each.note) for each in content["stats"]] == [
        ("£1,030", "overspend of £20"),
        ("£1,040", "£10 short of it"),
        ("£35", "£50 when the year began"),
    ]


def test_a_service_shows_the_reserves_that_are_held_for_it(council):
    transfer(council, "ROADS", "DEBT", "5")
    facts = facts_of(council, 2)
    content = panel(facts, "service", "PLACE")["reserves/service_panel.html"]
    ((reserve, used, closing),) = content["rows"]
    assert (reserve.code, used, closing) == ("ROADS", "-£55", "£40")  # a transfer is no use
    assert content["planned"] == "to draw £55 from reserves"
    for key in ("TOP", "ROAD", "CARE"):
        assert "reserves/service_panel.html" not in panel(facts, "service", key)


# Aged debt


def test_debt_is_drawn_by_age_and_the_finding_is_the_largest_part():
    sums = {"not overdue": 10_00, "0 to 30 days overdue": 40_00, "over": 5_00}
    chart = by_age(sums, POUNDS, long_overdue={"over"})
    assert chart.title == "Most of the debt is 0 to 30 days overdue: £40 of £55"
    (trace,) = chart.figure["data"]
    assert list(trace["text"]) == ["10", "40", "5"]
    colours = list(trace["marker"]["color"])
    assert colours[0] == colours[1] != colours[2]
    even = by_age({"a": 10_00, "b": 11_00, "c": 9_00}, POUNDS, long_overdue=())
    assert even.title == "The largest part of the debt is b: £11 of £30"


def test_a_band_that_nobody_gives_is_not_drawn(council):
    bring(council, "aged_debt", "service_code,days_0_30,days_over_365\nROAD,5,\nPARK,6,\n", 2)
    chart = debt_chart(facts_of(council, 2))
    assert list(chart.figure["data"][0]["text"]) == ["11"]
    assert debt_chart(facts_of(council, 1)) is None
