"""Aged debt: the file and its faults, its statement, and last year's beside it."""

import pytest

from council_finance.errors import Refused
from council_finance.statements.casting import DIFFERS
from monitoring.debt.selectors import last_years_debt
from monitoring.models import AgedDebt
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import statement
from tests.councils.packs import bring, facts_of, period_of, publish
from tests.councils.reserves import load_council

COLUMNS = "service_code,name,not_overdue,days_0_30,days_31_90,days_91_365,days_over_365\n"
ROWS = "ROAD,Skips,10,20,30,40,0\nROAD,Permits,0,-5,0,0,5\nPLACE,,1,,,,2.50\n"
DEBT = COLUMNS + ROWS


@pytest.fixture
def council(db, tmp_path):
    """Month 1 published with aged debt, month 2 a draft without."""
    return load_council(tmp_path, **{"periods/01/aged_debt.csv": DEBT})


def made(council, number: int = 1):
    return statement(facts_of(council, number), "aged-debt")


def values(row) -> list[float | None]:
    return [cell.value for cell in row.cells.values()]


def test_rows_stand_in_the_order_of_the_file_with_their_totals(council):
    rows = made(council).rows
    assert [(row.key, row.label, row.kind) for row in rows] == [
        ("ROAD:Skips", "Skips", "service"),
        ("ROAD:Permits", "Permits", "service"),
        ("PLACE:Place", "Place", "service"),
        ("total", "Total", "total"),
        ("percent", "% of total", "percent"),
    ]
    assert values(rows[0]) == [10, 20, 30, 40, 0, 100]
    assert values(rows[1]) == [0, -5, 0, 0, 5, 0]
    assert values(rows[3]) == [11, 15, 30, 40, 7.5, 103.5]
    assert values(rows[4]) == [pytest.approx(100 * value / 103.5) for value in values(rows[3])]


def test_what_is_not_given_prints_as_a_dash_and_is_not_nil(council):
    cells = made(council).row("PLACE:Place").cells
    assert (cells["days_0_30"].text, cells["days_0_30"].value) == ("–", None)
    assert (cells["total"].text, cells["total"].value) == ("4", 3.5)


def test_a_band_that_nobody_gives_has_no_total(council):
    bring(council, "aged_debt", "service_code,days_0_30\nROAD,5\n", 2)
    total = made(council, 2).row("total").cells
    assert (total["not_overdue"].value, total["days_0_30"].value) == (None, 5)
    assert total["total"].value == 5
    assert made(council, 2).row("percent").cells["not_overdue"].value is None


def test_shares_of_nil_have_no_value(council):
    bring(council, "aged_debt", "service_code,days_0_30,not_overdue\nROAD,5,-5\n", 2)
    assert made(council, 2).row("percent").cells["days_0_30"].value is None


@pytest.mark.slow
def test_shares_print_whole_unless_the_council_sets_the_statement_up(db, tmp_path):
    council = load_council(tmp_path / "a", **{"periods/01/aged_debt.csv": DEBT})
    assert made(council).row("percent").cells["days_0_30"].text == "14%"
    settings = '[display]\nunit = "pounds"\n[display.aged-debt]\npercent_decimals = 1\n'
    council = load_council(
        tmp_path / "b", settings=settings, publish=(), **{"periods/02/aged_debt.csv": DEBT}
    )
    assert made(council, 2).row("percent").cells["days_0_30"].text == "14.5%"


def test_every_total_casts(council):
    checks = [
        check for check in check_report(facts_of(council, 1)) if check.statement == "aged-debt"
    ]
    assert len(checks) > 8
    assert [check for check in checks if check.status == DIFFERS] == []


def test_without_a_file_the_statement_says_so(council):
    assert made(council, 2).rows == ()
    (note,) = made(council, 2).footnotes
    assert note.text == "No aged debt has been brought in for this period."


@pytest.mark.slow
def test_a_file_replaces_the_period_and_no_other(council):
    bring(council, "aged_debt", DEBT, 2)
    bring(council, "aged_debt", COLUMNS + "CARE,Homes,1,2,3,4,5\n", 2)
    assert [row.key for row in made(council, 2).rows] == ["CARE:Homes", "total", "percent"]
    assert AgedDebt.objects.filter(period=period_of(council, 1)).count() == 3


@pytest.mark.slow
def test_a_published_report_keeps_its_debt(council):
    before = made(council).to_json()
    reopen_report(period=period_of(council, 1), reason="A mistake", by=None)
    bring(council, "aged_debt", COLUMNS + "CARE,Homes,1,2,3,4,5\n", 1)
    from monitoring.models import Report

    report = Report.objects.get(period=period_of(council, 1), version=1)
    assert report.statements.get(name="aged-debt").text == before
    assert report.frozen["parts"]["aged_debt"][0]["name"] == "Skips"


BAD = {
    "an unknown service": ("NOPE,A,1,,,,\n", 2, "service_code", "NOPE", "services.csv"),
    "a closed service": ("OLD,A,1,,,,\n", 2, "service_code", "ROAD (Roads)"),
    "no service": (",A,1,,,,\n", 2, "service_code", "value is needed"),
    "a service and name twice": ("ROAD,A,1,,,,\nROAD,A,2,,,,\n", 3, "name", "A", "earlier row"),
    "a service twice without names": ("ROAD,,1,,,,\nROAD,,2,,,,\n", 3, "name", "Roads"),
    "one that another row names": ("ROAD,,1,,,,\nROAD,Roads,2,,,,\n", 3, "name", "Roads"),
    "no figure": ("ROAD,A,,,,,\n", 2, "not_overdue", "no band"),
    "text": ("ROAD,A,1,some,,,\n", 2, "days_0_30", "some", "1,234.50"),
    "three decimals": ("ROAD,A,1,,,,1.001\n", 2, "days_over_365", "two decimals"),
    "a long name": (f"ROAD,{'x' * 301},1,,,,\n", 2, "name", "300"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_row_is_told_by_row_and_column_and_nothing_stored(council, case):
    rows, row, column, *words = case
    with pytest.raises(Refused) as caught:
        bring(council, "aged_debt", COLUMNS + rows, 2)
    place = f"Row {row}, column {column}: "
    told = [message for message in caught.value.messages if message.startswith(place)]
    assert any(all(word in message for word in words) for message in told), caught.value.messages
    assert not AgedDebt.objects.filter(period=period_of(council, 2)).exists()


def test_a_total_that_is_not_the_sum_is_an_error(council):
    with pytest.raises(Refused, match="Row 5, column not_overdue.*12"):
        bring(council, "aged_debt", DEBT + ",Total,12,,,,\n", 2)


def test_a_published_period_takes_no_debt(council):
    with pytest.raises(Refused, match="Reopen it first"):
        bring(council, "aged_debt", DEBT, 1)


@pytest.mark.slow
def test_last_years_debt_is_of_each_periods_latest_version(db, tmp_path):
    """A later version without debt takes back what the one before it said."""
    month = {"periods/02/aged_debt.csv": COLUMNS + "ROAD,Skips,5,0,0,0,0\n"}
    last = load_council(
        tmp_path / "last",
        year="2020/21",
        publish=(1, 2),
        **{"periods/01/aged_debt.csv": DEBT},
        **month,
    )
    now = load_council(tmp_path / "now", publish=())

    def found() -> tuple[str, int] | None:
        before = last_years_debt(facts_of(now, 2))
        return before and (before.name, len(before.rows))

    assert found() == ("Month 2 of 2020/21", 1)
    for number, wanted in ((2, ("Month 1 of 2020/21", 3)), (1, None)):
        period = period_of(last, number)
        reopen_report(period=period, reason="The wrong debt", by=None)
        AgedDebt.objects.filter(period=period).delete()
        publish(last, number)
        assert found() == wanted
