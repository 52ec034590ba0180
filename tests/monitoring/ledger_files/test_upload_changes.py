"""What a file changes against the month before; typed forecasts beside it; a site that is busy."""

import io
import re
import zipfile
import zlib
from dataclasses import replace
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.uploads.problems import SHOWN
from monitoring.figures import pipeline as figures
from monitoring.figures.pipeline import recompute_period
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.models import Batch, BudgetLine, FinancialYear, NodeFigure, Period, Service, Upload
from monitoring.published.selectors.integrity import stored_files
from monitoring.structure.year_changes import TRIES, advance
from monitoring.uploading.kept_files import compress
from monitoring.uploading.pipeline import store
from monitoring.uploading.selectors.uploads import changes_of, file_content, warnings_by_kind
from monitoring.uploading.services.uploads import confirm_upload
from tests import cases
from tests.councils.loaded import load_pack
from tests.councils.packs import (
    bring,
    csv_of,
    facts_of,
    nodes_of,
    period_of,
    position,
    publish,
    virements,
    write_pack,
)

pytestmark = pytest.mark.slow

SERVICES = (
    "code,name,parent_code\nTOP,Council,\nCARE,Care,TOP\n"
    "HOME,Home care,CARE\nDAY,Day care,CARE\nROADS,Roads,TOP\n"
)
MONTH_1 = """
HOME  H1  100000  100000  110000
HOME  H2     500     500     490
DAY   D1     300     300     300
ROADS R1     700     700     750
"""
SAME = MONTH_1


@pytest.fixture
def year(db, tmp_path):
    """Month 1 has figures; nothing is published."""
    files = {"services.csv": SERVICES, "periods/01/position.csv": position(MONTH_1)}
    return load_pack(folder=write_pack(tmp_path, files), by=None).year


@pytest.fixture
def officer(client, person):
    user = person(Role.FINANCE_OFFICER, first_name="Robin", last_name="Day")
    client.force_login(user)
    return user


def type_forecast(year, officer, number, code, seen, forecast):
    service = Service.objects.get(year=year, code=code)
    line = BudgetLine.objects.get(year=year, service=service)
    changes = [ForecastChange(line.pk, seen, forecast)]
    save_forecasts(node=service, number=number, changes=changes, by=officer)


def sums(upload: Upload) -> dict[str, tuple]:
    return {change.key: (change.lines, change.amount) for change in changes_of(upload)}


def said(upload: Upload, key: str) -> list[tuple]:
    rows = {kind: rows for kind, _, rows in warnings_by_kind(upload)}
    return [(row["row"], row["column"], row["message"]) for row in rows.get(key, [])]


NOTHING = dict.fromkeys(("new", "gone", "moved"), (0, "£0")) | dict.fromkeys(
    ("budgets", "forecasts"), (0, "£0")
)


# Against the month before


def test_the_same_file_changes_nothing(year):
    upload = bring(year, "position", position(SAME), 2)
    assert sums(upload) == NOTHING
    assert upload.changes["before"]["against"]["name"] == "month 1"
    told = [warning["message"] for warning in upload.warnings]
    assert told == ["These are the figures of month 1: no forecast has moved."]


def test_the_first_figures_of_a_year_have_nothing_to_compare_with(year):
    upload = Upload.objects.get(year=year, kind="position")
    assert (upload.changes["before"], changes_of(upload)) == ({}, [])


def test_new_lines_are_summed_and_named(year):
    rows = SAME + "HOME N1 50 50 50\nHOME N2 25 25 25"
    content = position(rows) + "HOME,H1,FEES,,-20,-20,,\nHOME,N1,FEES,,5,5,,\n"
    upload = bring(year, "position", content, 2)
    assert sums(upload) == NOTHING | {"new": (4, "£60")}
    assert said(upload, "new") == [
        (6, "cost_centre", "The cost centre N1 is new this year."),
        (7, "cost_centre", "The cost centre N2 is new this year."),
        (8, "account", "The line H1/FEES was not in month 1."),
    ]


def test_lines_that_are_gone_are_summed_and_named(year):
    upload = bring(year, "position", position(SAME.replace("HOME  H2", "#")), 2)
    assert sums(upload) == NOTHING | {"gone": (1, "£500")}
    assert said(upload, "gone") == [(None, "", "The line H2/NET is no longer in the file.")]


@pytest.mark.slow
def test_lines_that_move_are_summed_and_named(year):
    upload = bring(year, "position", position(SAME.replace("DAY ", "ROADS")), 2)
    assert sums(upload) == NOTHING | {"moved": (1, "£300")}
    assert said(upload, "moved") == [
        (
            4,
            "service_code",
            "The line D1/NET moves from DAY (Day care) to ROADS (Roads).",
        )
    ]


@pytest.mark.slow
def test_a_line_that_stands_where_its_service_went_has_not_moved(year):
    merged = SERVICES.replace("parent_code", "parent_code,successor_code")
    merged = merged.replace("DAY,Day care,CARE", "DAY,Day care,CARE,HOME")
    bring(year, "services", merged)
    upload = bring(year, "position", position(SAME.replace("DAY ", "HOME")), 2)
    assert sums(upload) == NOTHING


def test_budgets_that_a_virement_explains_are_no_change(year):
    bring(year, "virements", virements("V,2,H2,NET,D1,NET,100,funding,,Cabinet,2021-05-10,,"))
    rows = SAME.replace("500     500", "500     400").replace("300     300 ", "300     430 ")
    upload = bring(year, "position", position(rows.replace("700     700", "700     650")), 2)
    assert sums(upload)["budgets"] == (2, "-£20")
    assert [row[:2] for row in said(upload, "budgets")] == [
        (4, "current_budget"),
        (5, "current_budget"),
    ]


def test_every_forecast_that_moved_is_summed_and_far_ones_are_named(year):
    rows = SAME.replace("110000", "230000").replace("490", "491.50")
    upload = bring(year, "position", position(rows), 2)
    assert sums(upload) == NOTHING | {"forecasts": (2, "+£120,001.50")}
    assert [change.far for change in changes_of(upload)] == [0, 0, 0, 0, 1]
    assert said(upload, "questions") == [
        (
            *(2, "forecast"),
            "The forecast was £110,000 in month 1 and is £230,000 now. What has changed?",
        )
    ]
    assert said(upload, "forecasts") == []


def test_figures_of_a_file_are_questioned_with_line_and_service_and_stop_nothing(year, officer):
    type_forecast(year, officer, 1, "ROADS", 75_000, 60_000_000)
    rows = """
HOME  H1  100000  100000     110
HOME  H2     500     500     490
DAY   D1     300     300     300
ROADS R1     700     700  580000
"""
    upload = bring(year, "position", position(rows), 2)
    assert said(upload, "questions") == [
        (
            *(2, "forecast"),
            "The forecast is £110, and in month 1 it was £110,000: about 1,000 "
            "times less. Is one of them in thousands of pounds?",
        ),
    ]
    assert said(upload, "forecasts") == []
    assert upload.state == "stored"
    assert "in thousands of pounds? Line H1/NET." in cases.warnings(upload)


def test_warnings_name_line_and_service_and_link_to_the_line(year, officer, client):
    rows = """
HOME  H1  100000  100500  110000
DAY   D1     300     300     300
ROADS R1     700     700     700
ROADS R2      10      10      10
"""
    upload = bring(year, "position", position(rows), 2)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    for code, number in (("H1/NET", 2), ("H2/NET", 1)):
        line = BudgetLine.objects.get(year=year, cost_centre=code[:2])
        address = reverse("line", args=[year.start, number, line.pk])
        assert f'<a class="govuk-link" href="{address}">{code}</a>' in page
        assert client.get(address).status_code == 200
    assert reverse("service", args=[year.start, 1, "HOME"]) in page
    saved = client.get(reverse("upload-problems", args=[upload.pk])).content.decode()
    assert "warning,2,current_budget,H1/NET,HOME,,The budget changed by £500" in saved
    assert "warning,,,H2/NET,HOME,,The line H2/NET is no longer in the file." in saved


@pytest.mark.slow
def test_with_a_scope_only_its_own_lines_are_compared(year):
    bring(year, "position", position(SAME), 2)
    upload = bring(year, "position", position("HOME H1 100000 100000 110001"), 2, scope="CARE")
    assert sums(upload) == NOTHING | {"gone": (2, "£800"), "forecasts": (1, "+£1")}


def test_one_kind_of_warning_crowds_no_other_out(year):
    rows = [["HOME", f"N{place}", "NET", "1", "1"] for place in range(SHOWN + 200)]
    columns = ("service_code", "cost_centre", "account", "original_budget", "current_budget")
    upload = bring(year, "position", csv_of(columns, rows), 2)
    assert len(said(upload, "new")) == SHOWN // 2
    assert len(said(upload, "gone")) == 4
    assert upload.warning_count == SHOWN + 204


# On the page


@pytest.fixture
def send(client, officer, django_capture_on_commit_callbacks):
    """Bring a file in through the form; the upload that came of it."""

    def act(rows: str, period: int = 2, **data) -> Upload:
        file = SimpleUploadedFile("month.csv", position(rows).encode())
        address = reverse("upload-for-period", args=[2021, period])
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address, {"kind": "position", "file": file, **data})
        return Upload.objects.first()

    return act


@pytest.fixture
def post(client, django_capture_on_commit_callbacks):
    def act(upload: Upload, **data):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(reverse("upload-confirm", args=[upload.pk]), data)
        upload.refresh_from_db()
        return response

    return act


def page_of(client, upload: Upload) -> str:
    return client.get(reverse("upload", args=[upload.pk])).content.decode()


def test_the_page_sums_up_what_changes_and_leads_to_the_lines(client, year, send):
    upload = send(SAME.replace("HOME  H2", "#") + "ROADS N1 50 50 50")
    page = page_of(client, upload)
    assert "Changes since month 1" in page
    assert '<a class="govuk-link" href="#gone-caption">Lines that are gone</a>' in page
    assert 'id="gone-caption"' in page and 'id="new-caption"' in page
    assert "The line H2/NET is no longer in the file." in page


# Typed forecasts that differ from the file's


def save(year, officer, number=2, **pounds):
    """Type forecasts of Home care's lines: `H1=(seen, forecast)`."""
    ids = {line.cost_centre: line.pk for line in year.lines.all()}
    changes = [
        ForecastChange(ids[centre], seen * 100, new * 100) for centre, (seen, new) in pounds.items()
    ]
    service = Service.objects.get(year=year, code="HOME")
    save_forecasts(node=service, number=number, changes=changes, by=officer)


@pytest.fixture
def ready(year, officer, send):
    """A checked file that gives other forecasts for H1 and H2 than were typed."""
    bring(year, "position", position(SAME), 2)
    save(year, officer, H1=(110_000, 125_000), H2=(490, 480))
    upload = send(SAME.replace("110000", "111000"))
    assert upload.state == "ready"
    return upload


def line(year, centre: str) -> int:
    return year.lines.get(cost_centre=centre).pk


def home(year) -> int:
    """Home care's forecast in pounds."""
    return nodes_of(facts_of(year, 2))["HOME"]["forecast"] // 100


def test_the_page_asks_which_forecasts_hold(client, year, ready):
    page = page_of(client, ready)
    assert "First choose which forecasts to use" in page
    assert "Use the file’s for all lines" in page
    for text in ("£111,000", "£125,000", "£490", "£480", "Robin Day", "H1/NET"):
        assert text in page, text
    assert f'name="keep_typed" id="keep_{line(year, "H1")}"' in page


def test_without_a_choice_nothing_is_stored(client, year, ready, post):
    response = post(ready)
    page = response.content.decode()
    assert (response.status_code, ready.state) == (409, "ready")
    assert 'href="#typed_choice_0">Choose which forecasts to use' in page
    assert 'id="typed_choice_error"' in page
    assert home(year) == 125_480


@pytest.mark.parametrize(("choice", "forecast"), [("file", 111_490), ("typed", 125_480)])
def test_one_answer_for_all_lines(year, ready, post, choice, forecast):
    assert post(ready, typed_choice=choice, job=ready.job_id).status_code == 302
    assert (ready.state, home(year)) == ("stored", forecast)


def test_an_answer_line_by_line(year, ready, post):
    post(ready, typed_choice="each", keep_typed=[line(year, "H2")], job=ready.job_id)
    assert (ready.state, ready.keep_typed) == ("stored", [line(year, "H2")])
    assert home(year) == 111_480


def test_ticks_beside_the_files_for_all_are_asked_about_and_kept(year, ready, post):
    response = post(ready, typed_choice="file", keep_typed=[line(year, "H2")])
    page = response.content.decode()
    assert (response.status_code, ready.state) == (409, "ready")
    assert "Choose line by line, or take the ticks away" in page
    assert f'value="{line(year, "H2")}" data-keep-typed checked' in page
    assert re.search('value="file"[^>]* checked', page)


@pytest.mark.parametrize(
    ("kept", "status"), [("999999", 409), ("x", 302), ("-1", 302), ("9" * 5000, 302)]
)
def test_ticks_of_lines_that_were_not_asked_about_keep_nothing(year, ready, post, kept, status):
    response = post(ready, typed_choice="each", keep_typed=[kept])
    assert (response.status_code, ready.keep_typed) == (status, [])
    assert home(year) == (125_480 if status == 409 else 111_490)


def test_a_choice_that_there_is_not_is_none(year, ready, post):
    assert post(ready, typed_choice="mine").status_code == 409
    assert (ready.state, ready.typed_choice) == ("ready", "")


@pytest.mark.slow
def test_a_choice_where_nothing_was_asked_is_left_out(year, send, post):
    upload = send(SAME)
    assert post(upload, typed_choice="mine").status_code == 302
    assert (upload.state, upload.typed_choice) == ("stored", "")


@pytest.mark.slow
def test_what_was_typed_after_the_check_is_shown_and_asked_again(
    client, year, officer, ready, post
):
    job = ready.job_id
    save(year, officer, H1=(125_000, 126_000))
    post(ready, typed_choice="file", job=job)
    assert ready.state == "ready"
    page = page_of(client, ready)
    assert "Nothing was stored: forecasts were typed after you chose" in page
    assert "£126,000" in page
    second = post(ready, typed_choice="file", job=job)
    assert second.status_code == 409, "a double click does not answer the new question"
    assert "Look at it again" in second.content.decode()
    assert home(year) == 126_480
    post(ready, typed_choice="file", job=ready.job_id)
    assert (ready.state, home(year)) == ("stored", 111_490)
    assert "after you chose" not in page_of(client, ready)


def test_times_are_dates(ready):
    assert all(entry.at.tzinfo for entry in ready.found_changes.typed)


# What changes between the check and the confirmation


@pytest.mark.slow
def test_a_period_published_meanwhile_takes_nothing(client, year, send, post):
    bring(year, "position", position(SAME), 2)
    upload = send(SAME.replace("110000", "111000"))
    publish(year, 2)
    post(upload)
    assert (upload.state, Batch.objects.filter(upload=upload).exists()) == ("refused", False)
    assert "is published and its figures are frozen" in page_of(client, upload)
    assert home(year) == 110_490


@pytest.mark.slow
def test_a_service_closed_meanwhile_takes_no_line(client, year, send, post):
    upload = send(SAME)
    merged = SERVICES.replace("parent_code", "parent_code,successor_code")
    bring(year, "services", merged.replace("DAY,Day care,CARE", "DAY,Day care,CARE,HOME"))
    post(upload)
    assert (upload.state, upload.problems[0]["row"]) == ("refused", 4)
    assert "this service is closed; its lines stand under HOME" in page_of(client, upload)
    assert not Batch.objects.filter(upload=upload).exists()


def test_a_scope_closed_meanwhile_takes_no_line(year, send, post):
    upload = send("DAY D1 300 300 301", scope="DAY")
    assert (upload.state, upload.scope) == ("ready", "DAY")
    merged = SERVICES.replace("parent_code", "parent_code,successor_code")
    bring(year, "services", merged.replace("DAY,Day care,CARE", "DAY,Day care,CARE,HOME"))
    post(upload)
    assert upload.state == "refused"


# Busy: what the work is based on changes all the while


def others_write(monkeypatch, module, name: str, year: FinancialYear) -> list[bool]:
    """Before each of TRIES - 1 calls others change the year; says of each if it was locked."""
    function, calls = getattr(module, name), []
    locked = {"is": False}
    lock_year, lock_at = module.lock_year, module.lock_at

    def reads(*arguments):
        calls.append(locked["is"])
        answer = function(*arguments)
        if not locked["is"]:
            advance(FinancialYear.objects.get(pk=year.pk))
        return answer

    def locks(year_id, revision=None, **more):
        found = lock_year(year_id, revision, **more)
        locked["is"] = True
        return found

    def overtaken(*arguments, **more):
        try:
            return lock_at(*arguments, **more)
        finally:
            locked["is"] = False

    monkeypatch.setattr(module, name, reads)
    monkeypatch.setattr(module, "lock_year", locks)
    monkeypatch.setattr(module, "lock_at", overtaken)
    return calls


@pytest.mark.slow
def test_an_upload_gets_its_turn_on_a_busy_site(year, send, post, monkeypatch):
    upload = send(SAME.replace("110000", "111000"))
    with monkeypatch.context() as patch:
        calls = others_write(patch, store, "read_and_check", year)
        post(upload)
    assert calls == [False] * (TRIES - 1) + [True], "the last time it locks, then reads"
    assert (upload.state, upload.job.state) == ("stored", "done")
    assert Batch.objects.filter(upload=upload).count() == 1
    assert home(year) == 111_490
    period = period_of(year, 2)
    assert period.figures_revision == period.year.revision


@pytest.mark.slow
@pytest.mark.parametrize(("number", "tries"), [(1, 1), (2, 2)])
def test_only_forecasts_typed_for_the_same_month_overtake_an_upload(
    year, send, post, monkeypatch, officer, number, tries
):
    bring(year, "position", position(SAME), 2)
    upload = send(SAME.replace("110000", "111000"))
    read, calls = store.read_and_check, []

    def reads(*arguments):
        prepared = read(*arguments)
        calls.append(number)
        if len(calls) == 1:
            type_forecast(year, officer, number, "ROADS", 750_00, 760_00)
        return prepared

    monkeypatch.setattr(store, "read_and_check", reads)
    post(upload)
    assert len(calls) == tries
    if number == 1:
        assert upload.state == "stored" and home(year) == 111_490
    else:
        assert upload.state == "ready", "the file's forecast of the line differs: look again"
    assert nodes_of(facts_of(year, number))["ROADS"]["net_variance"] == 60_00
    for period in Period.objects.filter(year=year, batch__isnull=False):
        assert period.figures_revision == period.year.revision


@pytest.mark.slow
@pytest.mark.parametrize(("more", "written"), [("", 1), ("HOME NEW 1 1 1\n", 0)])
def test_a_batch_is_written_before_others_wait_for_it_unless_lines_are_new(
    year, send, post, monkeypatch, more, written
):
    upload = send(SAME + more)
    lock, found = store.lock_at, []

    def locks(*arguments):
        found.append(Batch.objects.filter(upload=upload).count())
        return lock(*arguments)

    monkeypatch.setattr(store, "lock_at", locks)
    post(upload)
    assert (upload.state, found) == ("stored", [written])
    assert Batch.objects.filter(upload=upload).count() == 1


@pytest.mark.parametrize(
    ("rows", "follows"),
    [
        (SAME, False),
        (SAME.replace("110000", "111000") + "HOME NEW 1 1 1\n", False),
        (SAME.replace("HOME  H2", "DAY   H2"), True),
        (SAME + "OTHER X1 1 1 1\n", True),
    ],
    ids=["same", "a new line", "a line that moves", "a line without a service"],
)
def test_other_months_are_worked_out_anew_only_where_their_figures_follow(year, rows, follows):
    before = period_of(year, 1)
    bring(year, "position", position(rows).replace("OTHER,", ","), 2)
    after = period_of(year, 1)
    assert after.figures_revision == after.year.revision
    assert (after.figures_at > before.figures_at) == follows


@pytest.mark.slow
def test_a_line_that_becomes_exempt_is_no_longer_named_in_other_months(year):
    columns = "service_code,cost_centre,account,description,current_budget,forecast,exempt\n"
    publish(year, 1)
    bring(year, "position", columns + "HOME,NEW,NET,Secret,100,100,no\n", 2)
    bring(year, "position", columns + "HOME,NEW,NET,Secret,100,100,no\n", 3)
    before = period_of(year, 2).figures_at
    bring(year, "position", columns + "HOME,NEW,NET,Secret,100,100,yes\n", 3)
    assert period_of(year, 2).figures_at > before
    assert "Secret" not in str(facts_of(year, 2).nodes)


@pytest.mark.slow
def test_what_is_refused_in_its_turn_stores_nothing(year, send, post, monkeypatch):
    upload = send(SAME)

    def refuses(*arguments):
        raise Refused("The figures are too large to be added up exactly.")

    with monkeypatch.context() as patch, pytest.raises(Refused):
        others_write(patch, store, "read_and_check", year)
        patch.setattr(store, "kind_of", partial(_with_store, store.kind_of, refuses))
        post(upload)
    upload.refresh_from_db()
    assert (upload.state, upload.job.state) == ("failed", "failed")
    assert not Batch.objects.filter(upload=upload).exists()


def _with_store(kind_of, store, upload):
    return replace(kind_of(upload), store=store)


@pytest.mark.slow
def test_a_recompute_gets_its_turn_on_a_busy_site(year, monkeypatch):
    bring(year, "position", position(SAME), 2)
    period = period_of(year, 2)
    NodeFigure.objects.filter(period=period).delete()
    with monkeypatch.context() as patch:
        calls = others_write(patch, figures, "figures_inputs", year)
        recompute_period(period.pk)
    assert calls == [False] * (TRIES - 1) + [True]
    assert home(year) == 110_490
    period = period_of(year, 2)
    assert period.figures_revision == period.year.revision


def test_a_confirmation_of_what_was_withdrawn_is_refused(year, officer, send, client):
    upload = send(SAME)
    client.post(reverse("upload-withdraw", args=[upload.pk]))
    with pytest.raises(Refused, match="withdrawn already"):
        confirm_upload(upload=upload, by=officer)
    assert Period.objects.get(year=year, number=2).batch is None


def test_a_workbook_is_kept_as_it_is_and_a_text_compressed():
    book, text = io.BytesIO(), b"cost_centre,account\n" * 1_000
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", text)
    assert book.getvalue() in compress(book.getvalue())
    assert len(compress(text)) < len(text) / 10
    for content in (book.getvalue(), text):
        assert zlib.decompress(compress(content)) == content


def test_a_file_kept_by_zlib_is_read_and_a_damaged_one_is_reported(year):
    upload = Upload.objects.filter(kind="position").latest("pk")
    content = file_content(upload)
    upload.content = zlib.compress(content)
    upload.save(update_fields=["content"])
    assert file_content(Upload.objects.get(pk=upload.pk)) == content
    assert stored_files().differ == []
    upload.content = zlib.compress(content)[:-1]
    upload.save(update_fields=["content"])
    assert stored_files().differ == [f"The file of {upload} is not what its SHA-256 says."]
