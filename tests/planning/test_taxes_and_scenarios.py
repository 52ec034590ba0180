"""Council tax to the penny, scenarios of the same items, and savings at risk."""

from planning.plan.calculations import roll_forward
from planning.plan.report_rows import FundingRow, PlanRow, ScenarioRow, SchemeRow, TaxRow
from planning.plan.risks import savings_at_risk
from planning.plan.scenarios import scenarios_of, slug_of
from planning.plan.taxes import (
    band_d_of,
    basic_amount,
    requirement_of,
    tax_changes,
    years_to_compare,
)

YEARS = (2030, 2031)


def test_oldhams_basic_amount_and_increases():
    """Oldham 2023/24: (109,323,614 − 328,754) ÷ 58,500 = 1,863.16."""
    row = TaxRow(
        2023,
        tax_base=58_500_0000,
        general=1_620_00,
        adult_social_care=243_16,
        gross_expenditure=109_323_614_00,
        gross_income=0,
        special_items=328_754_00,
    )
    assert requirement_of(row) == 109_323_614_00
    assert basic_amount(row) == 1_863_16 == row.band_d


def test_changes_of_the_tax_add_up_with_the_base():
    """Ashfield: £924 is 2p at this base; a larger base alone lowers Band D."""
    last = TaxRow(2029, tax_base=33_000_0000, general=185_00)
    now = TaxRow(2030, tax_base=33_100_0000, general=189_46)
    changes = tax_changes(last, now, [("A", "Pressure", 924_00), ("B", "Saving", -10_000_00)])
    assert [change.key for change in changes] == ["A", "B", "tax_base", "other"]
    assert (changes[0].band_d, changes[2].band_d) == (3, -56)
    assert last.band_d + sum(change.band_d for change in changes) == now.band_d
    assert band_d_of(-100_00, 33_100_0000) == 0
    assert years_to_compare([last, now], 2030) == (last, now)
    assert years_to_compare([last, now], 2040) == (last, now)
    assert years_to_compare([now], 2030) is None


ITEMS = (
    PlanRow("P", "Pay", "growth", amounts={2030: 100, 2031: 200}),
    PlanRow("S", "Savings", "saving", kind="Eff", amounts={2030: -50, 2031: -80}),
    PlanRow("S.1", "Rents", "saving", kind="Eff", parent="S", amounts={2030: -30, 2031: -60}),
    PlanRow(
        "S.2", "Unallocated (TBC)", "saving", kind="Eff", parent="S", amounts={2030: -20, 2031: -20}
    ),
)


def test_scenarios_give_other_amounts_for_the_same_items():
    roll = roll_forward(ITEMS, YEARS, "cumulative")
    sources = [FundingRow("F", "Tax", amounts={2030: 1000, 2031: 1000})]
    rows = [
        ScenarioRow("High pay, 5%", "P", {2030: 150, 2031: 300}),
        ScenarioRow("High pay, 5%", "S.1", {2030: 0, 2031: 0}),
        ScenarioRow("Less tax", "F", {2030: 900, 2031: 900}),
    ]
    found = scenarios_of(roll, "cumulative", 1000, sources, rows)
    assert [each.name for each in found] == ["Plan", "High pay, 5%", "Less tax"]
    assert [[year.net for year in each.summary] for each in found] == [
        [1050, 1120],
        [1130, 1280],
        [1050, 1120],
    ]
    gaps = [[year.cumulative_gap for year in each.summary] for each in found]
    assert gaps == [[50, 120], [130, 280], [150, 220]]
    assert slug_of("High pay, 5%") == "high-pay-5"


def test_a_saving_is_at_risk_once_by_its_first_reason():
    items = (
        *ITEMS,
        PlanRow("D", "Depot", "saving", kind="Eff", depends_on="CAP", amounts={2031: -40}),
        PlanRow("E", "Estates", "saving", kind="Eff", depends_on="DEC", amounts={2031: -10}),
        PlanRow("N", "New", "saving", kind="Eff", amounts={2030: -5, 2031: -5}),
    )
    found = savings_at_risk(
        roll_forward(items, YEARS, "cumulative"),
        schemes=[SchemeRow("CAP", "Hub", status="draft")],
        decisions={"DEC": "taken"},
        not_started={"N"},
        delivery_rate_percent=90,
    )
    assert [(each.key, each.reason, each.amounts) for each in found] == [
        ("S.2", "unidentified", (-20, -20)),
        ("D", "depends on CAP", (None, -40)),
        ("N", "not started", (-5, -5)),
        ("under-delivery-rate", "under delivery rate", (-3, -7)),
    ]
