"""Rules of activity, on figures: unit costs, effects, run-rates, statuses and other numbers."""

from fractions import Fraction

import pytest

from council_finance.statements import Display
from council_finance.statuses import parse_rules
from performance.activity.report_rows import ActivityFigures, LineRow
from performance.activity.rules import (
    Effects,
    direction_of,
    effects_of,
    rounding_of_product,
    unit_cost_of,
)
from performance.activity.settings_tables import MEASURES
from performance.activity.statements.tree import unit_cost_cell
from performance.activity.status import status_of_line
from performance.activity.totals import ActivityTotal
from performance.activity.what_if import Numbers, imagine, one_more
from performance.activity.words import describe_cause, main_cause

ONE = 10_000
K = Display("k", "minus")


def line(reference="L", kind="volume", **fields) -> LineRow:
    now = ActivityFigures(
        fields.pop("volume", None),
        fields.pop("average", None),
        fields.pop("unit_cost", None),
        fields.pop("forecast", None),
    )
    values = {
        **{"group": "G", "name": reference, "counted": True, "unit": "week", "units": 52 * ONE},
        **{"decimals": 2, "budget_volume": None, "stated_budget_unit_cost": None, "budget": None},
        **{"previous": None, "reported": True},
        **{"follows_average": False, "derives_unit_cost": False},
    }
    return LineRow(reference=reference, kind=kind, now=now, **values | fields)


@pytest.mark.parametrize(
    ("budget", "forecast", "budgeted", "volume", "expected"),
    [
        # three more at the budget's price of 33.33..., rounded once; the rest is price
        (10_000, 30_000, 3 * ONE, 6 * ONE, Effects(10_000, 10_000, None)),
        (10_000, 20_001, 3 * ONE, 4 * ONE, Effects(3_333, 6_668, None)),
        # everybody left: all of it is people
        (7_500, 0, ONE, 0, Effects(-7_500, 0, None)),
        # nobody was budgeted for, or a volume is not given: no price to split by
        (0, 303_00, 0, 9_600, Effects(None, None, 303_00)),
        (100, 150, ONE, None, Effects(None, None, 50)),
        (100, 150, None, ONE, Effects(None, None, 50)),
        (None, 150, ONE, ONE, Effects(None, None, None)),
        (100, None, ONE, ONE, Effects(None, None, None)),
        # half a penny is rounded away from zero
        (1, 1, 2 * ONE, 3 * ONE, Effects(1, -1, None)),
        (-1, -1, 2 * ONE, 3 * ONE, Effects(-1, 1, None)),
    ],
)
def test_effects_add_up_to_the_variance(budget, forecast, budgeted, volume, expected):
    found = effects_of(budget, forecast, budgeted, volume)
    assert found == expected
    if budget is not None and forecast is not None:
        parts = (found.volume, found.unit_cost, found.other)
        assert sum(part or 0 for part in parts) == forecast - budget


def test_a_unit_cost_is_cost_by_volume_by_units_and_none_without_a_volume():
    assert unit_cost_of(616_548_000, 98 * ONE, ONE) == Fraction(616_548_000, 98)
    assert unit_cost_of(100, 0, ONE) is None
    assert unit_cost_of(100, ONE, None) is None
    assert unit_cost_of(220_000_000, -694_600, ONE) == Fraction(220_000_000 * ONE, -694_600)


@pytest.mark.parametrize(
    ("pence", "decimals", "unit", "text"),
    [
        (Fraction(616_548_000, 98), None, "k", "63"),
        (Fraction(616_548_000, 98), None, "pounds", "62,913"),
        (Fraction(254_466), 2, "k", "2,544.66"),
        (Fraction(142_650), 0, "k", "1,427"),
        (Fraction(-654), 2, "k", "-6.54"),
        # not rounded to the penny first: that would print 500.00, and then 1
        (Fraction(4_999_999, 100), None, "k", "0"),
        (Fraction(50_000), None, "k", "1"),
        (Fraction(4_999, 100), 0, "k", "0"),
    ],
)
def test_a_unit_cost_is_rounded_once(pence, decimals, unit, text):
    assert unit_cost_cell(pence, decimals, Display(unit, "minus")).text == text


def test_the_number_of_a_unit_cost_prints_as_the_exact_one():
    below_half = Fraction(331_607_498, 1_000)
    cell = unit_cost_cell(below_half, 2, Display("k", "minus"))
    assert (cell.text, cell.number) == ("3,316.07", 33_160_749)
    refund = unit_cost_cell(-below_half, 2, Display("k", "minus"))
    assert (refund.text, refund.number) == ("-3,316.07", -33_160_749)


def test_totals_leave_out_volumes_that_stand_on_another_line_and_no_money():
    lines = [
        line("Basic", volume=3 * ONE, budget=100, forecast=150, budget_volume=2 * ONE),
        line("Skills", volume=3 * ONE, budget=40, forecast=50, counted=False),
        line("Respite", "cost", forecast=7),
        line("Growth", "adjustment", budget=10, forecast=0),
        line("Missing", budget=5, budget_volume=ONE),
    ]
    total = ActivityTotal(lines)
    assert total.volume(lambda each: each.volume) == 3 * ONE
    assert (total.budget, total.forecast, total.variance) == (155, 207, 50)
    assert [each.name for each in total.unreported] == ["Missing"]
    assert ActivityTotal([]).variance is None


def test_an_average_unit_cost_holds_growth_and_no_recoupment():
    """Of 2.5.2: cost of volumes and adjustments by the volume that the costs follow."""
    fields = {"units": ONE, "follows_average": True, "derives_unit_cost": True}
    lines = [
        line(
            "A", volume=ONE, average=2 * ONE, budget=100, forecast=300, budget_volume=ONE, **fields
        ),
        line("Growth", "adjustment", budget=50, forecast=0, **fields),
        line("Recoupment", "cost", budget=0, forecast=999, **fields),
    ]
    total = ActivityTotal(lines)
    assert total.average_budget_unit_cost == 150
    assert total.average_unit_cost(lambda each: each.now) == 150
    assert ActivityTotal([*lines, line("B", units=52 * ONE)]).average_budget_unit_cost is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(2, 1, 1), (1, 1, 0), (1, 2, -1), (Fraction(1, 3), Fraction(1, 3), 0), (1, None, None)],
)
def test_a_direction_is_arithmetic_and_unknown_without_both(now, before, expected):
    assert direction_of(now, before) == expected


def test_rounding_of_a_product_is_half_of_the_last_decimal_and_500_pounds():
    assert rounding_of_product(ONE, 52 * ONE, 2) == 50_000 + 26
    assert rounding_of_product(2 * ONE, 52 * ONE, 0) == 50_000 + 5_200


def test_the_run_rate_is_of_the_snapshot_and_needs_units():
    fostering = line(volume=303 * ONE, average=290 * ONE, unit_cost=80_119, follows_average=True)
    assert fostering.exit_run_rate == 303 * 80_119 * 52
    assert line(volume=ONE, unit_cost=1_637, units=None).exit_run_rate is None
    assert line("Respite", "cost", forecast=5).exit_run_rate is None


def test_other_numbers_cost_a_full_year_and_the_months_that_are_left():
    home = line(volume=37 * ONE, unit_cost=100_00)
    found = imagine(home, Numbers(35 * ONE, 110_00), months=3)
    assert found.full_year == 52 * (35 * 110_00 - 37 * 100_00)
    assert found.this_year == found.full_year // 4
    more = one_more(home, months=3)
    assert (more.full_year, more.this_year) == (520_000, 130_000)
    assert (more.fewer_to_save(130_001), more.fewer_to_save(130_000)) == (2, 1)
    assert one_more(home, months=0).fewer_to_save(1) is None
    assert one_more(line(unit_cost=1, units=None), months=3) is None


def test_the_cause_is_said_in_words_the_largest_first():
    dear = line(budget=100_000_00, forecast=150_000_00, budget_volume=2 * ONE, volume=ONE)
    total = ActivityTotal([dear, line("Growth", "adjustment", budget=0, forecast=-3_000_00)])
    assert describe_cause(total, "placements", K) == (
        "Dearer care adds £100k, fewer placements take off £50k and money without a volume takes "
        "off £3k."
    )
    assert main_cause(total, "placements") == "Dearer care"
    assert describe_cause(ActivityTotal([line()]), "placements", K) == ""


@pytest.mark.parametrize(
    ("rule", "fields", "expected"),
    [
        ({"volume_percent_above": 10}, {"volume": 12 * ONE}, "Red"),
        ({"volume_percent_above": 10}, {"volume": 11 * ONE}, ""),
        ({"unit_cost_percent_above": 5}, {"unit_cost": 106}, "Red"),
        ({"variance_percent_above": 20}, {"forecast": 12_100}, "Red"),
        ({"variance_above": 20}, {"forecast": 12_000}, ""),
        ({"variance_above": 0}, {"forecast": None}, ""),
    ],
)
def test_a_council_may_give_lines_a_status(rule, fields, expected):
    rules = parse_rules([{"status": "Red", **rule}], [each.name for each in MEASURES], "x")
    values = {"volume": 10 * ONE, "unit_cost": 100, "forecast": 10_000} | fields
    given = line(budget=10_000, budget_volume=10 * ONE, stated_budget_unit_cost=100, **values)
    assert status_of_line(rules, given) == expected
