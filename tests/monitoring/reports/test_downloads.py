"""Statements and whole reports as files: what a browser gets, under which name, and who does."""

import csv
import hashlib
import io
import json
import re
import zipfile

import openpyxl
import pytest
from django.core.cache.backends.dummy import DummyCache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from council_finance import printed_files
from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.statements import pdf
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
from monitoring.models import Period, ReportStatement, Upload
from monitoring.published.selectors import published_data
from monitoring.publishing.services.reports import reopen_report
from tests.councils.packs import bring
from tests.monitoring.test_pages import POSITION

QUICK = ("csv", "json", "html", "xlsx", "ods")
NAMES = [
    *("annex-a", "budgetary-control", "section-headlines", "virements", "budget-reconciliation"),
    *("contingency", "savings-summary", "savings-by-decision", "savings-tracker"),
    *("reserves-earmarked", "reserves-general-fund", "reserves-schedule"),
    *("capital-receipts", "decisions", "decision-effects", "contracts", "aged-debt"),
]
"""The statements with rows of Somerset's month 3, in the order of a report."""


@pytest.fixture
def member(client, person):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    return client


@pytest.fixture
def officer(client, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    return client


def frozen(start=2019, number=3, name="annex-a") -> ReportStatement:
    return ReportStatement.objects.get(
        report__period__year__start=start, report__period__number=number, name=name
    )


@pytest.mark.parametrize("form", QUICK)
@pytest.mark.parametrize(("start", "number"), [(2019, 3), (2018, 13)])
def test_every_statement_is_had_in_every_format(member, somerset, start, number, form):
    for name in NAMES:
        response = member.get(reverse("download", args=[start, number, name, form]))
        assert response.status_code == 200, name
        assert response["Content-Type"] == FORMATS[form].content_type
        assert len(response.content) > 10, name


@pytest.mark.slow
@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_the_heavier_formats_are_had_too(member, somerset, form):
    response = member.get(reverse("download", args=[2019, 3, "savings-summary", form]))
    assert response["Content-Type"] == FORMATS[form].content_type
    assert response.content.startswith({"pdf": b"%PDF", "docx": b"PK"}[form])


@pytest.mark.slow
def test_a_files_name_says_which_figures_it_holds(officer, somerset):
    bring(somerset, "position", POSITION.read_bytes(), 4)
    expected = {
        "/reports/2019-20/3/annex-a.csv": "annex-a-2019-20-03-v1.csv",
        "/reports/2019-20/4/annex-a.ods": "annex-a-2019-20-04-draft.ods",
        "/reports/2019-20/3/pack.zip": "report-2019-20-03-v1.zip",
        "/reports/2019-20/4/pack.xlsx": "report-2019-20-04-draft.xlsx",
    }
    for address, name in expected.items():
        response = officer.get(address)
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        kept = "no-store" if "draft" in name else "no-cache"
        assert response["Cache-Control"] == f"private, {kept}"


@pytest.mark.parametrize("name", NAMES)
def test_the_json_at_its_lasting_address_is_what_was_frozen(member, somerset, name):
    response = member.get(f"/reports/2019-20/3/{name}.json?version=1")
    assert response["Content-Type"] == "application/json"
    assert hashlib.sha256(response.content).hexdigest() == frozen(name=name).sha256
    assert response["ETag"] == f'"{frozen(name=name).sha256}"'


def test_a_program_that_has_the_json_is_not_sent_it_again(member, somerset):
    address = "/reports/2019-20/3/annex-a.json"
    seal = f'"{frozen().sha256}"'
    assert member.get(address, headers={"if-none-match": seal}).status_code == 304
    assert member.get(address, headers={"if-none-match": '"another"'}).status_code == 200


def test_the_draft_of_a_reopened_report_has_no_seal_and_its_old_version_keeps_it(officer, somerset):
    period = Period.objects.get(year=somerset, number=3)
    reopen_report(period=period, reason="A late invoice", by=None)
    draft = officer.get("/reports/2019-20/3/annex-a.json")
    assert (draft.json()["status"], "ETag" in draft) == ("draft", False)
    assert "Draft, not final" in officer.get("/reports/2019-20/3/annex-a.html").content.decode()
    old = officer.get("/reports/2019-20/3/annex-a.html?version=1").content.decode()
    assert frozen().sha256 in old


def test_the_page_shows_the_seal_of_what_was_published(member, somerset):
    page = member.get(reverse("statement", args=[2019, 3, "annex-a"])).content.decode()
    assert frozen().sha256 in page


@pytest.mark.parametrize(
    "address",
    [
        "/reports/2019-20/3/annex-a.zip",
        "/reports/2019-20/3/annex-a.XLSX",
        "/reports/2019-20/3/pack.csv",
        "/reports/2019-20/3/pack.json",
        "/reports/2019-20/3/pack.",
        "/reports/2019-20/3/pack/",
        "/reports/2019-20/3/pack.xlsx?version=2",
        "/reports/2019-20/3/pack.xlsx?version=-1",
        "/reports/2019-20/4/pack.xlsx",
        "/reports/2019-20/99/pack.xlsx",
        "/reports/2030-31/3/pack.xlsx",
        "/reports/2019-20/3/nothing.csv",
    ],
)
def test_what_is_not_there_is_not_found(member, somerset, address):
    assert member.get(address).status_code == 404


def test_a_statement_that_an_old_report_has_not_got_is_not_found(member, somerset, monkeypatch):
    # Nothing is kept of a report that will have all its statements again.
    monkeypatch.setattr(published_data, "_read_seals", published_data._read_seals.__wrapped__)
    ReportStatement.objects.filter(pk=frozen(name="aged-debt").pk).delete()
    for address in ("aged-debt/", "aged-debt.csv"):
        assert member.get(f"/reports/2019-20/3/{address}").status_code == 404
    with zipfile.ZipFile(io.BytesIO(member.get("/reports/2019-20/3/pack.zip").content)) as archive:
        assert "aged-debt.csv" not in archive.namelist()


def test_which_statements_a_report_has_is_asked_once(member, somerset):
    address = "/reports/2019-20/3/"
    first = member.get(address).content
    with CaptureQueriesContext(connection) as queries:
        assert len(member.get(address).content) == len(first)
    assert not [each for each in queries if "reportstatement" in each["sql"]]


def test_a_whole_report_in_one_workbook(member, somerset):
    content = member.get("/reports/2019-20/3/pack.xlsx").content
    found = openpyxl.load_workbook(io.BytesIO(content))
    assert found.sheetnames == ["Cover", "Contents", *NAMES, "Notes"]
    seals = [row[2].value for row in found["Contents"].iter_rows(min_row=4, max_row=20)]
    assert seals == [frozen(name=name).sha256 for name in NAMES]


def test_a_whole_report_as_csv_in_a_zip(member, somerset):
    content = member.get("/reports/2019-20/3/pack.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        rows = csv.DictReader(io.StringIO(archive.read("contents.csv").decode(), newline=""))
        for row, name in zip(rows, NAMES, strict=True):
            alone = member.get(f"/reports/2019-20/3/{name}.csv").content
            assert archive.read(row["file"]) == alone
            assert row["sha256_of_file"] == hashlib.sha256(alone).hexdigest()
            assert row["sha256_of_published_figures"] == frozen(name=name).sha256


def test_where_a_file_cannot_be_made_a_page_says_why(member, somerset, monkeypatch):
    def refuse(page):
        raise Refused("PDF files need Pango.")

    monkeypatch.setattr(pdf, "_print_page", refuse)
    for address in ("savings-by-decision.pdf", "pack.pdf"):
        response = member.get(f"/reports/2019-20/2/{address}?version=1")
        assert response.status_code == 503
        page = response.content.decode()
        assert "PDF files need Pango." in page
        assert "/reports/2019-20/2/?version=1" in page


def test_downloads_ask_few_questions(member, somerset, django_assert_max_num_queries):
    for address in ("annex-a.xlsx", "pack.xlsx", "pack.zip"):
        with django_assert_max_num_queries(9):
            member.get(f"/reports/2019-20/3/{address}")


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_writes_what_the_address_gives(member, somerset, tmp_path, form):
    file = tmp_path / "statement"
    call_command(
        *("statement", "contingency", "--year", "2019/20", "--period", "3"),
        *("--format", form, "--output", str(file)),
    )
    assert file.read_bytes() == member.get(f"/reports/2019-20/3/contingency.{form}").content


def test_no_pack_has_a_format_that_a_statement_has_under_another_name():
    for name, pack_format in WHOLE_REPORT_FORMATS.items():
        assert FORMATS.get(name, pack_format) is pack_format


def test_figures_are_the_same_in_json_and_workbook(member, somerset):
    """Every statement of the report, figure by figure."""
    content = member.get("/reports/2019-20/3/pack.xlsx").content
    found = openpyxl.load_workbook(io.BytesIO(content))
    for name in NAMES:
        data = json.loads(frozen(name=name).text)
        rows = list(found[name].iter_rows(min_row=5, max_row=4 + len(data["rows"])))
        texts = [column["key"] for column in data["columns"] if not column["unit"]]
        for row, printed in zip(data["rows"], rows, strict=True):
            assert printed[0].value == row["label"]
            for (key, cell), theirs in zip(row["cells"].items(), printed[1:], strict=False):
                if key in texts:
                    assert str(theirs.value or "") == cell["text"]
                elif cell["value"] is None:
                    assert theirs.value == (0 if cell["text"] == "0.00%" else None)
                else:
                    assert theirs.value == pytest.approx(cell["value"], rel=1e-14)


@pytest.mark.slow
def test_every_download_says_what_it_is_and_is_saved_under_its_own_name(
    client, person, somerset, monkeypatch
):
    """Nothing is shown in the site's place, and no browser guesses a file's kind."""
    monkeypatch.setattr(pdf, "_print_page", lambda page: b"%PDF")  # printing takes seconds
    monkeypatch.setattr(printed_files, "printed_files", lambda: DummyCache("", {}))
    bring(somerset, "position", POSITION.read_bytes(), 4)
    upload = Upload.objects.latest("pk").pk
    client.force_login(person(Role.FINANCE_LEAD))
    report = "/reports/2019-20/3/"
    files = {f"{report}contingency.{name}": each for name, each in FORMATS.items()}
    files |= {f"{report}pack.{name}": each for name, each in WHOLE_REPORT_FORMATS.items()}
    kinds = {address: each.content_type for address, each in files.items()}
    csv_kind, xlsx_kind = FORMATS["csv"].content_type, FORMATS["xlsx"].content_type
    kinds |= {
        reverse("virements-download", args=[2019, 3]): csv_kind,
        reverse("audit-download"): csv_kind,
        reverse("upload-problems", args=[upload]): csv_kind,
        reverse("forecasts-file", args=[2019, 4, "CHILD-OPS"]): xlsx_kind,
        reverse("upload-file", args=[upload]): "application/octet-stream",
    }
    for address, kind in kinds.items():
        response = client.get(address)
        assert (response.status_code, response["Content-Type"]) == (200, kind), address
        assert response["X-Content-Type-Options"] == "nosniff", address
        name = re.fullmatch(
            r"attachment; filename(?:=\"|\*=utf-8'')([\w.-]+)\"?", response["Content-Disposition"]
        )
        ending = {csv_kind: "csv", xlsx_kind: "xlsx"}.get(kind, address.rpartition(".")[2])
        assert name[1].endswith(".csv" if "upload" in name[1] else f".{ending}"), address
