"""The savings of both councils' reports, cell by cell as printed."""

import csv

import pytest

from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE
from tests.councils.packs import facts_of

SOMERSET = REFERENCE / "somerset-2019-20-m03" / "appendix_b_savings_by_decision.csv"
CAMBRIDGESHIRE = REFERENCE / "cambridgeshire-2018-19-close"
SERVICES = {
    "Children's Services": "Children & Families - Operations",
    "Economic & Community Infrastructure": "Economic & Community Infrastructure Services",
    "Non-Service": "Non-Service Items",
    "Percentage of Delivery": "Percentage of agreed savings",
}
STATUSES = {
    "agreed_savings": "agreed",
    "red_at_risk": "red",
    "green_on_track": "green",
    "blue_delivered": "blue",
}
AMOUNTS = {
    "original_saving_k": "agreed",
    **{f"phasing_q{number}_k": f"phasing_q{number}" for number in (1, 2, 3, 4)},
    "forecast_saving_k": "forecast",
}


def printed(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def positive(text: str) -> str:
    """Savings print as negative in Cambridgeshire; here they are positive."""
    return text.removeprefix("-")


def rows_by_decision(made) -> dict[tuple[str, str], dict]:
    rows, decision = {}, ""
    for row in made.rows:
        decision = row.label if row.kind == "heading" else decision
        rows[decision, row.label] = row
    return rows


@pytest.fixture
def tracker(cambridgeshire):
    return statement(facts_of(cambridgeshire, 13), "savings-tracker")


@pytest.mark.parametrize(
    "line", printed(SOMERSET), ids=lambda line: f"{line['savings_agreed_in']}: {line['area']}"
)
def test_every_cell_of_somersets_four_savings_tables_is_as_printed(somerset, line):
    made = rows_by_decision(statement(facts_of(somerset, 3), "savings-by-decision"))
    row = made[line["savings_agreed_in"], SERVICES.get(line["area"], line["area"])]
    for column, key in STATUSES.items():
        assert row.cells[key].text == line[column], column
    kinds = {"Total": "total", "Percentage of Delivery": "percent"}
    assert row.kind == kinds.get(line["area"], "service")


def test_somersets_tables_have_the_printed_rows_and_no_others(somerset):
    made = statement(facts_of(somerset, 3), "savings-by-decision")
    assert [column.key for column in made.columns] == ["agreed", "red", "green", "blue"]
    headings = [row.label for row in made.rows if row.kind == "heading"]
    assert headings == list(dict.fromkeys(line["savings_agreed_in"] for line in printed(SOMERSET)))
    assert len(made.rows) - len(headings) == len(printed(SOMERSET))


def test_somersets_table_3_is_all_combined(somerset):
    made = {row.label: row for row in statement(facts_of(somerset, 3), "savings-summary").rows}
    lines = [line for line in printed(SOMERSET) if line["savings_agreed_in"] == "All combined"]
    assert len(made) == len(lines) == 7
    for line in lines:
        cells = made[SERVICES.get(line["area"], line["area"])].cells
        assert {c: cells[k].text for c, k in STATUSES.items()} == {c: line[c] for c in STATUSES}


@pytest.mark.parametrize(
    "line", printed(CAMBRIDGESHIRE / "savings_tracker.csv"), ids=lambda line: line["reference"]
)
def test_every_cell_of_cambridgeshires_tracker_is_as_printed(cambridgeshire, tracker, line):
    row = tracker.row(line["reference"])
    cells = {key: cell.text for key, cell in row.cells.items()}
    assert (row.kind, cells["reference"], cells["title"]) == (
        "line",
        line["reference"],
        line["title"],
    )
    for column, key in AMOUNTS.items():
        assert cells[key] == positive(line[column]), column
    assert cells["variance"] == line["variance_from_plan_k"]
    assert cells["variance_percent"] == f"{line['variance_percent']}%"
    assert cells["status"] == line["rag"]
    assert cells["direction_of_travel"] == line["direction_of_travel"]


def test_cambridgeshires_tracker_has_the_printed_rows_in_the_printed_order(tracker):
    references = [line["reference"] for line in printed(CAMBRIDGESHIRE / "savings_tracker.csv")]
    assert [row.key for row in tracker.rows] == [*references, "savings:total"]
    assert len(references) == 32


def test_cambridgeshires_totals_are_as_printed(tracker):
    (line,) = printed(CAMBRIDGESHIRE / "savings_tracker_totals.csv")
    cells = tracker.row("savings:total").cells
    for column, key in AMOUNTS.items():
        assert cells[key].text == positive(line[column]), column
    assert cells["variance"].text == line["variance_from_plan_k"]
    assert cells["status"].text == cells["direction_of_travel"].text == ""


def test_cambridgeshires_investments_are_as_printed(cambridgeshire):
    rows = facts_of(cambridgeshire, 13).report_section("savings")["savings"]
    lines = printed(CAMBRIDGESHIRE / "savings_tracker.csv")
    assert [f"{row['investment'] // 100_000:,}" for row in rows] == [
        line["investment_k"] for line in lines
    ]
    (total,) = printed(CAMBRIDGESHIRE / "savings_tracker_totals.csv")
    assert f"{sum(row['investment'] for row in rows) // 100_000:,}" == total["investment_k"]
    assert [row["committee"] for row in rows] == [line["committee"] for line in lines]


def test_cambridgeshires_key_gives_every_printed_rating_and_covers_it_by_money(cambridgeshire):
    made = statement(facts_of(cambridgeshire, 13), "savings-summary")
    words = [column.label for column in made.columns[1:]]
    assert words == ["Black", "Blue", "Red", "Amber", "Green"]
    sums = dict.fromkeys(words, 0)
    for line in printed(CAMBRIDGESHIRE / "savings_tracker.csv"):
        sums[line["rag"]] += int(positive(line["original_saving_k"]).replace(",", ""))
    total = made.row("savings:total").cells
    assert {word: total[word.lower()].pence // 100_000 for word in words} == sums


@pytest.mark.parametrize("name", ["savings-summary", "savings-by-decision", "savings-tracker"])
def test_before_any_position_nothing_is_reported_and_nothing_is_green(somerset, name):
    """Somerset's month 2 has the register alone."""
    made = statement(facts_of(somerset, 2), name)
    total = made.rows[-2 if name != "savings-tracker" else -1].cells
    if name == "savings-tracker":
        assert {row.cells["status"].text for row in made.rows[:-1]} == {"Not reported"}
        assert (total["forecast"].text, total["variance"].pence) == ("–", None)
        assert "21 savings have no forecast; the agreed £21,550,225" in made.footnotes[0].text
    else:
        assert total["green"].pence == 0
        assert total["not reported"].pence == total["agreed"].pence == 2_155_022_500


@pytest.mark.parametrize(("start", "number"), [(2019, 2), (2019, 3), (2018, 11), (2018, 13)])
def test_every_check_of_savings_agrees(somerset, cambridgeshire, start, number):
    year = somerset if start == 2019 else cambridgeshire
    found = [c for c in check_report(facts_of(year, number)) if c.statement.startswith("savings")]
    assert len(found) > 20
    assert [check for check in found if check.status == "differs"] == []
