"""The rows of a report as typed fields, read from what publishing keeps."""

import datetime
import json

import pytest

from monitoring.published.report_rows import (
    ContingencyLine,
    ForecastLines,
    ReportRow,
    VirementLeg,
    add_planned_use,
)
from monitoring.reports.selectors.breakdown import cause_in_words
from tests.councils.month import small_council
from tests.councils.packs import facts_of, period_of, publish, refreeze, report_row


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.mark.parametrize(
    ("figure", "planned_use", "net"),
    [(500, -200, 300), (0, 0, 0), (None, -200, -200), (None, 0, None)],
)
def test_planned_use_counts_without_a_forecast_and_nothing_is_not_nil(figure, planned_use, net):
    assert add_planned_use(figure, planned_use) == net


def test_a_rows_net_forecast_holds_reserves_and_receipts():
    row = report_row(forecast=1000, use_of_reserves=-30, use_of_capital_receipts=-4)
    assert (row.planned_use, row.net_forecast) == (-34, 966)


@pytest.mark.parametrize(
    ("kind", "published", "restated", "is_restated", "is_marked"),
    [
        ("service", 100, 150, True, True),
        ("node", 100, 150, True, False),
        ("closed", 100, 150, True, False),
        ("service", 100, 100, False, False),
        ("service", None, 0, False, False),
        ("service", None, 7, True, True),
        ("service", None, None, False, False),
        ("service", 100, None, False, False),
    ],
)
def test_only_services_carry_the_mark_of_a_restated_figure(
    kind, published, restated, is_restated, is_marked
):
    row = report_row(kind=kind, previous_as_published=published, previous_net_variance=restated)
    assert (row.is_restated, row.has_restated_mark) == (is_restated, is_marked)


def test_a_closed_services_row_leads_to_the_services_page():
    row = report_row(key="ADULT (closed)", kind="closed")
    assert (row.code, row.is_closed, row.is_service, row.is_group) == ("ADULT", True, False, False)


def test_rows_are_read_back_as_publishing_keeps_them(year):
    data = [row.to_data() for row in facts_of(year, 2).nodes]
    assert data == facts_of(year, 2).frozen["nodes"]
    assert [ReportRow.from_data(row) for row in json.loads(json.dumps(data))] == list(
        facts_of(year, 2).nodes
    )


def test_a_report_has_the_rows_of_its_draft(year):
    draft = facts_of(year, 2).nodes
    publish(year, 2)
    assert facts_of(year, 2).nodes == draft
    assert facts_of(year, 2).nodes is facts_of(year, 2).nodes, "rows are built once for a process"


def test_a_report_from_before_a_field_was_kept_still_reads(year):
    report = period_of(year, 1).reports.get()
    rows = [dict(row) for row in report.frozen["nodes"]]
    for row in rows:
        del row["lines_carried"], row["section"]
    refreeze(report, nodes=rows)
    assert {(row.lines_carried, row.section) for row in facts_of(year, 1).nodes} == {(0, "")}
    assert facts_of(year, 1).top.budget == rows[0]["budget"]


def test_an_explanation_is_read_as_causes_and_changed_forecasts():
    row = report_row(
        explanation={
            "restatements": [
                {"cause": "virement", "effect": -700, "reference": "V1"},
                {"cause": "moved in", "effect": 40, "service": "Day care", "lines": 1},
                {"cause": "moved out", "effect": 9, "service": "Roads", "lines": 12},
            ],
            "no_longer_forecast": {"lines": ["A/NET Lamps"], "more": 3},
        }
    )
    assert [cause_in_words(cause) for cause in row.restatements] == [
        "by virement V1",
        "1 line moved from Day care",
        "12 lines moved to Roads",
    ]
    assert row.first_forecast is None
    assert row.no_longer_forecast == ForecastLines(("A/NET Lamps",), 3)


GIVER = {"line": 7, "code": "H1/NET", "name": "H1/NET Home", "key": "HOME"}
LEG = {
    **{"id": 1, "reference": "V1", "leg": 1, "period": 2, "from": GIVER, "to": None},
    **{"amount": 700, "forecast_amount": 0, "kind": "funding", "approved_by": "Cabinet"},
    **{"approved_on": "2021-06-08", "reverses": "", "reason": "Fuel"},
}


def test_a_leg_is_read_with_its_ends_and_the_day_of_its_approval():
    leg = VirementLeg.from_data(LEG)
    assert (leg.giver.name, leg.receiver, [end.key for end in leg.ends]) == (
        "H1/NET Home",
        None,
        ["HOME"],
    )
    assert (leg.is_approved, leg.approved_on) == (True, datetime.date(2021, 6, 8))
    assert [leg.change_of(lines) for lines in ({7}, {8}, set())] == [-700, 0, 0]
    assert VirementLeg.from_data(LEG | {"from": None, "to": GIVER}).change_of({7, 8}) == 700


def test_a_pending_leg_has_no_day():
    assert not VirementLeg.from_data(LEG | {"approved_on": ""}).is_approved


def test_a_contingency_line_without_a_forecast_has_no_variance():
    amounts = {"line": 1, "code": "C/NET", "original_budget": None, "budget": 500}
    lines = [ContingencyLine(**amounts, forecast=f, planned_use=-20) for f in (None, 0, 400)]
    assert [line.net_variance for line in lines] == [None, -520, -120]
