"""Changing the tree: what is previewed is what is stored, and published reports keep theirs.

The made-up council repeats Brighton & Hove's cases: a service worth 72 moved into a directorate
whose previous 747 becomes 819, and a merger of 1,912 and 2,381 that makes 4,293.
"""

import csv
import importlib
import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import (
    BudgetLine,
    FinancialYear,
    NodeFigure,
    Period,
    Position,
    Report,
    ReportLines,
    ReportStatement,
    Service,
)
from monitoring.publishing.services.reports import reopen_report
from monitoring.restructuring import changes as restructuring
from monitoring.restructuring.changes import Register
from monitoring.restructuring.selectors.preview import preview_change, preview_lines
from monitoring.restructuring.selectors.structure import line_move, lines_at, register_of, structure
from monitoring.restructuring.services import structure as services
from monitoring.structure.selectors.tree import lines_in_open_periods, services_with_open_lines
from monitoring.structure.trees import ServiceRow
from tests.councils.loaded import load_pack
from tests.councils.packs import (
    bring,
    facts_of,
    nodes_of,
    pence,
    period_of,
    position,
    publish,
    virements,
    write_pack,
)

SERVICES = """code,name,parent_code,order,total_label,section,successor_code
TOP,Seaside Council,,1,Council total,,
FAM,Families,TOP,1,Families total,,
SCHOOL,Schools,FAM,1,,Learning,
YOUTH,Youth,FAM,2,,,
HOUS,Housing,TOP,2,Housing total,,
HOMES,Homes,HOUS,1,,,
TRAVEL,Travellers,HOUS,2,,,
ADULT,Adults,TOP,3,Adults total,,
CARE,Care,ADULT,1,,,
HEALTH,Health,ADULT,2,,,
"""
# service, cost centre, original budget, current budget, forecast
MONTH_2 = position("""
SCHOOL  S100   5000   5000   5400     # 400
YOUTH   Y100   3000   3000   3347     # 347: Families 747
HOMES   H100   2000   2000   2200     # 200
TRAVEL  T100    500    500    550     # 50
TRAVEL  T200    100    100    122     # 22: Travellers 72
CARE    C100  20000  20000  21912     # 1912
HEALTH  K100  30000  30000  32381     # 2381
""")
MONTH_3 = position("""
SCHOOL  S100   5000   5000   5350
YOUTH   Y100   3000   3000   3300
HOMES   H100   2000   2040   2190     # 40 from outside
TRAVEL  T100    500    500    560
TRAVEL  T200    100    100    120
CARE    C100  20000  20000  21900
HEALTH  K100  30000  30000  32300
""")
OUTSIDE = virements("V-1,3,,,H100,NET,40,funding,,Cabinet,2021-06-30,,Grant")
OUTSIDE_PENCE = 4_000


@pytest.fixture
def seaside(db, tmp_path) -> FinancialYear:
    """Month 2 published, month 3 a draft with a virement from outside."""
    files = {
        "services.csv": SERVICES,
        "virements.csv": OUTSIDE,
        "periods/02/position.csv": MONTH_2,
        "periods/03/position.csv": MONTH_3,
    }
    settings = '[display]\nunit = "pounds"\n'
    pack = write_pack(tmp_path, files, publish=(2,), council="Seaside", settings=settings)
    return load_pack(folder=pack, by=None).year


def fresh(year: FinancialYear) -> FinancialYear:
    return FinancialYear.objects.get(pk=year.pk)


def service_of(year: FinancialYear, code: str) -> Service:
    return Service.objects.get(year=year, code=code)


def figures(year: FinancialYear, number: int = 3) -> dict[str, NodeFigure]:
    return {row.key: row for row in NodeFigure.objects.filter(period=period_of(year, number))}


def printed_reports() -> list[tuple[str, str, str]]:
    return sorted(ReportStatement.objects.values_list("name", "sha256", "text"))


def line_ids(year: FinancialYear, *centres: str) -> list[int]:
    found = BudgetLine.objects.filter(year=year, cost_centre__in=centres)
    return list(found.order_by("pk").values_list("pk", flat=True))


STORE = {
    "add": services.add_service,
    "rename": services.rename_service,
    "move": services.move_service,
    "merge": services.merge_service,
    "close": services.close_service,
    "reopen": services.reopen_service,
}


def preview(year, act: str, code: str, **fields):
    plan = getattr(restructuring, act)
    return preview_change(year, code, lambda register: plan(register, code=code, **fields))


def store(year, act: str, code: str, **fields) -> None:
    STORE[act](year=year, code=code, revision=fresh(year).revision, by=None, **fields)


def snapshot(year) -> tuple:
    """Everything that a refused or merely previewed change must leave alone."""
    return (
        fresh(year).revision,
        list(Service.objects.filter(year=year).order_by("pk").values()),
        list(BudgetLine.objects.filter(year=year).order_by("pk").values()),
        list(NodeFigure.objects.filter(period__year=year).order_by("pk").values()),
        AuditEntry.objects.count(),
    )


def assert_as_previewed(seen, before: dict, after: dict, number: int = 3) -> None:
    """The read model after storing is the preview's, and all that it does not name stays."""
    rows = {row.key: row for row in seen.effect.rows}
    assert {key for key, row in rows.items() if row.change == "appears"} == set(after) - set(before)
    assert {key for key, row in rows.items() if row.change == "vanishes"} == set(before) - set(
        after
    )
    for key in before | after:
        was, now = before.get(key), after.get(key)
        pairs = [
            (was and getattr(was, name), now and getattr(now, name))
            for name in ("budget_pence", "net_variance_pence", "previous_net_variance_pence")
        ]
        if key in rows:
            row = rows[key]
            assert [row.budget, row.net_variance, row.restated] == pairs, key
            assert row.published == (now or was).previous_as_published_pence
        else:
            assert all(one == other for one, other in pairs), key
    top = after["TOP"]
    assert seen.effect.council_is_unchanged
    assert seen.effect.top.restated == (top.previous_net_variance_pence,) * 2
    assert seen.effect.top.budget == (top.budget_pence,) * 2
    assert seen.effect.period.number == number


def carried_out(year, act: str, code: str, **fields):
    """Preview, store, and check that the one told the truth about the other."""
    before, everything, published = figures(year), snapshot(year), printed_reports()
    seen = preview(year, act, code, **fields)
    assert snapshot(year) == everything
    assert seen.revision == everything[0]
    store(year, act, code, **fields)
    after = figures(year)
    assert_as_previewed(seen, before, after)
    assert printed_reports() == published
    top = after["TOP"]
    assert top.previous_net_variance_pence + OUTSIDE_PENCE == top.previous_as_published_pence
    period = period_of(year, 3)
    assert period.figures_revision == fresh(year).revision == seen.revision + 1
    return seen


def restated(seen) -> dict[str, tuple]:
    return {row.key: (row.published, *row.restated) for row in seen.effect.rows}


def pounds(*amounts: str) -> tuple:
    return tuple(pence(amount) for amount in amounts)


def test_a_service_moved_into_a_directorate_restates_its_previous_747_to_819(seaside):
    seen = carried_out(seaside, "move", "TRAVEL", parent="FAM", after="SCHOOL")
    assert seen.changes == [
        ("Stands under", "Housing (HOUS)", "Families (FAM)"),
        ("Stands after", "Homes (HOMES)", "Schools (SCHOOL)"),
    ]
    assert restated(seen) == {
        "FAM": pounds("747", "747", "819"),
        "HOUS": pounds("272", "232", "160"),  # 272 less the grant's 40, then less 72
    }
    assert [row.change for row in seen.effect.rows] == ["changes", "changes"]
    cells = {row.key: cells for row, cells in seen.effect.printed}
    assert cells["FAM"] == ["8,000", "8,600", "747", "747", "819"]
    assert cells["TOP"] == ["60,640", "60,640", "5,312", "5,272", "5,272"]
    order = [node.key for node in register_of(seaside).tree.nodes]
    assert order[1:5] == ["FAM", "SCHOOL", "TRAVEL", "YOUTH"]


@pytest.mark.slow
def test_a_merged_service_takes_the_sum_1912_and_2381_is_4293(seaside):
    seen = carried_out(seaside, "merge", "HEALTH", successor="CARE")
    assert restated(seen) == {
        "CARE": pounds("1912", "1912", "4293"),
        "HEALTH": (*pounds("2381", "2381"), None),
    }
    assert [row.change for row in seen.effect.rows] == ["changes", "vanishes"]
    publish(seaside, 3)
    assert nodes_of(facts_of(seaside, 3))["CARE"]["previous_net_variance"] == pence("4293")
    assert "HEALTH" in nodes_of(facts_of(seaside, 2))


def test_without_figures_nothing_is_restated(seaside):
    publish(seaside, 3)
    seen = preview(seaside, "move", "TRAVEL", parent="FAM", after=None)
    assert seen.effect.period is None
    assert seen.effect.rows == []
    assert not seen.effect.council_is_unchanged  # there is nothing to say of it
    store(seaside, "move", "TRAVEL", parent="FAM", after=None)
    assert service_of(seaside, "TRAVEL").parent.code == "FAM"


def test_a_year_without_a_published_report_shows_budgets_and_variances(db, tmp_path):
    files = {"services.csv": SERVICES, "periods/02/position.csv": MONTH_2}
    year = load_pack(folder=write_pack(tmp_path, files, council="Seaside"), by=None).year
    seen = preview(year, "move", "TRAVEL", parent="FAM", after=None)
    family = next(row for row in seen.effect.rows if row.key == "FAM")
    assert (seen.effect.previous, family.published, family.restated) == (None, None, (None, None))
    assert family.net_variance == pounds("747", "819")
    assert next(cells for row, cells in seen.effect.printed if row.key == "FAM") == [
        "8",
        "9",
        "1",
        "1",
    ]


@pytest.mark.slow
def test_a_reopened_month_is_previewed_where_no_later_one_is_open(seaside):
    publish(seaside, 3)
    reopen_report(period=period_of(seaside, 2), reason="A late invoice", by=None)
    seen = preview(seaside, "move", "TRAVEL", parent="FAM", after=None)
    assert seen.effect.period.number == 2
    bring(seaside, "position", MONTH_3, 4)
    seen = preview(seaside, "move", "TRAVEL", parent="FAM", after=None)
    assert seen.effect.period.number == 4


def test_a_new_service_appears_in_its_place(seaside):
    words = {"name": "Libraries", "total_label": "", "section": "Learning"}
    seen = carried_out(seaside, "add", "LIBR", parent="FAM", after="", **words)
    assert [(row.key, row.change, row.budget) for row in seen.effect.rows] == [
        ("LIBR", "appears", (None, 0))
    ]
    assert seen.warnings == []
    keys = [node.key for node in register_of(seaside).tree.nodes]
    assert keys[1:4] == ["FAM", "LIBR", "SCHOOL"]
    entry = AuditEntry.objects.get(record="service 2021/22 LIBR")
    assert (entry.action, entry.by_name) == ("added a service", "command line")
    assert entry.detail["Stands under"] == {"from": "", "to": "Families (FAM)"}
    assert entry.detail["Name"] == {"from": "", "to": "Libraries"}


@pytest.mark.slow
def test_other_words_restate_nothing_and_are_on_the_audit_trail(seaside, person):
    seen = carried_out(
        seaside, "rename", "SCHOOL", name="Schools and skills", total_label="", section="Places"
    )
    assert seen.effect.rows == []
    detail = AuditEntry.objects.get(record="service 2021/22 SCHOOL").detail
    assert detail == {
        "Name": {"from": "Schools", "to": "Schools and skills"},
        "Section": {"from": "Learning", "to": "Places"},
    }
    lead = person("finance_lead", first_name="Ada", last_name="Lead")
    services.rename_service(
        year=seaside,
        code="SCHOOL",
        name="Schools",
        total_label="",
        section="",
        revision=fresh(seaside).revision,
        by=lead,
    )
    assert AuditEntry.objects.filter(record="service 2021/22 SCHOOL").last().by_name == "Ada Lead"
    assert facts_of(seaside, 2).nodes[2].section == "Learning"


@pytest.mark.slow
def test_a_total_label_makes_a_total_of_a_heading(seaside):
    words = {"name": "Families", "section": ""}
    seen = carried_out(seaside, "rename", "FAM", total_label="", **words)
    assert [(row.key, row.change) for row in seen.effect.rows] == [("FAM", "becomes a heading")]
    seen = carried_out(seaside, "rename", "FAM", total_label="All families", **words)
    assert [(row.label, row.change) for row in seen.effect.rows] == [
        ("All families", "becomes a total")
    ]


@pytest.mark.slow
def test_a_service_with_lines_closes_once_they_have_gone(seaside):
    seen = carried_out(seaside, "close", "TRAVEL")
    assert seen.changes == [("State", "Open", "Closing")]
    assert "2 lines of open periods" in seen.warnings[0]
    row = next(row for row in structure(seaside).open if row.service.code == "TRAVEL")
    assert (row.state, row.waiting) == ("closing", 2)
    move_lines(seaside, "TRAVEL", "HOMES", line_ids(seaside, "T100", "T200"))
    row = next(row for row in structure(seaside).closed if row.service.code == "TRAVEL")
    assert (row.home.code, row.lines) == ("HOUS", 0)
    assert "TRAVEL" not in figures(seaside)


@pytest.mark.slow
def test_a_service_without_lines_closes_at_once(seaside):
    store(seaside, "add", "EMPTY", parent="FAM", after=None, **WORDS)
    seen = carried_out(seaside, "close", "EMPTY")
    assert seen.changes == [("State", "Open", "Closed")]
    assert seen.warnings == []
    assert "EMPTY" not in figures(seaside)


@pytest.mark.slow
@pytest.mark.parametrize("act", ["merge", "close"])
def test_what_was_merged_or_closed_opens_again(seaside, act):
    before = figures(seaside)
    carried_out(seaside, act, "HEALTH", **({"successor": "CARE"} if act == "merge" else {}))
    carried_out(seaside, "reopen", "HEALTH")
    after = figures(seaside)
    assert {key: row.previous_net_variance_pence for key, row in after.items()} == {
        key: row.previous_net_variance_pence for key, row in before.items()
    }
    health = service_of(seaside, "HEALTH")
    assert (health.named, health.successor) == (True, None)


@pytest.mark.slow
def test_a_service_that_is_split_has_its_lines_to_place_before_publication(seaside):
    words = {"total_label": "", "section": ""}
    seen = carried_out(seaside, "add", "SITES", name="Sites", parent="TRAVEL", after=None, **words)
    assert "2 lines would stand on Travellers (TRAVEL)" in seen.warnings[0]
    assert [(row.key, row.change) for row in seen.effect.rows] == [
        ("TRAVEL", "becomes a heading"),
        ("SITES", "appears"),
        ("TRAVEL (closed)", "appears"),
    ]
    assert [row.service.code for row in structure(seaside).misplaced] == ["TRAVEL"]
    with pytest.raises(Refused, match="2 lines are placed on TRAVEL"):
        publish(seaside, 3)
    move_lines(seaside, "TRAVEL", "SITES", line_ids(seaside, "T100", "T200"))
    assert structure(seaside).misplaced == []
    publish(seaside, 3)
    assert nodes_of(facts_of(seaside, 3))["SITES"]["previous_net_variance"] == pence("72")


def move_lines(year, code, destination, ids=None, text="", reason="Team moved"):
    """Preview, store and compare, as carried_out does for services."""
    register = register_of(year)
    move = line_move(
        year,
        register.by_code[code],
        to=register.by_code[destination],
        ids=ids,
        text=text,
    )
    before, everything, published = figures(year), snapshot(year), printed_reports()
    seen = preview_lines(year, move)
    assert snapshot(year) == everything
    services.move_lines(
        year=year,
        code=code,
        destination=destination,
        lines=ids,
        text=text,
        reason=reason,
        revision=seen.revision,
        by=None,
    )
    assert_as_previewed(seen, before, figures(year))
    assert printed_reports() == published
    return seen


def test_lines_take_their_history_with_them(seaside):
    seen = move_lines(seaside, "TRAVEL", "YOUTH", line_ids(seaside, "T200"))
    assert seen.changes == [("1 line", "Travellers (TRAVEL)", "Youth (YOUTH)")]
    assert restated(seen) == {
        "FAM": pounds("747", "747", "769"),
        "YOUTH": pounds("347", "347", "369"),
        "HOUS": pounds("272", "232", "210"),
        "TRAVEL": pounds("72", "72", "50"),
    }
    entry = AuditEntry.objects.filter(action="moved lines").get()
    assert entry.record == "service 2021/22 TRAVEL"
    assert entry.detail == {
        "from": "TRAVEL",
        "to": "YOUTH",
        "number": 1,
        "lines": ["T200/NET"],
        "reason": "Team moved",
    }


@pytest.mark.slow
def test_all_lines_found_move_at_once(seaside):
    seen = move_lines(seaside, "TRAVEL", "YOUTH", text="t1")
    assert seen.changes[0][0] == "1 line"
    assert AuditEntry.objects.get(action="moved lines").detail["lines holding"] == "t1"
    move_lines(seaside, "TRAVEL", "YOUTH")
    assert lines_at(seaside, register_of(seaside).by_code["TRAVEL"]).count() == 0
    keys = {line.cost_centre for line in BudgetLine.objects.filter(service__code="YOUTH")}
    assert keys == {"Y100", "T100", "T200"}


@pytest.mark.slow
def test_the_ledgers_next_file_keeps_a_moved_line_or_moves_it_back(seaside):
    move_lines(seaside, "TRAVEL", "YOUTH", line_ids(seaside, "T100", "T200"))
    bring(seaside, "position", MONTH_3.replace("TRAVEL,", ","), 3)
    assert set(lines_of(seaside, "T100", "T200")) == {"YOUTH"}
    assert figures(seaside)["YOUTH"].previous_net_variance_pence == pence("419")
    upload = bring(seaside, "position", MONTH_3, 3)
    told = [warning["message"] for warning in upload.warnings if warning["row"] == 6]
    assert any("moves from YOUTH (Youth) to TRAVEL (Travellers)" in each for each in told)
    assert set(lines_of(seaside, "T100", "T200")) == {"TRAVEL"}
    assert figures(seaside)["YOUTH"].previous_net_variance_pence == pence("347")


def lines_of(year, *centres) -> list[str]:
    found = BudgetLine.objects.filter(year=year, cost_centre__in=centres)
    return list(found.order_by("pk").values_list("service__code", flat=True))


@pytest.mark.slow
def test_a_published_report_keeps_where_a_moved_line_stood(seaside):
    move_lines(seaside, "TRAVEL", "YOUTH", line_ids(seaside, "T200"))
    publish(seaside, 3)
    store(seaside, "move", "YOUTH", parent="HOUS", after=None)
    bring(seaside, "position", MONTH_3.replace("TRAVEL,", ","), 4)
    row = figures(seaside, 4)["YOUTH"]
    assert row.previous_as_published_pence == pence("320")  # 300 and T200's 20
    assert row.previous_net_variance_pence == pence("320")
    kept = kept_lines()
    (t200,) = line_ids(seaside, "T200")
    report = Report.objects.get(period__year=seaside, period__number=3)
    homes = {code for (pk, code), lines in kept.items() if pk == report.pk and t200 in lines}
    assert homes == {"YOUTH"}
    assert sum(len(lines) for (pk, _), lines in kept.items() if pk == report.pk) == 7
    # A report from before lines were kept with it gets the same ones.
    ReportLines.objects.all().delete()
    migration = importlib.import_module("monitoring.migrations.0037_lines_of_reports")
    migration.keep_lines(apps, SimpleNamespace(connection=connection))
    assert kept_lines() == kept


def kept_lines() -> dict[tuple[int, str], list[int]]:
    rows = ReportLines.objects.select_related("service")
    return {(row.report_id, row.service.code): [*map(int, row.lines.split(","))] for row in rows}


@pytest.mark.slow
def test_unplaced_lines_are_placed_and_the_month_can_be_published(seaside):
    bring(seaside, "position", MONTH_3 + ",N100,NET,10,10,12,,\n", 3)
    with pytest.raises(Refused, match="Unallocated"):
        publish(seaside, 3)
    row = structure(seaside).misplaced[0]
    assert (row.service.code, row.lines) == ("UNALLOCATED", 1)
    seen = move_lines(seaside, "UNALLOCATED", "HOMES", line_ids(seaside, "N100"))
    assert [r.key for r in seen.effect.rows if r.change == "vanishes"] == ["UNALLOCATED"]
    publish(seaside, 3)


@pytest.mark.slow
def test_a_line_of_a_merged_service_can_be_put_elsewhere(seaside):
    store(seaside, "merge", "TRAVEL", successor="HOMES")
    register = register_of(seaside)
    assert lines_at(seaside, register.by_code["HOMES"]).count() == 3
    assert lines_at(seaside, register.by_code["TRAVEL"]).count() == 2
    seen = move_lines(seaside, "HOMES", "YOUTH", line_ids(seaside, "T100"))
    assert seen.changes == [("1 line", "Travellers (TRAVEL)", "Youth (YOUTH)")]


def test_what_changed_since_the_preview_is_not_stored(seaside):
    seen = preview(seaside, "move", "TRAVEL", parent="FAM", after=None)
    store(seaside, "rename", "CARE", name="Care at home", total_label="", section="")
    before = snapshot(seaside)
    with pytest.raises(services.ChangedMeanwhile, match="changed since you looked"):
        services.move_service(
            year=seaside, code="TRAVEL", parent="FAM", after=None, revision=seen.revision, by=None
        )
    with pytest.raises(services.ChangedMeanwhile):
        services.move_lines(
            year=seaside,
            code="TRAVEL",
            destination="YOUTH",
            reason="Team",
            revision=seen.revision,
            by=None,
        )
    assert snapshot(seaside) == before


WORDS = {"name": "New", "total_label": "", "section": ""}
REFUSED = [
    ("add", "CARE", {"parent": "FAM", "after": None, **WORDS}, "is the code of Care already"),
    ("add", "", {"parent": "FAM", "after": None, **WORDS}, "1 to 64 characters"),
    ("add", "X" * 65, {"parent": "FAM", "after": None, **WORDS}, "1 to 64 characters"),
    ("add", "NEW", {"parent": "NONE", "after": None, **WORDS}, "no service with the code NONE"),
    ("add", "NEW", {"parent": "UNALLOCATED", "after": None, **WORDS}, "kept for lines"),
    ("add", "UNALLOCATED", {"parent": "FAM", "after": None, **WORDS}, "is the code of Unalloc"),
    ("add", "NEW", {"parent": "FAM", "after": "CARE", **WORDS}, "does not stand under"),
    ("add", "NEW", {"parent": "FAM", "after": None, **WORDS, "name": " "}, "needs a name"),
    ("add", "NEW", {"parent": "FAM", "after": None, **WORDS, "section": "x" * 301}, "at most 300"),
    ("rename", "CARE", {"name": "Care", "total_label": "", "section": ""}, "Nothing would change"),
    ("rename", "UNALLOCATED", WORDS, "kept for lines"),
    ("rename", "NONE", WORDS, "no service with the code"),
    ("move", "TOP", {"parent": "FAM", "after": None}, "is the top of the tree"),
    ("move", "FAM", {"parent": "SCHOOL", "after": None}, "stands above itself"),
    ("move", "FAM", {"parent": "FAM", "after": None}, "stands above itself"),
    ("move", "TRAVEL", {"parent": "HOUS", "after": "HOMES"}, "Nothing would change"),
    ("move", "TRAVEL", {"parent": "FAM", "after": "CARE"}, "does not stand under"),
    ("merge", "TOP", {"successor": "CARE"}, "is the top of the tree"),
    ("merge", "HOUS", {"successor": "CARE"}, r"under it: Homes \(HOMES\), Travellers"),
    ("merge", "CARE", {"successor": "HOUS"}, "successor has services under it"),
    ("merge", "CARE", {"successor": "CARE"}, "lead back to the service"),
    ("merge", "CARE", {"successor": "UNALLOCATED"}, "kept for lines"),
    ("close", "TOP", {}, "is the top of the tree"),
    ("close", "FAM", {}, r"has services under it: Schools \(SCHOOL\), Youth \(YOUTH\)"),
    ("close", "UNALLOCATED", {}, "kept for lines"),
    ("reopen", "CARE", {}, "is open already"),
]


def test_each_fault_is_refused_in_words_and_stores_nothing(seaside):
    before = snapshot(seaside)
    for act, code, fields, message in REFUSED:
        for attempt in (preview, store):
            with pytest.raises(Refused, match=message) as refusal:
                attempt(seaside, act, code, **fields)
            assert "parent_code" not in str(refusal.value)
            assert "successor_code" not in str(refusal.value)
    assert snapshot(seaside) == before


AFTERWARDS = [
    ("rename", "HEALTH", WORDS, r"Health \(HEALTH\) has closed"),
    ("add", "HEALTH", {"parent": "FAM", "after": None, **WORDS}, "open it again instead"),
    ("merge", "CARE", {"successor": "HEALTH"}, r"Health \(HEALTH\) has closed"),
    ("add", "NEW", {"parent": "HEALTH", "after": None, **WORDS}, "has closed"),
    ("move", "TRAVEL", {"parent": "ADULT", "after": None}, "is closing"),
    ("add", "NEW", {"parent": "TRAVEL", "after": None, **WORDS}, "is closing"),
    ("close", "TRAVEL", {}, "is closing"),
    ("merge", "CARE", {"successor": "TRAVEL"}, "is closing"),
]


def test_what_has_closed_or_is_closing_takes_nothing_on(seaside):
    store(seaside, "merge", "HEALTH", successor="CARE")
    store(seaside, "close", "TRAVEL")
    before = snapshot(seaside)
    for act, code, fields, message in AFTERWARDS:
        with pytest.raises(Refused, match=message):
            store(seaside, act, code, **fields)
    assert snapshot(seaside) == before


@pytest.mark.slow
def test_what_stood_under_a_closed_service_opens_only_after_it(seaside):
    store(seaside, "merge", "HOMES", successor="CARE")
    store(seaside, "merge", "TRAVEL", successor="CARE")
    store(seaside, "merge", "HOUS", successor="YOUTH")
    with pytest.raises(Refused, match=r"Housing \(HOUS\), under which it stood, is not open"):
        store(seaside, "reopen", "HOMES")
    carried_out(seaside, "reopen", "HOUS")
    carried_out(seaside, "reopen", "HOMES")


def test_a_former_top_stays_closed(seaside):
    other = SERVICES.replace("TOP,Seaside Council", "NEWTOP,Seaside").replace(",TOP,", ",NEWTOP,")
    bring(seaside, "services", other)
    with pytest.raises(Refused, match="top of an earlier tree"):
        store(seaside, "reopen", "TOP")
    store(seaside, "move", "TRAVEL", parent="FAM", after=None)
    assert figures(seaside)["FAM"].previous_net_variance_pence == pence("819")


STAYING = [
    ("TRAVEL", "FAM", None, "Team", "has services under it"),
    ("TRAVEL", "NONE", None, "Team", "no service with the code NONE"),
    ("TRAVEL", "UNALLOCATED", None, "Team", "kept for lines"),
    ("TRAVEL", "TRAVEL", None, "Team", "hang on Travellers"),
    ("TRAVEL", "YOUTH", None, "  ", "Say why"),
    ("TRAVEL", "YOUTH", ["C100"], "Team", "1 of the lines chosen no longer stand"),
    ("NONE", "YOUTH", None, "Team", "no service with the code NONE"),
]


def test_lines_that_cannot_move_stay(seaside):
    before = snapshot(seaside)
    for code, destination, centres, reason, message in STAYING:
        with pytest.raises(Refused, match=message):
            services.move_lines(
                year=seaside,
                code=code,
                destination=destination,
                lines=centres and line_ids(seaside, *centres),
                reason=reason,
                revision=before[0],
                by=None,
            )
    assert snapshot(seaside) == before


def test_a_change_that_fails_half_way_stores_nothing(seaside, monkeypatch):
    before = snapshot(seaside)

    def fail(**detail):
        raise RuntimeError("the audit trail is full")

    monkeypatch.setattr(services.audit, "record", fail)
    with pytest.raises(RuntimeError):
        store(seaside, "move", "TRAVEL", parent="FAM", after="SCHOOL")
    with pytest.raises(RuntimeError):
        services.move_lines(
            year=seaside,
            code="TRAVEL",
            destination="YOUTH",
            reason="Team",
            revision=before[0],
            by=None,
        )
    monkeypatch.undo()
    assert snapshot(seaside) == before


def random_change(register: Register, rng: random.Random, number: int) -> tuple[str, str, dict]:
    codes = sorted(register.by_code)
    code, other = rng.choice(codes), rng.choice(codes)
    words = {"name": f"Service {number}", "total_label": rng.choice(["", "Total"]), "section": ""}
    place = {"parent": other, "after": rng.choice([None, "", rng.choice(codes)])}
    act = rng.choice(["add", "rename", "move", "move", "merge", "close", "reopen"])
    if act == "add":
        return act, f"N{number}", place | words
    fields = {"rename": words, "move": place, "merge": {"successor": other}}
    return act, code, fields.get(act, {})


def assert_sound(register: Register) -> None:
    """One top, every service of the tree once, every line with one open place."""
    tree = register.tree
    assert restructuring._find_faults(register, set()) == []
    assert sorted(node.service.id for node in tree.nodes) == sorted(tree.open_ids)
    assert [node.key for node in tree.nodes if node.level == 0] == ["TOP"]
    assert {tree.home(row.id) for row in register.rows} <= tree.open_ids


@pytest.mark.parametrize("seed", range(30))
def test_any_changes_keep_the_tree_sound(seed):
    register, rng, stored = made_up_register(), random.Random(seed), 0
    for number in range(60):
        act, code, fields = random_change(register, rng, number)
        try:
            rows = getattr(restructuring, act)(register, code=code, **fields)
        except Refused:
            continue
        ids = {restructuring.NEW: max(row.id for row in rows) + 1}
        register = register.after([replace(row, id=ids.get(row.id, row.id)) for row in rows])
        assert_sound(register)
        stored += 1
    assert stored > 5


def made_up_register() -> Register:
    """The services of the made-up council, with lines on each that has none under it."""
    ids = {row["code"]: number for number, row in enumerate(_rows(), start=1)}
    rows = [
        ServiceRow(ids[row["code"]], row["code"], row["name"], ids.get(row["parent_code"]))
        for row in _rows()
    ]
    kept = ServiceRow(99, "UNALLOCATED", "Unallocated", ids["TOP"], order=10**9, named=False)
    parents = {row.parent for row in rows}
    with_lines = frozenset(row.id for row in rows if row.id not in parents)
    return Register((*rows, kept), with_lines, kept.code)


def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(SERVICES.splitlines()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_any_changes_leave_the_council_and_its_reports_alone(seaside, seed):
    rng, stored = random.Random(seed), 0
    budget, published = figures(seaside)["TOP"].budget_pence, printed_reports()
    for number in range(18):
        act, code, fields = random_change(register_of(seaside), rng, number)
        try:
            preview(seaside, act, code, **fields)
        except Refused as refusal:
            with pytest.raises(Refused, match="^.") as again:
                store(seaside, act, code, **fields)
            assert again.value.messages == refusal.messages
            continue
        carried_out(seaside, act, code, **fields)
        assert_sound(register_of(seaside))
        assert figures(seaside)["TOP"].budget_pence == budget
        stored += 1
    assert stored > 3
    assert printed_reports() == published


@pytest.mark.slow
def test_services_with_open_lines_are_those_of_all_positions(seaside, somerset):
    store(seaside, "merge", "TRAVEL", successor="HOMES")
    bring(seaside, "position", MONTH_3.replace("TRAVEL,", ",").replace("HEALTH,", "CARE,"), 4)
    for year in (seaside, somerset):
        open_periods = Period.objects.filter(year=year, state="open", batch__isnull=False)
        positions = Position.objects.filter(batch__in=open_periods.values("batch"))
        expected = set(positions.values_list("line__service", flat=True))
        assert services_with_open_lines(year) == expected
        lines = BudgetLine.objects.filter(year=year)
        assert set(lines_in_open_periods(year, lines).values()) == expected
    assert services_with_open_lines(somerset) == set()
    codes = Service.objects.filter(pk__in=services_with_open_lines(seaside))
    assert set(codes.values_list("code", flat=True)) == {
        "SCHOOL",
        "YOUTH",
        "HOMES",
        "TRAVEL",
        "CARE",
    }


def chain(levels: int) -> str:
    """services.csv of as many levels."""
    rows = [f"L{n},Level {n},{f'L{n - 1}' if n > 1 else ''},,,," for n in range(1, levels + 1)]
    return "\n".join([SERVICES.splitlines()[0], *rows]) + "\n"


@pytest.mark.slow
def test_a_tree_has_a_most_of_levels_by_file_pack_and_page(seaside, tmp_path):
    for levels in (21, 500):
        with pytest.raises(Refused) as refused:
            bring(seaside, "services", chain(levels))
        assert [message.split(" (")[0] for message in refused.value.messages] == [
            "Row 22, column parent_code: “L20”: "
            "the service would stand on level 21, and a tree has 20",
            "Services: nothing was stored.",
        ]
        pack = write_pack(tmp_path / str(levels), {"services.csv": chain(levels)}, year="2022/23")
        with pytest.raises(Refused, match="level 21"):
            load_pack(folder=pack, by=None)
    bring(seaside, "services", chain(20))
    words = {"name": "One more", "total_label": "", "section": ""}
    with pytest.raises(Refused, match="level 21"):
        store(seaside, "add", "MORE", parent="L20", after=None, **words)
    store(seaside, "add", "PAIR", parent="L18", after=None, **words)
    store(seaside, "add", "UNDER", parent="PAIR", after=None, **words)
    with pytest.raises(Refused, match="level 21"):
        store(seaside, "move", "PAIR", parent="L19", after=None)
