"""Reserves, capital receipts and aged debt, figure by figure as the two councils printed them."""

import csv

import pytest

from monitoring.models import Period
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE

SOMERSET = REFERENCE / "somerset-2019-20-m03"
CAMBRIDGESHIRE = REFERENCE / "cambridgeshire-2018-19-close"


def printed(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def made(year, number: int, name: str):
    return statement(current_data(Period.objects.get(year=year, number=number)), name)


def texts(row) -> dict[str, str]:
    return {key: cell.text for key, cell in row.cells.items()}


def plain(text: str) -> str:
    """A printed figure with a minus where a council prints brackets."""
    return f"-{text[1:-1]}" if text.startswith("(") else text


def by_line(name: str) -> dict[str, str]:
    return {line["line"]: line["amount_m"] for line in printed(SOMERSET / name)}


# Somerset


def test_every_figure_of_table_1_is_as_printed(somerset):
    earmarked, lines = (
        made(somerset, 3, "reserves-earmarked"),
        by_line("table_1_earmarked_reserves.csv"),
    )
    total = texts(earmarked.row("total"))
    assert total["opening"] == lines["Balance as at 31 March 2019"] == "26.075"
    for code, line in (
        ("ITS", "Set up Invest to Save Fund"),
        ("BRP", "Set up Business Rates Pilot county-wide pot"),
        ("PREV", "Set up Prevention Fund"),
        ("INS", "Budgeted increase to Insurance Fund"),
    ):
        assert texts(earmarked.row(code))["budgeted"] == lines[line]
    assert total["anticipated"] == lines["Additional anticipated net service movements"] == "0.960"
    assert total["closing"] == lines["Closing balance as at 31 March 2020"] == "35.443"
    (note,) = [note.text for note in earmarked.footnotes if "1 April 2019" in note.text]
    assert f"£{lines['Balance as at 1 April 2019']}m" in note


def test_every_figure_of_table_2_is_as_printed(somerset):
    """17.689 + 2.000 = 19.690 in print, as from unrounded figures."""
    fund, lines = made(somerset, 3, "reserves-general-fund"), by_line("table_2_general_fund.csv")
    row = texts(fund.row("GF"))
    assert row["opening"] == lines["Balance as at 31 March 2019"]
    assert row["budgeted"] == lines["Budgeted contribution"]
    assert plain(row["anticipated"]) == lines["Impact of negative earmarked reserve"] == "-1.322"
    assert row["closing"] == lines["Closing balance as at 31 March 2020"]
    notes = [note.text for note in fund.footnotes]
    assert any(f"£{lines['Balance as at 1 April 2019']}m" in note for note in notes)
    assert any("Impact of negative earmarked reserve" in note for note in notes)


def test_the_general_fund_stands_before_and_after_the_forecast(somerset, cambridgeshire):
    fund = made(somerset, 3, "reserves-general-fund")
    assert [row.key for row in fund.rows] == ["GF", "total", "variance", "after"]
    assert texts(fund.row("after")) == texts(fund.row("total"))  # Somerset forecasts to budget
    before = made(cambridgeshire, 11, "reserves-general-fund")
    net = made(cambridgeshire, 11, "annex-a").row("NET").cells["net_variance"]
    assert before.row("total").cells["closing"].value == 0
    assert before.row("variance").cells["closing"].value == -net.value
    assert before.row("after").cells["closing"].value == -net.value < 0


def test_at_the_close_the_overspend_is_not_taken_off_again(cambridgeshire):
    fund = made(cambridgeshire, 13, "reserves-general-fund")
    assert [row.key for row in fund.rows] == ["R01", "total"]
    assert texts(fund.row("total"))["closing"] == "-4,756"


def test_before_the_movement_was_reported_it_is_not_there(somerset):
    earmarked = made(somerset, 2, "reserves-earmarked")
    assert texts(earmarked.row("total"))["anticipated"] == "0.000"
    assert texts(earmarked.row("total"))["closing"] == "34.483"


RECEIPTS = {
    "original_planned_m": "original_planned",
    "current_forecast_m": "forecast",
    "previous_forecast_m": "previous_forecast",
}
BLOCKS = {
    "Key Services": "total:KEY",
    "Support Services and Corporate": "total:SUPPORT",
    "SCC Total": "total:SCC",
}


@pytest.mark.parametrize(
    "line",
    printed(SOMERSET / "appendix_a_capital_receipts_flexibilities.csv"),
    ids=lambda line: line["project"] or line["service"],
)
def test_every_figure_of_appendix_a_is_as_printed(somerset, line):
    receipts = made(somerset, 3, "capital-receipts")
    row = next(
        row
        for row in receipts.rows
        if row.cells and (row.label == line["project"] or row.key == BLOCKS.get(line["service"]))
    )
    assert {column: texts(row)[key] for column, key in RECEIPTS.items()} == {
        column: line[column] for column in RECEIPTS
    }


def test_appendix_a_has_the_printed_projects_in_their_order(somerset):
    lines = printed(SOMERSET / "appendix_a_capital_receipts_flexibilities.csv")
    rows = [row for row in made(somerset, 3, "capital-receipts").rows if row.cells]
    assert [row.label for row in rows if row.kind == "line"] == [
        line["project"] for line in lines if line["project"]
    ]
    assert [row.key for row in rows if row.kind != "line"] == list(BLOCKS.values())


def test_the_difference_to_annex_a_is_found_and_said(somerset):
    receipts, annex = made(somerset, 3, "capital-receipts"), made(somerset, 3, "annex-a")
    total = receipts.row("total:SCC").cells["forecast"]
    planned = annex.row("SCC").cells["use_of_capital_receipts"]
    assert (total.text, plain(planned.text)) == ("2.533", "-2.532")
    assert total.value + planned.value == 520
    notes = [note.text for note in receipts.footnotes]
    assert any("Economic & Community" in note and "£480 more" in note for note in notes)
    assert any("Corporate & Support" in note and "£40 more" in note for note in notes)
    assert not [note.text for note in made(somerset, 2, "capital-receipts").footnotes]


def test_the_first_report_has_no_previous_forecast(somerset):
    for row in made(somerset, 2, "capital-receipts").rows:
        assert not row.cells or row.cells["previous_forecast"].text == ""


DEBT = {
    "not_overdue_m": "not_overdue",
    "days_0_30_m": "days_0_30",
    "days_31_90_m": "days_31_90",
    "days_91_365_m": "days_91_365",
    "days_over_365_m": "days_over_365",
    "total_gross_m": "total",
}


def test_every_figure_of_table_4_is_as_printed(somerset):
    rows, lines = made(somerset, 3, "aged-debt").rows, printed(SOMERSET / "table_4_aged_debt.csv")
    assert len(rows) == len(lines) == 10
    for row, line in zip(rows, lines, strict=True):
        assert texts(row) == {key: line[column] for column, key in DEBT.items()}, line["service"]
        if row.kind == "service":
            assert row.label == line["service"]
    assert [row.kind for row in rows[-2:]] == ["total", "percent"]


# Cambridgeshire

SCHEDULE = printed(CAMBRIDGESHIRE / "appendix_5_reserves.csv")
PRINTED = {
    "balance_1_april_2018_k": "opening",
    "movements_k": "actual",
    "balance_at_close_k": "closing",
    "year_end_k": "closing",
}
WRONG_IN_PRINT = {
    # 55 + 31 + 50 + 42 is 178; the balance, 664 - 178 = 486, is right
    ("Other Earmarked Reserves", "movements_k"): "-178",
    # "56, 0, -56" and 17,466 printed as 17,446: the capital totals do not add
    ("Other Adult Capital Reserves", "balance_at_close_k"): "56",
    ("Other Adult Capital Reserves", "year_end_k"): "56",
    ("TOTAL CAPITAL RESERVE", "movements_k"): "17,466",
    ("TOTAL CAPITAL RESERVE", "balance_at_close_k"): "29,575",
    ("TOTAL CAPITAL RESERVE", "year_end_k"): "29,575",
}
TOTALS = {"TOTAL REVENUE RESERVE": "total:revenue", "TOTAL CAPITAL RESERVE": "total:capital"}


def test_every_figure_of_the_schedule_is_as_printed(cambridgeshire):
    rows = [row for row in made(cambridgeshire, 13, "reserves-schedule").rows if row.cells]
    assert len(rows) == len(SCHEDULE) == 19
    for row, line in zip(rows, SCHEDULE, strict=True):
        name = line["group"] if line["fund"] == "subtotal" else line["fund"]
        assert row.key == TOTALS[name] if name in TOTALS else row.label in (name, f"Total {name}")
        for column, key in PRINTED.items():
            expected = WRONG_IN_PRINT.get((name, column), line[column])
            assert texts(row)[key] == expected, (name, column)


def test_the_schedule_has_the_printed_groups(cambridgeshire):
    rows = made(cambridgeshire, 13, "reserves-schedule").rows
    assert [row.label for row in rows if row.kind == "heading"] == [
        "General Reserve",
        "Equipment Reserves",
        "Other Earmarked Reserves",
    ]
    notes = [note.text for note in made(cambridgeshire, 13, "reserves-schedule").footnotes]
    assert "P&C carry-forward: a deficit of £4,756k." in notes
