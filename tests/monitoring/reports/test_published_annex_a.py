"""Somerset's month 3, cell by cell as printed (nil percentages without their sign)."""

import csv

import pytest

from monitoring.models import Period
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE

FOLDER = REFERENCE / "somerset-2019-20-m03"
COLUMNS = {
    "total_revised_budget_m": "budget",
    "net_variance_adverse_favourable_m": "gross_variance",
    "planned_use_of_earmarked_reserves_m": "use_of_reserves",
    "planned_use_of_capital_receipts_flexibilities_m": "use_of_capital_receipts",
    "net_variance_under_overspend_m": "net_variance",
    "net_variance_percent": "net_variance_percent",
    "previous_report_net_variance_m": "previous_net_variance",
    "movement_from_previous_report_m": "movement",
}


def printed(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def made(somerset, name: str, period: int = 3):
    return statement(current_data(Period.objects.get(year=somerset, number=period)), name)


@pytest.mark.parametrize("row", printed("annex_a.csv"), ids=lambda row: row["service"])
@pytest.mark.parametrize("column", COLUMNS)
def test_every_cell_of_annex_a_is_as_printed(somerset, row, column):
    annex = made(somerset, "annex-a")
    ours = next(each for each in annex.rows if each.label == row["service"])
    expected = {"(0.00%)": "0.00%"}.get(row[column], row[column])
    assert ours.cells[COLUMNS[column]].text == expected


def test_annex_a_has_the_printed_rows_in_the_printed_order(somerset):
    labels = [row.label for row in made(somerset, "annex-a").rows]
    assert labels == [row["service"] for row in printed("annex_a.csv")]


def test_the_two_restated_comparatives_are_marked_and_footnoted(somerset):
    annex = made(somerset, "annex-a")
    printed_marks = {
        row["service"] for row in printed("annex_a.csv") if row["previous_adjusted_for_transfer"]
    }
    marked = {row.label for row in annex.rows if row.cells["previous_net_variance"].mark == "*"}
    assert marked == printed_marks
    notes = [note.text for note in annex.footnotes if note.mark == "*"]
    assert len(notes) == 2
    for note in notes:
        for fact in ("V-2019-001", "£498,000", "approved by Cabinet on 8 July 2019"):
            assert fact in note
    assert "was £0.557m as published, and is restated to £0.059m" in notes[0]
    assert "was -£1.270m as published, and is restated to -£0.772m" in notes[1]


@pytest.mark.parametrize(
    ("key", "published", "movement"),
    [("CHILD-COM", "0.557", "(0.493)"), ("NONSERVICE", "(1.270)", "0.860")],
)
def test_figures_as_published_stand_beside_the_restated_ones(somerset, key, published, movement):
    annex = made(somerset, "annex-a")
    cells = annex.row(key).cells
    assert cells["previous_as_published"].text == published
    assert cells["movement_as_published"].text == movement
    assert annex.reader_columns == annex.columns


def test_the_first_report_of_a_year_has_a_blank_movement(somerset):
    annex = made(somerset, "annex-a", period=2)
    for row in annex.rows:
        for key in ("previous_net_variance", "movement", "movement_as_published"):
            assert (row.cells[key].text, row.cells[key].value) == ("", None)
    assert "movement_as_published" not in [column.key for column in annex.reader_columns]


def test_section_headlines_are_as_printed(somerset):
    rows = {row.label: row for row in made(somerset, "section-headlines").rows}
    names = {"Economic & Community Infrastructure": "Economic & Community Infrastructure Services"}
    sheet = printed("section_headlines.csv")
    assert len(sheet) == len(rows) == 9
    for line in sheet:
        cells = rows[names.get(line["service"], line["service"])].cells
        for column, key in (
            ("net_budget_m", "budget"),
            ("projected_variance_m", "net_variance"),
            ("movement_m", "movement_as_published"),
        ):
            plain = cells[key].text.replace("(", "-").replace(")", "")
            assert plain == line[column], (line["service"], column)


def test_contingency_is_as_printed(somerset):
    texts = [row.cells["amount"].text for row in made(somerset, "contingency").rows]
    expected = [line["amount_m"].replace("-", "") for line in printed("corporate_contingency.csv")]
    assert [text.strip("()") for text in texts] == expected
    assert [text.startswith("(") for text in texts] == [False, True, False, True, False]


def test_line_variances_are_those_of_the_commentary(somerset):
    """Children & Families: the variances that the report's text gives line by line."""
    from monitoring.figures.calculations import line_variances
    from monitoring.ledger.selectors.positions import positions_frame
    from monitoring.models import BudgetLine

    period = Period.objects.get(year=somerset, number=3)
    frame = line_variances(positions_frame(period.batch)).set_index("line")
    for line in printed("children_and_families_detail.csv"):
        name = {"Transport": "Transport for contact visits", "Allowances": "Permanence allowances"}
        title = name.get(line["budget_line"], line["budget_line"])
        found = BudgetLine.objects.get(year=somerset, description=title)
        variance = int(frame.loc[found.pk, "net_variance"])
        assert f"{variance / 100_000_000:.3f}" == line["projected_variance_m"]
