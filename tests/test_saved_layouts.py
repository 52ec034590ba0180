"""A council's own export, uploaded as it is through a layout that was saved once."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.models import Layout, Period, Position, Upload
from monitoring.services.layouts import save_layout
from monitoring.services.uploads import upload_file

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


def test_by_commands(somerset, tmp_path):
    layout, export = tmp_path / "ledger.toml", tmp_path / "export.csv"
    layout.write_text(TOML, encoding="utf-8")
    export.write_text(EXPORT, encoding="utf-8")
    call_command("save_layout", "Ledger", "position", str(layout), stdout=io.StringIO())
    arguments = ("--year", "2019/20", "--period", "4", "--layout", "Ledger")
    call_command("upload", "position", str(export), *arguments, stdout=io.StringIO())
    assert stored(somerset) == STORED


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
