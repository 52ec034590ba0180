"""Figures that published reports state in words, against the tables that they speak of.

The sentences are our own; figures, tables and verdicts are those of the reports.
"""

import pytest

from monitoring.claims.selectors import TableFigures, judge_row_text
from monitoring.claims.statement_figures import figures_of_statement
from monitoring.claims.verdicts import Answer, judge_text
from monitoring.models import Report
from monitoring.reports.selectors.report_data import published_data
from tests.monitoring.claims.printed_tables import (
    MONTHS,
    YEARS,
    Printed,
    by_kind,
    by_month,
    statement_of,
)

LEICESTERSHIRE, KENT = "leicestershire-2019-23", "kent-2017-05"
SOMERSET, CAMBRIDGESHIRE = "somerset-2019-20-m03", "cambridgeshire-2018-19-close"
ANNEX = {
    "total_revised_budget_m": "budget",
    "net_variance_under_overspend_m": "net_variance",
    "net_variance_percent": "net_variance_percent",
    "movement_from_previous_report_m": "movement",
}
CAPITAL = {
    "original_budget_k": "original_budget",
    "revised_budget_k": "budget",
    "actual_k": "actual",
    "outturn_variance_k": "variance",
    "total_scheme_variance_k": "total_variance",
}
TABLES = {
    "plan": Printed(f"{LEICESTERSHIRE}/mtfs_summary.csv", "Budget plan", "line", YEARS),
    "capital plan": Printed(
        f"{LEICESTERSHIRE}/appendix_d_capital_programme.csv", "Capital plan", "scheme", YEARS
    ),
    "care fund": Printed(
        f"{LEICESTERSHIRE}/better_care_fund.csv",
        "Better Care Fund",
        "source",
        {f"{year}/{year - 1999}_m": f"{year}-{year - 1999}" for year in (2017, 2018, 2019)},
    ),
    "direct payments": Printed(
        f"{LEICESTERSHIRE}/direct_payments_2017_18.csv",
        "Direct payments",
        "client_group",
        {"budget": "budget", "outturn": "forecast", "variance": "variance"},
        unit="",
    ),
    "direct payments to come": Printed(
        f"{LEICESTERSHIRE}/direct_payment_expenditure_plan.csv",
        "Direct payments",
        "client_group",
        {f"{year}/{year - 1999}": f"{year}-{year - 1999}" for year in range(2019, 2023)},
    ),
    "referrals": Printed(
        f"{KENT}/indicator_series.csv",
        "Referrals",
        "measure",
        {each: each for each in MONTHS},
        prepare=by_month("3"),
    ),
    "residential care": Printed(
        f"{KENT}/indicator_series.csv",
        "Residential care",
        "measure",
        {each: each for each in MONTHS},
        prepare=by_month("6"),
    ),
    "indicators": Printed(
        f"{KENT}/indicator_summary.csv",
        "Indicators",
        "indicator",
        {"outturn_2016_17": "previous", "target": "target", "current_position": "actual"},
    ),
    "annex": Printed(f"{SOMERSET}/annex_a.csv", "Annex A", "service", ANNEX),
    "savings": Printed(
        f"{SOMERSET}/appendix_b_savings_by_decision.csv",
        "Savings",
        "area",
        {name: name for name in ("agreed_savings", "green_on_track", "blue_delivered")},
        unit="",
        prepare=lambda records: [e for e in records if e["savings_agreed_in"] == "All combined"],
    ),
    "reserves": Printed(
        f"{SOMERSET}/table_1_earmarked_reserves.csv",
        "Earmarked reserves",
        "line",
        {"amount_m": "amount"},
    ),
    "contingency": Printed(
        f"{SOMERSET}/corporate_contingency.csv", "Contingency", "line", {"amount_m": "amount"}
    ),
    "capital": Printed(
        f"{CAMBRIDGESHIRE}/appendix_6_capital_expenditure.csv", "Capital", "scheme", CAPITAL
    ),
    "funding": Printed(
        f"{CAMBRIDGESHIRE}/appendix_6_capital_funding.csv",
        "Funding",
        "source_of_funding",
        {"revised_k": "budget", "outturn_k": "forecast", "variance_k": "variance"},
    ),
    "reasons": Printed(
        f"{CAMBRIDGESHIRE}/appendix_6_capital_commentary.csv",
        "Reasons",
        "scheme",
        {"rephasing": "rephasing", "cost": "cost"},
        unit="k",
        prepare=by_kind,
    ),
    "support": Printed(
        f"{CAMBRIDGESHIRE}/housing_related_support_spend.csv",
        "Housing related support",
        "client_group",
        {"spend": "spend"},
    ),
    "placements": Printed(
        f"{CAMBRIDGESHIRE}/activity_looked_after_children.csv",
        "Placements",
        "service_type",
        {
            "budgeted_placements": "budget_volume",
            "snapshot_placements": "volume",
            "weeks_funded": "units_per_year",
            "actual_weekly_cost": "unit_cost",
        },
        pounds=("actual_weekly_cost",),
    ),
    "performance": Printed(
        f"{CAMBRIDGESHIRE}/appendix_7_performance.csv",
        "Performance",
        "measure",
        {"previous_period": "previous", "target": "target", "actual": "actual"},
    ),
    "benchmarks": Printed(
        f"{CAMBRIDGESHIRE}/appendix_7_benchmarks.csv",
        "Benchmarks",
        "measure",
        {"statistical_neighbours": "neighbours", "england": "england"},
    ),
}
YES, NO = Answer.AGREES, Answer.DIFFERS

CLAIMS = [
    ("plan", "The growth in 2019/20 is £5.2m.", [YES]),
    ("plan", "The savings in 2019/20 are £4.335m.", [YES]),
    ("plan", "Budget transfers and adjustments are £4.7m.", [YES]),
    ("plan", "The net budget of 2019/20 is £137.7m.", [YES]),
    ("plan", "The net budget of 2022/23 is £143.1m.", [YES]),
    ("plan", "Growth over the four years is £12.4m.", [NO]),
    ("capital plan", "The Brookfields Supported Living Scheme costs £2.5m.", [NO]),
    ("capital plan", "The Disabled Facilities Grant is £3.9m in 2019/20.", [NO]),
    ("care fund", "The Disabled Facilities Grant is £3.9m in 2019/20.", [YES]),
    ("care fund", "The Better Care Fund is £58.5m in 2019/20.", [YES]),
    ("care fund", "The Better Care Fund rises by £5m in 2019/20.", [YES]),
    ("care fund", "The Better Care Fund has £5.4m more in 2019/20.", [NO]),
    ("direct payments", "The outturn of direct payments is £35.6m.", [YES]),
    ("direct payments to come", "Direct payments take £40.3m in 2019/20.", [YES]),
    ("direct payments to come", "Direct payments take £39.4m in 2019/20.", [NO]),
    (
        "referrals",
        "The target of referrals to enablement was 2,821 in the quarter to March 2017.",
        [YES],
    ),
    ("referrals", "There were 2,514 referrals to enablement in the quarter to March 2017.", [NO]),
    (
        "residential care",
        "The number of people aged 65+ in permanent residential care fell by 6.14%.",
        [NO],
    ),
    ("indicators", "Delayed transfers of care stand at 29.2%.", [YES]),
    ("savings", "Adult Services agreed savings of £5.157m; £2.767m is delivered.", [NO, NO]),
    ("reserves", "The Prevention Fund is set up with £0.850m.", [NO]),
    ("annex", "Operations of Children & Families overspend by £0.433m (0.74%).", [YES, YES]),
    (
        "annex",
        "Economic & Community Infrastructure Services underspend by £0.371m, £0.389m better than "
        "the last report.",
        [YES, YES],
    ),
    ("contingency", "The original corporate contingency was £7.226m.", [YES]),
    ("contingency", "Of the contingency £6.061m is unallocated.", [YES]),
    ("placements", "Independent fostering has 303 placements, 104 more than budgeted.", [YES, YES]),
    ("placements", "The growth in independent fostering costs £83k a week.", [YES]),
    ("capital", "The capital outturn of Specialist Provision is £256k.", [YES]),
    ("reasons", "Basic Need – Primary has slippage of £3,286k.", [NO]),
    ("reasons", "Basic Need - Secondary has slippage of £4,994k.", [NO]),
    ("funding", "Prudential borrowing rises by £2,173k.", [NO]),
    ("support", "Housing related support costs £7.4m.", [NO]),
]
"""Thirty-six figures, of which twenty-two agree."""

FURTHER = [
    ("annex", "Non-Service Items: the movement is £0.860m adverse.", [NO]),
    ("capital", "Capital spending is £81,900m.", [NO]),
    ("capital", "Capital spending is £2,182m overspent.", [NO]),
    ("capital", "Capital spending is £2.173m overspent.", [YES]),
    ("capital", "The total scheme variance of Children Support Services is £288k.", [NO]),
    (
        "performance",
        "The number of looked after children per 10,000 population under 18 is 770, 7 more.",
        [NO, NO],
    ),
    ("performance", "Fixed term exclusions of all children rose by 0.5%.", [NO]),
    ("benchmarks", "Persistent absence of all children is 11.2% in England.", [NO]),
    ("benchmarks", "Persistent absence of all children is 10.8% in England.", [YES]),
    ("funding", "Funding by S106 contributions rises by £4,985k.", [YES]),
    ("funding", "Prudential borrowing falls by £4,653k.", [YES]),
    ("funding", "Prudential borrowing rises by £4,653k.", [NO]),
]


@pytest.mark.parametrize("claims", [CLAIMS, FURTHER])
def test_each_figure_has_the_verdict_of_the_published_tables(claims):
    figures = {
        name: [figure for _, figure in figures_of_statement(statement_of(table))]
        for name, table in TABLES.items()
    }
    found = [
        (table, text, [verdict.answer for verdict in judge_text(text, figures[table])])
        for table, text, _ in claims
    ]
    wrong = [(each, right) for each, right in zip(found, claims, strict=True) if each != right]
    assert wrong == []


OWN = [
    ("Independent Fostering has 303 placements, 104 more than budgeted.", [YES, YES]),
    ("The growth in independent fostering costs £83k a week.", [YES]),
    ("Prudential borrowing rises by £2,173k.", [NO]),
    ("Basic Need – Primary has slippage of £3,286k, or £2,233k.", [NO, YES]),
    (
        "The number of looked after children per 10,000 population under 18 is 770, 7 more.",
        [NO, NO],
    ),
    ("Persistent absence of all children is 9.6%.", [YES]),
]


@pytest.mark.slow
def test_the_product_s_own_statements_give_the_same_verdicts(cambridgeshire):
    report = Report.objects.filter(period__year=cambridgeshire, period__number=13).latest("pk")
    facts = published_data(report)
    figures = TableFigures(facts)
    for text, answers in OWN:
        verdicts = judge_row_text(figures, facts.top, text)
        assert (text, [each.answer for each in verdicts]) == (text, answers)
