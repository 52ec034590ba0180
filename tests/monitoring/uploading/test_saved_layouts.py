"""A council's own export, uploaded as it is through a layout that was saved once."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.models import Layout, Period, Position, Upload
from monitoring.uploading.services.layouts import save_layout
from monitoring.uploading.services.uploads import upload_file
from tests.councils.loaded import load_pack
from tests.councils.packs import facts_of, virements, write_pack

LEDGER = {
    "columns": {"Net Budget": "current_budget", "Details": "description"},
    "fixed": {"service_code": "ADULT"},
    "split": {"Code": {"into": ["cost_centre", "account"], "separator": "-"}},
    "debit_credit": {"forecast": {"debit": "Dr", "credit": "Cr"}},
    "units": {"current_budget": "k"},
    "skip": {"starts_with": ["Printed"]},
}
EXPORT = """Ledger of the council,,,,
Code,Details,Net Budget,Dr,Cr
A100-NET,Care at home,"1,200","1,300,000.50",
A200-FEES,Fees,(200),,210000
Printed on 1 August,,,,
"""
TOML = """
[columns]
"Net Budget" = "current_budget"
"Details" = "description"
[fixed]
service_code = "ADULT"
[split."Code"]
into = ["cost_centre", "account"]
separator = "-"
[debit_credit.forecast]
debit = "Dr"
credit = "Cr"
[units]
current_budget = "k"
[skip]
starts_with = ["Printed"]
"""
STORED = {"A100/NET": (120_000_000, 130_000_050), "A200/FEES": (-20_000_000, -21_000_000)}


def stored(somerset) -> dict[str, tuple[int, int]]:
    batch = Period.objects.get(year=somerset, number=4).batch
    return {
        position.line.code: (position.current_budget_pence, position.forecast_pence)
        for position in Position.objects.filter(batch=batch).select_related("line")
    }


@pytest.mark.slow
def test_by_commands(somerset, tmp_path):
    layout, export = tmp_path / "ledger.toml", tmp_path / "export.csv"
    layout.write_text(TOML, encoding="utf-8")
    export.write_text(EXPORT, encoding="utf-8")
    call_command("save_layout", "Ledger", "position", str(layout), stdout=io.StringIO())
    arguments = ("--year", "2019/20", "--period", "4", "--layout", "Ledger")
    call_command("upload", "position", str(export), *arguments, stdout=io.StringIO())
    assert stored(somerset) == STORED


@pytest.mark.slow
def test_in_the_browser(client, person, somerset, django_capture_on_commit_callbacks):
    save_layout(name="Ledger", kind="position", definition=LEDGER, by=None)
    client.force_login(person(Role.FINANCE_OFFICER))
    address = reverse("upload-for-period", args=[2019, 4])
    assert "Saved layout" in client.get(address).content.decode()
    file = SimpleUploadedFile("export.csv", EXPORT.encode())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {"kind": "position", "file": file, "layout": "Ledger"})
    upload = Upload.objects.first()
    assert (upload.state, upload.problems, upload.layout_name) == ("ready", [], "Ledger")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-confirm", args=[upload.pk]))
    assert stored(somerset) == STORED
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "read through the layout Ledger" in page


def test_faults_are_told_in_the_file_s_own_words(somerset):
    save_layout(name="Ledger", kind="position", definition=LEDGER, by=None)
    bad = EXPORT.replace('"1,200"', "twelve").replace("A200-FEES", "A200FEES")
    with pytest.raises(Refused) as refused:
        upload_file(
            kind="position",
            year=somerset,
            period=4,
            content=bad.encode(),
            file_name="export.csv",
            by=None,
            layout="Ledger",
        )
    told = "\n".join(refused.value.messages)
    assert "Row 4, column Code: “A200FEES”" in told
    assert Period.objects.get(year=somerset, number=4).batch is None


def test_a_layout_is_checked_when_it_is_saved(db):
    for definition, words in (
        ({"columns": {"Budget": "curent_budget"}}, "curent_budget"),
        ({"colums": {}}, "colums"),
    ):
        with pytest.raises(Refused) as refused:
            save_layout(name="Wrong", kind="position", definition=definition, by=None)
        assert words in str(refused.value)
    with pytest.raises(Refused):
        save_layout(name="", kind="position", definition=LEDGER, by=None)
    with pytest.raises(Refused):
        save_layout(name="Ledger", kind="nothing", definition=LEDGER, by=None)
    assert not Layout.objects.exists()


def test_a_layout_that_is_not_there_is_refused_with_those_that_are(somerset, tmp_path):
    save_layout(name="Ledger", kind="position", definition=LEDGER, by=None)
    export = tmp_path / "export.csv"
    export.write_text(EXPORT, encoding="utf-8")
    errors = io.StringIO()
    arguments = ("--year", "2019/20", "--period", "4", "--layout", "Legder")
    with pytest.raises(SystemExit):
        call_command("upload", "position", str(export), *arguments, stderr=errors)
    assert "“Legder”" in errors.getvalue() and "Ledger" in errors.getvalue()


# Remembered: a file without a chosen layout


@pytest.fixture
def ledger(db):
    return save_layout(name="Ledger", kind="position", definition=LEDGER, by=None)


def bring(somerset, content: str | bytes, **more):
    content = content.encode() if isinstance(content, str) else content
    arguments = {"kind": "position", "year": somerset, "period": 4, "by": None} | more
    return upload_file(content=content, file_name="export.csv", **arguments)


@pytest.mark.slow
def test_a_file_is_read_through_the_one_layout_whose_headings_it_has(somerset, ledger):
    save_layout(
        name="Elsewhere",
        kind="position",
        definition={
            "columns": {"Code": "cost_centre", "Account": "account", "Sum": "current_budget"}
        },
        by=None,
    )
    upload = bring(somerset, EXPORT)
    assert stored(somerset) == STORED
    assert (upload.layout_name, upload.layout) == ("Ledger", LEDGER)


@pytest.mark.slow
def test_the_upload_keeps_the_layout_it_was_read_through(
    client, person, somerset, ledger, django_capture_on_commit_callbacks
):
    client.force_login(person(Role.FINANCE_OFFICER))
    file = SimpleUploadedFile("export.csv", EXPORT.encode())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("upload-for-period", args=[2019, 4]), {"kind": "position", "file": file}
        )
    upload = Upload.objects.first()
    assert (upload.state, upload.layout_name) == ("ready", "Ledger")
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "read through the layout Ledger" in page
    save_layout(name="Ledger", kind="position", definition={"columns": {"X": "account"}}, by=None)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-confirm", args=[upload.pk]))
    assert stored(somerset) == STORED


@pytest.mark.slow
def test_the_products_own_headings_need_no_layout(somerset):
    own = "service_code,cost_centre,account,current_budget\nADULT,A100,NET,5\n"
    save_layout(
        name="Own",
        kind="position",
        definition={
            "columns": {
                "cost_centre": "cost_centre",
                "account": "account",
                "current_budget": "current_budget",
            },
            "units": {"current_budget": "k"},
        },
        by=None,
    )
    upload = bring(somerset, own)
    assert (upload.layout_name, upload.totals["current_budget"]) == ("", 500)


@pytest.mark.slow
def test_where_several_layouts_fit_the_refusal_names_them(somerset, ledger):
    save_layout(name="Ledger in pounds", kind="position", definition=LEDGER, by=None)
    with pytest.raises(Refused, match="“Ledger” and “Ledger in pounds” fit this file"):
        bring(somerset, EXPORT)
    upload = Upload.objects.first()
    assert (upload.layout_name, upload.headings["row"]) == ("", 2)
    assert Period.objects.get(year=somerset, number=4).batch is None
    bring(somerset, EXPORT, layout="Ledger in pounds")
    assert stored(somerset) == STORED


def test_a_layout_that_does_not_make_what_is_needed_fits_no_file(somerset):
    save_layout(
        name="Codes", kind="position", definition={"columns": {"Code": "cost_centre"}}, by=None
    )
    with pytest.raises(Refused, match="No row of headings was found"):
        bring(somerset, EXPORT)


def test_a_layout_of_another_kind_fits_no_file(somerset, ledger):
    with pytest.raises(Refused, match="The column amount is missing|No row of headings"):
        bring(somerset, EXPORT, kind="virements", period=None)


def test_errors_in_a_file_read_so_are_told_and_the_layout_is_named(somerset, ledger):
    with pytest.raises(Refused, match="Row 4, column Code: “A200FEES”"):
        bring(somerset, EXPORT.replace("A200-FEES", "A200FEES"))
    assert Upload.objects.first().layout_name == "Ledger"


def test_a_chosen_layout_that_does_not_fit_leaves_the_headings_to_be_matched(somerset, ledger):
    with pytest.raises(Refused, match="The heading “Net Budget” of the layout is missing"):
        bring(somerset, EXPORT.replace("Net Budget", "Budget"), layout="Ledger")
    upload = Upload.objects.first()
    assert upload.headings["headings"] == ["Code", "Details", "Budget", "Dr", "Cr"]


@pytest.mark.slow
def test_a_layout_says_which_sheet(somerset):
    book = openpyxl.Workbook()
    book.active.append(["A cover", "without figures"])
    book.create_sheet("Figures").append(["Code", "Details", "Net Budget", "Dr", "Cr"])
    book["Figures"].append(["A100-NET", "Care", 1200, 1300000.5, None])
    out = io.BytesIO()
    book.save(out)
    definition = LEDGER | {"sheet": "Figures"}
    save_layout(name="Ledger", kind="position", definition=definition, by=None)
    save_layout(name="Other", kind="position", definition=LEDGER | {"sheet": "Not there"}, by=None)
    bring(somerset, out.getvalue())
    assert stored(somerset) == {"A100/NET": STORED["A100/NET"]}
    with pytest.raises(Refused, match="No row of headings"):
        bring(somerset, "A,B\n1,2\n")


@pytest.mark.slow
def test_a_pack_takes_the_same_path(db, tmp_path):
    save_layout(
        name="Ledger",
        kind="position",
        definition={
            "columns": {"CC": "cost_centre", "Acc": "account", "Now": "current_budget"},
            "fixed": {"service_code": "ONE"},
        },
        by=None,
    )
    files = {
        "services.csv": "code,name,parent_code\nTOP,Council,\nONE,One,TOP\n",
        "periods/01/position.csv": "CC,Acc,Now\nA,NET,100\n",
        "periods/02/position.csv": "CC,Acc,Now\nA,NET,90\nB,NET,10\n",
        # The second month's line is known before that month is loaded.
        "virements.csv": virements("V,2,A,NET,B,NET,10,funding,,Cabinet,2021-05-10,,"),
    }
    folder = write_pack(tmp_path, files, publish=(1, 2))
    year = load_pack(folder=folder, by=None).year
    assert facts_of(year, 2).top.budget == 10_000
    again = load_pack(folder=folder, by=None)
    assert (again.stored, again.published) == ([], [])


MONTHLY = {
    "columns": {"Centre": "cost_centre", "Acc": "account", "Budget P03": "current_budget"},
    "fixed": {"service_code": "ADULT"},
}


@pytest.mark.slow
def test_a_layout_of_one_month_reads_the_next_and_the_exact_one_goes_first(somerset):
    save_layout(name="Month 3", kind="position", definition=MONTHLY, by=None)
    upload = bring(somerset, "Centre,Acc,Budget P04\nA100,NET,5\n")
    assert (upload.layout_name, upload.totals["current_budget"]) == ("Month 3", 500)
    assert upload.state == "stored"
    columns = {"Centre": "cost_centre", "Acc": "account", "Budget P04": "current_budget"}
    exact = MONTHLY | {"columns": columns, "units": {"current_budget": "k"}}
    save_layout(name="Month 4", kind="position", definition=exact, by=None)
    upload = bring(somerset, "Centre,Acc,Budget P04\nA100,NET,5\n")
    assert (upload.layout_name, upload.totals["current_budget"]) == ("Month 4", 500_000)
    with pytest.raises(Refused, match="“Month 3” and “Month 4” fit this file"):
        bring(somerset, "Centre,Acc,Budget P05\nA100,NET,5\n")
    with pytest.raises(Refused, match="No row of headings was found|is missing"):
        bring(somerset, "Centre,Acc,Budget P05,Budget P06\nA100,NET,5,6\n")
