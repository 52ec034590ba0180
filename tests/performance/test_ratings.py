"""The rating of an indicator by other councils' rules, as a pure function: tables of cases."""

from fractions import Fraction

import pytest

from council_finance.registry import SettingsError
from performance.indicators.former_targets import former_target
from performance.indicators.models import Indicator
from performance.indicators.rules import Goal, Reading, direction, next_boundary, rate
from performance.indicators.scheme import PerformanceScheme, read_performance_scheme
from performance.indicators.selectors.months import MonthValue, compare_by_weeks, month_rows
from performance.indicators.settings_tables import PerformanceSettings


def number(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def goal(polarity: str, target: str | None = None, **more) -> Goal:
    """A goal; `more` are its other fields, numbers as texts."""
    fields = {name: number(each) if isinstance(each, str) else each for name, each in more.items()}
    return Goal(polarity, number(target), **fields)


def rules(*rows: dict):
    return read_performance_scheme({"performance": list(rows)}).rules


RED, AMBER, GREEN = ({"status": word} for word in ("Red", "Amber", "Green"))
SCHEMES = {
    # Cambridgeshire, Maidstone, Uttlesford: met, within 10%, beyond.
    "within 10%": rules(
        RED | {"shortfall_percent_above": 10}, AMBER | {"shortfall_percent_above": 0}, GREEN
    ),
    # Belfast: 1% and 5%.
    "1% and 5%": rules(
        RED | {"shortfall_percent_above": 5}, AMBER | {"shortfall_percent_above": 1}, GREEN
    ),
    # Poole 2005/06: green within 10%, amber within 15%.
    "10% and 15%": rules(
        RED | {"shortfall_percent_above": 15}, AMBER | {"shortfall_percent_above": 10}, GREEN
    ),
    # Two colours only.
    "two colours": rules(RED | {"shortfall_above": 0}, GREEN),
    # Kent, and Brighton & Hove's amber value of each indicator: a floor.
    "floor": rules(RED | {"minimum_shortfall_above": 0}, AMBER | {"shortfall_above": 0}, GREEN),
    # Havering: red only where more than 10% off and not improved on last year.
    "not improved": rules(
        RED | {"shortfall_percent_above": 10, "worsening_last_year_above": 0},
        AMBER | {"shortfall_percent_above": 10},
        GREEN,
    ),
    # East Riding: green only where better than the target by more than 5%.
    "better by 5%": rules(
        GREEN | {"shortfall_percent_below": -5}, RED | {"shortfall_percent_above": 5}, AMBER
    ),
}
HIGH, LOW = goal("higher", "100"), goal("lower", "100")
BAND = goal("band", low="56", high="61")
FLOORED = goal("higher", "70", minimum="63")
KENT_HIGH = goal("higher", "868", minimum_percent="10")
KENT_LOW = goal("lower", "2075", minimum_percent="10")
MIDPOINT = goal("band", low="50", high="50")
STRICT = goal("lower", "8.1", is_strict=True)
CASES = [
    *(("within 10%", HIGH, each, word) for each, word in (("100", "Green"), ("90", "Amber"))),
    ("within 10%", HIGH, "89.9999", "Red"),
    *(("within 10%", LOW, each, word) for each, word in (("110", "Amber"), ("110.0001", "Red"))),
    ("within 10%", goal("higher", "27"), "23.0", "Red"),  # 14.8% off, Direct Payments
    ("within 10%", goal("higher", "38.9"), "35.1", "Amber"),  # 9.8% off, carers
    ("within 10%", goal("lower", "8.5"), "9.6", "Red"),  # 12.9%: Cambridgeshire prints Amber
    ("within 10%", goal("lower", "3.7"), "3.76", "Amber"),  # 1.6%: it prints Green
    ("1% and 5%", HIGH, "99", "Green"),
    ("1% and 5%", HIGH, "95", "Amber"),
    ("1% and 5%", HIGH, "94.9", "Red"),
    ("10% and 15%", LOW, "110", "Green"),
    ("10% and 15%", LOW, "115", "Amber"),
    ("10% and 15%", LOW, "116", "Red"),
    ("two colours", HIGH, "100", "Green"),
    ("two colours", HIGH, "99.9999", "Red"),
    ("two colours", BAND, "56", "Green"),
    ("two colours", BAND, "61", "Green"),
    ("two colours", BAND, "61.0001", "Red"),
    ("two colours", MIDPOINT, "50", "Green"),
    ("two colours", MIDPOINT, "49", "Red"),
    ("two colours", goal("higher", "0"), "0", "Green"),
    ("floor", FLOORED, "63", "Amber"),
    ("floor", FLOORED, "62.9", "Red"),
    ("floor", goal("lower", "30"), "39", "Amber"),  # Kent's delayed transfers have no floor
    ("floor", KENT_HIGH, "781", "Red"),  # 10.02% behind
    ("floor", goal("lower", "30", minimum="33"), "33", "Amber"),
    ("floor", KENT_LOW, "2278", "Amber"),  # 9.78% behind
    ("floor", goal("lower", "2161", minimum_percent="10"), "2388", "Red"),  # 10.50%
    ("floor", goal("higher", "911", minimum_percent="10"), "819.9", "Amber"),  # exactly at it
    ("floor", goal("band", low="56", high="61", minimum_percent="10"), "50.4", "Amber"),
    ("floor", goal("band", low="56", high="61", minimum_percent="10"), "50.3", "Red"),
    ("floor", goal("band", low="56", high="61", minimum="50"), "49", "Red"),
    ("better by 5%", HIGH, "106", "Green"),
    ("better by 5%", HIGH, "105", "Amber"),
    ("better by 5%", LOW, "94", "Green"),
    ("better by 5%", LOW, "106", "Red"),
    ("two colours", STRICT, "8.1", "Red"),
    ("two colours", STRICT, "8.0999", "Green"),
    ("within 10%", STRICT, "8.1", "Amber"),
    ("two colours", goal("higher"), "5", "No target"),
    ("two colours", HIGH, None, "Not reported"),
    ("two colours", goal("none", "5"), "5", "Data only"),
    ("within 10%", goal("higher", "0"), "-5", "Green"),  # a target of nil has no percentage
]


@pytest.mark.parametrize(("scheme", "aim", "actual", "status"), CASES)
def test_the_rules_give_the_status(scheme, aim, actual, status):
    assert rate(SCHEMES[scheme], aim, Reading(number(actual))) == status


def test_a_council_may_ask_whether_it_improved_on_last_year():
    scheme = SCHEMES["not improved"]
    for last_year, status in (("85", "Red"), ("80", "Amber"), ("75", "Amber"), (None, "Amber")):
        reading = Reading(Fraction(80), last_year=number(last_year))
        assert rate(scheme, HIGH, reading) == status
    assert rate(scheme, HIGH, Reading(Fraction(90), last_year=Fraction(95))) == "Green"


@pytest.mark.parametrize(
    ("aim", "before", "now", "found"),
    [
        (HIGH, "92.9", "93", "up"),
        (HIGH, "41.6", "35.1", "down"),
        (LOW, "35", "40.8", "down"),
        (LOW, "10.3", "8.5", "up"),
        (LOW, "169", "169", "same"),  # Cambridgeshire prints ↓
        (BAND, "55", "57", "up"),
        (BAND, "57", "60", "same"),
        (BAND, "61", "64", "down"),
        (goal("none"), "1", "2", ""),
        (HIGH, None, "2", ""),
    ],
)
def test_the_direction_of_travel_follows_from_the_polarity(aim, before, now, found):
    assert direction(aim, number(before), number(now)) == found


@pytest.mark.parametrize(
    ("scheme", "aim", "actual", "status", "distance"),
    [
        ("within 10%", goal("higher", "38.9"), "35.1", "Red", "0.09"),
        ("within 10%", HIGH, "104", "Amber", "4"),
        ("within 10%", HIGH, "80", None, None),
        ("floor", KENT_LOW, "2278", "Red", "4.5"),
        ("two colours", BAND, "58", "Red", "0"),
    ],
)
def test_the_distance_to_the_next_status_is_exact(scheme, aim, actual, status, distance):
    found = next_boundary(SCHEMES[scheme], aim, Fraction(actual))
    assert (found and found.status, found and found.distance) == (status, number(distance))


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ([(2016, 12, 2028), (2017, 1, 2256), (2017, 2, 2241)], 2028),
        ([(2016, 3, 2304), (2016, 4, 2261), (2016, 5, 2229)], None),
        ([(2016, 12, 70), (2017, 1, 70)], None),
        ([(2017, 1, 72), (2017, 2, 72), (2017, 3, 72), (2017, 4, 75), (2017, 5, 75)], 72),
        ([(2016, 12, 70), *((2017, month, 72) for month in (1, 2, 3)), (2017, 4, 75)], 72),
        ([], None),
    ],
)
def test_the_target_before_the_last_change_is_found(targets, found):
    assert former_target(targets) == found


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"status": "Red", "level": "total"}], "an indicator has no level"),
        ([{"status": "No target"}], "has another use"),
        ([{"status": "Red"}, {"status": "RED"}], "spelt two ways"),
        ([{"status": "Red", "label": "a"}, {"status": "Red", "label": "b"}], "two labels"),
        ([{"status": "Red", "label": 3}], "label must be a text"),
        ([{"status": "Red", "variance_above": 3}], "is not a condition"),
        ("Red", "must be a list"),
    ],
)
def test_rules_that_cannot_be_used_are_refused(rows, message):
    with pytest.raises(SettingsError, match=message):
        read_performance_scheme({"performance": rows})


COUNT = {"basis": "period", "unit": "number", "polarity": "higher"}
JUNE = ("2021-06-30", "")


@pytest.mark.parametrize(
    ("measure", "before", "now", "is_given", "previous"),
    [
        # May has four weeks, June five, July four: 800 in four weeks are 1,000 in five.
        (COUNT, (2, 800), (3, 900), False, 1_000),
        (COUNT, (3, 900), (4, 800), False, 720),
        (COUNT, (1, 800), (2, 900), False, 800),
        (COUNT, (3, 900), (4, 800, JUNE), False, 900),
        (COUNT, (2, 800), (4, 800), True, 640),
        (COUNT | {"basis": "snapshot"}, (2, 800), (3, 900), False, 800),
        (COUNT | {"unit": "percent"}, (2, 80), (3, 90), False, 80),
    ],
)
def test_monthly_counts_are_compared_per_week(measure, before, now, is_given, previous):
    months = [
        MonthValue(2021, place, Fraction(value), covers=(rest or [("", "")])[0])
        for place, value, *rest in (before, now)
    ]
    reading = Reading(months[1].actual, months[0].actual, Fraction(5))
    indicator, weeks = Indicator(**measure), PerformanceSettings(weeks=(4, 4, 5))
    found = compare_by_weeks(indicator, reading, months, weeks, is_given=is_given)
    assert found == Reading(reading.actual, Fraction(previous), Fraction(5))
    unweighed = compare_by_weeks(
        indicator, reading, months, PerformanceSettings(), is_given=is_given
    )
    assert unweighed == reading


def test_a_target_for_five_weeks_is_not_a_moved_target():
    """Kent's 217 a week, and 204 from July on: the target before it is 217 × 4."""
    targets = (868, 868, 1_085, 816)
    months = [MonthValue(2021, n, None, Fraction(each)) for n, each in enumerate(targets, 1)]
    made = {
        weeks: month_rows(
            Indicator(**COUNT), months, PerformanceSettings(weeks=weeks), PerformanceScheme()
        )
        for weeks in ((4, 4, 5), ())
    }
    assert [row.former_target for row in made[4, 4, 5]] == [None, None, None, 8_680_000]
    assert [row.former_target for row in made[()]] == [None] * 4
