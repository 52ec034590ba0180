"""Grants cell by cell as Cambridgeshire printed them: appendix 3, and their balances in appendix 5.

Printed wrong, and so by another figure here: the fifteen grants add to 42,001 in print for 42,000,
and the four directorates to 41,999, which the casts find as rounding. The other mistakes that the
council's report has about grants are in its words: the DSG's contributions add to 8.70 for 8.68,
and a grant of 127 is listed although it is below the de minimis of 160.
"""

import csv

from council_finance.statements.casting import AGREES, ROUNDING
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE
from tests.councils.packs import facts_of

PRINTED = REFERENCE / "cambridgeshire-2018-19-close"
DIRECTORATES = {
    "Adults & Safeguarding": "ADULTS",
    "Children & Safeguarding": "CHILD",
    "Education": "EDU",
    "Community & Safety": "COMSAF",
    "TOTAL": "total:services",
}


def printed(name: str) -> list[dict[str, str]]:
    with (PRINTED / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_cell_of_the_table_of_grants_is_as_printed(cambridgeshire):
    made = statement(facts_of(cambridgeshire, 13), "grants")
    rows = {row.label: row for row in made.rows if row.cells}
    lines = printed("appendix_3_grants.csv") + printed("appendix_3_grants_total.csv")
    assert len(lines) == 18
    for line in lines:
        cells = rows[line["grant"]].cells
        assert cells["expected"].text == line["expected_amount_k"], line["grant"]
        assert cells["awarding_body"].text == line["awarding_body"], line["grant"]
    revenue = [row.label for row in made.rows if row.cells][: len(lines)]
    assert revenue == [line["grant"] for line in lines]
    assert [row.kind for row in made.rows if row.label.startswith("Total ")] == [
        *("subtotal", "total", "subtotal")
    ]


def test_every_cell_of_the_table_by_directorate_is_as_printed(cambridgeshire):
    made = statement(facts_of(cambridgeshire, 13), "grants-by-service")
    lines = printed("appendix_3_grants_by_directorate.csv")
    assert len(lines) == 5
    for line in lines:
        row = made.row(DIRECTORATES[line["directorate"]])
        assert row.cells["expected"].text == line["grant_total_k"], line["directorate"]
    assert [row.label for row in made.rows][-3:] == ["Total of services", "Financing DSG", "Total"]
    assert made.row("total").cells["expected"].text == "101,653"


def test_the_balances_of_capital_grants_are_those_of_appendix_5(cambridgeshire):
    made = statement(facts_of(cambridgeshire, 13), "grants")
    rows = {row.label: row.cells for row in made.rows if row.cells}
    balances = {line["fund"]: line for line in printed("appendix_5_reserves.csv")}
    for fund in ("Devolved Formula Capital", "Basic Need"):
        assert rows[fund]["carried_forward"].text == balances[fund]["balance_at_close_k"]
    dsg = rows["Financing DSG"]
    assert (dsg["carried_forward"].text, dsg["ring_fenced"].text) == ("-7,171", "yes")
    assert [note.text for note in made.footnotes if "deficit" in note.text] == [
        "Financing DSG: a ring-fenced deficit of £7,171k is carried."
    ]


def test_the_ties_of_grants_agree_and_the_printed_sums_are_found_as_rounding(cambridgeshire):
    checks = [each for each in check_report(facts_of(cambridgeshire, 13)) if "grant" in each.name]
    ties = {check.name: check for check in checks if check.status == AGREES}
    for name, pounds in (
        ("Non Baselined Grants: the grants expected are the budget of GRANT-02/NET", 42_000_000),
        ("Dedicated Schools Grant: the grants expected are the budget of GRANT-01/NET", 59_652_960),
        (
            "Devolved Formula Capital: the capital grant carried forward is the reserve of its "
            "name",
            1_983_000,
        ),
        ("Basic Need: the capital grant carried forward is the reserve of its name", 27_531_000),
    ):
        assert ties[name].actual_pence == pounds * 100, name
    rounded = [
        (check.statement, check.expected_pence, check.actual_pence)
        for check in check_report(facts_of(cambridgeshire, 13))
        if check.status == ROUNDING and check.statement.startswith("grants")
    ]
    assert rounded == [
        ("grants", 4_200_100_000, 4_200_000_000),
        ("grants-by-service", 4_199_900_000, 4_200_000_000),
    ]


def test_a_report_before_the_close_has_what_is_expected_and_no_balances(cambridgeshire):
    made = statement(facts_of(cambridgeshire, 11), "grants")
    total = made.row("total").cells
    assert (total["expected"].text, total["applied"].text) == ("101,653", "–")
    assert made.row("C02").cells["carried_forward"].value is None
