"""The flat table against the JSON of the statements that it is made of."""

import json
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser

from council_finance import registry
from council_finance.statements import Cell, Display, Row
from council_finance.statements.tabular import printed_percent
from monitoring.models import ReportStatement
from monitoring.open_data.flat_rows import flat_rows, placed_rows
from monitoring.open_data.selectors import published_data_of, readable_reports
from monitoring.reports.selectors.row_services import place_of_row, service_places
from tests.councils.packs import facts_of, report_row


def rows_of(start: int, **chosen) -> list:
    reports = readable_reports(AnonymousUser(), start=start)
    return list(flat_rows(published_data_of(reports), **chosen))


def frozen_cells(year) -> dict:
    """The value of each cell of the published statements with one, by its place."""
    found = {}
    for each in ReportStatement.objects.filter(report__period__year=year):
        data = json.loads(each.text)
        for row in data["rows"]:
            for key, cell in row["cells"].items():
                found[data["period"], each.name, row["key"], key] = cell
    return found


def test_every_cell_of_every_statement_is_in_the_table_once_with_its_value(somerset):
    frozen, rows = frozen_cells(somerset), rows_of(2019)
    by_place = {(row.period, row.statement, row.row_key, row.measure): row for row in rows}
    assert len(by_place) == len(rows) == len(frozen)
    for place, cell in frozen.items():
        row = by_place[place]
        assert row.text == cell["text"]
        figures = [each for each in (row.pounds, row.percent, row.number) if each is not None]
        assert len(figures) == (cell["value"] is not None)
        if row.pounds is not None:
            assert (row.unit, row.pounds) == ("£", Decimal(str(cell["value"])))
            assert row.pounds.as_tuple().exponent == -2
        if row.percent is not None:
            half_a_step = Decimal("0.5").scaleb(row.percent.as_tuple().exponent)
            assert abs(row.percent - Decimal(cell["value"])) <= half_a_step


def test_statements_of_a_year_are_in_the_table_once(somerset, monkeypatch):
    """Each report freezes them; the last of the reports gives them."""
    entries = registry.statements()
    entries["savings-tracker"] = entries["savings-tracker"]._replace(of_year=True)
    monkeypatch.setattr(registry, "statements", lambda: entries)
    rows = rows_of(2019, statements=["annex-a", "savings-tracker"])
    found = {(row.period, row.statement) for row in rows}
    assert found == {(2, "annex-a"), (3, "annex-a"), (3, "savings-tracker")}


def test_the_previous_figure_is_that_of_the_report_compared_with(somerset):
    frozen = frozen_cells(somerset)
    rows = [row for row in rows_of(2019, statements=["annex-a"]) if row.unit == "£"]
    assert {row.period for row in rows} == {2, 3}
    for row in rows:
        before = frozen.get((2, "annex-a", row.row_key, row.measure)) if row.period == 3 else None
        value = before and before["value"]
        assert row.previous == (None if value is None else Decimal(str(value)))


def test_counted_rows_add_up_to_the_total_of_the_council(somerset):
    """In savings by decision, too, where a block repeats all others combined."""
    for statement, measure, total in (
        ("annex-a", "net_variance", "SCC"),
        ("savings-by-decision", "agreed", "all:total"),
    ):
        rows = [
            row
            for row in rows_of(2019, statements=[statement])
            if row.measure == measure and row.period == 3
        ]
        printed = next(row.pounds for row in rows if row.row_key == total)
        assert sum(row.pounds for row in rows if row.counted) == printed != 0


def test_rows_of_services_bear_their_code_path_and_level(somerset):
    def place(statement: str, key: str):
        rows = rows_of(2019, statements=[statement])
        row = next(row for row in rows if row.row_key == key)
        return row.service_code, row.service_path, row.level

    key_services = "Somerset County Council / Key Services"
    assert place("annex-a", "SCC") == ("SCC", "Somerset County Council", 0)
    assert place("annex-a", "ADULT") == ("ADULT", f"{key_services} / Adult Services", 2)
    assert place("savings-by-decision", "2:ADULT")[0] == "ADULT"
    assert place("aged-debt", "CHILD-COM:Schools & Early Years")[0] == "CHILD-COM"
    assert place("capital-receipts", "total:KEY")[::2] == ("KEY", 1)
    assert place("reserves-earmarked", "EMR") == ("", "", None)


def test_the_table_begins_at_any_place(somerset):
    reports = readable_reports(AnonymousUser(), start=2019)
    whole = list(placed_rows(published_data_of(reports), statements=["annex-a", "aged-debt"]))
    for number in (0, 3, 115, len(whole) - 1):
        begin = whole[number][0]
        data = published_data_of(reports)
        again = placed_rows(data, statements=["annex-a", "aged-debt"], begin=begin)
        assert list(again) == whole[number:]


def test_a_draft_has_the_rows_that_it_is_published_with(somerset):
    """A draft's statements are newly made; but for status and version nothing differs."""
    from monitoring.publishing.services.reports import reopen_report

    facts = facts_of(somerset, 3)
    published = list(flat_rows([facts], statements=["annex-a", "savings-summary"]))
    reopen_report(period=facts.period, reason="To look again", by=None)
    draft = list(flat_rows([facts_of(somerset, 3)], statements=["annex-a", "savings-summary"]))
    assert {(row.status, row.version) for row in draft} == {("draft", 2)}
    assert [row._replace(status="published", version=1) for row in draft] == published


def test_a_code_that_is_no_service_of_the_row_is_not_taken_for_one():
    places = service_places(
        [
            report_row(key="TOP", parent_key="", level=0, kind="node", label="Council"),
            report_row(key="A:B", parent_key="TOP", label="Both"),
            report_row(key="A", parent_key="TOP", label="First"),
            report_row(key="R1 (closed)", parent_key="TOP", kind="closed", label="Gone"),
            report_row(key="total", parent_key="TOP", label="Total works"),
        ]
    )
    cases = {
        ("A", "service", "First"): "A",
        ("A", "line", "A reserve of the same code"): None,
        ("R1 (closed)", "line", "Gone"): "R1",
        ("1:A", "service", "First"): "A",
        ("A:B:Debtor: one", "service", "Debtor: one"): "A:B",
        ("total", "total", "Total"): None,
        ("total:total", "subtotal", "Total works"): "total",
        ("heading:A", "heading", "A group of activity"): None,
        ("heading:A", "heading", "First"): "A",
    }
    for (key, kind, label), code in cases.items():
        found = place_of_row(Row(key, label, kind), places)
        assert (found and found.code) == code, key


@pytest.mark.parametrize(
    ("text", "percent", "number"),
    [
        ("(0.56%)", -0.5583, "-0.56"),
        ("-1,234.5%", -1234.4999, "-1234.5"),
        ("100%", 100.0, "100"),
        ("0.00%", -0.0000001, "0.00"),
        ("not much", 2.25, "2.3"),
        ("–", None, None),
    ],
)
def test_a_percentage_is_rounded_as_it_is_printed(text, percent, number):
    found = printed_percent(Cell(text, percent=percent), Display(percent_decimals=1))
    assert (None if found is None else str(found)) == number
