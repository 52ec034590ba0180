"""The pages of layouts: list, words, trial, rename, delete, restore, export and import."""

import io
import tomllib

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.jobs import Job
from monitoring.models import Batch, Layout, LayoutVersion, Position, Upload
from monitoring.uploading.services.layouts import (
    delete_layout,
    rename_layout,
    restore_version,
    save_layout,
)
from monitoring.uploading.services.uploads import upload_file
from tests.monitoring.uploading.test_saved_layouts import EXPORT, LEDGER, STORED, stored

STEPS = {
    "columns": {"Centre": "cost_centre", "Natural": "account"},
    "fixed": {"service_code": "ADULT"},
    "steps": [
        {"do": "keep_rows", "column": "Year", "values": ["2019/20"]},
        {
            "do": "add_columns",
            "columns": ["Apr", "May", "Jun"],
            "into": "current_budget",
            "to_period": True,
        },
        {"do": "add_up", "by": ["cost_centre", "account"]},
    ],
    "skip": {"starts_with": ["Printed"], "blank_codes": True},
    "header_rows": 1,
}
MONTHS = (
    "Year,Centre,Natural,Apr,May,Jun\n2019/20,T1,4000,1.10,2,4\n2018/19,T1,4000,9,9,9\n"
    "2019/20,T1,4000,10,20,40\nPrinted on Monday,,,5,,\n"
)


@pytest.fixture
def ledger(db) -> Layout:
    return save_layout(name="Ledger", kind="position", definition=LEDGER, by=None).layout


@pytest.fixture
def lead(client, person):
    user = person(Role.FINANCE_LEAD)
    client.force_login(user)
    return user


def page(client, name, *args, status=200) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def file(content, name="export.csv"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def bring(somerset, **more):
    arguments = {"kind": "position", "year": somerset, "period": 4, "by": None} | more
    return upload_file(content=EXPORT.encode(), file_name="export.csv", **arguments)


@pytest.mark.slow
def test_the_list_says_kind_use_and_who_saved(client, lead, somerset, ledger):
    save_layout(name="Paid", kind="aged_debt", definition={"columns": {"A": "name"}}, by=lead)
    upload = bring(somerset)
    text = page(client, "layouts")
    assert text.index("Ledger position") < text.index("Ledger</a>") < text.index("Aged debt")
    assert "A command" in text and lead.name in text and "Never" in text
    assert f"{upload.uploaded_at:%B %Y}" in text
    row = text[text.index("Ledger</a>") :]
    row = row[: row.index("</tr>")]
    assert '<td class="numeric">1</td>' in row
    settings = page(client, "settings")
    assert reverse("layouts") in settings


def test_a_layout_is_said_in_sentences(client, lead, ledger):
    text = page(client, "layout", ledger.pk)
    for words in (
        "Part 1 of “Code”, split at “-”",
        "Part 2 of “Code”, split at “-”",
        "“ADULT” in every row",
        "“Dr” less “Cr”",
        "£000",
        "Leaves out rows whose first filled cell begins with “Printed”.",
    ):
        assert words in text
    other = save_layout(name="Months", kind="position", definition=STEPS, by=lead).layout
    text = page(client, "layout", other.pk)
    for words in (
        "“Apr” to “Jun” added up, up to the period",
        "Kept only rows in which “Year” is “2019/20”.",
        "Leaves out rows without any code that are not totals.",
    ):
        assert words in text


# Trying one on a file


def everything_stored():
    return [each.objects.count() for each in (Upload, Batch, Position, Job, AuditEntry)]


def test_a_trial_shows_what_would_be_read_and_stores_nothing(client, lead, somerset):
    layout = save_layout(name="Months", kind="position", definition=STEPS, by=None).layout
    before = everything_stored()
    address = reverse("layout-try", args=[layout.pk])
    response = client.post(address, {"file": file(MONTHS), "period": "2"})
    assert response.status_code == 200
    trial = response.context["trial"]
    assert (trial.rows, trial.problem_count) == (1, 0)
    assert trial.totals == [["Current budget", "£33.10"]]
    assert trial.first == [["2", ["ADULT", "T1", "4000", "£33.10"]]]
    notes = " ".join(each["message"] for each in trial.notes)
    assert "1 row was left out, where “Year” says “2018/19”." in notes
    assert "has figures" in notes
    text = response.content.decode()
    assert "nothing is stored" in text and "The layout reads this file" in text
    third = client.post(address, {"file": file(MONTHS), "period": "3"}).context["trial"]
    assert third.totals == [["Current budget", "£77.10"]]
    assert everything_stored() == before


def test_a_trial_shows_the_problems_by_row_and_column(client, lead, ledger):
    bad = EXPORT.replace('"1,200"', "twelve").replace("A200-FEES", "A200FEES")
    address = reverse("layout-try", args=[ledger.pk])
    response = client.post(address, {"file": file(bad), "period": "4"})
    text = response.content.decode()
    assert "Read like this, the file would be refused" in text
    assert "A200FEES" in text and "twelve" in text
    missing = client.post(address, {"file": file("A,B\n1,2\n"), "period": "4"})
    assert "The heading “Net Budget” of the layout is missing." in missing.content.decode()


def test_a_trial_reads_workbooks_and_says_which_sheets(client, lead, ledger):
    book = openpyxl.Workbook()
    book.active.title = "Figures"
    book.active.append(["Code", "Details", "Net Budget", "Dr", "Cr"])
    book.active.append(["A100-NET", "Care", 1200, 1300000.5, None])
    book.create_sheet("Notes").append(["Printed in July"])
    out = io.BytesIO()
    book.save(out)
    address = reverse("layout-try", args=[ledger.pk])
    sent = {"file": file(out.getvalue(), "book.xlsx"), "period": "4"}
    trial = client.post(address, sent).context["trial"]
    assert trial.totals == [["Current budget", "£1,200,000"], ["Forecast", "£1,300,000.50"]]
    assert trial.sheets == ["The sheet “Figures” was read.", "Not read: “Notes”."]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"period": "4"}, "Choose a file."),
        ({"file": SimpleUploadedFile("a.csv", b""), "period": "4"}, "The file is empty."),
        ({"file": SimpleUploadedFile("a.csv", b"A,B\n1,2"), "period": "99"}, "Select a valid"),
    ],
)
def test_a_trial_without_a_file_or_period_is_refused(client, lead, ledger, sent, words):
    response = client.post(reverse("layout-try", args=[ledger.pk]), sent)
    assert (response.status_code, words in response.content.decode()) == (422, True)


def test_a_trial_takes_no_larger_file_than_an_upload(client, lead, ledger, monkeypatch):
    monkeypatch.setattr("monitoring.uploading.services.trials.MOST_BYTES", 10)
    sent = {"file": file(EXPORT), "period": "4"}
    response = client.post(reverse("layout-try", args=[ledger.pk]), sent)
    assert response.status_code == 422
    assert "The file is larger than" in response.content.decode()


def test_a_trial_that_takes_too_long_says_so(client, lead, ledger, monkeypatch):
    monkeypatch.setattr("monitoring.uploading.pipeline.trial.TRIAL_SECONDS", 0.000_001)
    sent = {"file": file(EXPORT * 2000), "period": "4"}
    response = client.post(reverse("layout-try", args=[ledger.pk]), sent)
    assert "Upload it instead" in response.content.decode()


# Versions, names and deleting


def test_a_changed_definition_is_a_new_version_and_the_same_one_is_none(lead, ledger):
    same = save_layout(name="Ledger", kind="position", definition=dict(LEDGER), by=lead)
    assert (same.number, same.saved_by) == (1, None)
    changed = LEDGER | {"units": {"current_budget": "m"}}
    version = save_layout(name="Ledger", kind="position", definition=changed, by=lead)
    assert (version.number, version.saved_by, version.layout) == (2, lead, ledger)
    assert [each.definition for each in ledger.versions.all()] == [LEDGER, changed]
    acts = AuditEntry.objects.filter(action="saved a layout").values_list("by_name", "detail")
    assert list(acts) == [
        ("command line", {"kind": "position", "version": 1}),
        (lead.name, {"kind": "position", "version": 2}),
    ]


@pytest.mark.slow
def test_an_upload_remembers_its_version(somerset, ledger):
    first = bring(somerset)
    save_layout(
        name="Ledger",
        kind="position",
        definition=LEDGER | {"units": {"current_budget": "m"}},
        by=None,
    )
    second = bring(somerset, layout="Ledger")
    first.refresh_from_db()
    assert (first.layout_version, first.layout["units"]) == (1, {"current_budget": "k"})
    assert (second.layout_version, second.layout["units"]) == (2, {"current_budget": "m"})
    assert first.saved_layout == second.saved_layout == ledger


def test_an_earlier_version_is_restored_as_the_newest(client, lead, ledger):
    changed = LEDGER | {"units": {"current_budget": "m"}}
    save_layout(name="Ledger", kind="position", definition=changed, by=lead)
    response = client.post(reverse("layout-restore", args=[ledger.pk]), {"number": "1"})
    assert response.url == reverse("layout", args=[ledger.pk])
    numbers = LayoutVersion.objects.values_list("number", "definition", "saved_by")
    assert list(numbers)[-1] == (3, LEDGER, lead.pk)
    assert ledger.versions.count() == 3
    assert AuditEntry.objects.last().detail == {"version": 3, "restored": 1}
    for number, words in (("9", "has no version 0"), ("3", "exactly as the version in use")):
        response = client.post(reverse("layout-restore", args=[ledger.pk]), {"number": number})
        assert (response.status_code, words in response.content.decode()) == (409, True)
    assert ledger.versions.count() == 3


@pytest.mark.slow
def test_renamed_and_deleted_layouts_leave_uploads_as_they_were(client, lead, somerset, ledger):
    upload = bring(somerset)
    response = client.post(reverse("layout-rename", args=[ledger.pk]), {"name": " GL export "})
    assert response.status_code == 302
    assert AuditEntry.objects.last().detail == {"name": {"from": "Ledger", "to": "GL export"}}
    again = bring(somerset)
    assert (again.layout_name, again.saved_layout) == ("GL export", ledger)
    asked = page(client, "layout-delete", ledger.pk)
    assert "The 2 uploads that were read through it keep their own copies" in asked
    assert Layout.objects.exists(), "looking at the question deletes nothing"
    client.post(reverse("layout-delete", args=[ledger.pk]))
    assert Layout.objects.exists(), "a post that does not confirm deletes nothing"
    response = client.post(reverse("layout-delete", args=[ledger.pk]), {"confirm": "yes"})
    assert response.url == reverse("layouts")
    assert not Layout.objects.exists() and not LayoutVersion.objects.exists()
    for kept, name in ((upload, "Ledger"), (again, "GL export")):
        kept.refresh_from_db()
        assert (kept.layout_name, kept.layout, kept.saved_layout) == (name, LEDGER, None)
        assert kept.layout_version == 1
        assert "version 1" in page(client, "upload", kept.pk)
    assert stored(somerset) == STORED
    line = Position.objects.filter(line__cost_centre="A100").first()
    assert "export.csv" in page(client, "line", 2019, 4, line.line_id)
    acts = AuditEntry.objects.filter(record="layout GL export").values_list("action", flat=True)
    assert list(acts) == ["renamed a layout", "deleted a layout"]


def test_a_name_that_is_taken_or_blank_is_refused(client, lead, ledger):
    save_layout(name="Other", kind="aged_debt", definition={"columns": {"A": "name"}}, by=None)
    for name, status in (("Other", 409), (" ", 422), ("n" * 101, 422)):
        response = client.post(reverse("layout-rename", args=[ledger.pk]), {"name": name})
        assert response.status_code == status
    ledger.refresh_from_db()
    assert ledger.name == "Ledger"


def test_the_audit_trail_leads_to_a_layout_by_its_name(client, lead, ledger):
    response = client.get(reverse("layout-by-name", args=["Ledger"]))
    assert response.url == reverse("layout", args=[ledger.pk])
    assert client.get(reverse("layout-by-name", args=["1"])).status_code == 404


# Rights

MAY = {
    Role.FINANCE_OFFICER: {"read", "save"},
    Role.FINANCE_LEAD: {"read", "save", "change"},
    Role.ADMINISTRATOR: {"read", "change"},
}


@pytest.mark.parametrize("role", Role.values)
def test_rights_by_role(client, person, ledger, role):
    save_layout(name="Ledger", kind="position", definition=STEPS, by=None)
    client.force_login(person(role))
    may = MAY.get(Role(role), set())

    def status(name, data=None):
        address = reverse(name, args=[ledger.pk])
        return (client.get(address) if data is None else client.post(address, data)).status_code

    seen = 200 if "read" in may else 403
    assert status("layout") == status("layout-try") == status("layout-export") == seen
    assert client.get(reverse("layouts")).status_code == seen
    imports = bool({"save", "change"} & may)
    assert client.get(reverse("layout-import")).status_code == (200 if imports else 403)
    assert status("layout-restore", {"number": "1"}) == (302 if "save" in may else 403)
    assert status("layout-rename", {"name": "New"}) == (302 if "change" in may else 403)
    assert status("layout-delete") == (200 if "change" in may else 403)
    assert status("layout-delete", {"confirm": "yes"}) == (302 if "change" in may else 403)
    assert Layout.objects.exists() == ("change" not in may)


def test_rights_hold_in_the_services_too(person, ledger):
    officer, scrutiny = person(Role.FINANCE_OFFICER), person(Role.SCRUTINY_MEMBER)
    for act in (
        lambda: rename_layout(layout=ledger, name="New", by=officer),
        lambda: delete_layout(layout=ledger, by=officer),
        lambda: restore_version(layout=ledger, number=1, by=scrutiny),
        lambda: save_layout(name="New", kind="position", definition=STEPS, by=scrutiny),
        lambda: save_layout(
            name="New", kind="services", definition={"columns": {"A": "code"}}, by=officer
        ),
    ):
        with pytest.raises(Refused):
            act()
    assert list(Layout.objects.values_list("name", flat=True)) == ["Ledger"]


# TOML


@pytest.mark.parametrize("definition", [LEDGER, STEPS], ids=["ledger", "steps"])
def test_an_export_saved_again_exports_the_same_bytes(client, lead, tmp_path, definition):
    first = save_layout(name="Ledger", kind="position", definition=definition, by=None).layout
    exported = client.get(reverse("layout-export", args=[first.pk]))
    assert exported["Content-Disposition"] == 'attachment; filename="ledger.toml"'
    assert tomllib.loads(exported.content.decode()) == definition
    path = tmp_path / "ledger.toml"
    path.write_bytes(exported.content)
    call_command("save_layout", "By command", "position", str(path), stdout=io.StringIO())
    sent = {"name": "By page", "kind": "position", "file": file(exported.content, "l.toml")}
    client.post(reverse("layout-import"), sent)
    for name in ("By command", "By page"):
        again = Layout.objects.get(name=name)
        assert again.definition == definition
        content = client.get(reverse("layout-export", args=[again.pk])).content
        assert content == exported.content
    assert Layout.objects.get(name="By page").versions.get().saved_by == lead


def test_keys_in_another_order_export_the_same_bytes(client, lead):
    def turned(value):
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(each) for each in value] if isinstance(value, list) else value

    contents = set()
    for name, definition in (("One", STEPS), ("Two", turned(STEPS) | {"steps": STEPS["steps"]})):
        layout = save_layout(name=name, kind="position", definition=definition, by=None).layout
        contents.add(client.get(reverse("layout-export", args=[layout.pk])).content)
    assert len(contents) == 1


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ("columns = ", 422, "The file is not TOML"),
        (b"\xff\xfe\x00", 422, "The file is not TOML"),
        ("[colums]\n", 409, "“colums” is not a key of a layout"),
        ("[columns]\nA = 'nothing'\n", 409, "No file of the kind position has a column nothing."),
        ("a = " + "[" * 5_000, 422, "lists within lists too deep"),
        ("#" * 200_001, 422, "larger than a layout"),
    ],
)
def test_a_file_that_is_no_layout_is_refused(client, lead, content, status, words):
    sent = {"name": "New", "kind": "position", "file": file(content, "l.toml")}
    response = client.post(reverse("layout-import"), sent)
    assert (response.status_code, words in response.content.decode()) == (status, True)
    assert not Layout.objects.exists()


def test_an_import_under_a_name_in_use_is_its_new_version(client, lead, ledger):
    sent = {"name": "Ledger", "kind": "position", "file": file('[columns]\nX = "account"\n')}
    assert client.post(reverse("layout-import"), sent).status_code == 302
    assert [each.number for each in ledger.versions.all()] == [1, 2]
