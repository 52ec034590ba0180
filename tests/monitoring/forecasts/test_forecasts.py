"""Typed forecasts: kept apart from the file's, clashes told, figures at once and the same."""

import random

import pandas as pd
import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.figures.pipeline import recompute_period
from monitoring.forecasts.changes import ForecastChange, ForecastsClashed, ForecastsFaulty
from monitoring.forecasts.services import confirm_carried, save_forecasts
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.models import FinancialYear, ForecastEntry, NodeFigure, Period, Service, Upload
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.uploading.models import TypedChoice
from monitoring.uploading.services.uploads import confirm_upload, receive_upload, start_check
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, nodes_of, period_of, position, publish, write_pack

SERVICES = (
    "code,name,parent_code,total_label\nTOP,Council,,Total\nCARE,Care,TOP,Care total\n"
    "HOME,Home care,CARE,\nDAY,Day care,CARE,\nROADS,Roads,TOP,\n"
)
MONTH_1 = """
HOME  H1  1000  1000  1100
HOME  H2   500   500   490
DAY   D1   300   300   300
ROADS R1   700   700   750  -20
"""
MONTH_2 = """
HOME  H1  1000  1000
HOME  H2   500   500
HOME  H3    50    50
DAY   D1   300   300
ROADS R1   700   700   740  -20
"""


@pytest.fixture
def year(db, tmp_path):
    """Month 1 published, month 2 a draft whose forecasts are mostly carried forward."""
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": position(MONTH_1),
        "periods/02/position.csv": position(MONTH_2),
    }
    return load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year


@pytest.fixture
def officer(person):
    return person("finance_officer")


def lines_of(year):
    return {line.cost_centre: line.pk for line in year.lines.all()}


def pence(pounds):
    return None if pounds is None else pounds * 100


def save(year, code, by, number=2, **amounts):
    """Type pounds for cost centres: `H1=(seen, forecast)` or with a reason."""
    ids = lines_of(year)
    changes = [
        ForecastChange(
            ids[centre], *(None if each is None else each * 100 for each in values[:2]), *values[2:]
        )
        for centre, values in amounts.items()
    ]
    service = Service.objects.get(year=year, code=code)
    return save_forecasts(node=service, number=number, changes=changes, by=by)


def figures(year, number=2):
    fields = [field.attname for field in NodeFigure._meta.fields if field.attname != "id"]
    return list(NodeFigure.objects.filter(period=period_of(year, number)).values(*fields))


def test_a_typed_forecast_moves_its_service_and_those_above(year, officer):
    before = nodes_of(facts_of(year, 2))
    assert (before["HOME"]["forecast"], before["TOP"]["net_variance"]) == (159000, 11000)
    assert save(year, "HOME", officer, H1=(1100, 1250, "Two new clients")).changed == 1
    after = nodes_of(facts_of(year, 2))
    assert after["HOME"]["forecast"] == 174000
    assert after["TOP"]["net_variance"] == 26000
    assert after["CARE"]["movement"] == 15000
    assert after["ROADS"] == before["ROADS"]
    entry = ForecastEntry.objects.get()
    assert (entry.previous_pence, entry.forecast_pence) == (110000, 125000)
    assert (entry.by, entry.reason) == (officer, "Two new clients")
    audit = AuditEntry.objects.get(action="entered forecasts")
    assert audit.record == "forecasts 2021/22 period 2 HOME"
    assert audit.detail == {"lines": 1, "change_pence": 15000}


def test_saving_leaves_the_figures_up_to_date(year, officer):
    save(year, "HOME", officer, H1=(1100, 1250))
    period = period_of(year, 2)
    assert period.figures_revision == period.year.revision


@pytest.mark.slow
def test_any_changes_at_once_give_what_the_whole_pass_gives(year, officer):
    rng = random.Random(7)
    ids = {"HOME": ("H1", "H2", "H3"), "DAY": ("D1",), "ROADS": ("R1",)}
    for _ in range(15):
        code = rng.choice(list(ids))
        now = shown(year)
        changes = {c: (now[c], rng.choice([None, rng.randrange(-2000, 2000)])) for c in ids[code]}
        save(year, code, officer, **changes)
        at_once = figures(year)
        recompute_period(period_of(year, 2).pk)
        assert figures(year) == at_once


def test_a_service_without_a_forecast_left_is_added_up_from_its_lines(db, tmp_path, officer):
    """Its planned use still counts, also where that of its lines comes to nil together."""
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": position("HOME H1 10 10\nHOME H2 10 10\nROADS R1 7 7 7"),
    }
    year = load_pack(folder=write_pack(tmp_path, files), by=None).year
    lines, home = lines_of(year), Service.objects.get(year=year, code="HOME")
    steps = [
        [("H1", 0, 500, "use_of_reserves"), ("H2", 0, -500, "use_of_reserves")],
        [("H1", None, 900, "forecast")],
        [("H1", 900, None, "forecast")],
        [("H1", 500, 0, "use_of_reserves"), ("H2", -500, 0, "use_of_reserves")],
    ]
    for step in steps:
        changes = [ForecastChange(lines[c], old, new, "", name) for c, old, new, name in step]
        save_forecasts(node=home, number=1, changes=changes, by=officer)
        at_once = figures(year, 1)
        recompute_period(period_of(year, 1).pk)
        assert figures(year, 1) == at_once


def test_a_service_with_outdated_figures_is_added_up_from_its_lines(year, officer):
    right = figures(year)
    NodeFigure.objects.filter(key="HOME", period=period_of(year, 2)).update(
        forecast_pence=1, lines_without_forecast=0
    )
    FinancialYear.objects.update(revision=F("revision") + 1)
    save(year, "HOME", officer, H3=(None, 60))
    save(year, "HOME", officer, H3=(60, None))
    assert figures(year) == right


def shown(year):
    """Each line's forecast in whole pounds, as a person sees it now."""
    frame = positions_frame(period_of(year, 2).batch).set_index("line")["forecast"]
    found = {centre: frame.get(pk) for centre, pk in lines_of(year).items()}
    return {
        c: None if value is None or pd.isna(value) else int(value) // 100
        for c, value in found.items()
    }


@pytest.mark.slow
def test_a_line_forecast_for_the_first_time_is_explained_at_once(year, officer):
    assert nodes_of(facts_of(year, 2))["HOME"]["lines_without_forecast"] == 1
    publish(year, 2)
    bring(year, "position", position(MONTH_2), 3)
    save(year, "HOME", officer, number=3, H3=(None, 60))
    node = nodes_of(facts_of(year, 3))["HOME"]
    assert node["explanation"] == {"first_forecast": {"lines": ["H3/NET"], "more": 0}}
    assert node["lines_without_forecast"] == 0


def test_two_people_saving_the_same_cell_lose_nothing(year, officer, person):
    colleague = person("finance_lead", first_name="Robin", last_name="Day")
    save(year, "HOME", colleague, H1=(1100, 1200))
    with pytest.raises(ForecastsClashed) as refused:
        save(year, "HOME", officer, H1=(1100, 1300), H2=(490, 480))
    clash = refused.value.clashes[lines_of(year)["H1"], "forecast"]
    assert (clash.theirs, clash.mine, clash.by) == (120000, 130000, "Robin Day")
    assert ForecastEntry.objects.count() == 1
    save(year, "HOME", officer, H1=(1200, 1300), H2=(490, 480))
    values = ForecastEntry.objects.filter(line=lines_of(year)["H1"])
    assert list(values.values_list("previous_pence", "forecast_pence")) == [
        (110000, 120000),
        (120000, 130000),
    ]


def test_two_people_saving_different_cells_do_not_clash(year, officer, person):
    save(year, "HOME", person("finance_lead"), H1=(1100, 1200))
    assert save(year, "HOME", officer, H2=(490, 480)).changed == 1
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 168000


def test_the_same_figure_by_both_is_no_clash(year, officer, person):
    save(year, "HOME", person("finance_lead"), H1=(1100, 1200))
    assert save(year, "HOME", officer, H1=(1100, 1200)).changed == 0


def test_a_cell_nobody_touched_is_no_change_whatever_a_colleague_did_to_it(year, officer, person):
    """Without JavaScript the whole form is sent, with what was seen in the other cells."""
    save(year, "HOME", person("finance_lead"), H2=(490, 610))
    assert save(year, "HOME", officer, H1=(1100, 1200), H2=(490, 490)).changed == 1
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 120000 + 61000


def test_the_same_form_sent_twice_is_saved_once(year, officer):
    assert save(year, "HOME", officer, H1=(1100, 1150, "More visits")).changed == 1
    assert save(year, "HOME", officer, H1=(1100, 1150, "More visits")).changed == 0
    assert save(year, "HOME", officer, H1=(1150, 1150, "More visits")).changed == 0
    assert save(year, "HOME", officer, H1=(1150, 1150, "And longer ones")).changed == 1
    assert ForecastEntry.objects.count() == 2


def test_nothing_saved_leaves_the_year_as_it_was(year, officer):
    before = FinancialYear.objects.get(pk=year.pk).revision
    assert save(year, "HOME", officer, H1=(1100, 1100)).changed == 0
    assert FinancialYear.objects.get(pk=year.pk).revision == before


def test_the_year_is_locked_before_anything_is_read(year, officer):
    """What was read before waiting for the lock would be stale on PostgreSQL."""
    with CaptureQueriesContext(connection) as captured:
        save(year, "HOME", officer, H1=(1100, 1200))
    asked = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    lock = next(
        n for n, sql in enumerate(asked) if sql.startswith("UPDATE") and "financialyear" in sql
    )
    reads = [n for n, sql in enumerate(asked) if "monitoring_position" in sql or "batch_id" in sql]
    assert reads and lock < min(reads)


def test_an_emptied_cell_takes_a_typed_forecast_back(year, officer):
    save(year, "HOME", officer, H1=(1100, 1200))
    saved = save(year, "HOME", officer, H1=(1200, None), H2=(490, None))
    assert (saved.changed, saved.left) == (1, 1)
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 159000
    assert ForecastEntry.objects.last().forecast_pence is None


def test_carried_forecasts_are_counted_until_someone_confirms_them(year, officer):
    assert nodes_of(facts_of(year, 2))["HOME"]["lines"] == 3
    home = NodeFigure.objects.get(period=period_of(year, 2), key="HOME")
    top = NodeFigure.objects.get(period=period_of(year, 2), key="TOP")
    assert (home.lines_carried, top.lines_carried) == (2, 3)
    service = Service.objects.get(year=year, code="HOME")
    saved = confirm_carried(node=service, number=2, by=officer)
    assert saved.changed == 2
    home.refresh_from_db()
    top.refresh_from_db()
    assert (home.lines_carried, top.lines_carried) == (0, 1)
    assert home.forecast_pence == 159000


def test_lines_of_another_service_are_refused_and_nothing_is_stored(year, officer):
    with pytest.raises(ForecastsFaulty) as refused:
        save(year, "HOME", officer, H1=(1100, 1200), R1=(740, 1))
    assert list(refused.value.faults) == [(lines_of(year)["R1"], "forecast")]
    assert ForecastEntry.objects.count() == 0


def test_a_published_period_takes_no_forecast(year, officer):
    with pytest.raises(Refused, match="Month 1 of 2021/22 is published"):
        save(year, "HOME", officer, number=1, H1=(1100, 1200))


@pytest.mark.slow
def test_at_the_close_the_outturn_is_the_actual(year, officer):
    columns = "service_code,cost_centre,account,current_budget,actual_to_date\n"
    bring(year, "position", columns + "HOME,H1,NET,1000,990\nHOME,H2,NET,500,\n", 13)
    with pytest.raises(ForecastsFaulty) as refused:
        save(year, "HOME", officer, number=13, H1=(990, 1000))
    assert "£990" in next(iter(refused.value.faults.values()))
    assert save(year, "HOME", officer, number=13, H2=(490, 480)).changed == 1


@pytest.mark.slow
def test_a_report_freezes_the_typed_forecasts_it_was_made_of(year, officer):
    save(year, "HOME", officer, H1=(1100, 1250))
    report = publish(year, 2)
    assert report.last_forecast_entry == ForecastEntry.objects.get().pk
    bring(year, "position", position(MONTH_2), 3)
    month_3 = nodes_of(facts_of(year, 3))
    assert month_3["HOME"]["forecast"] == 174000, "carried forward with what was typed"
    assert month_3["HOME"]["movement"] == 0
    reopen_report(period=period_of(year, 2), reason="Late news", by=officer)
    save(year, "HOME", officer, H1=(1250, 1400))
    assert nodes_of(facts_of(year, 3))["HOME"]["previous_net_variance"] == 24000
    publish_report(period=period_of(year, 2), by=officer)
    assert nodes_of(facts_of(year, 3))["HOME"]["previous_net_variance"] == 39000


@pytest.mark.slow
def test_a_file_with_blank_forecasts_keeps_what_was_typed(year, officer):
    save(year, "HOME", officer, H1=(1100, 1250))
    bring(year, "position", position(MONTH_2), 2)
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 174000
    assert ForecastEntry.objects.count() == 1


WITH_FORECASTS = MONTH_2.replace("HOME  H1  1000  1000", "HOME  H1  1000  1000  1111")


@pytest.mark.slow
def test_a_command_takes_the_files_forecast(year, officer):
    save(year, "HOME", officer, H1=(1100, 1250), H2=(490, 480))
    bring(year, "position", position(WITH_FORECASTS), 2)
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 111100 + 48000
    last = ForecastEntry.objects.last()
    assert (last.previous_pence, last.forecast_pence) == (125000, None)
    assert last.source == Upload.objects.filter(year=year).first()


@pytest.fixture
def ready(year, officer, django_capture_on_commit_callbacks):
    """A checked file whose forecast of H1 differs from the typed one."""
    save(year, "HOME", officer, H1=(1100, 1250))
    upload = receive_upload(
        kind="position",
        year=year,
        period=2,
        content=position(WITH_FORECASTS).encode(),
        file_name="month-2.csv",
        by=officer,
    )
    with django_capture_on_commit_callbacks(execute=True):
        start_check(upload=upload)
    upload.refresh_from_db()
    assert upload.state == "ready"
    return upload


@pytest.fixture
def confirm(ready, officer, django_capture_on_commit_callbacks):
    def act(**choice):
        with django_capture_on_commit_callbacks(execute=True):
            confirm_upload(upload=ready, by=officer, **choice)
        ready.refresh_from_db()
        return ready.state

    return act


def test_a_person_is_asked_where_the_file_differs_from_what_was_typed(year, ready, confirm):
    (differing,) = ready.changes["typed"]
    assert (differing["code"], differing["row"]) == ("H1/NET", "2")
    assert (differing["in_file"], differing["typed"]) == ("£1,111", "£1,250")
    with pytest.raises(Refused, match="Choose which forecasts to use"):
        confirm()
    assert Upload.objects.get(pk=ready.pk).state == "ready"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "forecast"),
    [(TypedChoice.FILE, 111100), (TypedChoice.TYPED, 125000)],
)
def test_the_person_chooses(year, confirm, choice, forecast):
    assert confirm(typed_choice=choice) == "stored"
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == forecast + 49000


def test_the_person_chooses_line_by_line(year, ready, confirm):
    assert confirm(typed_choice=TypedChoice.EACH, keep_typed=[lines_of(year)["H1"]]) == "stored"
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 125000 + 49000


@pytest.mark.slow
def test_what_was_typed_after_the_check_brings_the_question_back(year, officer, ready, confirm):
    save(year, "HOME", officer, H1=(1250, 1260))
    assert confirm(typed_choice=TypedChoice.FILE) == "ready"
    assert ready.changes["typed"][0]["typed"] == "£1,260"
    assert ready.typed_choice == ""
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 126000 + 49000
    assert confirm(typed_choice=TypedChoice.FILE) == "stored"
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 111100 + 49000


def test_entries_are_only_added(year, officer):
    save(year, "HOME", officer, H1=(1100, 1250))
    entry = ForecastEntry.objects.get()
    for change in (
        entry.save,
        entry.delete,
        ForecastEntry.objects.all().delete,
        lambda: ForecastEntry.objects.update(forecast_pence=1),
    ):
        with pytest.raises(TypeError):
            change()
    assert Period.objects.filter(year=year).count() == 14
