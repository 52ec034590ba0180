"""Bringing a file in through the browser's forms, Celery tasks running where they are called."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.jobs import Job
from monitoring.models import Batch, NodeFigure, Period, Upload
from tests.conftest import FIXTURES

POSITION = FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv"


@pytest.fixture
def officer(client, person, somerset):
    user = person(Role.FINANCE_OFFICER)
    client.force_login(user)
    return user


def send(client, content: bytes, on_commit, kind="position", period=4):
    file = SimpleUploadedFile("figures.csv", content, content_type="text/csv")
    address = reverse("upload-for-period", args=[2019, period])
    with on_commit(execute=True):
        response = client.post(address, {"kind": kind, "file": file})
    return response, Upload.objects.order_by("-pk").first()


@pytest.mark.slow
def test_a_good_file_waits_for_a_person_and_is_then_stored(
    client, officer, django_capture_on_commit_callbacks
):
    response, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    assert response.url == reverse("upload", args=[upload.pk])
    assert (upload.state, upload.row_count, upload.uploaded_by) == ("ready", 37, officer)
    period = Period.objects.get(year=upload.year, number=4)
    assert period.batch is None
    page = client.get(response.url).content.decode()
    assert "Store figures" in page
    assert "£327,967,480" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-confirm", args=[upload.pk]))
    upload.refresh_from_db()
    period.refresh_from_db()
    assert (upload.state, period.batch.upload, period.batch.created_by) == (
        "stored",
        upload,
        officer,
    )
    assert NodeFigure.objects.get(period=period, key="SCC").budget_pence == 32_796_748_000
    acts = AuditEntry.objects.filter(record=f"upload {upload.pk}").values_list("action", flat=True)
    assert list(acts) == ["uploaded", "confirmed", "stored an upload"]
    page = client.get(response.url).content.decode()
    offered = re.findall(r"/2019-20/4/upload/\?kind=(\w+)", page)
    assert offered == ["savings", "capital_receipts", "aged_debt"]


def test_a_bad_file_is_refused_with_its_rows_and_columns(
    client, officer, django_capture_on_commit_callbacks
):
    content = (
        POSITION.read_bytes().replace(b"73869000", b"7386x").replace(b"ADULT,A200", b"AD,A200")
    )
    _, upload = send(client, content, django_capture_on_commit_callbacks)
    assert (upload.state, upload.problem_count) == ("refused", 2)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    for text in ("7386x", "forecast", "service_code", "Upload corrected file"):
        assert text in page
    listed = client.get(reverse("upload-problems", args=[upload.pk])).content.decode()
    assert listed.splitlines()[1].startswith("error,2,forecast,,,7386x,")
    assert not Batch.objects.filter(period__year=upload.year, period__number=4).exists()


@pytest.mark.slow
def test_a_second_upload_of_a_period_is_refused_until_the_first_has_ended(
    client, officer, django_capture_on_commit_callbacks
):
    _, first = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    response, last = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    assert response.status_code == 422
    assert "is under way" in response.content.decode()
    assert last == first
    client.post(reverse("upload-withdraw", args=[first.pk]))
    response, last = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    assert (response.status_code, last.state) == (302, "ready")


def test_a_published_period_takes_no_file(client, officer, django_capture_on_commit_callbacks):
    before = Upload.objects.count()
    response, _ = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks, period=3)
    assert response.status_code == 422
    assert "Reopen it first" in response.content.decode()
    assert Upload.objects.count() == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "position"}, "Choose a file."),
        ({"kind": "nothing"}, "Select a valid choice"),
    ],
)
def test_a_form_without_a_file_or_kind_says_so(client, officer, data, words):
    response = client.post(reverse("upload-for-period", args=[2019, 4]), data)
    assert response.status_code == 422
    assert words in response.content.decode()


@pytest.mark.slow
def test_a_double_click_confirms_once(client, officer, django_capture_on_commit_callbacks):
    _, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    jobs = Job.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("upload-confirm", args=[upload.pk]))
        second = client.post(reverse("upload-confirm", args=[upload.pk]))
    assert (first.status_code, second.status_code) == (302, 409)
    assert Job.objects.count() == jobs + 1
    assert Batch.objects.filter(upload=upload).count() == 1


@pytest.mark.slow
def test_a_message_that_comes_twice_does_its_work_once(
    client, officer, django_capture_on_commit_callbacks
):
    from monitoring import tasks

    _, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-confirm", args=[upload.pk]))
    upload.refresh_from_db()
    tasks.store_upload.delay(upload.job_id)
    assert Batch.objects.filter(upload=upload).count() == 1
    assert Job.objects.get(pk=upload.job_id).attempt == 1


@pytest.mark.slow
def test_an_unforeseen_error_leaves_nothing_and_can_be_run_again(
    client, officer, django_capture_on_commit_callbacks, monkeypatch
):
    from monitoring.ledger_files.upload_kinds import lines_file

    _, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)

    def broken(*args):
        raise MemoryError("no room")

    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(lines_file, "store_positions", broken)
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("upload-confirm", args=[upload.pk]))
    upload.refresh_from_db()
    assert (upload.state, upload.job.state) == ("failed", "failed")
    assert not Batch.objects.filter(upload=upload).exists()
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "Run it again" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-again", args=[upload.pk]))
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_progress_is_shown_while_a_worker_has_it(client, officer, somerset):
    from monitoring.uploading.services.uploads import receive_upload, start_check

    upload = receive_upload(
        kind="position",
        year=somerset,
        period=4,
        content=POSITION.read_bytes(),
        file_name="figures.csv",
        by=officer,
    )
    start_check(upload=upload)
    page = client.get(reverse("upload-progress", args=[upload.pk])).content.decode()
    assert "Waiting for a worker" in page
    assert "<progress" in page
    Upload.objects.filter(pk=upload.pk).update(state="ready")
    response = client.get(reverse("upload-progress", args=[upload.pk]))
    assert response["HX-Refresh"] == "true"


# Only one service's lines


def scoped(code: str, period: int = 4) -> str:
    return f"{reverse('upload-for-period', args=[2019, period])}?scope={code}"


def test_an_upload_for_one_service_says_so_all_along(
    client, officer, somerset, django_capture_on_commit_callbacks
):
    page = client.get(scoped("ADULT")).content.decode()
    assert "Only lines of ADULT Adult Services" in page
    assert '<input type="hidden" name="scope" value="ADULT">' in page
    assert page.count('type="radio"') == 4, "the files of lines alone can have a scope"
    assert "the ledger’s figures in it are not taken" in page
    chosen = client.get(scoped("ADULT") + "&kind=forecasts").content.decode()
    assert re.search(r'value="forecasts"[^>]* checked', chosen)
    content = b"service_code,cost_centre,account,current_budget\nADULT,A100,NET,5\n"
    data = {"kind": "position", "scope": "ADULT", "file": SimpleUploadedFile("adult.csv", content)}
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(scoped("ADULT"), data)
    upload = Upload.objects.first()
    assert (upload.state, upload.scope) == ("ready", "ADULT")
    page = client.get(response.url).content.decode()
    assert "only lines of ADULT Adult Services" in page
    assert "ADULT only" in client.get(scoped("ADULT")).content.decode(), "among the last uploads"


def test_a_scoped_file_with_other_lines_is_refused_and_its_correction_is_scoped_too(
    client, officer, django_capture_on_commit_callbacks
):
    data = {"kind": "position", "scope": "ADULT"}
    data["file"] = SimpleUploadedFile("all.csv", POSITION.read_bytes())
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(scoped("ADULT"), data)
    page = client.get(response.url).content.decode()
    assert "the line does not stand under ADULT" in page
    assert scoped("ADULT") in page


@pytest.mark.parametrize("send_it", [False, True])
def test_an_unknown_service_is_refused_in_words(client, officer, send_it):
    before = Upload.objects.count()
    if send_it:
        data = {"kind": "position", "scope": "NOPE", "file": SimpleUploadedFile("a.csv", b"a,b")}
        response = client.post(reverse("upload-for-period", args=[2019, 4]), data)
    else:
        response = client.get(scoped("NOPE"))
    assert response.status_code == 404
    assert "There is no service with the code NOPE in 2019/20." in response.content.decode()
    assert Upload.objects.count() == before


def test_a_closed_service_is_refused_in_words(client, officer, somerset):
    from monitoring.models import Service

    public_health = Service.objects.get(year=somerset, code="PUBHEALTH")
    adult = Service.objects.get(year=somerset, code="ADULT")
    Service.objects.filter(pk=public_health.pk).update(successor=adult, named=False)
    response = client.get(scoped("PUBHEALTH"))
    assert response.status_code == 404
    assert "is closed; its lines stand under ADULT (Adult Services)" in response.content.decode()


def test_a_scope_goes_with_files_of_lines_only(client, officer):
    file = SimpleUploadedFile("words.csv", b"service_code,text\nADULT,Words\n")
    data = {"kind": "commentary", "scope": "ADULT", "file": file}
    response = client.post(reverse("upload-for-period", args=[2019, 4]), data)
    assert response.status_code == 422
    data = {"kind": "virements", "scope": "ADULT", "file": SimpleUploadedFile("a.csv", b"a,b")}
    response = client.post(reverse("upload-for-year", args=[2019]), data)
    assert response.status_code == 422
    assert (
        "Only a file of budget lines can be uploaded for one service" in response.content.decode()
    )


# Coming back


def test_an_upload_under_way_is_found_again(
    client, person, officer, django_capture_on_commit_callbacks
):
    _, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    address = reverse("upload", args=[upload.pk])
    for page in ("year", "upload-for-year"):
        text = client.get(reverse(page, args=[2019])).content.decode()
        assert "A checked file is waiting for you to confirm it" in text and address in text, page
    assert address in client.get(reverse("upload-for-period", args=[2019, 4])).content.decode()
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert address not in client.get(reverse("year", args=[2019])).content.decode()
    client.force_login(officer)
    client.post(reverse("upload-withdraw", args=[upload.pk]))
    assert address not in client.get(reverse("year", args=[2019])).content.decode()


def test_an_upload_that_is_being_checked_says_how_far_it_is(client, officer, somerset):
    from monitoring.uploading.services.uploads import receive_upload

    receive_upload(
        kind="virements",
        year=somerset,
        period=None,
        content=b"reference\n",
        file_name="register.csv",
        by=officer,
    )
    page = client.get(reverse("year", args=[2019])).content.decode()
    assert "A file is being checked" in page
    assert "Virements, the whole year" in page and "0%, Waiting for a worker" in page


@pytest.mark.slow
def test_the_last_ten_uploads_of_a_place_are_listed(
    client, officer, django_capture_on_commit_callbacks
):
    for number in range(12):
        file = SimpleUploadedFile(f"figures-{number:02d}.csv", b"a,b\n1,2\n")
        with django_capture_on_commit_callbacks(execute=True):
            client.post(
                reverse("upload-for-period", args=[2019, 4]), {"kind": "position", "file": file}
            )
    page = client.get(reverse("upload-for-period", args=[2019, 4])).content.decode()
    assert "Month 4 of 2019/20, the latest first" in page
    listed = [f"figures-{number:02d}.csv" for number in range(12) if f"-{number:02d}.csv" in page]
    assert listed == [f"figures-{number:02d}.csv" for number in range(2, 12)]
    assert page.index("figures-11.csv") < page.index("figures-02.csv")
    assert (
        "Nothing has been uploaded for month 5 of 2019/20 yet"
        in client.get(reverse("upload-for-period", args=[2019, 5])).content.decode()
    )
