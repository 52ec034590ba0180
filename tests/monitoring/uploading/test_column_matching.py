"""A file with a ledger’s own headings: what they suggest, and matching them once."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.matching import choosable, guess_columns, likely_headings, likeness
from council_finance.uploads.reading import read_rows
from monitoring import tasks
from monitoring.ledger_files.upload_kinds.position import COLUMNS
from monitoring.models import Layout, Period, Position, Upload
from monitoring.uploading.services.layouts import save_layout
from monitoring.uploading.services.uploads import receive_upload
from tests.monitoring.uploading.matched import as_sent

pytestmark = pytest.mark.slow

EXPORT = """Ledger of the council,,,,
Printed 1 August 2019,,,,
Cost Ctr,Acct,Details,Net Budget (£000),Fcst
A100,NET,Care at home,"1,200","1,300,000.50"
A200,FEES,Fees,(200),-210000
"""
MATCHED = {
    "name": "Ledger",
    "column_cost_centre": "0",
    "column_account": "1",
    "column_description": "2",
    "column_current_budget": "3",
    "column_forecast": "4",
    "fixed_service_code": "ADULT",
}


# What headings suggest


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (
            "Cost Ctr,Acct,Net Budget,Forecast",
            "cost_centre,account,current_budget,forecast",
        ),
        (
            "CC,Account Code,Account Description,Original Budget £,Revised Budget £,Actuals YTD",
            "cost_centre,account,description,original_budget,current_budget,actual_to_date",
        ),
        (
            "Service,Cost Centre Code,Subjective,Narrative,Orig Bud,Curr Bud,Budget to date,Fcst",
            "service_code,cost_centre,account,description,original_budget,current_budget,"
            "profiled_budget_to_date,forecast",
        ),
        ("Budget,Previous forecast,Forecast variance,Team", "current_budget,,,"),
        (
            "Dept,A/C,2019/20 Budget (£m),Use of reserves",
            "service_code,account,current_budget,planned_use_of_reserves",
        ),
        ("Zebra,Xylophone", ","),
    ],
)
def test_headings_suggest_columns(headings, expected):
    headings = headings.split(",")
    guessed = guess_columns(headings, COLUMNS)
    by_place = {place: name for name, place in guessed.items()}
    assert [by_place.get(place, "") for place in range(len(headings))] == expected.split(",")


def test_likeness_is_of_words():
    assert likeness("current_budget", "current_budget") == 1
    assert likeness("Net Budget", "current_budget") == pytest.approx(2 / 3)
    assert likeness("Forecast variance", "forecast") == 0
    assert likeness("2019/20", "forecast") == 0


def test_of_two_columns_as_likely_the_needed_one_is_taken():
    specs = (ColumnSpec("original_budget", AMOUNT), ColumnSpec("current_budget", AMOUNT, True))
    assert guess_columns(["Budget"], specs) == {"current_budget": 0}


def found_in(text: str) -> dict | None:
    return likely_headings(read_rows(text.encode()), COLUMNS)


def test_the_likeliest_row_is_found_below_titles_with_the_rows_under_it():
    found = found_in(EXPORT)
    assert found["row"] == 3
    assert found["headings"] == ["Cost Ctr", "Acct", "Details", "Net Budget (£000)", "Fcst"]
    assert found["rows"] == [4, 5]
    assert found["cells"][1] == ["A200", "FEES", "Fees", "(200)", "-210000"]


def test_headings_that_suggest_nothing_are_found_by_their_many_texts():
    text = "Title of it all,,\n,,\nZebra,Xylophone,Quagga\n1,2,3\n\n4,x,y\n7,8,9\n1,1,1\n"
    assert found_in(text) == {
        "row": 3,
        "header_rows": 1,
        "headings": ["Zebra", "Xylophone", "Quagga"],
        "lines": [["Title of it all", "", ""], ["", "", ""], ["Zebra", "Xylophone", "Quagga"]],
        "rows": [4, 6, 7],
        "cells": [["1", "2", "3"], ["4", "x", "y"], ["7", "8", "9"]],
        "units": [1, 1, 1],
    }


def test_what_is_kept_of_a_wide_file_is_bounded():
    headings = [f"Heading {place} " + "h" * 300 for place in range(200)]
    found = found_in(",".join(headings) + "\n" + ",".join(["x" * 500] * 200) + "\n")
    assert len(found["headings"]) == 200
    assert {len(text) for text in found["headings"]} == {200}
    assert {len(text) for text in found["cells"][0]} == {60}
    assert choosable(found["headings"]) == {}, "a heading that is cut short names nothing"


def test_a_file_of_one_column_has_no_headings_to_match():
    assert found_in("Dear colleague\nplease find enclosed\n") is None


def test_a_heading_twice_or_blank_cannot_be_chosen():
    assert choosable(["Code", "", "Budget", "budget ", "£"]) == {
        0: "Code",
        2: "Budget (column C)",
        3: "budget  (column D)",
    }


# Matching them


@pytest.fixture
def officer(client, person, somerset):
    user = person(Role.FINANCE_OFFICER)
    client.force_login(user)
    return user


@pytest.fixture
def send(client, officer, django_capture_on_commit_callbacks):
    """Bring a file in through the form; the upload that came of it."""

    def act(content=EXPORT, name="export.csv", period=4, **data) -> Upload:
        content = content.encode() if isinstance(content, str) else content
        data = {"kind": "position", "file": SimpleUploadedFile(name, content), **data}
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("upload-for-period", args=[2019, period]), data)
        return Upload.objects.first()

    return act


@pytest.fixture
def match(client, django_capture_on_commit_callbacks):
    """Post the matching of an upload's columns; the response and the last upload."""

    def act(upload: Upload, **data):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(address(upload), MATCHED | data)
        return response, Upload.objects.first()

    return act


@pytest.fixture
def confirm(client, django_capture_on_commit_callbacks):
    def act(upload: Upload) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("upload-confirm", args=[upload.pk]))

    return act


def address(upload: Upload) -> str:
    return reverse("upload-columns", args=[upload.pk])


def stored(somerset, number=4) -> dict[str, tuple[int, int]]:
    batch = Period.objects.get(year=somerset, number=number).batch
    rows = Position.objects.filter(batch=batch).select_related("line__service")
    return {
        f"{row.line.service.code} {row.line.code}": (row.current_budget_pence, row.forecast_pence)
        for row in rows
    }


def test_a_file_is_refused_matched_once_and_stored(client, somerset, send, match, confirm):
    refused = send()
    assert (refused.state, refused.headings["row"]) == ("refused", 3)
    page = client.get(reverse("upload", args=[refused.pk])).content.decode()
    assert "Match columns" in page and address(refused) in page
    page = client.get(address(refused)).content.decode()
    sample = "Net Budget (£000): 1,200 · (200) – in £000"
    assert f'<option value="3" data-sample="{sample}" selected>' in page
    assert "with every approved virement" in page
    response, matched = match(refused)
    assert response.url == reverse("upload", args=[matched.pk])
    assert (matched.state, matched.layout_name, matched.problems) == ("ready", "Ledger", [])
    assert (matched.sha256, matched.file_name) == (refused.sha256, "export.csv")
    confirm(matched)
    assert stored(somerset) == {
        "ADULT A100/NET": (120_000_000, 130_000_050),
        "ADULT A200/FEES": (-20_000_000, -21_000_000),
    }
    acts = AuditEntry.objects.filter(action="saved a layout")
    assert [(act.record, act.by_name) for act in acts] == [("layout Ledger", "finance_officer")]


def test_units_and_signs_and_one_value_for_every_row(client, somerset, send, match, confirm):
    refused = send("Centre,Sum,Outlook\nA100,1.2,-3\nA200,-2,4\n", scope="ADULT")
    response, matched = match(
        refused,
        column_cost_centre="0",
        column_account="",
        fixed_account="NET",
        column_description="",
        column_current_budget="1",
        unit_current_budget="m",
        column_forecast="2",
        unit_forecast="k",
        sign_forecast="reverse",
        sign_commitments="reverse",
    )
    assert response.status_code == 302
    assert (matched.state, matched.scope) == ("ready", "ADULT")
    assert Layout.objects.get().definition == {
        "columns": {"Centre": "cost_centre", "Sum": "current_budget", "Outlook": "forecast"},
        "fixed": {"account": "NET", "service_code": "ADULT"},
        "units": {"current_budget": "m", "forecast": "k"},
        "sign": {"reverse": ["forecast"]},
    }
    confirm(matched)
    assert stored(somerset)["ADULT A100/NET"] == (120_000_000, 300_000)
    assert stored(somerset)["ADULT A200/NET"] == (-200_000_000, -400_000)


def test_both_codes_in_one_column(somerset, send, match, confirm):
    refused = send("Code,Net Budget\nA100-NET,5\n")
    codes = {"column_cost_centre": "", "column_account": "", "column_description": ""}
    _, matched = match(
        refused,
        **codes,
        together="0",
        separator="-",
        column_current_budget="1",
        column_forecast="",
    )
    confirm(matched)
    assert stored(somerset)["ADULT A100/NET"][0] == 500


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"column_account": ""}, "Account: choose the column that holds it, or give one value"),
        ({"column_current_budget": ""}, "Current budget: choose the column that holds it."),
        ({"column_current_budget": "99"}, "Select a valid choice"),
        ({"column_account": "0"}, "Account: “Cost Ctr” is chosen for cost centre too."),
        ({"fixed_account": "NET"}, "Account: give a column of its own, or one value"),
        ({"together": "2", "separator": "-"}, "Cost centre: give a column of its own"),
        ({"separator": "-"}, "Choose the column that holds both codes."),
        ({"together": "2"}, "Say what stands between the two codes."),
        ({"name": " "}, "Give the layout a name."),
        ({"name": "n" * 101}, "Use a shorter name."),
        ({"unit_forecast": "furlongs"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_together_is_told_in_place(send, match, data, sentence):
    refused = send()
    response, last = match(refused, **data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert (Layout.objects.count(), last) == (0, refused)


def test_while_another_upload_is_under_way_nothing_is_saved(send, match):
    refused = send()
    match(refused)
    response, last = match(refused, name="Another")
    assert response.status_code == 409
    assert "is under way" in response.content.decode()
    assert list(Layout.objects.values_list("name", flat=True)) == ["Ledger"]
    assert last.layout_name == "Ledger"


def test_a_layout_is_replaced_only_where_a_person_says_so(client, send, match):
    save_layout(
        name="Ledger", kind="position", definition={"columns": {"Other": "forecast"}}, by=None
    )
    refused = send()
    response, last = match(refused)
    assert response.status_code == 409
    assert "There is a layout called “Ledger” already" in response.content.decode()
    assert last == refused
    response, last = match(refused, replace="on")
    assert (response.status_code, last.state) == (302, "ready")
    assert "Cost Ctr" in Layout.objects.get().definition["columns"]


def test_a_name_stands_for_one_kind_of_file(send, match):
    save_layout(
        name="Ledger",
        kind="virements",
        definition={"columns": {"Ref": "reference"}},
        by=None,
    )
    response, _ = match(send(), replace="on")
    assert response.status_code == 409
    assert "for another kind of file" in response.content.decode()
    assert Layout.objects.get().kind == "virements"


def test_a_wrong_choice_is_seen_in_the_check_and_put_right(client, send, match):
    _, wrong = match(send(), column_current_budget="2", column_description="")
    assert (wrong.state, wrong.problems[0]["column"]) == ("refused", "Details")
    page = client.get(reverse("upload", args=[wrong.pk])).content.decode()
    assert "Match columns again" in page
    page = client.get(address(wrong)).content.decode()
    assert '<option value="2" data-sample="Details: Care at home · Fees" selected>' in page
    assert 'value="Ledger"' in page and "checked" in page
    response, right = match(wrong, replace="on")
    assert (response.status_code, right.state) == (302, "ready")
    assert right.layout["columns"]["Net Budget (£000)"] == "current_budget"


def test_a_file_read_through_the_wrong_unit_is_withdrawn_and_matched_again(client, send, match):
    _, wrong = match(send(), unit_current_budget="m")
    assert wrong.totals["current_budget"] == 100_000_000_000
    assert client.get(address(wrong)).status_code == 404, "it waits to be stored"
    client.post(reverse("upload-withdraw", args=[wrong.pk]))
    assert client.get(address(wrong)).status_code == 200
    _, right = match(wrong, replace="on")
    assert right.totals["current_budget"] == 100_000_000


def test_a_unit_that_is_not_certain_is_asked_for(client, somerset, send, match, confirm):
    refused = send(EXPORT.replace("£000", "£ zillions"))
    page = client.get(address(refused)).content.decode()
    unclear = "1,200 · (200) – the file does not say clearly in which unit"
    assert f'data-sample="Net Budget (£ zillions): {unclear}" selected>' in page
    response, last = match(refused)
    assert (response.status_code, last) == (422, refused)
    assert "Current budget: choose the unit." in response.content.decode()
    _, matched = match(refused, unit_current_budget="k")
    confirm(matched)
    assert stored(somerset)["ADULT A100/NET"][0] == 120_000_000


def test_figures_are_rounded_where_the_page_says_so(client, send, match):
    refused = send(EXPORT.replace("1,200", "1200.0000051"))
    _, matched = match(refused, round_to_penny="on")
    assert (matched.state, matched.layout["round_to_penny"]) == ("ready", True)
    assert "1 figure of current_budget had more than two" in matched.warnings[0]["message"]
    assert matched.totals["current_budget"] == 100_000_001


def test_a_layout_written_by_hand_is_shown_on_the_page(client, send):
    definition = {
        "columns": {"Cost Ctr": "cost_centre", "Acct": "account", "Details": "current_budget"},
        "skip": {"starts_with": ["Printed"]},
    }
    save_layout(name="By hand", kind="position", definition=definition, by=None)
    refused = send(layout="By hand")
    assert refused.layout_name == "By hand"
    form = client.get(address(refused)).context["form"]
    assert form["name"].value() == "By hand" and form["replace"].value()
    assert form["column_current_budget"].value() == "2"
    assert form["skip_starts"].value() == "Printed"


def test_a_sheet_that_was_named_is_remembered_too(somerset, officer, match):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Ledger of the council"])
    sheet = book.create_sheet("Data")
    for row in (
        ["Cost Ctr", "Acct", "Details", "Budget", "Fcst"],
        ["A100", "NET", "Care", 5.0, 6.5],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    upload = receive_upload(
        kind="position",
        year=somerset,
        period=4,
        content=out.getvalue(),
        file_name="ledger.xlsx",
        by=officer,
        sheet="Data",
    )
    tasks.check_upload.delay(upload.job_id)
    upload.refresh_from_db()
    assert upload.headings["cells"] == [["A100", "NET", "Care", "5", "6.5"]]
    _, matched = match(upload)
    assert (matched.state, matched.sheet) == ("ready", "Data")
    assert Layout.objects.get().definition["sheet"] == "Data"


@pytest.mark.parametrize("role", [Role.BUDGET_MANAGER, Role.SCRUTINY_MEMBER, Role.ADMINISTRATOR])
def test_only_who_uploads_matches_columns(client, person, send, role):
    refused = send()
    client.force_login(person(role))
    assert client.get(address(refused)).status_code == 403
    assert client.post(address(refused), MATCHED).status_code == 403
    assert not Layout.objects.exists()


def test_a_file_that_only_needs_its_columns_matched_is_not_called_refused(client, send):
    page = client.get(reverse("upload", args=[send().pk])).content.decode()
    state = page.split('class="page-head__facts"')[1].split("</p>")[0]
    assert "Columns to match" in state and "Refused" not in state
    assert 'class="panel panel--warning"' in page and "panel--error" not in page


def test_a_file_with_the_products_own_headings_is_matched_already(client, send):
    upload = send("cost_centre,account,current_budget\nA100,NET,x\n")
    assert (upload.state, upload.headings["known"]) == ("refused", True)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "The columns of this file are not known yet" not in page
    assert "Match columns" in page
    form = client.get(address(upload)).context["form"]
    matched = ("column_cost_centre", "column_account", "column_current_budget")
    assert [form.initial[name] for name in matched] == ["0", "1", "2"]


def test_other_kinds_are_matched_by_their_own_columns(
    client, officer, django_capture_on_commit_callbacks
):
    content = b"Ref,Month,Value,Type\nX-1,4,100,funding\n"
    data = {"kind": "virements", "file": SimpleUploadedFile("transfers.csv", content)}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-for-year", args=[2019]), data)
    refused = Upload.objects.first()
    page = client.get(address(refused)).content.decode()
    assert "One of: funding, technical." in page
    assert "stand together in one column" not in page
    data = {"name": "Transfers", "column_reference": "0", "column_period": "1"}
    data |= {"column_amount": "2", "column_kind": "3", "fixed_from_account": "NET"}
    data |= {"fixed_from_cost_centre": "A100"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address(refused), data).status_code == 302
    assert Upload.objects.first().state == "ready"


# A file that has changed


def test_a_changed_file_begins_with_the_layout_used_last_and_saves_its_next_version(
    client, person, send, match, confirm
):
    _, matched = match(send())
    confirm(matched)
    other = {"columns": {"Zebra": "cost_centre", "Acct": "account", "X": "current_budget"}}
    save_layout(name="Another ledger", kind="position", definition=other, by=None)
    refused = send(EXPORT.replace("Fcst", "Outlook"))
    response = client.get(address(refused))
    form, page = response.context["form"], " ".join(response.content.decode().split())
    assert (form["name"].value(), form["seen_version"].value()) == ("Ledger", 1)
    assert "1 heading of your layout is not in this file" in page
    assert "“Fcst” <span" in page and "“Outlook”" in page
    sent = as_sent(form) | {"column_forecast": "4"}
    response, last = match(refused, **sent)
    assert (response.status_code, last.state) == (302, "ready")
    layout = Layout.objects.get(name="Ledger")
    assert [each.number for each in layout.versions.all()] == [1, 2]
    assert (last.layout_name, last.layout_version) == ("Ledger", 2)
    assert layout.definition["columns"]["Outlook"] == "forecast"
    assert Layout.objects.count() == 2


def test_a_version_saved_meanwhile_is_not_overwritten(client, person, send, match):
    match(send())
    Upload.objects.update(state="withdrawn")
    refused = send(EXPORT.replace("Fcst", "Outlook"))
    sent = as_sent(client.get(address(refused)).context["form"]) | {"column_forecast": "4"}
    lead = person(Role.FINANCE_LEAD)
    changed = Layout.objects.get().definition | {"round_to_penny": True}
    save_layout(name="Ledger", kind="position", definition=changed, by=lead)
    response, last = match(refused, **sent)
    assert (response.status_code, last) == (409, refused)
    assert f"Version 2 of “Ledger” was saved by {lead.name} since" in response.content.decode()
    assert Layout.objects.get().versions.count() == 2
    response, _ = match(refused, **sent | {"name": "Mine"})
    assert response.status_code == 302
    assert Layout.objects.get(name="Mine").versions.count() == 1


def test_a_file_of_another_ledger_begins_with_what_its_headings_suggest(client, send, match):
    match(send())
    Upload.objects.update(state="withdrawn")
    refused = send("Centre,Natural,Sum,Outlook\nA100,NET,1,2\n")
    form = client.get(address(refused)).context["form"]
    assert (form["name"].value(), form.base) == ("Ledger position export", None)


def test_headings_of_more_rows_are_chosen_on_the_page(client, send, match):
    content = "Full,,Year,\nCost,Acct,Net,Net\ncentre,,budget,forecast\nA100,NET,5,6\n"
    refused = send(content)
    sent = {"name": "Three", "header_rows": "2", "column_cost_centre": "0", "column_account": "1"}
    sent |= {"column_current_budget": "2", "column_forecast": "3", "column_description": ""}
    response, last = match(refused, **sent)
    assert (response.status_code, last.state, last.problems) == (302, "ready", [])
    assert last.layout["header_rows"] == 2
    assert last.layout["columns"]["Cost centre"] == "cost_centre"
    assert last.totals["current_budget"] == 500
