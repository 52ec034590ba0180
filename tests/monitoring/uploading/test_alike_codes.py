"""A new code that looks like a known one is asked about before anything is stored."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from council_finance.errors import Refused
from monitoring.models import BudgetLine, HistoricFigure, Service, Upload, UploadState
from monitoring.packs.services import load_pack
from monitoring.uploading.services.uploads import confirm_upload, receive_upload, start_check
from tests import cases

HEADINGS = "service_code,cost_centre,account,current_budget,forecast\n"
ROWS = "ADULT,00123,4000,5,5\nCHILD,C200,4000,6,6\n"
NEW = ("123", "C 200", "c200", "\N{CYRILLIC CAPITAL LETTER ES}200", "C2OO", "\uff23200")


@pytest.fixture
def council(db):
    return cases.council()


@pytest.fixture
def waiting(council, person, django_capture_on_commit_callbacks):
    """Bring a file in as a person does: it is checked and waits."""

    def bring(content: str, kind="position", period=3):
        with django_capture_on_commit_callbacks(execute=True):
            upload = receive_upload(
                kind=kind,
                year=council,
                period=period,
                content=content.encode(),
                file_name="ledger.csv",
                by=person("finance_officer"),
            )
            start_check(upload=upload)
        return Upload.objects.get(pk=upload.pk)

    return bring


@pytest.mark.slow
@pytest.mark.parametrize("code", NEW)
def test_a_command_refuses_it_unless_told_that_it_is_another(council, code):
    content = f"{HEADINGS}{ROWS}ADULT,{code},4000,7,7\n".encode()
    known = "00123" if code == "123" else "C200"
    told = cases.refusal(council, content)
    assert (
        f"Row 4, column cost_centre: “{code}”: this code is new, and differs from {known}" in told
    )
    assert not BudgetLine.objects.filter(cost_centre=code).exists()
    cases.bring(council, content, new_codes=[code])
    assert cases.lines(council)[f"{code}/4000"].current_budget_pence == 700


@pytest.mark.slow
def test_the_option_of_the_command(council, tmp_path, capsys):
    file = tmp_path / "position.csv"
    file.write_text(f"{HEADINGS}{ROWS}ADULT,123,400O,7,7\n")
    arguments = ["upload", "position", str(file), "--year", "2024/25", "--period", "3"]
    with pytest.raises(SystemExit):
        call_command(*arguments, "--new-code", "123")
    assert "Row 4, column account: “400O”" in capsys.readouterr().err
    call_command(*arguments, "--new-code", "123", "--new-code", "400O")
    assert "3 rows stored" in capsys.readouterr().out


@pytest.mark.slow
def test_a_code_that_is_known_or_unlike_is_no_question(council):
    content = f"{HEADINGS}{ROWS}ADULT,01230,4001,7,7\nCHILD,D200,9000,1,1\n".encode()
    assert cases.bring(council, content).changes.get("alike") is None


@pytest.mark.slow
def test_new_codes_that_look_like_each_other_are_a_warning(council):
    content = f"{HEADINGS}{ROWS}ADULT,X1,4000,7,7\nADULT,x1,4000,8,8\n".encode()
    told = cases.warnings(cases.bring(council, content))
    assert "The new codes X1 and x1 differ only in capital and small letters." in told


def test_a_person_is_asked_with_the_pair_and_the_rows(client, council, waiting):
    upload = waiting(f"{HEADINGS}{ROWS}" + "ADULT,123,4000,7,7\nADULT,123,9000,8,8\n")
    assert upload.state == UploadState.READY
    client.force_login(upload.uploaded_by)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    for text in (
        "They differ only in",
        "00123",
        "leading noughts",
        "4, 5",
        "This is a new code: store it",
    ):
        assert text in page
    answer = {"job": upload.job_id}
    refused = client.post(reverse("upload-confirm", args=[upload.pk]), answer)
    assert refused.status_code == 409
    assert "Say whether the new codes are other ones" in refused.content.decode()
    upload.refresh_from_db()
    assert (upload.state, upload.new_codes) == (UploadState.READY, [])


@pytest.mark.slow
def test_once_it_is_answered_the_file_is_stored(
    client, council, waiting, django_capture_on_commit_callbacks
):
    upload = waiting(f"{HEADINGS}{ROWS}ADULT,123,4000,7,7\n")
    client.force_login(upload.uploaded_by)
    answer = {"job": upload.job_id, "codes_are_new": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("upload-confirm", args=[upload.pk]), answer)
    upload.refresh_from_db()
    assert (upload.state, upload.new_codes) == (UploadState.STORED, ["123"])
    assert "123/4000" in cases.lines(council)


@pytest.mark.slow
def test_a_known_code_that_comes_after_the_check_is_asked_about(
    council, waiting, django_capture_on_commit_callbacks
):
    upload = waiting(f"{HEADINGS}{ROWS}ADULT,Q1,4000,7,7\n")
    adults = Service.objects.get(year=council, code="ADULT")
    BudgetLine.objects.create(year=council, cost_centre="q1", account="4000", service=adults)
    with django_capture_on_commit_callbacks(execute=True):
        confirm_upload(upload=upload, by=upload.uploaded_by)
    upload.refresh_from_db()
    assert (upload.state, upload.changes["again"]) == (UploadState.READY, "codes")
    assert upload.changes["alike"][0]["known"] == "q1"


FILES = {
    "virements": "reference,period,to_cost_centre,to_account,amount,kind\n"
    "{},3,C200,4000,5,funding\n",
    "services": "code,name,parent_code\nTOP,Council,\nADULT,Adults,TOP\n{},Other,TOP\n",
    "history": "financial_year,period,service_code,current_budget,net_variance\n2020/21,3,{},1,1\n",
    "savings": "reference,title,service_code,agreed_saving\n{},Less,ADULT,5\n",
    "reserves": "code,name,kind,opening_balance\n{},General Fund,general_fund,5\n",
    "capital_receipts": "reference,project,service_code,original_planned\n{},Roads,PLACE,5\n",
}


@pytest.mark.parametrize(("kind", "text"), FILES.items(), ids=FILES)
def test_references_and_codes_of_every_kind(council, kind, text):
    if kind != "services":
        first = "ADULT" if kind == "history" else "R-01"
        cases.bring(council, text.format(first).encode(), kind=kind, period=None)
    code = "\N{CYRILLIC CAPITAL LETTER A}DULT" if kind in ("history", "services") else "r-O1"
    content = text.format(code).encode()
    assert "this code is new, and differs from" in cases.refusal(
        council, content, kind=kind, period=None
    )
    assert not HistoricFigure.objects.filter(service_code=code).exists()


def test_a_code_that_must_be_known_is_told_which_may_be_meant(council):
    content = f"{HEADINGS}adult,00123,4000,5,5\n".encode()
    assert "the codes are those of services.csv. Is ADULT meant?" in cases.refusal(council, content)


@pytest.mark.slow
def test_a_pack_says_which_codes_are_new(db, tmp_path):
    pack = tmp_path / "pack"
    for file in (cases.CASES / "pack").rglob("*.*"):
        target = pack / file.relative_to(cases.CASES / "pack")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    (pack / "periods" / "03").mkdir()
    (pack / "periods" / "03" / "position.csv").write_text(f"{HEADINGS}ADULT,123,4000,5,5\n")
    with pytest.raises(Refused, match="the cost_centre 123 is new, and differs from 00123 only in"):
        load_pack(folder=pack, by=None)
    toml = pack / "pack.toml"
    toml.write_text(f'new_codes = ["123"]\n{toml.read_text()}')
    assert "periods/03/position.csv" in load_pack(folder=pack, by=None).stored
    toml.write_text(toml.read_text().replace('["123"]', '"123"'))
    with pytest.raises(Refused, match="new_codes must be a list of codes"):
        load_pack(folder=pack, by=None)
