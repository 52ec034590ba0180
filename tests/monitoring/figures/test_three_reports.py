"""Three reports of one made-up year (months 2, 4 and 5), every figure worked out by hand.

Rules: "Annex A" and "Restating the previous report" in docs/rules.md. In the tables of expected
figures a row is a service and the columns are, in pounds: budget, gross variance, planned use of
reserves, of receipts, net variance, previous as published, previous restated, movement, movement
as published. A dot is a figure that there is not.

The virements, and what each does to the previous report it is new to (receiver: + spending -
budget; giver the opposite):

ref    dated  known by  from -> to       budget, spending  effect on the previous report
V-01   2      report 1  Z100 -> A100     50, nil           none: report 1 reflects it
V-01R  4      report 2  A100 -> Z100     50, nil           report 1: A100 +50, Z100 -50
V-02   3      report 2  Z100 -> H100     70, nil           report 1: H100 -70, Z100 +70
V-02R  3      report 2  H100 -> Z100     70, nil           report 1: H100 +70, Z100 -70
V-03   2      report 2  Z100 -> W100     30, nil (late)    report 1: W100 -30, Z100 +30
V-03R  5      report 3  W100 -> Z100     30, nil           report 2: W100 +30, Z100 -30
V-04   4      report 2  F100 -> A200     100, 80           report 1: A200 -20, F100 +20
V-05   5      report 3  H100 -> L100     60, 60 (even)     report 2: nothing
V-06   4      report 3  Z100 -> P100     25, nil (late)    report 2: P100 -25, Z100 +25
V-07   5      report 3  outside -> A100  40, nil           report 2: A100 -40
V-08   4      report 2  H100 -> H300     5, nil            report 1: nothing, within Roads

V-06 was pending when report 2 was published.
"""

import json
from types import SimpleNamespace

import pytest
from django.db import transaction

from council_finance.errors import Refused
from monitoring.models import Report
from monitoring.published.report_rows import PreviousReport
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import published_data
from tests.councils.loaded import load_pack
from tests.councils.packs import (
    bring,
    facts_of,
    nodes_of,
    pence,
    period_of,
    position,
    publish,
    table,
    virements,
    write_pack,
)

SERVICES_1 = """code,name,parent_code,order,total_label,section,successor_code
TOP,Made-up Council,,1,Total council,,
PEOPLE,People,TOP,1,People total,,
CARE,Care,PEOPLE,1,,,
YOUTH,Youth,PEOPLE,2,,,
LIBR,Libraries,PEOPLE,3,,,
PLACE,Place,TOP,2,Place total,,
PARKS,Parks,PLACE,1,,Outdoors,
STREETS,Streets,PLACE,2,,Outdoors,
WASTE,Waste,PLACE,3,,,
RECYCLE,Recycling,PLACE,4,,,
ROADS,Roads,PLACE,5,,Outdoors,
CORPORATE,Corporate,TOP,3,Corporate total,,
FINANCE,Finance,CORPORATE,1,,,
CONTING,Contingency,CORPORATE,2,,,
"""
# Libraries move to Place; Parks and Streets become Green spaces and keep their cost centres.
SERVICES_2 = """code,name,parent_code,order,total_label,section,successor_code
TOP,Made-up Council,,1,Total council,,
PEOPLE,People,TOP,1,People total,,
CARE,Care,PEOPLE,1,,,
YOUTH,Youth,PEOPLE,2,,,
PLACE,Place,TOP,2,Place total,,
LIBR,Libraries,PLACE,1,,,
GREEN,Green spaces,PLACE,2,,Outdoors,
PARKS,Parks,PLACE,3,,,GREEN
STREETS,Streets,PLACE,4,,,GREEN
WASTE,Waste,PLACE,5,,,
RECYCLE,Recycling,PLACE,6,,,
ROADS,Roads,PLACE,7,,Outdoors,
CORPORATE,Corporate,TOP,3,Corporate total,,
FINANCE,Finance,CORPORATE,1,,,
CONTING,Contingency,CORPORATE,2,,,
"""
# Waste and Recycling become Environment, under new cost centres; Legal takes a line of Finance.
# Parks and Streets have closed and are no longer named.
SERVICES_3 = """code,name,parent_code,order,total_label,section,successor_code
TOP,Made-up Council,,1,Total council,,
PEOPLE,People,TOP,1,People total,,
CARE,Care,PEOPLE,1,,,
YOUTH,Youth,PEOPLE,2,,,
PLACE,Place,TOP,2,Place total,,
LIBR,Libraries,PLACE,1,,,
GREEN,Green spaces,PLACE,2,,Outdoors,
ENVIRO,Environment,PLACE,3,,,
WASTE,Waste,PLACE,4,,,ENVIRO
RECYCLE,Recycling,PLACE,5,,,ENVIRO
ROADS,Roads,PLACE,6,,Outdoors,
CORPORATE,Corporate,TOP,3,Corporate total,,
FINANCE,Finance,CORPORATE,1,,,
LEGAL,Legal,CORPORATE,2,,,
CONTING,Contingency,CORPORATE,3,,,
"""

# service, cost centre, original budget, current budget, forecast, use of reserves, of receipts
POSITION_2 = position("""
CARE     A100   950  1000  1050     -20  0
CARE     A200   500   500   480
YOUTH    Y100   300   300   .              # no forecast yet
YOUTH    Y200   200   200   210
LIBR     L100   400   400   425       0 -5
PARKS    P100   250   250   262
STREETS  S100   350   350   327
WASTE    W100   600   600   640
RECYCLE  R100   150   150   147
ROADS    H100   800   800   815
ROADS    H200    90    90   100
ROADS    H300  -200  -200  -190            # income: less of it is adverse
FINANCE  F100   700   700   690
FINANCE  F200   120   120   126.37
CONTING  Z100  1050  1000   900
""")
# A draft that is never published. Y200 is not in the ledger's export of that month.
POSITION_3 = position("""
CARE     A100   950  1000  1050     -20  0
CARE     A200   500   500   480
YOUTH    Y100   300   300   .
LIBR     L100   400   400   425       0 -5
PARKS    P100   250   250   262
STREETS  S100   350   350   327
WASTE    W100   600   600   640
RECYCLE  R100   150   150   147
ROADS    H100   800   800   815
ROADS    H200    90    90   100
ROADS    H300  -200  -200  -190
FINANCE  F100   700   700   690
FINANCE  F200   120   120   126.37
CONTING  Z100  1050  1000   900
""")
# H200 is gone, H400 is new. Blank service codes: those of the cost centres so far.
POSITION_4 = position("""
CARE     A100   950   950  1030     -30  0  # 1000 - 50 (V-01R)
CARE     A200   500   600   575             # 500 + 100 (V-04)
YOUTH    Y100   300   300   320             # forecast for the first time
YOUTH    Y200   200   200   .               # no longer forecast
LIBR     L100   400   400   430       0 -10
.        P100   250   250   255
GREEN    S100   350   350   340
WASTE    W100   600   630   655             # 600 + 30 (V-03)
RECYCLE  R100   150   150   151
ROADS    H100   800   795   820             # 800 - 5 (V-08)
ROADS    H300  -200  -195  -180             # -200 + 5 (V-08)
ROADS    H400   .      75    80
FINANCE  F100   700   600   625             # 700 - 100 (V-04)
FINANCE  F200   120   120   .               # carried forward from month 3: 126.37
CONTING  Z100  1050  1020   920             # 1000 + 50 (V-01R) - 30 (V-03)
""")
# W100 and R100 are gone, E100 and E200 are new; F200 has moved to Legal.
POSITION_5 = position("""
CARE     A100   950   990  1060     -30  0  # 950 + 40 (V-07)
CARE     A200   500   600   590
YOUTH    Y100   300   300   315
YOUTH    Y200   200   200   195             # forecast for the first time since report 2
LIBR     L100   400   460   500       0 -10 # 400 + 60 (V-05)
.        P100   250   275   280             # 250 + 25 (V-06)
GREEN    S100   350   350   345
ENVIRO   E100   .     600   620
ENVIRO   E200   .     150   149
ROADS    H100   800   735   750             # 795 - 60 (V-05)
ROADS    H300  -200  -195  -185
ROADS    H400   .      75    75
FINANCE  F100   700   600   610
LEGAL    F200   120   120   130
CONTING  Z100  1050  1025   925             # 1020 - 25 (V-06) + 30 (V-03R)
""")

V_01 = "V-01,2,Z100,NET,A100,NET,50,funding,,Cabinet,2021-06-10,,Care pressure"
NEW_IN_2 = """
V-01R,4,A100,NET,Z100,NET,50,funding,,Cabinet,2021-08-02,V-01,Care pressure has gone
V-02,3,Z100,NET,H100,NET,70,funding,,Cabinet,2021-07-05,,Road repairs
V-02R,3,H100,NET,Z100,NET,70,funding,,Cabinet,2021-07-20,V-02,Not needed after all
V-03,2,Z100,NET,W100,NET,30,funding,,Leader,2021-06-28,,Waste contract
V-04,4,F100,NET,A200,NET,100,technical,80,Cabinet,2021-08-02,,Assessment team
V-08,4,H100,NET,H300,NET,5,funding,,Head of Roads,2021-08-03,,Parking income
"""
PENDING_V_06 = "V-06,4,Z100,NET,P100,NET,25,funding,,,,,Play areas"
NEW_IN_3 = """
V-06,4,Z100,NET,P100,NET,25,funding,,Cabinet,2021-09-01,,Play areas
V-05,5,H100,NET,L100,NET,60,technical,,Cabinet,2021-09-01,,Archive team
V-07,5,,,A100,NET,40,funding,,Cabinet,2021-09-02,,Winter grant
V-03R,5,W100,NET,Z100,NET,30,funding,,Leader,2021-09-03,V-03,Waste contract ended
"""

FIGURES = (
    "budget",
    "gross_variance",
    "use_of_reserves",
    "use_of_capital_receipts",
    "net_variance",
    "previous_as_published",
    "previous_net_variance",
    "movement",
    "movement_as_published",
)

EXPECTED_1 = """
CARE       1500    30      -20   0   10      . . . .  # 50 - 20; A100 50 - 20 = 30, A200 -20
YOUTH       500    10        0   0   10      . . . .  # Y200 alone; Y100 has no forecast
LIBR        400    25        0  -5   20      . . . .
PEOPLE     2400    65      -20  -5   40      . . . .  # 10 + 10 + 20
PARKS       250    12        0   0   12      . . . .
STREETS     350   -23        0   0  -23      . . . .
WASTE       600    40        0   0   40      . . . .
RECYCLE     150    -3        0   0   -3      . . . .
ROADS       690    35        0   0   35      . . . .  # 15 + 10 + 10
PLACE      2040    61        0   0   61      . . . .
FINANCE     820    -3.63     0   0   -3.63   . . . .  # -10 + 6.37
CONTING    1000  -100        0   0 -100      . . . .
CORPORATE  1820  -103.63     0   0 -103.63   . . . .
TOP        6260    22.37   -20  -5   -2.63   . . . .  # 65 + 61 - 103.63; 40 + 61 - 103.63
"""

EXPECTED_2 = """
# A100 80 - 30 = 50, A200 -25. Restated: A100 30 + 50 = 80, A200 -20 - 20 = -40.
CARE       1550    55      -30   0   25      10      40       -15      15
# Y100 20; Y200 no longer. Previous: Y200 10.
YOUTH       500    20        0   0   20      10      10        10      10
# Published 40, of which 20 Libraries; 20 + 50 - 20 = 50.
PEOPLE     2050    75      -30   0   45      40      50        -5       5
LIBR        400    30        0 -10   20      20      20         0       0
# P100 5, S100 -10. Previous: 12 - 23; no report has published a figure of this service.
GREEN       600    -5        0   0   -5       .     -11         6       .
WASTE       630    25        0   0   25      40      10        15     -15
RECYCLE     150     1        0   0    1      -3      -3         4       4
# H100 25, H300 15, H400 5 (new). Previous 35 with H200's 10, whose leaving is movement.
ROADS       675    45        0   0   45      35      35        10      10
# Published 61; + 20 Libraries - 30 (V-03) = 51.
PLACE      2455    96        0 -10   86      61      51        35      25
# F100 25, F200 6.37 carried forward. Restated: F100 -10 + 20 = 10, F200 6.37.
FINANCE     720    31.37     0   0   31.37   -3.63   16.37     15      35
# Restated: -100 - 50 + 30, and +70 - 70 for what was taken back between the reports.
CONTING    1020  -100        0   0 -100    -100    -120        20       0
CORPORATE  1740   -68.63     0   0  -68.63 -103.63 -103.63     35      35
# 75 + 96 - 68.63; restated 50 + 51 - 103.63 = -2.63, as nothing came from outside.
TOP        6245   102.37   -30 -10   62.37   -2.63   -2.63     65      65
"""

EXPECTED_3 = """
# A100 70 - 30 = 40, A200 -10. Restated: 25 - 40 (V-07).
CARE       1590    60      -30   0   30      25     -15        45       5
YOUTH       500    10        0   0   10      20      20       -10     -10
PEOPLE     2090    70      -30   0   40      45       5        35      -5
LIBR        460    40        0 -10   30      20      20        10      10
# P100 5, S100 -5. Restated: -5 - 25 (V-06, approved late).
GREEN       625     0        0   0    0      -5     -30        30       5
# E100 20, E200 -1. Restated: 25 + 1 of its parts, + 30 (V-03 taken back).
ENVIRO      750    19        0   0   19       .      56       -37       .
# H100 15, H300 10, H400 0; V-05 is even.
ROADS       615    25        0   0   25      45      45       -20     -20
# Published 86 - 25 (V-06) + 30 (V-03R) = 91.
PLACE      2450    84        0 -10   74      86      91       -17     -12
# F100 alone; its previous 25, as F200's 6.37 has gone to Legal.
FINANCE     600    10        0   0   10      31.37   25       -15     -21.37
LEGAL       120    10        0   0   10       .       6.37      3.63    .
# Restated: -100 + 25 (V-06) - 30 (V-03R).
CONTING    1025  -100        0   0 -100    -100    -105         5       0
CORPORATE  1745   -80        0   0  -80     -68.63  -73.63     -6.37  -11.37
# Restated 5 + 91 - 73.63 = 22.37; + 40 from outside = 62.37, as published.
TOP        6285    74      -30 -10   34      62.37   22.37     11.63  -28.37
"""

# Report 2 again, after report 3: today's structure, V-06 approved by now, A200's forecast 580.
EXPECTED_2_AGAIN = """
CARE       1550    60      -30   0   30      10      40       -10      20
YOUTH       500    20        0   0   20      10      10        10      10
PEOPLE     2050    80      -30   0   50      40      50         0      10
LIBR        400    30        0 -10   20      20      20         0       0
GREEN       600    -5        0   0   -5       .     -36        31       .      # -11 - 25
ENVIRO      780    26        0   0   26       .       7        19       .      # 40 - 3 - 30
ROADS       675    45        0   0   45      35      35        10      10
PLACE      2455    96        0 -10   86      61      26        60      25      # 51 - 25
FINANCE     600    25        0   0   25      -3.63   10        15      28.63   # without F200
LEGAL       120     6.37     0   0    6.37    .       6.37      0       .
CONTING    1020  -100        0   0 -100    -100     -95        -5       0      # -120 + 25
CORPORATE  1740   -68.63     0   0  -68.63 -103.63  -78.63     10      35
TOP        6245   107.37   -30 -10   67.37   -2.63   -2.63     70      70
"""

# Report 3 again, compared with version 2 of report 2, which reflects V-06 already.
EXPECTED_3_AGAIN = """
CARE       1590    60      -30   0   30      30     -10        40       0
YOUTH       500    10        0   0   10      20      20       -10     -10
PEOPLE     2090    70      -30   0   40      50      10        30     -10
LIBR        460    40        0 -10   30      20      20        10      10
GREEN       625     0        0   0    0      -5      -5         5       5
ENVIRO      750    19        0   0   19      26      56       -37      -7
ROADS       615    25        0   0   25      45      45       -20     -20
PLACE      2450    84        0 -10   74      86     116       -42     -12      # 86 + 30
FINANCE     600    10        0   0   10      25      25       -15     -15
LEGAL       120    10        0   0   10       6.37    6.37      3.63    3.63
CONTING    1025  -100        0   0 -100    -100    -130        30       0      # -100 - 30
CORPORATE  1745   -80        0   0  -80     -68.63  -98.63     18.63  -11.37
TOP        6285    74      -30 -10   34      67.37   27.37      6.63  -33.37   # 67.37 - 40
"""

EXPECTED = {
    "report 1": EXPECTED_1,
    "report 2": EXPECTED_2,
    "report 3": EXPECTED_3,
    "report 2 again": EXPECTED_2_AGAIN,
    "report 3 again": EXPECTED_3_AGAIN,
}
CASES = [
    (report, *row) for report, drawn in EXPECTED.items() for row in table(drawn) if len(row) > 1
]


def expected_figures(row) -> dict[str, int | None]:
    return dict(zip(FIGURES, (pence(cell) for cell in row), strict=True))


def frozen_statements(report: Report) -> dict[str, tuple[str, str]]:
    return {row.name: (row.text, row.sha256) for row in report.statements.all()}


def register_of(*parts: str) -> str:
    return virements("\n".join(part.strip() for part in parts))


class Story:
    """What happened in the year, kept as plain data."""

    def __init__(self, folder, order):
        self.order = order
        self.nodes, self.drafts, self.frozen, self.checks = {}, {}, {}, {}
        self.annex, self.sections, self.compared = {}, {}, {}
        files = {
            "services.csv": SERVICES_1,
            "virements.csv": register_of(V_01),
            "periods/02/position.csv": POSITION_2,
        }
        write_pack(folder, files, publish=(2,), settings='[display]\nunit = "pounds"\n')
        self.year = load_pack(folder=folder, by=None).year
        self.note("report 1", 2)
        bring(self.year, "position", POSITION_3, 3)
        self.month_3 = nodes_of(facts_of(self.year, 3))
        bring(self.year, "services", SERVICES_2)
        self.month("report 2", 4, POSITION_4, register_of(V_01, NEW_IN_2, PENDING_V_06))
        bring(self.year, "services", SERVICES_3)
        self.month("report 3", 5, POSITION_5, register_of(V_01, NEW_IN_2, NEW_IN_3))
        self.superseded_before = facts_of(self.year, 5).is_comparative_superseded
        self.refusals()
        self.reopen()

    def month(self, name, number, rows, register):
        """In either order the figures are the same: the one uploaded last completes them."""
        files = [("position", rows, number), ("virements", register, None)]
        for kind, text, period in files if self.order == "position first" else files[::-1]:
            bring(self.year, kind, text, period)
        self.drafts[name] = nodes_of(facts_of(self.year, number))
        publish(self.year, number)
        self.note(name, number)

    def note(self, name, number):
        facts = facts_of(self.year, number)
        self.nodes[name] = nodes_of(facts)
        self.frozen[name] = frozen_statements(facts.report)
        self.checks[name] = check_report(facts)
        self.annex[name] = json.loads(self.frozen[name]["annex-a"][0])
        self.sections[name] = json.loads(self.frozen[name]["section-headlines"][0])
        self.compared[name] = facts.compared_with

    def refusals(self):
        self.refused = {}
        for name, call in {
            "publish month 3": lambda: publish(self.year, 3),
            "publish month 4 again": lambda: publish(self.year, 4),
            "upload into month 4": lambda: bring(self.year, "position", POSITION_4, 4),
            "reopen without a reason": lambda: self._reopen(4, "  "),
            "reopen an open month": lambda: self._reopen(3, "Why not"),
        }.items():
            try:
                call()
                self.refused[name] = ""
            except Refused as refused:
                self.refused[name] = " ".join(refused.messages)

    def _reopen(self, number, reason):
        reopen_report(period=period_of(self.year, number), reason=reason, by=None)

    def reopen(self):
        bring(self.year, "position", POSITION_5, 6)
        self.month_6 = [period_of(self.year, 6).compared_with]
        self._reopen(5, "To see what month 6 is compared with")
        self.month_6.append(period_of(self.year, 6).compared_with)
        self._reopen(4, "A late invoice for Care")
        self.draft_4 = facts_of(self.year, 4)
        self.draft_5_compared = period_of(self.year, 5).compared_with
        rows = "CARE A100 950 950 1030 -30 0\nCARE A200 500 600 580"
        bring(self.year, "position", position(rows), 4, scope="CARE")
        publish(self.year, 4)
        self.note("report 2 again", 4)
        first = Report.objects.get(period__year=self.year, period__number=5, version=1)
        self.first_report_3 = published_data(first)
        self.superseded = self.first_report_3.is_comparative_superseded
        publish(self.year, 5)
        self.note("report 3 again", 5)
        self.superseded_again = facts_of(self.year, 5).is_comparative_superseded
        self.month_6.append(period_of(self.year, 6).compared_with)
        reports = Report.objects.filter(period__year=self.year).order_by("period", "version")
        self.versions = [(r.period.number, r.version, r.reason) for r in reports]
        self.frozen_at_the_end = {
            (r.period.number, r.version): frozen_statements(r) for r in reports
        }


@pytest.fixture(scope="module", params=["virements first", "position first"])
def story(request, django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole year, once for each order of uploads; only plain data and what was read remain."""
    with django_db_blocker.unblock(), transaction.atomic():
        told = Story(tmp_path_factory.mktemp("pack"), request.param)
        transaction.set_rollback(True)
    return told


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}, {case[1]}")
def test_every_figure_is_as_worked_out_by_hand(story, case):
    report, key, *row = case
    node = story.nodes[report][key]
    assert {name: node[name] for name in FIGURES} == expected_figures(row)


@pytest.mark.parametrize("report", EXPECTED)
def test_a_report_has_the_services_of_its_day_and_no_others(story, report):
    assert set(story.nodes[report]) == {case[1] for case in CASES if case[0] == report}


@pytest.mark.parametrize("report", ["report 2", "report 3"])
def test_a_draft_shows_the_figures_that_are_then_published(story, report):
    assert story.drafts[report] == story.nodes[report]


@pytest.mark.parametrize("report", EXPECTED)
def test_annex_a_prints_the_figures_in_pounds(story, report):
    rows = {row["key"]: row for row in story.annex[report]["rows"]}
    for case in CASES:
        if case[0] == report:
            cells = rows[case[1]]["cells"]
            for name, value in expected_figures(case[2:]).items():
                assert cells[name]["value"] == (None if value is None else value / 100), case


def test_a_report_says_what_it_was_compared_with(story):
    assert story.compared == {
        "report 1": None,
        "report 2": PreviousReport(period=2, version=1),
        "report 3": PreviousReport(period=4, version=1),
        "report 2 again": PreviousReport(period=2, version=1),
        "report 3 again": PreviousReport(period=4, version=2),
    }


def test_the_unpublished_month_was_compared_with_report_1(story):
    # The same figures but for Y200, whose 10 has left: previous -2.63, now -12.63.
    top = story.month_3["TOP"]
    assert (top["net_variance"], top["previous_net_variance"]) == (-1263, -263)
    assert top["movement"] == -1000


@pytest.mark.parametrize(
    ("report", "marked"),
    [
        ("report 1", set()),
        ("report 2", {"CARE", "GREEN", "WASTE", "FINANCE", "CONTING"}),
        ("report 3", {"CARE", "GREEN", "ENVIRO", "FINANCE", "LEGAL", "CONTING"}),
    ],
)
def test_only_restated_services_carry_the_mark(story, report, marked):
    """Subtotals and totals carry none; nor does a service within which, or evenly, it moved."""
    found = {
        row["key"]
        for row in story.annex[report]["rows"]
        if row["cells"]["previous_net_variance"].get("mark") == "*"
    }
    assert found == marked


@pytest.mark.parametrize(
    ("report", "label", "facts"),
    [
        (
            "report 2",
            "Care",
            ["V-01R of £50 ", "approved by Cabinet on 2 August 2021", "V-04 of £100", "of £80"],
        ),
        ("report 2", "Care", ["was £10 as published, and is restated to £40 by"]),
        ("report 2", "Waste", ["V-03 of £30", "approved by Leader on 28 June 2021"]),
        ("report 2", "Green spaces", ["from Parks", "£12", "from Streets", "-£23"]),
        ("report 3", "Legal", ["1 line moved here from Finance", "£6"]),
        ("report 3", "Environment", ["from Waste", "from Recycling", "V-03R of £30"]),
        ("report 3", "Care", ["V-07 of £40", "from outside this budget"]),
        ("report 3", "Green spaces", ["V-06 of £25", "approved by Cabinet on 1 September 2021"]),
    ],
)
def test_a_restated_figure_is_explained(story, report, label, facts):
    notes = [note for note in story.annex[report]["footnotes"] if note["mark"] == "*"]
    (text,) = [note["text"] for note in notes if note["text"].startswith(f"{label}:")]
    for fact in facts:
        assert fact in text


@pytest.mark.parametrize("reference", ["V-02 ", "V-02R ", "V-06 ", "V-08 "])
def test_what_restates_nothing_is_in_no_footnote_of_report_2(story, reference):
    texts = " ".join(note["text"] for note in story.annex["report 2"]["footnotes"])
    assert f"virement {reference}" not in texts


def test_a_line_that_leaves_a_service_is_explained_there_too(story):
    notes = [note["text"] for note in story.annex["report 3"]["footnotes"]]
    (text,) = [note for note in notes if note.startswith("Finance:")]
    assert "Legal" in text


@pytest.mark.parametrize(
    ("report", "first", "no_longer"),
    [("report 2", ["Y100/NET"], ["Y200/NET"]), ("report 3", ["Y200/NET"], [])],
)
def test_forecasts_that_came_or_went_are_named(story, report, first, no_longer):
    explanation = story.nodes[report]["YOUTH"]["explanation"]
    assert explanation.get("first_forecast", {}).get("lines", []) == first
    assert explanation.get("no_longer_forecast", {}).get("lines", []) == no_longer
    texts = [note["text"] for note in story.annex[report]["footnotes"]]
    for line in first:
        assert f"Youth: {line} forecast for the first time." in texts
    for line in no_longer:
        assert f"Youth: {line} no longer forecast." in texts


def test_lines_without_a_forecast_are_counted_with_their_budget(story):
    youth = story.nodes["report 2"]["YOUTH"]
    assert (youth["lines_without_forecast"], youth["budget_without_forecast"]) == (1, 20000)
    texts = [note["text"] for note in story.annex["report 2"]["footnotes"]]
    assert "Youth: 1 line has no forecast; the budget of £200 is left out of the variance." in texts


# A line's budget against the previous report's and the virements since (check_report).
UNEXPLAINED = {
    "report 1": set(),
    "report 2": {"H200/NET", "H400/NET"},
    # E100 and E200 are new, R100 is gone; so is W100, of which the virement explains 30.
    "report 3": {"W100/NET", "R100/NET", "E100/NET", "E200/NET"},
}
AS_PUBLISHED = ("as published",)


@pytest.mark.parametrize("report", UNEXPLAINED)
def test_only_what_nothing_explains_differs(story, report):
    """Columns as published aside, which have a test of their own."""
    found = {
        check.name.split(":")[0]
        for check in story.checks[report]
        if check.status == "differs" and not any(words in check.name for words in AS_PUBLISHED)
    }
    assert found == UNEXPLAINED[report]


@pytest.mark.parametrize("report", ["report 2", "report 3"])
def test_figures_as_published_are_not_cast_under_another_tree(story, report):
    """They are what the previous report printed; a restructure is no difference in this one."""
    found = [
        f"{check.statement}: {check.name}"
        for check in story.checks[report]
        if check.status == "differs" and any(words in check.name for words in AS_PUBLISHED)
    ]
    assert found == []


def test_a_sections_movement_as_published_is_against_what_it_published(story):
    """Outdoors: published 12 - 23 + 35 = 24 in report 1; stands at -5 + 45 = 40 in report 2."""
    before = {row["label"]: row for row in story.sections["report 1"]["rows"]}["Outdoors"]
    now = {row["label"]: row for row in story.sections["report 2"]["rows"]}["Outdoors"]
    assert before["cells"]["net_variance"]["value"] == 24
    assert now["cells"]["net_variance"]["value"] == 40
    assert now["cells"]["movement"]["value"] == 16  # 6 + 10
    assert now["cells"]["movement_as_published"]["value"] == 16


def test_budgets_are_reconciled_to_the_approved_budget(story):
    data = json.loads(story.frozen["report 2"]["budget-reconciliation"][0])
    rows = {
        row["key"]: [
            row["cells"][key]["value"]
            for key in (
                "original_budget",
                "virements_in",
                "virements_out",
                "other_changes",
                "budget",
            )
        ]
        for row in data["rows"]
    }
    # In V-01 50 and V-04 100, out V-01R 50.
    assert rows["CARE"] == [1450, 150, -50, 0, 1550]
    # In V-02 70, out V-02R 70, V-08 within; original 800 + 90 - 200; H200 -90 and H400 +75 are
    # explained by nothing, and H200's approved budget has left with its line.
    assert rows["ROADS"][1:3] == [70, -70]
    assert rows["ROADS"][4] == 675
    # In V-01R 50 and V-02R 70, out V-01 50, V-02 70 and V-03 30.
    assert rows["CONTING"] == [1050, 120, -150, 0, 1020]


@pytest.mark.parametrize("name", ["report 1", "report 2", "report 3"])
def test_published_statements_stay_as_they_were_byte_for_byte(story, name):
    number = {"report 1": 2, "report 2": 4, "report 3": 5}[name]
    assert story.frozen[name]
    assert story.frozen_at_the_end[number, 1] == story.frozen[name]


def test_every_version_is_kept_with_the_reason_for_the_next(story):
    assert story.versions == [
        (2, 1, ""),
        (4, 1, ""),
        (4, 2, "A late invoice for Care"),
        (5, 1, ""),
        (5, 2, "To see what month 6 is compared with"),
    ]


def test_a_version_2_says_that_it_is_one(story):
    annex = story.annex["report 2 again"]
    assert (annex["status"], annex["version"], annex["as_at"]) == ("published", 2, "2021-07-31")
    assert story.annex["report 2"]["version"] == 1


def test_a_reopened_period_is_a_draft_of_the_next_version(story):
    assert (story.draft_4.status, story.draft_4.version) == ("draft", 2)


def test_a_report_knows_that_its_comparative_was_superseded(story):
    assert story.superseded_before is False
    assert story.first_report_3.compared_with == PreviousReport(period=4, version=1)
    assert story.superseded is True
    assert story.superseded_again is False


def test_a_reopened_draft_is_never_anyones_comparative(story):
    before, reopened, after = story.month_6
    assert [(r.period.number, r.version) for r in (before, reopened, after)] == [
        (5, 1),
        (5, 1),
        (5, 2),
    ]
    assert (story.draft_5_compared.period.number, story.draft_5_compared.version) == (4, 1)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("publish month 3", "cannot be published for the first time"),
        ("publish month 4 again", "published already"),
        ("upload into month 4", "frozen"),
        ("reopen without a reason", "Say why"),
        ("reopen an open month", "not published"),
    ],
)
def test_what_is_frozen_refuses_in_plain_words(story, act, words):
    assert words in story.refused[act]


SMALL_TREE = """code,name,parent_code,order,total_label
TOP,Small Council,,1,Total
DIR,Directorate,TOP,1,Directorate total
ONE,One,DIR,1,
TWO,Two,DIR,2,
"""


@pytest.fixture
def small(db, tmp_path):
    """A council of two services whose month 1 is published: One at 10, Two at -5."""
    files = {
        "services.csv": SMALL_TREE,
        "periods/01/position.csv": position("ONE A 100 100 110\nTWO B 200 200 195"),
    }
    return load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year


def differing(year, number) -> list[str]:
    checks = check_report(facts_of(year, number))
    return [f"{check.statement}: {check.name}" for check in checks if check.status == "differs"]


def test_a_service_whose_only_line_is_no_longer_forecast_still_casts(small):
    bring(small, "position", position("ONE A 100 100 110"), 2)  # a draft without B
    bring(small, "position", position("ONE A 100 100 110\nTWO B 200 200 ."), 3)
    nodes = nodes_of(facts_of(small, 3))
    assert nodes["TWO"]["net_variance"] is None
    assert (nodes["TOP"]["net_variance"], nodes["TOP"]["previous_net_variance"]) == (1000, 500)
    assert nodes["TOP"]["movement"] == 500  # Two's -5 has left
    assert differing(small, 3) == []


def test_a_service_forecast_for_the_first_time_had_no_figure_as_published(db, tmp_path):
    files = {
        "services.csv": SMALL_TREE,
        "periods/01/position.csv": position("ONE A 100 100 110\nTWO B 200 200 ."),
    }
    year = load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year
    bring(year, "position", position("ONE A 100 100 110\nTWO B 200 200 207"), 2)
    nodes = nodes_of(facts_of(year, 2))
    assert nodes["TWO"]["previous_as_published"] is None
    assert nodes["TOP"]["movement"] == 700
    assert differing(year, 2) == []


def test_a_service_that_closes_without_a_successor_keeps_its_earlier_lines_in_sight(small):
    """Under its nearest open parent; its variance leaving is movement."""
    bring(small, "services", SMALL_TREE.replace("TWO,Two,DIR,2,\n", ""))
    bring(small, "position", position("ONE A 100 100 110"), 2)
    publish(small, 2)
    nodes = nodes_of(facts_of(small, 2))
    assert "TWO" not in nodes
    (closed,) = [node for node in nodes.values() if node["kind"] == "closed"]
    assert closed["parent_key"] == "DIR"
    found = [closed[name] for name in ("budget", "net_variance", "previous_net_variance")]
    assert found == [0, 0, -500]
    assert (closed["movement"], nodes["DIR"]["movement"]) == (500, 500)


def test_a_renamed_top_keeps_every_line_in_the_total(small):
    """The top gets another code while a service that is no longer named still has lines."""
    bring(small, "position", position("ONE A 100 100 110\nTWO B 200 200 195"), 2)
    tree = SMALL_TREE.replace("TWO,Two,DIR,2,\n", "")
    tree = tree.replace("TOP,Small", "NEW,Small").replace("DIR,Directorate,TOP", "DIV,Division,NEW")
    bring(small, "services", tree.replace("ONE,One,DIR", "ONE,One,DIV"))
    facts = facts_of(small, 2)
    assert facts.top.budget == 30000
    assert facts.top.net_variance == 500


def test_virements_with_an_end_outside_tie_the_restated_total_to_the_published_one(small):
    bring(
        small,
        "virements",
        virements(
            "G-1,2,,,A,NET,30,funding,,Cabinet,2021-06-01,,Grant\n"
            "G-2,2,B,NET,,,12,technical,7,Cabinet,2021-06-01,,Team leaves the council"
        ),
    )
    bring(small, "position", position("ONE A 100 130 135\nTWO B 200 188 186"), 2)
    nodes = nodes_of(facts_of(small, 2))
    figures = {
        key: [nodes[key][name] for name in ("previous_net_variance", "movement")] for key in nodes
    }
    # One: 10 - 30 = -20, now 5. Two gives: -5 - 7 + 12 = 0, now -2. Published total 5.
    assert figures == {
        "TOP": [-2000, 2300],
        "DIR": [-2000, 2300],
        "ONE": [-2000, 2500],
        "TWO": [0, -200],
    }
    assert differing(small, 2) == []


def test_taking_back_a_technical_virement_restates_by_its_own_spending(small):
    """With another spending amount than budget, the reversal takes back both."""
    first = "T-1,2,A,NET,B,NET,50,technical,30,Cabinet,2021-06-01,,Team"
    bring(small, "virements", virements(first))
    bring(small, "position", position("ONE A 100 50 60\nTWO B 200 250 240"), 2)
    publish(small, 2)
    back = "T-2,3,B,NET,A,NET,50,technical,,Cabinet,2021-07-01,T-1,Team returns"
    bring(small, "virements", virements(f"{first}\n{back}"))
    bring(small, "position", position("ONE A 100 100 110\nTWO B 200 200 195"), 3)
    nodes = SimpleNamespace(**nodes_of(facts_of(small, 3)))
    # Report 2: One 10, Two -10. B gives back: -10 - 30 + 50 = 10; A receives: 10 + 30 - 50 = -10.
    assert nodes.TWO["previous_net_variance"] == 1000
    assert nodes.ONE["previous_net_variance"] == -1000
    assert nodes.TOP["previous_net_variance"] == 0
