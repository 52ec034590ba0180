"""Kent's dashboard of May 2017: 132 rated months, the summary, and targets that moved."""

import csv
import re

import pytest

from monitoring.models import Period, ReportStatement
from monitoring.publishing.services.reports import publish_report
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import all_statements, statement
from performance.indicators.selectors.report_indicators import indicators_of
from tests.conftest import FIXTURES, REFERENCE
from tests.councils.loaded import load_pack

FOLDER = REFERENCE / "kent-2017-05"
DECLARED = ("5", "2017-05")
"""Declared Amber against the figures: late input raises the last month. The series prints what
the figures give, the summary what was declared."""


def printed(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def kent(db):
    """The year 2017/18, which has no ledger."""
    return load_pack(folder=FIXTURES / "kent-2017-05").year


def facts(year):
    return current_data(Period.objects.select_related("year", "batch").get(year=year, number=2))


def plain(text: str) -> str:
    """A cell without words beside the figure, closing noughts or N/A."""
    text = re.sub(r" full year effect$", "", text.strip())
    text = re.sub(r"(\.\d*?)0+(?=%|$)", lambda found: found[1].rstrip("."), text)
    return "" if text == "N/A" else text


def test_every_month_is_rated_as_printed(kent):
    series = statement(facts(kent), "performance-series")
    rated = {
        (row.reference, f"{year}-{month:02d}"): each.derived
        for row in indicators_of(facts(kent))
        for each in row.months
        if each.period <= 12
        for year, month in [divmod(each.financial_year * 12 + each.period + 2, 12)]
        for month in [month + 1]
    }
    months = printed("indicator_series.csv")
    assert len(months) == 13 * 12
    followed = 0
    for row in months:
        place, key = (row["indicator_number"], row["month"]), row["month"]
        cells = {
            line: series.row(f"{place[0]}:{line}").cells[key].text
            for line in ("target", "actual", "status")
        }
        assert plain(cells["target"]) == plain(row["target"]), place
        assert plain(cells["actual"]) == plain(row["actual"]), place
        assert cells["status"] == ("AMBER" if place == DECLARED else row["rag"]), place
        if row["target"]:
            assert rated[place] == row["rag"], place
            followed += 1
    assert followed == 132


def test_the_summary_is_as_printed(kent):
    dashboard = statement(facts(kent), "performance-dashboard")
    assert [column.key for column in dashboard.columns] == [
        *("mos", "sps", "qpr", "previous_outturn", "target", "actual", "basis", "status")
    ]
    columns = {
        "measures_of_success": "mos",
        "strategic_priority": "sps",
        "quarterly_report": "qpr",
        "outturn_2016_17": "previous_outturn",
        "target": "target",
        "current_position": "actual",
        "data_period": "basis",
        "rag": "status",
    }
    for row in printed("indicator_summary.csv"):
        ours = dashboard.row(row["indicator_number"])
        assert ours.label == row["indicator"]
        for column, key in columns.items():
            assert plain(ours.cells[key].text) == plain(row[column]), (ours.key, column)
    assert [note.text for note in dashboard.footnotes] == [
        "5: AMBER is declared; the figures give GREEN. Reason: the most recent month is likely to "
        "rise (late input)"
    ]


def test_the_pages_of_the_indicators_are_as_printed(kent):
    """The service and what each page says of its measure, and the rating in its heading."""
    rows = {row.reference: row for row in indicators_of(facts(kent))}
    for page in printed("indicator_pages.csv"):
        row = rows[page["indicator_number"]]
        title = (row.long_name or row.measure).casefold()
        assert title == page["page_title"].casefold()
        assert (row.status, row.service_name) == (page["page_rag"], page["division"])
        assert (row.unit_of_measure, row.source) == (page["unit_of_measure"], page["data_source"])


def test_ratings_are_counted_as_printed(kent):
    total = statement(facts(kent), "performance-summary").row("performance:total").cells
    counts = {row["rating"]: row["count"] for row in printed("rating_counts.csv")}
    assert {word: total[word.casefold()].text for word in ("GREEN", "AMBER", "RED")} == {
        word: counts[word] for word in ("GREEN", "AMBER", "RED")
    }
    assert total["total"].text == counts["measures"]


def test_a_moved_target_shows_the_status_under_the_one_before(kent):
    """Residential and nursing care: Amber against the new targets, Red against March's."""
    series = statement(facts(kent), "performance-series")
    for reference, before in (("6", 2_028), ("7", 964)):
        now = {
            line: series.row(f"{reference}:{line}").cells["2017-05"].text
            for line in ("status", "previous_target_status")
        }
        assert now == {"status": "AMBER", "previous_target_status": "RED"}
        row = next(each for each in indicators_of(facts(kent)) if each.reference == reference)
        assert row.months[-1].former_target == before * 10_000
    assert series.row("1:previous_target_status").cells["2017-05"].text == ""
    assert series.row("6:previous_target_status").cells["2017-03"].text == ""


def test_the_declared_status_is_found_and_a_month_without_a_ledger_is_published(kent):
    draft = facts(kent)
    differs = [
        check.name
        for check in check_report(draft)
        if check.status == "differs" and check.statement == "performance"
    ]
    assert differs == ["5: the status is declared AMBER; the figures give GREEN"]
    before = {name: each.rows for name, each in all_statements(draft).items()}
    report = publish_report(period=draft.period, by=None)
    published = all_statements(facts(kent))
    assert {name: each.rows for name, each in published.items()} == before
    assert ReportStatement.objects.filter(report=report, name="performance-series").exists()
    assert published["annex-a"].rows == ()
