"""Bringing a file in through the browser's forms, Celery tasks running where they are called."""

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


def test_a_good_file_waits_for_a_person_and_is_then_stored(
    client, officer, django_capture_on_commit_callbacks
):
    response, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    assert response.url == reverse("upload", args=[upload.pk])
    assert (upload.state, upload.row_count, upload.uploaded_by) == ("ready", 37, officer)
    period = Period.objects.get(year=upload.year, number=4)
    assert period.batch is None
    page = client.get(response.url).content.decode()
    assert "Store these figures" in page
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


def test_a_bad_file_is_refused_with_its_rows_and_columns(
    client, officer, django_capture_on_commit_callbacks
):
    content = (
        POSITION.read_bytes().replace(b"73869000", b"7386x").replace(b"ADULT,A200", b"AD,A200")
    )
    _, upload = send(client, content, django_capture_on_commit_callbacks)
    assert (upload.state, upload.problem_count) == ("refused", 2)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    for text in ("7386x", "forecast", "service_code", "Upload the corrected file"):
        assert text in page
    listed = client.get(reverse("upload-problems", args=[upload.pk])).content.decode()
    assert listed.splitlines()[1].startswith("error,2,forecast,7386x,")
    assert not Batch.objects.filter(period__year=upload.year, period__number=4).exists()


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


def test_a_double_click_confirms_once(client, officer, django_capture_on_commit_callbacks):
    _, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)
    jobs = Job.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("upload-confirm", args=[upload.pk]))
        second = client.post(reverse("upload-confirm", args=[upload.pk]))
    assert (first.status_code, second.status_code) == (302, 409)
    assert Job.objects.count() == jobs + 1
    assert Batch.objects.filter(upload=upload).count() == 1


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


def test_an_unforeseen_error_leaves_nothing_and_can_be_run_again(
    client, officer, django_capture_on_commit_callbacks, monkeypatch
):
    from monitoring.upload_kinds import position

    _, upload = send(client, POSITION.read_bytes(), django_capture_on_commit_callbacks)

    def broken(*args):
        raise MemoryError("no room")

    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(position, "store_positions", broken)
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
    from monitoring.services.uploads import receive_upload, start_check

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
