"""The roll of a plan: steps and cumulative amounts, what comes back out, gaps and versions."""

from dataclasses import replace

import pytest

from planning.plan.calculations import (
    absolute_funding,
    funding_of_net_budget,
    register_of,
    roll_forward,
    summarise,
)
from planning.plan.marks import worked_out_marks
from planning.plan.report_rows import FundingRow, PlanRow, ScenarioRow
from planning.plan.scenarios import scenarios_of

YEARS = (2030, 2031, 2032)


def item(reference: str, type_of_item: str, *amounts: int | None, **fields) -> PlanRow:
    given = {year: pence for year, pence in zip(YEARS, amounts, strict=False) if pence is not None}
    return PlanRow(reference, reference, type_of_item, amounts=given, **fields)


EXAMPLE = (
    item("T", "transfer", 50, 50, 50),
    item("A", "growth", 100, 150, 150),
    item("B", "growth", 0, 40, None, recurrence="one_off"),
    item("C", "saving", -30, -60, -60, kind="Eff"),
    item("D", "saving", -10, -10, None, kind="Eff", recurrence="time_limited"),
)
AS_STEPS = (
    item("T", "transfer", 50, None, None),
    item("A", "growth", 100, 50, 0),
    item("B", "growth", 0, 40, None, recurrence="one_off"),
    item("C", "saving", -30, -30, 0, kind="Eff"),
    item("D", "saving", -10, 0, None, kind="Eff", recurrence="time_limited"),
)


@pytest.mark.parametrize(
    ("items", "amounts"), [(EXAMPLE, "cumulative"), (AS_STEPS, "step")], ids=["cumulative", "step"]
)
def test_the_worked_example_rolls_to_1140(items, amounts):
    roll = roll_forward(items, YEARS, amounts)
    years = summarise(roll, 1000)
    assert [year.base for year in years] == [1000, 1110, 1170]
    assert [year.net for year in years] == [1110, 1170, 1140]
    assert [year.subtotal for year in years] == [1050, 1110, 1170]
    assert roll.steps["A"] == (100, 50, 0)
    assert roll.steps["B"] == (0, 40, -40)
    assert roll.steps["C"] == (-30, -30, 0)
    assert roll.steps["D"] == (-10, 0, 10)
    last = [roll.sum_of(roll.tops(kind), 2) for kind in ("transfer", "growth", "saving")]
    assert (last, 1000 + sum(last)) == ([50, 150, -60], 1140)
    registers = [[(row.reference, agreed) for row, agreed in register_of(roll, y)] for y in YEARS]
    assert registers == [[("C", 30), ("D", 10)], [("C", 30)], []]


def test_an_item_that_another_ends_stays_until_it():
    items = (
        item("X", "growth", 100, None, None, recurrence="time_limited"),
        item("E", "growth", None, -100, -100, ends="X"),
        item("Y", "growth", 7, None, 9),
    )
    roll = roll_forward(items, YEARS, "cumulative")
    assert roll.steps == {"X": (100, 0, 0), "E": (None, -100, 0), "Y": (7, 0, 2)}
    assert [year.net for year in summarise(roll, 0)] == [107, 7, 9]


def test_reserves_close_the_gap_of_their_year_only():
    """Gateshead: the annual gap of the second year contains the reserves of the first again."""
    items = (
        item("G", "growth", 34_176, 36_860, 36_860),
        item("R", "reserves", -23_520, -7_065, None),
    )
    sources = [FundingRow("F", "Funding", amounts=dict.fromkeys(YEARS, 100_000))]
    for amounts in ("cumulative",):
        roll = roll_forward(items, YEARS, amounts)
        years = summarise(roll, 100_000, funding_of_net_budget(sources, YEARS))
        assert [year.gap_before_reserves for year in years] == [34_176, 36_860, 36_860]
        assert [year.cumulative_gap for year in years] == [10_656, 29_795, 36_860]
        assert [year.annual_gap for year in years] == [10_656, 19_139, 7_065]
    assert roll_forward(items, YEARS, "step").steps["R"] == (-23_520, -7_065, None)
    assert funding_of_net_budget(sources, (*YEARS, 2033)) == [], "a year is not given"
    again = FundingRow("S", "Funding", "smoothed", amounts={2030: 300_000, 2031: 0, 2032: 0})
    assert funding_of_net_budget([*sources, again], YEARS) == [100_000] * 3, "the same money"


def test_other_councils_shapes_roll():
    """Hampshire opens twice; Oldham takes back one-off measures; income grows below nil."""
    hampshire = (
        item("V", "transfer", 786, 586),
        item("G", "growth", -62, -124),
        item("I", "inflation", 207, 434),
    )
    years = summarise(roll_forward(hampshire, YEARS[:2], "cumulative"), 9_859)
    assert [year.net for year in years] == [10_790, 10_755]
    oldham = (
        item("BACK", "growth", 2_500),
        item("OUT", "growth", -625),
        item("FEES", "growth", -300),
        item("OLD", "saving", -1_000, kind="SR"),
    )
    (year,) = summarise(roll_forward(oldham, YEARS[:1], "step"), 10_000)
    assert (year.net, year.changes["growth"]) == (10_575, 1_575)
    assert summarise(roll_forward(oldham, YEARS[:1], "step"), None)[0].net is None


def test_funding_whose_later_years_are_steps():
    """A county, inferred East Sussex; a scenario changes its steps, one-off money does not stay."""
    county = FundingRow(
        "F", "Funding", "", "", "recurrent", amounts={2030: 453_231, 2031: 48_215, 2032: 20_582}
    )
    (found,) = absolute_funding([county], (*YEARS, 2033), "step")
    assert found.amounts == {2030: 453_231, 2031: 501_446, 2032: 522_028, 2033: 522_028}
    less = replace(county, amounts={**county.amounts, 2033: -17_854})
    assert absolute_funding([less], (*YEARS, 2033), "step")[0].amounts[2033] == 504_174
    assert absolute_funding([less], YEARS, "absolute") == (less,)
    once = FundingRow("O", "Once", recurrence="non-recurrent", amounts={2031: 7})
    assert absolute_funding([once], YEARS, "step")[0].amounts == {2031: 7}
    rows = [ScenarioRow("Worse", "F", {2031: 0})]
    (_, worse) = scenarios_of(
        roll_forward((), YEARS, "step"), "step", 500_000, [county], rows, funding_amounts="step"
    )
    assert [year.funding for year in worse.summary] == [-453_231, -453_231, -473_813]


def test_marks_follow_from_the_version_before():
    before = roll_forward((item("A", "growth", 75), item("B", "growth", 1)), YEARS, "cumulative")
    now = roll_forward(
        (item("A", "growth", 25), item("B", "growth", 1), item("C", "growth", 1)),
        YEARS,
        "cumulative",
    )
    expected = {"A": "amended", "B": "unchanged", "C": "new"}
    assert worked_out_marks(now, before) == expected
    assert worked_out_marks(now, None) == {}
