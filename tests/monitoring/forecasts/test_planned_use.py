"""Planned use typed like a forecast: it comes before the file's, is carried, and is asked about."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.forecasts.changes import ForecastChange, ForecastsClashed, ForecastsFaulty
from monitoring.forecasts.services import confirm_carried, save_forecasts
from monitoring.models import FinancialYear, ForecastEntry, Service, TreeRight
from monitoring.people.rights import forecast_reach
from monitoring.uploading.models import TypedChoice
from monitoring.uploading.services.uploads import confirm_upload, receive_upload, start_check
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, nodes_of, position, publish, write_pack

pytestmark = pytest.mark.slow

SERVICES = (
    "code,name,parent_code\nTOP,Council,\nCARE,Care,TOP\nHOME,Home care,CARE\nDAY,Day care,CARE\n"
    "ROADS,Roads,TOP\n"
)
MONTH_1 = """
HOME  H1  1000  1000  1100  -30
DAY   D1   300   300   300
ROADS R1   700   700   750  -20
"""
RESERVES, RECEIPTS = "use_of_reserves", "use_of_capital_receipts"
LEDGER = (
    "cost_centre,account,current_budget,actual_to_date\n"
    "H1,NET,1000,50\nD1,NET,300,1\nR1,NET,700,9\n"
)


@pytest.fixture
def year(db, tmp_path):
    """Month 1 published; month 2 is the ledger alone, so that all else is carried forward."""
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": position(MONTH_1),
        "periods/02/position.csv": LEDGER,
    }
    return load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year


def type_at(year, code, by, *cells, number=2):
    """Type (cost centre, measure, pounds seen, pounds) at a row of the tree."""
    lines = dict(year.lines.values_list("cost_centre", "pk"))
    changes = [
        ForecastChange(
            lines[centre], *(None if p is None else p * 100 for p in pounds), measure=measure
        )
        for centre, measure, *pounds in cells
    ]
    node = Service.objects.get(year=year, code=code)
    return save_forecasts(node=node, number=number, changes=changes, by=by)


def figures(year, code, number=2):
    """Reserves, receipts and net variance of a row, in pounds."""
    row = nodes_of(facts_of(year, number))[code]
    return tuple(row[name] // 100 for name in (RESERVES, RECEIPTS, "net_variance"))


def test_planned_use_of_several_services_is_typed_at_once_and_lasts(year, person):
    """It moves every row above, outlasts the ledger's next file and month, and 0 is nil."""
    officer = person("finance_officer")
    assert figures(year, "TOP") == (-50, 0, 100)
    saved = type_at(
        year, "TOP", officer, ("D1", RESERVES, 0, -40), ("R1", RESERVES, -20, 0),
        ("R1", RECEIPTS, 0, -5), ("H1", "forecast", 1100, 1150),
    )  # fmt: skip
    assert saved.changed == 4
    after = {
        "DAY": (-40, 0, -40),
        "CARE": (-70, 0, 80),
        "ROADS": (0, -5, 45),
        "TOP": (-70, -5, 125),
    }
    assert {code: figures(year, code) for code in after} == after
    record = AuditEntry.objects.get(action="entered forecasts")
    assert record.detail == {
        "lines": 3, "change_pence": 5000, "planned_use_change_pence": -2500,
    }  # fmt: skip
    report = publish(year, 2)
    assert report.last_forecast_entry == ForecastEntry.objects.last().pk
    bring(year, "position", LEDGER, 3)
    assert {code: figures(year, code, 3) for code in after} == after
    node = Service.objects.get(year=year, code="TOP")
    assert confirm_carried(node=node, number=3, by=officer).changed == 6
    last = ForecastEntry.objects.filter(period__number=3).exclude(measure="forecast")
    assert sorted(last.values_list("line__cost_centre", "measure", "forecast_pence")) == [
        ("D1", RESERVES, -4000), ("H1", RESERVES, -3000), ("R1", RECEIPTS, -500),
    ]  # fmt: skip


def test_a_cell_of_planned_use_clashes_and_is_taken_back_by_itself(year, person):
    officer, colleague = person("finance_officer"), person("finance_lead", first_name="Robin")
    type_at(year, "HOME", colleague, ("H1", RESERVES, -30, -35))
    assert type_at(year, "HOME", officer, ("H1", "forecast", 1100, 1200)).changed == 1
    with pytest.raises(ForecastsClashed) as refused:
        type_at(year, "CARE", officer, ("H1", RESERVES, -30, -31), ("D1", RECEIPTS, None, -1))
    (((_, measure), clash),) = refused.value.clashes.items()
    assert (measure, clash.theirs, clash.by[:5]) == (RESERVES, -3500, "Robin")
    assert figures(year, "CARE") == (-35, 0, 165)
    assert type_at(year, "HOME", officer, ("H1", RESERVES, -35, None)).changed == 1
    assert figures(year, "HOME") == (-30, 0, 170)


@pytest.mark.parametrize(
    ("spoilt", "name"),
    [
        ({"measure": "spending"}, "entry_measure_is_known"),
        ({"tied_to": "R1"}, "only_planned_use_is_tied"),
        ({"measure": RESERVES, "tied_to": "R1"}, "only_planned_use_is_tied"),
        ({"measure": RESERVES, "tied_to": "R1", "forecast_pence": 1}, ""),
    ],
)
def test_the_database_keeps_measures_and_ties_in_order(year, spoilt, name):
    entry = ForecastEntry(period=year.periods.get(number=2), line=year.lines.first(), **spoilt)
    if not name:
        entry.save()
        return
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        entry.save()


ROLES = [
    ("budget_manager", ["HOME"], "TOP", "R1", ForecastsFaulty),
    ("budget_manager", ["HOME"], "ROADS", "R1", PermissionDenied),
    ("budget_manager", [], "TOP", "H1", PermissionDenied),
    ("finance_officer", ["CARE"], "TOP", "R1", ForecastsFaulty),
    ("finance_lead", [], "CARE", "R1", ForecastsFaulty),
    ("director", ["HOME"], "HOME", "H1", PermissionDenied),
    ("administrator", [], "TOP", "H1", PermissionDenied),
    ("budget_manager", ["HOME"], "TOP", "H1", None),
    ("finance_officer", ["CARE"], "TOP", "H1", None),
]
"""Role, codes of the tree, row of the page, a line, and the refusal, if any."""


def test_each_line_is_checked_against_the_services_of_the_person(year, person):
    before = FinancialYear.objects.get(pk=year.pk).revision
    saved = 0
    for number, (role, codes, at, centre, refusal) in enumerate(ROLES):
        by = person(role, username=f"person{number}")
        TreeRight.objects.bulk_create(TreeRight(user=by, service_code=code) for code in codes)
        line = "D1" if saved else "H1"
        own = (line, RECEIPTS, 0 if not saved else None, -1)
        if refusal is not None:
            with pytest.raises(refusal):
                type_at(year, at, by, own, (centre, RESERVES, None, -1))
            assert not ForecastEntry.objects.exists(), role
            assert FinancialYear.objects.get(pk=year.pk).revision == before, role
        else:
            saved += type_at(year, at, by, own).changed
    assert saved == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "keep", "after"),
    [
        (TypedChoice.FILE, [], (-1, -2, 97)),
        (TypedChoice.TYPED, [], (-40, -2, 58)),
        (TypedChoice.EACH, ["H1"], (-40, -2, 58)),
    ],
)
def test_a_ledger_with_other_planned_use_is_asked_about(
    year, person, django_capture_on_commit_callbacks, choice, keep, after
):
    officer = person("finance_officer")
    type_at(year, "HOME", officer, ("H1", RESERVES, -30, -40))
    content = (
        b"cost_centre,account,current_budget,forecast,planned_use_of_reserves,"
        b"planned_use_of_capital_receipts\nH1,NET,1000,1100,-1,-2\nD1,NET,300,300,,\n"
    )
    upload = receive_upload(
        kind="position", year=year, period=2, content=content, file_name="p.csv", by=officer,
        scope="CARE",
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        start_check(upload=upload)
    upload.refresh_from_db()
    (asked,) = upload.found_changes.typed
    assert (asked.typed, asked.in_file) == (
        "Planned use of reserves -£40", "Planned use of reserves -£1",
    )  # fmt: skip
    with pytest.raises(Refused, match="Choose which"):
        confirm_upload(upload=upload, by=officer)
    lines = dict(year.lines.values_list("cost_centre", "pk"))
    kept = [lines[each] for each in keep]
    with django_capture_on_commit_callbacks(execute=True):
        confirm_upload(upload=upload, by=officer, typed_choice=choice, keep_typed=kept)
    assert figures(year, "HOME") == after


@pytest.mark.slow
def test_two_hundred_cells_of_several_services_are_stored_in_few_queries(
    person, tmp_path, django_assert_max_num_queries
):
    """Log-in, the page's service and the person's part of the tree leave 11 queries of 15."""
    services = ("HOME", "DAY", "ROADS")
    rows = "\n".join(f"{services[n % 3]} X{n:03} {n} {n} {n}" for n in range(200))
    files = {"services.csv": SERVICES, "periods/01/position.csv": position(rows)}
    files["periods/02/position.csv"] = files["periods/01/position.csv"]
    year = load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year
    by = person("finance_officer")
    lines = dict(year.lines.values_list("cost_centre", "pk"))
    changes = [
        ForecastChange(lines[f"X{n:03}"], n * 100, n * 100 + 100, "Pasted")
        if n % 2
        else ForecastChange(lines[f"X{n:03}"], None, -100, "Pasted", RESERVES)
        for n in range(200)
    ]
    top = Service.objects.select_related("year").get(year=year, code="TOP")
    reach = forecast_reach(by, year)
    with django_assert_max_num_queries(13):
        saved = save_forecasts(node=top, number=2, changes=changes, by=by, reach=reach)
    assert saved.changed == ForecastEntry.objects.count() == 200
    assert figures(year, "TOP") == (-100, 0, 0)
