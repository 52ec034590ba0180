"""Workbooks of several sheets: which are read is found, said, and may be chosen."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.uploads.sheets import sheets_in
from monitoring.models import Upload, UploadState
from monitoring.uploading.services.layouts import save_layout
from tests import cases

HEADINGS = ["service_code", "cost_centre", "account", "current_budget", "forecast"]


def book(sheets: dict[str, list], hidden=(), visible_rows=None) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def line(service, centre, budget=1, account="4000"):
    return [service, centre, account, budget, budget]


@pytest.fixture
def council(db):
    return cases.council()


def budgets(council):
    return {code: row.current_budget_pence for code, row in cases.lines(council).items()}


def notes(upload) -> list[str]:
    return upload.reading["notes"]


@pytest.mark.slow
def test_sheets_with_the_same_headings_are_read_together(council):
    upload = cases.bring(council, "11")
    assert budgets(council) == {
        "00123/4000": 100_000_000,
        "00123/9000": -20_000_000,
        "C200/4000": 50_000_000,
        "P300/4000": 30_000_000,
        "P300/9000": -10_000_000,
    }
    assert notes(upload) == ["The sheets “Adults”, “Children” and “Place” were read together."]


@pytest.mark.parametrize(
    ("name", "budget"),
    [("Adults", 1_200), ("Adults £000", 1_200_000), ("Budget (£m)", 1_200_000_000)],
)
def test_a_unit_in_a_sheets_name_is_that_of_its_figures(council, name, budget):
    cover = {"Cover": [["Test County Council"]]} if "m" in name else {}
    cases.bring(council, book(cover | {name: [HEADINGS, line("ADULT", "00123", 1_200)]}))
    assert budgets(council) == {"00123/4000": budget * 100}


@pytest.mark.slow
def test_a_command_says_which_sheets_it_read_and_reads_those_named(council, capsys):
    file, year = str(cases.path("11")), ["--year", "2024/25", "--period", "3"]
    call_command("upload", "position", file, *year)
    told = capsys.readouterr().out.splitlines()
    assert "The sheets “Adults”, “Children” and “Place” were read together." in told
    assert told[-1] == "11-sheet-per-directorate.xlsx: 5 rows stored."
    call_command("upload", "position", file, *year, "--sheet", "Place", "--sheet", "Adults")
    told = capsys.readouterr().out.splitlines()
    assert "The sheets “Place” and “Adults” were read together." in told
    assert "Not read: “Children”." in told
    assert set(budgets(council)) == {"P300/4000", "P300/9000", "00123/4000", "00123/9000"}
    call_command("upload", "position", file, *year, "--sheet", "Children")
    told = capsys.readouterr().out.splitlines()
    assert {"The sheet “Children” was read.", "Not read: “Adults” and “Place”."} <= set(told)


def test_a_fault_says_its_sheet_and_row(council):
    content = book(
        {
            "Adults": [HEADINGS, line("ADULT", "00123")],
            "Place": [["Place"], [], HEADINGS, line("PLACE", "P300"), line("PLACE", "P301", "x")],
        }
    )
    told = cases.refusal(council, content)
    assert "Place row 5, column current_budget: “x”: a figure such as 1,234.50" in told


def test_a_line_on_two_sheets_is_refused(council):
    rows = [HEADINGS, line("ADULT", "00123")]
    told = cases.refusal(council, book({"May": rows, "June": rows}))
    assert "June row 2" in told


@pytest.mark.slow
def test_a_cover_sheet_does_not_hide_the_table(council):
    content = book(
        {
            "Cover": [["Ledger of the council"], ["Printed on", "1 July"]],
            "Notes": [],
            "Data": [HEADINGS, line("ADULT", "00123")],
            "Old": [HEADINGS, line("ADULT", "00124")],
        },
        hidden=["Old"],
    )
    upload = cases.bring(council, content)
    assert budgets(council) == {"00123/4000": 100}
    assert notes(upload) == [
        "The sheet “Data” was read.",
        "Not read: “Cover”, “Notes” and “Old” (hidden).",
    ]


@pytest.mark.slow
def test_a_cover_sheet_does_not_hide_a_table_that_a_layout_fits(council):
    columns = {"CC": "cost_centre", "Acc": "account", "Budget": "current_budget"}
    definition = {"columns": columns, "fixed": {"service_code": "ADULT"}}
    save_layout(name="Ledger", kind="position", definition=definition, by=None)
    rows = [["Ledger"], ["CC", "Acc", "Budget"], ["A1", "4", 5]]
    upload = cases.bring(council, book({"Cover": [["Hello", "there"]], "Data": rows}))
    assert (budgets(council), upload.layout_name) == ({"A1/4": 500}, "Ledger")
    assert notes(upload)[0] == "The sheet “Data” was read."


def test_without_any_headings_the_likeliest_sheet_is_matched(council):
    rows = [["Cost Ctr", "Acct", "Net Budget"], ["A1", "4", 5]]
    content = book({"Cover": [["Dear all", "see the data"]], "Data": rows})
    cases.refusal(council, content)
    upload = Upload.objects.latest("pk")
    assert upload.headings["headings"] == rows[0]
    assert upload.reading["sheets"] == ["Data"]


@pytest.mark.slow
def test_sheets_with_other_headings_or_no_rows_are_left_out(council):
    content = book(
        {
            "Adults": [HEADINGS, line("ADULT", "00123")],
            "Template": [HEADINGS],
            "Summary": [HEADINGS[:4], ["PLACE", "P300", "4000", 7]],
            "Place": [["", *HEADINGS], ["", *line("PLACE", "P300", 2)]],
        }
    )
    upload = cases.bring(council, content)
    assert budgets(council) == {"00123/4000": 100, "P300/4000": 200}
    assert notes(upload) == [
        "The sheets “Adults” and “Place” were read together.",
        "Not read: “Template” and “Summary”.",
    ]


@pytest.mark.slow
def test_hidden_rows_are_counted_and_said(council):
    upload = cases.bring(council, "32")
    assert len(budgets(council)) == 5
    assert notes(upload) == [
        "The sheet “Sheet1” was read.",
        "3 hidden rows were read, which a filter hides or a person hid.",
    ]


@pytest.mark.slow
def test_hidden_columns_are_counted_and_said(council):
    made = openpyxl.load_workbook(cases.path("11"))
    made["Adults"].column_dimensions["D"].hidden = True
    made["Place"].row_dimensions[3].hidden = True
    made["Place"].row_dimensions[99].hidden = True
    made["Place"].auto_filter.ref = "A1:G3"
    made["Children"].auto_filter.ref = "A1:G2"
    out = io.BytesIO()
    made.save(out)
    assert notes(cases.bring(council, out.getvalue()))[1:] == [
        "Adults: 1 hidden column was read.",
        "Children: The sheet has a filter; it hides no row.",
        "Place: 1 hidden row was read, which a filter hides or a person hid.",
    ]


@pytest.mark.parametrize("name", ["hidden.ods", "hidden.xls"])
def test_what_other_formats_hide(name):
    [seen, unseen] = sheets_in((cases.CASES / name).read_bytes())
    assert (seen.name, seen.visible, seen.filtered) == ("Ledger", True, True)
    assert [row for first, last in seen.hidden_rows for row in range(first, last + 1)] == [4, 5, 6]
    assert [at for first, last in seen.hidden_columns for at in range(first, last + 1)] == [4]
    assert (unseen.name, unseen.visible) == ("Old", False)


# In the browser


@pytest.fixture
def officer(client, person, council):
    user = person(Role.FINANCE_OFFICER)
    client.force_login(user)
    return user


@pytest.fixture
def post(client, officer, django_capture_on_commit_callbacks):
    def act(address, **data):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(address, data)
        return response, Upload.objects.latest("pk")

    return act


def send(post):
    file = SimpleUploadedFile("ledger.xlsx", cases.path("11").read_bytes())
    return post(reverse("upload-for-period", args=[2024, 3]), kind="position", file=file)[1]


@pytest.mark.slow
def test_sheets_are_chosen_on_the_page(post, client, council):
    upload = send(post)
    assert (upload.state, upload.row_count) == (UploadState.READY, 5)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "The sheets “Adults”, “Children” and “Place” were read together." in page
    assert page.count('type="checkbox" name="sheet"') == 3
    _, other = post(reverse("upload-sheets", args=[upload.pk]), sheet=["Adults", "Place"])
    upload.refresh_from_db()
    assert (upload.state, other.state, other.row_count) == ("withdrawn", "ready", 4)
    page = client.get(reverse("upload", args=[other.pk])).content.decode()
    assert "Not read: “Children”." in page
    post(reverse("upload-confirm", args=[other.pk]))
    assert set(budgets(council)) == {"P300/4000", "P300/9000", "00123/4000", "00123/9000"}
    response, _ = post(reverse("upload-sheets", args=[other.pk]), sheet=["Adults"])
    assert response.status_code == 409
    pk = cases.lines(council)["P300/4000"].line_id
    page = client.get(reverse("line", args=[2024, 3, pk])).content.decode()
    assert "Place row 2" in page


@pytest.mark.slow
@pytest.mark.parametrize("sheets", [[], ["Secret"], ["Adults", "Secret"]])
def test_only_sheets_of_the_file_are_read(post, sheets):
    upload = send(post)
    response, last = post(reverse("upload-sheets", args=[upload.pk]), sheet=sheets)
    assert (response.status_code, last) == (409, upload)
    assert "Choose the sheets to read." in response.content.decode()
    upload.refresh_from_db()
    assert upload.state == UploadState.READY


@pytest.mark.slow
def test_only_who_may_upload_chooses_sheets(client, person, post):
    upload = send(post)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    response = client.post(reverse("upload-sheets", args=[upload.pk]), {"sheet": ["Adults"]})
    assert response.status_code in (403, 404)
    upload.refresh_from_db()
    assert upload.state == UploadState.READY
