"""Decisions and contracts, figure by figure as three councils printed them."""

import csv
import datetime

import pytest

from council_finance.money import parse_amount, plain_pounds, round_half_away
from council_finance.statements import Display
from monitoring.models import FinancialYear, Period
from monitoring.packs.services import load_pack
from monitoring.reports.checks import check_any_period, check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from planning.contracts.report_rows import ContractsSection
from planning.decisions.report_rows import DecisionsSection
from tests.conftest import FIXTURES, REFERENCE

SOMERSET = REFERENCE / "somerset-2019-20-m03"
CAMBRIDGESHIRE = REFERENCE / "cambridgeshire-2018-19-close"
MILLIONS = Display("m")


def printed(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by_line(path) -> dict[str, str]:
    return {row["line"]: row["printed"] for row in printed(path)}


def report(year, number: int):
    return current_data(Period.objects.get(year=year, number=number))


def texts(row) -> dict[str, str]:
    return {key: cell.text for key, cell in row.cells.items()}


def contract(facts, reference: str):
    return facts.typed_section("contracts", ContractsSection).find(reference)


def decision(facts, reference: str):
    return facts.typed_section("decisions", DecisionsSection).find(reference)


def differing(facts, *statements: str) -> list[str]:
    found = check_report(facts)
    return [c.name for c in found if c.statement in statements and c.status == "differs"]


def day(text: str) -> str:
    """A printed day such as 1/8/19 or 01/08/2019 as ISO; words and blanks as they are."""
    parts = text.split("/")
    if len(parts) != 3:
        return ""
    number, month, year = (int(part) for part in parts)
    return datetime.date(year % 100 + 2000, month, number).isoformat()


# Somerset


def test_every_cost_of_shared_lives_is_as_printed(somerset):
    facts, lines = report(somerset, 3), by_line(SOMERSET / "shared_lives_costs.csv")
    found = contract(facts, "SCC-SLSW")
    a_year = {price.line: price.annual_value for price in found.prices}
    block, care = (
        a_year["Management fee (annual block price)"],
        a_year["Care and support (estimate, year 1)"],
    )
    effect = decision(facts, "FP/19/07/02").effects[0]
    assert {
        "Cost of the contract, year 1": MILLIONS.in_words(found.annual_value),
        "of which operating costs (management fee)": MILLIONS.in_words(block),
        "of which care and support": MILLIONS.in_words(care),
        "Cost of the service in house": MILLIONS.in_words(found.replaces_annual_cost),
        "Increase in year 1": MILLIONS.in_words(found.increase_a_year),
        "Annual block contract price": plain_pounds(block),
        "To be paid monthly in arrears": f"£{round_half_away(block, 1200):,}",
        "Budget of the scheme (net)": plain_pounds(found.replaces_annual_cost),
    } == lines
    assert found.annual_value == block + care
    assert effect.amount == found.increase_a_year
    row = statement(facts, "contracts").row("SCC-SLSW")
    assert texts(row)["annual_value"] == "1.585"
    assert row.cells["whole_life_value"].pence == 3 * 158_500_000


def test_every_price_of_shared_lives_is_as_printed(somerset):
    prices = contract(report(somerset, 3), "SCC-SLSW").prices
    found = {(each.line, each.band): plain_pounds(each.price) for each in prices if each.band}
    bands = ("low", "medium", "high", "complex")
    lines = printed(SOMERSET / "shared_lives_prices.csv")
    assert found == {(line["service"], band): line[band] for line in lines for band in bands}


def test_every_sign_off_is_as_printed(somerset):
    facts = report(somerset, 3)
    lines = printed(SOMERSET / "sign_offs.csv")
    answers = {"N/A": "not applicable", "n/a": "not applicable", "All": "all", "": "blank"}
    wanted = [
        (
            line["decision_reference"],
            line["role"],
            day(line["signed_as_printed"]),
            answers.get(line["signed_as_printed"], "signed"),
        )
        for line in lines
    ]
    found = [
        (reference, each.role, each.signed_on, each.outcome)
        for reference in ("FP/19/06/05", "FP/19/07/02", "FP/19/06/11")
        for each in decision(facts, reference).sign_offs
    ]
    assert found == wanted and len(found) == 36


def test_somersets_decisions_have_their_risk_and_sign_offs(somerset):
    facts = report(somerset, 3)
    rows = {row.key: texts(row) for row in statement(facts, "decisions").rows}
    picked = ("key", "status", "risk_score", "risk_band", "sign_offs", "in_force_on")
    assert {key: tuple(rows[key][name] for name in picked) for key in rows} == {
        "CAB-2019-07-08/215": ("", "taken", "", "", "", "2019-07-16"),
        "CAB-2019-07-08/217": ("", "taken", "", "", "", "2019-07-16"),
        "FP/19/06/05": ("", "planned", "16", "very high", "12 / 12", ""),
        "FP/19/06/11": ("no", "planned", "", "", "12 / 12", ""),
        "FP/19/07/02": ("", "planned", "8", "medium", "11 / 12", ""),
    }
    assert differing(facts, "decisions") == [
        "FP/19/06/11: sign-offs: no row for County Solicitor, Monitoring Officer, "
        "Commissioning Development Team, Relevant Scrutiny Chairman",
        "FP/19/07/02: sign-offs: no answer of Local Member(s)",
    ]
    notice = [each.name for each in check_report(facts) if "FP/19/07/02: forward plan" in each.name]
    assert "is 35 clear days before 2019-08-14, and at least 28 are needed" in notice[0]


def test_effects_that_no_forecast_holds_are_added_up_by_year(somerset):
    made = statement(report(somerset, 3), "decision-effects")
    years = [column.key for column in made.columns][:-2]
    assert years == [
        *("2019-20", "contract-year-1", "contract-year-2", "contract-year-3", "year-not-stated")
    ]
    sums = made.row("not_in_forecast").cells
    assert [sums[key].pence for key in years] == [25_000, 27_330_000, 0, 0, -17_600_000]
    counts = made.row("without_a_figure").cells
    assert [counts[key].value for key in years] == [0, 0, 1, 1, 0]
    assert made.row("CAB-2019-07-08/217:2").cells["2019-20"].value == 498_000
    assert texts(made.row("FP/19/07/02:1"))["in_plan"] == "no"
    assert made.row("FP/19/07/02:2").cells["contract-year-2"].pence is None


# Cambridgeshire


def test_every_contract_of_housing_related_support_is_as_printed(cambridgeshire):
    facts = report(cambridgeshire, 13)
    rows = {row.label.partition(" ")[2]: row for row in statement(facts, "contracts").rows}
    total = 0
    for line in printed(CAMBRIDGESHIRE / "housing_related_support_contracts.csv"):
        row = rows[line["service"]]
        cells = texts(row)
        assert cells["supplier"] == line["provider"]
        assert row.cells["annual_value"].pence == parse_amount(line["value"])
        assert cells["start_date"] == day(line["start_date"])
        assert cells["end_date"] == day(line["current_end_date"])
        assert cells["latest_end_date"] == "2020-09-30"
        assert cells["finding"].startswith("ended 31 March 2019 without a decision")
        assert cells["finding"].endswith("2019/036 is 52 days later")
        total += row.cells["annual_value"].pence
    assert total == 123_302_200
    assert round_half_away(total * 18, 12) == 184_953_300
    assert [name[:5] for name in differing(facts, "contracts")] == [f"HRS-{n}" for n in range(1, 6)]


def test_the_savings_of_housing_related_support_are_as_printed(cambridgeshire):
    lines = by_line(CAMBRIDGESHIRE / "housing_related_support_savings.csv")
    facts = report(cambridgeshire, 13)
    realised, proposed, unproposed = (
        effect.amount for effect in decision(facts, "2019/036").effects
    )
    assert plain_pounds(realised) == f"{lines['Realised'][:-1]},000"
    assert plain_pounds(proposed) == f"{lines['Current proposals'][:-1]},000"
    assert plain_pounds(proposed + unproposed) == f"{lines['Left to realise'][:-1]},000"
    assert plain_pounds(realised + proposed + unproposed) == (
        f"{lines['Target reduced to'][:-1]},000"
    )
    share = 100 * proposed / (proposed + unproposed)
    assert f"{int(share)}%" == lines["of the remaining target"]  # cut off, not rounded: 61.6
    sums = statement(facts, "decision-effects").row("not_in_forecast").cells
    assert sums["2019-20"].value == -359_000


def test_every_extra_care_contract_is_as_printed(cambridgeshire):
    made = statement(report(cambridgeshire, 13), "contracts")
    rows = {row.label: row for row in made.rows}
    total = 0
    for place, line in enumerate(printed(CAMBRIDGESHIRE / "extra_care_contracts.csv"), start=1):
        row = rows[f"EC-{place} Extra care: {line['scheme']}"]
        assert row.cells["annual_value"].pence == parse_amount(line["annual_contract_total"])
        assert texts(row)["finding"] == "ends 31 December 2019"
        found = contract(report(cambridgeshire, 13), f"EC-{place}")
        assert found.note.startswith(f"{line['tupe_staff']} TUPE")
        total += row.cells["annual_value"].pence
    assert total == 154_006_000


def test_the_direct_payment_support_service_is_as_printed(cambridgeshire):
    made = statement(report(cambridgeshire, 13), "contracts")
    lines = by_line(CAMBRIDGESHIRE / "direct_payment_support_service.csv")
    adults, children = (made.row(f"DPSS:{code}").cells for code in ("ADULTS", "CHILD"))
    assert adults["annual_value"].pence == 13_610_916
    assert children["annual_value"].pence == 3_192_684
    assert (
        plain_pounds(adults["annual_value"].pence + children["annual_value"].pence)
        == (lines["Current annual funding"])
    )
    assert f"£{adults['annual_value'].pence // 100:,}" == lines["Adult Social Care 81%"]
    cut_off = f"£{children['annual_value'].pence // 100:,}"  # printed so, not rounded
    assert cut_off == lines["Children's Social Care 19%"]
    new = made.row("DPSS-NEW").cells
    assert plain_pounds(new["annual_value"].pence) == lines["Maximum annual price proposed"]
    assert plain_pounds(new["whole_life_value"].pence) == lines["Possible total contract value"]
    assert (new["end_date"].text, new["latest_end_date"].text) == ("2023-03-31", "2025-03-31")
    assert adults["annual_value"].mark == "a"
    assert [note.text for note in made.footnotes] == [
        "DPSS Direct Payment Support Service (current) is shared: Adults & Safeguarding "
        "Directorate 81%, Children & Safeguarding Directorate 19%."
    ]


def test_contracts_due_come_in_the_order_of_their_day(cambridgeshire):
    made = statement(report(cambridgeshire, 13), "contracts-due")
    assert [row.key for row in made.rows] == [
        *(f"HRS-{number}" for number in range(1, 6)),
        "EC-CLARION",
        *(f"EC-{number}" for number in range(1, 6)),
        "DPSS",
    ]
    assert texts(made.row("EC-CLARION"))["finding"] == (
        "last day for notice 30 September 2019; no annual value"
    )
    assert made.row("DPSS").cells["annual_value"].value == 168_036


def test_23_of_the_26_dates_of_the_agenda_plan_keep_the_councils_days(cambridgeshire):
    facts = report(cambridgeshire, 13)
    meetings = facts.typed_section("decisions", DecisionsSection).meetings
    assert [
        (each.meeting_on, each.provisional, each.reports_due_on, each.despatch_on)
        for each in meetings
    ] == [
        (
            day(line["meeting"]),
            line["provisional"] == "yes",
            day(line["deadline_for_reports"]),
            day(line["despatch"]),
        )
        for line in printed(CAMBRIDGESHIRE / "agenda_plan_dates.csv")
    ]
    checks = [each for each in check_report(facts) if "Adults Committee" in each.name]
    assert len(checks) == 26
    wrong = [each for each in checks if each.status == "differs"]
    assert [each.name.partition(",")[0] for each in wrong] == [
        f"{meeting}: Adults Committee" for meeting in ("2019-11-07", "2020-04-23", "2020-05-21")
    ]
    assert not any(each.has_amounts for each in wrong)


# Kent


@pytest.fixture
def kent(db):
    load_pack(folder=FIXTURES / "kent-2017-05", by=None)
    return FinancialYear.objects.get(start=2017)


def test_a_period_without_a_ledger_has_its_decisions_and_contracts(kent):
    facts = current_data(Period.objects.get(year=kent, number=2), of_any_period=True)
    rows = {row.key: texts(row) for row in statement(facts, "decisions").rows}
    assert rows["17/00030b"]["in_force_on"] == "2017-06-23"
    assert rows["16/00137"]["key"] == "yes"
    effects = statement(facts, "decision-effects")
    assert effects.row("17/00066:1").cells["2017-18"].text == "825.0 to 1,650.0"
    assert effects.row("not_in_forecast").cells["2018-19"].value == 8_431_459
    contracts = statement(facts, "contracts")
    assert texts(contracts.row("KCC-HOMECARE"))["end_date"] == "2019-05-31"
    assert contracts.row("KCC-HNP").cells["annual_value"].value == 3_300_000
    assert [each.name for each in check_any_period(facts) if each.status == "differs"] == [
        "17/00062: cost of £5,131,459 is above £1,000,000, so it is a key decision"
    ]
