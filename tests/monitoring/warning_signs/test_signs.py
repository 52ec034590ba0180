"""Warning signs: the rule of each at its threshold, what is missing, the page, and the settings.

In pounds: roads overspend by 50, 90 and 130 in months 1 to 3 of a budget of 1,000 with income of
200, which comes to 190; net of planned use that is 60, 80 and 90. The General Fund holds 300.
"""

import datetime

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.registry import SettingsError, SignState, preview_settings, warning_signs
from monitoring.models import FinancialYear, Report, ReportStatement
from monitoring.publishing.services.reports import publish_report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.council_settings import read_settings
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, period_of, position, publish, write_pack

SHOWN, NOT_SHOWN, NOT_JUDGED = SignState.SHOWN, SignState.NOT_SHOWN, SignState.NOT_JUDGED
SERVICES = (
    "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\nROADS,Roads,TOP,1,\n"
    "DEBT,Cost of debt,TOP,2,\n"
)
RESERVES = (
    "code,name,kind,opening_balance\nGF,General Fund,general_fund,300\n"
    "DSG,Schools grant,capital,-50\nSNOW,Winter,earmarked,100\n"
)
MOVEMENTS = "reserve_code,period,kind,amount\nDSG,01,anticipated,-120\nSNOW,02,anticipated,-20\n"
SAVINGS = "reference,title,service_code,agreed_saving\nS1,Fewer lamps,ROADS,100\n"
SETTINGS = (
    '[display]\nunit = "pounds"\n[reserves]\nminimum_general_fund = 100\n'
    "[warning_signs]\none_off_money_above = 10\nunexplained_budget_above = 50\n"
)


def month(forecast: int, use: str = "") -> str:
    return position(
        f"ROADS R1 1000 1000 {forecast} {use}\nROADS R2 -200 -200 -190\nDEBT D1 100 100 100"
    )


@pytest.fixture
def year(db, tmp_path) -> FinancialYear:
    files = {
        "services.csv": SERVICES,
        "reserves.csv": RESERVES,
        "reserve_movements.csv": MOVEMENTS,
        "savings.csv": SAVINGS,
        "periods/01/position.csv": month(1050),
        "periods/02/position.csv": month(1090, "-20"),
        "periods/02/savings.csv": "reference,forecast_saving\nS1,40\n",
        "periods/03/position.csv": month(1130, "-50"),
    }
    pack = write_pack(tmp_path / "pack", files, settings=SETTINGS, publish=(1, 2))
    return load_pack(folder=pack, by=None).year


def judge(facts: ReportData, name: str, **thresholds: object):
    """The finding of a sign under other thresholds than the year's."""
    if thresholds:
        settings = facts.settings
        for table in ("warning-signs", "warning-signs-reserves"):
            value = settings.of_apps[table]
            own = {key: each for key, each in thresholds.items() if hasattr(value, key)}
            settings = settings.with_value(table, value._replace(**own))
        facts = facts.with_settings(settings)
    return next(sign.finding for sign in warning_signs(facts) if sign.name == name)


CASES = [
    ("forecast-worse", 3, {"worse_reports": 2}, SHOWN, "2 of 2 reports were worse"),
    ("forecast-worse", 3, {"worse_reports": 3}, NOT_JUDGED, "The year has 2 so far."),
    ("forecast-worse", 2, {"worse_reports": 1}, SHOWN, "month 2 worse by £20."),
    # The shortfall is 60; the General Fund 300 - 80 - 100 leaves a headroom of 120 in month 2.
    ("savings-against-headroom", 2, {}, NOT_SHOWN, "by £60, 50% of it; the General Fund"),
    (*("savings-against-headroom", 2, {"savings_percent_of_headroom": 49}), SHOWN, "£120"),
    ("savings-against-headroom", 1, {}, NOT_JUDGED, "No saving has a forecast."),
    ("recurring-on-one-off", 2, {}, SHOWN, "holds £20 of one-off money; it was £0"),
    ("recurring-on-one-off", 2, {"one_off_money_above": 2000}, NOT_SHOWN, "No service has"),
    ("recurring-on-one-off", 1, {}, NOT_JUDGED, "the first report of the year"),
    ("base-restated", 2, {}, NOT_SHOWN, "Virements explain every change"),
    ("debt-cost", 2, {}, NOT_JUDGED, "name no services"),
    ("debt-cost", 2, {"debt_cost_services": ("DEBT",)}, SHOWN, "£100 of a net budget of £900"),
    (
        *("debt-cost", 2, {"debt_cost_services": ("DEBT",), "debt_cost_percent": 12}),
        *(NOT_SHOWN, "a rise is not judged"),
    ),
    ("income-missed", 2, {"income_years": 1}, SHOWN, "£200 of income is forecast £10 short"),
    (*("income-missed", 2, {"income_years": 1, "income_short_percent": 5}), NOT_SHOWN, "£10"),
    ("income-missed", 2, {}, NOT_JUDGED, "2020/21"),
    ("total-does-not-cast", 2, {}, NOT_SHOWN, "add up"),
    ("reports-skipped-or-late", 2, {}, NOT_JUDGED, "month 1 and month 2, which a command"),
    ("reserves-falling", 2, {}, NOT_JUDGED, "2 more years of published reserves"),
    ("reserves-falling", 2, {"reserves_falling_years": 1}, SHOWN, "£400 at the start of 2021"),
    # In month 1 no reserves pay, but the overspend falls on the General Fund.
    ("reserves-falling", 1, {"reserves_falling_years": 1}, SHOWN, "£340 forecast at its end"),
    ("dsg-deficit", 2, {}, NOT_JUDGED, "the settings name no grant or reserve"),
    ("dsg-deficit", 2, {"dsg_balances": ("DSG",)}, SHOWN, "-£50 at the start, -£170 at the end"),
    (
        *("dsg-deficit", 2, {"dsg_balances": ("DSG",), "dsg_percent_of_general_fund": 90}),
        *(NOT_SHOWN, "is £220"),
    ),
    ("dsg-deficit", 2, {"dsg_balances": ("OTHER",)}, NOT_JUDGED, "has no balance of the grants"),
]
"""Name, month, thresholds; then the state, and words of the figure or of what is missing."""


def test_each_sign_has_its_figure_and_says_what_is_missing(year):
    facts = {number: facts_of(year, number) for number in (1, 2, 3)}
    for name, number, thresholds, state, words in CASES:
        found = judge(facts[number], name, **thresholds)
        assert (words in f"{found.figure} {found.missing}", found.state) == (True, state), found


@pytest.mark.slow
def test_a_base_that_no_virement_explains_and_a_total_that_does_not_cast(year):
    bring(year, "position", month(1130).replace("R1,NET,1000,1000", "R1,NET,1000,1080"), 3)
    found = judge(facts_of(year, 3), "base-restated")
    assert found.state is SHOWN and "changes of £80 in 1 service" in found.figure
    assert (
        judge(facts_of(year, 3), "base-restated", unexplained_budget_above=8000).state is NOT_SHOWN
    )
    kept = ReportStatement.objects.get(report__period=period_of(year, 2), name="annex-a")
    wrong = kept.text.replace('"value": 900.0', '"value": 950.0')
    ReportStatement.objects.filter(pk=kept.pk).update(text=wrong)
    found = judge(facts_of(year, 2), "total-does-not-cast")
    assert found.state is SHOWN and "£950 for £900" in found.figure
    limit = {"casts_differ_above": 5000}
    assert judge(facts_of(year, 2), "total-does-not-cast", **limit).state is NOT_SHOWN


@pytest.mark.slow
def test_skipped_and_late_reports(year, person):
    lead = person(Role.FINANCE_LEAD)
    bring(year, "position", month(1130), 6)
    report = publish_report(period=period_of(year, 6), by=lead, complete_because="All there is")
    for day, late in ((29, False), (30, True)):
        at = datetime.datetime(2021, 11, day, 12, tzinfo=datetime.UTC)
        Report.objects.filter(pk=report.pk).update(published_at=at)
        found = judge(facts_of(year, 6), "reports-skipped-or-late", skipped_reports=3)
        assert ("Late: month 6 by 1 day." in found.figure) is late
        assert found.state is (SHOWN if late else NOT_JUDGED)
        assert "3 months without a report: month 3, month 4 and month 5." in found.figure
    found = judge(facts_of(year, 6), "reports-skipped-or-late", skipped_reports=2)
    assert found.state is SHOWN


@pytest.mark.slow
def test_the_years_before_count_as_they_were_published(year, tmp_path):
    bring(year, "position", month(1130, "-50"), 13)
    publish(year, 13)
    files = {
        "services.csv": SERVICES,
        "reserves.csv": RESERVES.replace("300", "200"),
        "periods/01/position.csv": month(1050, "-10"),
    }
    pack = write_pack(tmp_path / "next", files, settings=SETTINGS, publish=(1,), year="2022/23")
    facts = facts_of(load_pack(folder=pack, by=None).year, 1)
    assert judge(facts, "income-missed").state is SHOWN
    assert judge(facts, "income-missed", income_years=3).state is NOT_JUDGED
    assert judge(facts, "reserves-falling", reserves_falling_years=2).state is SHOWN
    assert judge(facts, "reserves-falling").state is NOT_JUDGED
    risen = judge(facts, "debt-cost", debt_cost_services=("DEBT",), debt_cost_percent=12)
    assert risen.state is NOT_SHOWN and "it was 11.1%" in risen.figure


def test_finance_reads_the_draft_and_members_what_is_published(year, person, client):
    page = reverse("warning-signs", args=[2021, 3])
    client.force_login(person(Role.FINANCE_OFFICER))
    shown = client.get(page).content.decode()
    assert "Present: “The forecast got worse in each report of the year”" in shown
    assert "score" in shown and "at least 2 reports with a movement" in shown.lower()
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "2 of 2 reports" not in client.get(page).content.decode()
    published = client.get(reverse("warning-signs", args=[2021, 2])).content.decode()
    assert "The year has 1 so far." in published


def test_other_thresholds_are_previewed_and_wrong_ones_refused(year):
    facts = facts_of(year, 3)
    value = read_settings({"warning_signs": {"worse_reports": 3}}).of_apps["warning-signs"]
    preview = preview_settings("warning-signs", facts, value)
    assert "signs would change" in preview.sentences[0]
    assert (
        "The forecast got worse in each report of the year",
        "Sign present (at least 2 reports with a movement)",
        "Cannot be judged (at least 3 reports with a movement)",
    ) in preview.tables[0].rows
    same = preview_settings("warning-signs", facts, facts.settings.of_apps["warning-signs"])
    assert same.sentences == ("No sign would change.",)
    own = read_settings({"warning_signs": {"dsg_balances": ["DSG"]}}).of_apps
    rows = preview_settings("warning-signs-reserves", facts, own["warning-signs-reserves"]).tables
    assert rows[0].rows[0][2] == "Sign present (more than 50% of the General Fund)"
    for wrong in ({"worse_reports": 0}, {"casts_differ_above": -1}, {"dsg_balances": "DSG"}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            read_settings({"warning_signs": wrong})


def test_the_schools_grant_of_cambridgeshire_shows_as_it_is_printed(cambridgeshire):
    """Its deficit went from £720k to £7,171k, beside a General Fund that the overspend takes."""
    found = judge(facts_of(cambridgeshire, 13), "dsg-deficit")
    assert found.state is SHOWN
    assert "Financing DSG: -£720k at the start, -£7,171k at the end." in found.figure
    assert judge(facts_of(cambridgeshire, 11), "dsg-deficit").state is NOT_JUDGED
