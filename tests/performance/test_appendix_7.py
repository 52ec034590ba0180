"""Cambridgeshire's appendix 7 at the close of 2018/19, cell by cell as printed."""

import csv
import re

from monitoring.models import Period
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE

FOLDER = REFERENCE / "cambridgeshire-2018-19-close"
COLUMNS = {
    "previous_period": "previous",
    "target": "target",
    "actual": "actual",
    "date_of_latest_data": "data_period",
    "direction_of_travel": "direction_of_travel",
    "rag_status": "status",
}
PRINT_ERRORS = {
    ("% of Persistent absence (All children)", "rag_status"): "off target (red)",
    ("% Fixed term exclusions (All children)", "rag_status"): "within 10% (amber)",
    (
        "Average monthly number of bed day delays (social care attributable) per 100,000 18+ "
        "population",
        "direction_of_travel",
    ): "→",
}
"""Cells that the rules do not give, with what they give: 9.6 for 8.5 is 12.9% off, 3.76 for 3.7
is 1.6% off, and 169 is the same as 169."""


def printed(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def facts(year, number: int = 13):
    return current_data(Period.objects.select_related("year").get(year=year, number=number))


def plain(text: str) -> str:
    """A cell without what print leaves to chance: case, closing noughts, n/a for none."""
    text = text.strip().casefold().replace("➡", "→")
    text = re.sub(r"(?<=\d)(\.\d*?)0+(?!\d)", lambda found: found[1].rstrip("."), text)
    return "" if text == "n/a" else text


def test_every_cell_of_appendix_7_is_as_printed(cambridgeshire):
    rows = statement(facts(cambridgeshire), "performance").rows
    ours = {row.label: row for row in rows if row.cells}
    found, expected, outcome = {}, {}, ""
    outcomes = iter(rows)
    for row in printed("appendix_7_performance.csv"):
        while outcome != row["outcome"]:
            outcome = next(each.label for each in outcomes if each.kind == "heading")
        for column, key in COLUMNS.items():
            cell = (row["measure"], column)
            found[cell] = plain(ours[row["measure"]].cells[key].text)
            expected[cell] = PRINT_ERRORS.get(cell, plain(row[column]))
    assert found == expected
    assert len(found) == 38 * 6
    assert len(ours) == 38


def test_every_comparator_is_as_printed(cambridgeshire):
    ours = {row.label: row for row in statement(facts(cambridgeshire), "performance").rows}
    keys = {"statistical_neighbours": "stat_neighbours", "england": "england"}
    for row in printed("appendix_7_benchmarks.csv"):
        for column, key in keys.items():
            cell = ours[row["measure"]].cells[key]
            assert plain(cell.text) == plain(row[column]), (row["measure"], column)


def test_the_counts_of_section_1_follow_but_for_the_two_ratings_printed_wrong(cambridgeshire):
    summary = statement(facts(cambridgeshire), "performance-summary")
    counts = {key: cell.text for key, cell in summary.row("performance:total").cells.items()}
    (printed_row,) = printed("section_1_performance_counts.csv")
    right = {"red": "9", "green": "11"}
    for column in ("red", "amber", "green", "no_target", "total"):
        assert counts[column] == right.get(column, printed_row[column]), column
    assert counts["not_reported"] == "0"
    services = [row for row in summary.rows if row.kind == "service"]
    assert [row.key for row in services] == ["ADULTS", "COMSAF", "CHILD", "EDU"]
    for column in counts:
        assert sum(int(row.cells[column].text) for row in services) == int(counts[column])


def test_the_declared_direction_is_found_by_check_report(cambridgeshire):
    names = {
        check.name: check
        for check in check_report(facts(cambridgeshire))
        if check.statement == "performance" and check.status == "differs"
    }
    assert list(names) == ["PI-15: the direction of travel is declared up; the figures give down"]
    (found,) = names.values()
    assert found.to_data()["difference"] is None


def test_a_percentage_of_parts_is_that_of_their_sums(cambridgeshire):
    """Direct payments in March, a month without a ledger of its own: 942 of 4,061."""
    rows = statement(facts(cambridgeshire, 12), "performance").rows
    ours = {row.label: row.cells["actual"].text for row in rows if row.cells}
    names = {"Total": "Adults receiving direct payments"}
    for row in printed("direct_payment_usage.csv"):
        group = names.get(row["client_group"], row["client_group"])
        assert plain(ours[group]) == plain(row["percent"])
