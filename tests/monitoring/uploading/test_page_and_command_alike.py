"""A bad file is refused alike: in the browser, by the command, and nothing is stored by either."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.uploads.problems import Problem
from monitoring.models import Batch, BudgetLine, NodeFigure, Upload
from monitoring.uploading.selectors.uploads import file_content
from tests.conftest import FIXTURES

POSITION = (FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv").read_bytes()
HEADER = POSITION.splitlines()[0]
BAD = {
    "not a spreadsheet": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "header only": HEADER + b"\n",
    "missing column": POSITION.replace(b"current_budget", b"budget_now"),
    "unknown service": POSITION.replace(b"ADULT,A200", b"NOBODY,A200"),
    "duplicate line": POSITION + POSITION.splitlines()[1] + b"\n",
    "text for an amount": POSITION.replace(b"73869000", b"lots"),
    "three decimals": POSITION.replace(b"73869000", b"73869000.125"),
    "30 digits": POSITION.replace(b"73869000", b"7" * 30),
    "total that does not add": POSITION + b",,,Total,,1,,,,,\n",
    "a workbook that is none": b"PK\x03\x04 not really",
}


def counts() -> list[int]:
    return [model.objects.count() for model in (Batch, BudgetLine, NodeFigure)]


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_both_refuse_with_the_same_sentences(
    client, person, somerset, tmp_path, django_capture_on_commit_callbacks, capsys, content
):
    before = counts()
    client.force_login(person(Role.FINANCE_OFFICER))
    file = SimpleUploadedFile("figures.csv", content)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("upload-for-period", args=[2019, 4]), {"kind": "position", "file": file}
        )
    upload = Upload.objects.first()
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    said = [Problem(**problem).sentence for problem in upload.problems]
    assert upload.state == "refused" and said
    assert "nothing was stored" in page

    path = tmp_path / "figures.csv"
    path.write_bytes(content)
    errors = io.StringIO()
    arguments = ("position", str(path), "--year", "2019/20", "--period", "4")
    with pytest.raises(SystemExit) as ended:
        call_command("upload", *arguments, stderr=errors)
    assert ended.value.code == 1
    assert errors.getvalue().splitlines()[: len(said)] == said
    assert counts() == before


def test_an_empty_file_is_refused_by_the_form_and_by_the_command(
    client, person, somerset, tmp_path
):
    client.force_login(person(Role.FINANCE_OFFICER))
    data = {"kind": "position", "file": SimpleUploadedFile("figures.csv", b"")}
    response = client.post(reverse("upload-for-period", args=[2019, 4]), data)
    assert (response.status_code, b"The file is empty." in response.content) == (422, True)
    path = tmp_path / "figures.csv"
    path.write_bytes(b"")
    errors = io.StringIO()
    arguments = ("position", str(path), "--year", "2019/20", "--period", "4")
    with pytest.raises(SystemExit):
        call_command("upload", *arguments, stderr=errors)
    assert "The file is empty." in errors.getvalue()


@pytest.mark.parametrize(
    ("year", "period", "words"),
    [("2031/32", "4", "no such financial year"), ("2019/20", "14", "no period 14")],
)
def test_a_wrong_year_or_period_is_refused(somerset, tmp_path, year, period, words):
    path = tmp_path / "figures.csv"
    path.write_bytes(POSITION)
    errors = io.StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "upload", "position", str(path), "--year", year, "--period", period, stderr=errors
        )
    assert words in errors.getvalue()


def test_a_command_does_not_read_its_file_back_from_the_database(somerset, tmp_path):
    path = tmp_path / "figures.csv"
    path.write_bytes(POSITION)
    with CaptureQueriesContext(connection) as asked:
        call_command("upload", "position", str(path), "--year", "2019/20", "--period", "4")
    upload = Upload.objects.latest("pk")
    assert upload.state == "stored" and file_content(upload) == POSITION
    read = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
    assert not [sql for sql in read if '"monitoring_upload"."content"' in sql]
