"""Who may bring which file: every kind, every role, tied to a part or not, at each step.

A file does no more than its sender may type on the pages.
"""

import pytest

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.models import Period, TreeRight, Upload, UploadState
from monitoring.uploading.pipeline.check import check_upload
from monitoring.uploading.pipeline.jobs import run_job
from monitoring.uploading.pipeline.store import store_upload
from monitoring.uploading.services.uploads import (
    confirm_upload,
    receive_upload,
    run_again,
    withdraw_upload,
)
from tests.councils.month import MONTH_2, small_council, tie
from tests.councils.packs import position, table

OFFICERS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
STRUCTURE = {Role.FINANCE_LEAD, Role.ADMINISTRATOR}
KINDS = [(kind.name, kind.per_period) for kind in registry.upload_kinds()]
IN_CARE = position("HOME H1 1000 1000 1234\nHOME H2 500 500 500\nDAY D1 300 300 310")


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.fixture
def tied(person):
    return tie(person(Role.FINANCE_OFFICER, username="tied"), "CARE")


def receive(year, kind, per_period, who, *, scope="", content="a,b\n1,2\n") -> Upload:
    return receive_upload(
        kind=kind,
        year=year,
        period=2 if per_period else None,
        content=content.encode(),
        file_name="file.csv",
        by=who,
        scope=scope,
    )


def bring_forecasts(year, who, scope, text, *, between=lambda: None) -> Upload:
    """A ledger's file through every step; `between` is done after the check."""
    upload = receive(year, "position", True, who, scope=scope, content=text)
    run_job(upload.job_id, check_upload)
    upload.refresh_from_db()
    between()
    if upload.state == UploadState.READY:
        confirm_upload(upload=upload, by=who)
        run_job(upload.job_id, store_upload)
        upload.refresh_from_db()
    return upload


def batch(year) -> int:
    return Period.objects.get(year=year, number=2).batch_id


@pytest.mark.parametrize("role", list(Role))
def test_a_role_brings_what_it_may_type(year, person, role):
    who = person(role)
    for kind, per_period in KINDS:
        if role in (STRUCTURE if kind == "services" else OFFICERS):
            assert receive(year, kind, per_period, who).uploaded_by == who
        else:
            with pytest.raises(Refused, match="finance"):
                receive(year, kind, per_period, who)
    assert Upload.objects.filter(uploaded_by=who).exists() == (role in OFFICERS | STRUCTURE)


def test_who_looks_after_a_part_brings_no_file_for_the_whole_council(year, tied):
    for kind, per_period in KINDS:
        if kind == "virements":
            assert receive(year, kind, per_period, tied).uploaded_by == tied
            continue
        with pytest.raises(Refused) as refused:
            receive(year, kind, per_period, tied)
        words = "finance lead" if kind == "services" else "looks after Care (CARE) only"
        assert words in refused.value.messages[0]


@pytest.mark.slow
@pytest.mark.parametrize(("scope", "taken"), [("CARE", True), ("HOME", True), ("LEARN", False)])
def test_a_scope_lies_within_what_its_sender_looks_after(year, tied, scope, taken):
    before = batch(year)
    rows = [row for row in table(MONTH_2) if row[0] == "HOME"]
    home = position("\n".join(" ".join(row) for row in rows))
    text = {"CARE": IN_CARE, "HOME": home, "LEARN": position("SCHOOL S1 200 200 999")}[scope]
    if taken:
        assert bring_forecasts(year, tied, scope, text).state == UploadState.STORED
        assert batch(year) != before
    else:
        with pytest.raises(Refused, match="LEARN is not part of that"):
            bring_forecasts(year, tied, scope, text)
        assert batch(year) == before


def test_a_scoped_file_holds_lines_of_its_part_only(year, tied):
    upload = bring_forecasts(year, tied, "CARE", IN_CARE + "HOME,R1,NET,700,700,1,,\n")
    assert upload.state == UploadState.REFUSED
    assert "does not stand under CARE" in upload.problems[0]["message"]


@pytest.mark.parametrize("change", ["role", "part", "account"])
def test_rights_taken_away_after_the_check_stop_the_confirmation(year, tied, change):
    def take_away():
        take_rights_away(tied, change)

    with pytest.raises(Refused):
        bring_forecasts(year, tied, "CARE", IN_CARE, between=take_away)


def take_rights_away(user, change: str) -> None:
    if change == "part":
        TreeRight.objects.filter(user=user).update(service_code="LEARN")
    else:
        user.role = Role.SCRUTINY_MEMBER if change == "role" else user.role
        user.is_active = change != "account"
        user.save()


@pytest.mark.parametrize("change", ["role", "part", "account"])
def test_rights_taken_away_after_the_confirmation_stop_the_worker(year, tied, change):
    before = batch(year)
    upload = receive(year, "position", True, tied, scope="CARE", content=IN_CARE)
    run_job(upload.job_id, check_upload)
    upload.refresh_from_db()
    confirm_upload(upload=upload, by=tied)
    take_rights_away(tied, change)
    run_job(upload.job_id, store_upload)
    upload.refresh_from_db()
    assert (upload.state, batch(year)) == (UploadState.REFUSED, before)


def test_nobody_confirms_or_runs_again_what_they_may_not_bring(year, tied, person):
    officer = person(Role.FINANCE_OFFICER)
    upload = receive(year, "position", True, officer, content=position(MONTH_2))
    run_job(upload.job_id, check_upload)
    upload.refresh_from_db()
    for act in (confirm_upload, withdraw_upload, run_again):
        with pytest.raises(Refused, match="looks after Care"):
            act(upload=upload, by=tied)
    assert Upload.objects.get(pk=upload.pk).state == UploadState.READY
    withdraw_upload(upload=upload, by=officer)


def test_the_page_offers_the_parts_of_who_is_tied_to_some(client, year, tied):
    client.force_login(tied)
    response = client.get("/2021-22/2/upload/")
    assert response.status_code == 200
    assert "?scope=CARE" in response.content.decode()
    assert client.get("/2021-22/2/upload/?scope=CARE").status_code == 200
    assert client.get("/2021-22/2/upload/?scope=LEARN").status_code == 403
    assert "virements" in client.get("/2021-22/upload/").content.decode()


def test_an_administrator_brings_services_and_nothing_else(client, year, person):
    client.force_login(person(Role.ADMINISTRATOR))
    text = client.get("/2021-22/upload/").content.decode()
    assert 'value="services"' in text
    assert 'value="history"' not in text
    assert client.get("/2021-22/2/upload/").status_code == 403
