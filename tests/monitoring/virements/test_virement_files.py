"""Approvals that a register's file claims: whose count, and what is said of the others."""

import datetime

import pytest
from django.utils import timezone

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import UploadState, Virement
from monitoring.uploading.pipeline.check import check_upload
from monitoring.uploading.pipeline.jobs import run_job
from monitoring.uploading.pipeline.store import store_upload
from monitoring.uploading.services.uploads import confirm_upload, receive_upload
from tests.councils.packs import bring, virements
from tests.councils.virements import (
    CONTINGENCY,
    PAY,
    PLACEMENTS,
    TRANSPORT,
    enter,
    leg,
    load_council,
    stored,
)

DAY = datetime.date(2021, 7, 8)


@pytest.fixture
def council(db, tmp_path):
    """Finance officers may approve up to £50,000, the finance lead any amount."""
    return load_council(tmp_path)


@pytest.fixture
def people(person):
    return {
        "officer": person(Role.FINANCE_OFFICER),
        "colleague": person(Role.FINANCE_OFFICER, username="colleague"),
        "lead": person(Role.FINANCE_LEAD),
    }


def row(reference, amount, by="Cabinet", on="2021-07-08", ends=(CONTINGENCY, TRANSPORT), back=""):
    """A row of virements.csv."""
    ends = ",".join(end.replace("/", ",") for end in ends)
    return f"{reference},3,{ends},{amount},funding,,{by},{on},{back},A pressure"


def send(year, who, *rows, confirmed_by=None):
    """A file from the browser: received, checked and confirmed. Answers the upload."""
    upload = receive_upload(
        kind="virements",
        year=year,
        period=None,
        content=virements("\n".join(rows)).encode(),
        file_name="virements.csv",
        by=who,
    )
    run_job(upload.job_id, check_upload)
    upload.refresh_from_db()
    if upload.state == UploadState.READY:
        confirm_upload(upload=upload, by=confirmed_by or who)
        run_job(upload.job_id, store_upload)
        upload.refresh_from_db()
    return upload


def approvals(year, *references) -> list[tuple]:
    legs = [stored(year, reference)[0] for reference in references]
    return [(leg.approved_by, leg.approved_on, leg.approver) for leg in legs]


PENDING = ("", None, None)


@pytest.mark.parametrize("who", ["officer", "lead"])
def test_who_brings_a_virement_in_does_not_approve_it(council, people, who):
    upload = send(council, people[who], row("V1", 498_000), row("V2", 10))
    assert upload.state == UploadState.STORED
    assert approvals(council, "V1", "V2") == [PENDING, PENDING]
    told = [warning["message"] for warning in upload.warnings]
    assert [words.split(":")[0] for words in told] == [
        "V1 comes in as pending",
        "V2 comes in as pending",
    ]


@pytest.mark.slow
def test_a_later_file_of_the_same_person_approves_nothing(council, people):
    send(council, people["officer"], row("V1", 10, by="", on=""))
    send(council, people["officer"], row("V1", 10))
    assert approvals(council, "V1") == [PENDING]


@pytest.mark.slow
def test_a_colleague_approves_by_file_what_their_limit_allows(council, people):
    send(council, people["officer"], row("V1", 50_000, "", ""), row("V2", 50_001, "", ""))
    upload = send(council, people["colleague"], row("V1", 50_000), row("V2", 50_001))
    assert approvals(council, "V1", "V2") == [("Cabinet", DAY, people["colleague"]), PENDING]
    assert "your role approves virements up to £50,000" in upload.warnings[0]["message"]
    send(council, people["lead"], row("V1", 50_000), row("V2", 50_001))
    assert approvals(council, "V2") == [("Cabinet", DAY, people["lead"])]
    entry = AuditEntry.objects.get(action="approved", record="virement 2021/22 V2")
    assert (entry.by, entry.detail["amount_pence"]) == (people["lead"], 5_000_100)


@pytest.mark.slow
def test_other_figures_are_brought_in_anew(council, people):
    send(council, people["officer"], row("V1", 10, "", ""))
    send(council, people["lead"], row("V1", 11))
    assert approvals(council, "V1") == [PENDING]
    assert stored(council, "V1")[0].entered_by == people["lead"]


@pytest.mark.slow
@pytest.mark.parametrize("split", [("V1", "V1"), ("V1", "V2")])
def test_an_amount_is_not_made_smaller_by_splitting_it(council, people, split):
    """Over the legs of a reference, or over references between the same lines."""
    send(council, people["officer"], *(row(each, 30_000, "", "") for each in split))
    upload = send(council, people["colleague"], *(row(each, 30_000) for each in split))
    assert approvals(council, *split) == [PENDING, PENDING]
    assert "£60,000" in upload.warnings[0]["message"]


@pytest.mark.slow
def test_a_reversal_is_approved_once_its_original_is(council, people):
    back = row("V2", 10, ends=(TRANSPORT, CONTINGENCY), back="V1")
    pending = back.replace("Cabinet,2021-07-08", ",")
    send(council, people["officer"], row("V1", 10, "", ""), pending)
    upload = send(council, people["lead"], back)
    assert approvals(council, "V2") == [PENDING]
    assert "takes V1 back, which is not approved" in upload.warnings[0]["message"]
    send(council, people["lead"], row("V1", 10))
    send(council, people["lead"], back)
    assert [each[2] for each in approvals(council, "V1", "V2")] == [people["lead"]] * 2


def test_what_was_entered_on_its_page_is_approved_there(council, people):
    enter(council, people["officer"], leg(council, PAY, PLACEMENTS, "10"))
    upload = send(council, people["lead"], row("V001", 10, ends=(PAY, PLACEMENTS)))
    assert approvals(council, "V001") == [PENDING]
    assert "was entered on its page" in upload.warnings[0]["message"]


def test_a_file_that_approves_is_confirmed_by_its_sender(council, people):
    send(council, people["officer"], row("V1", 10, "", ""))
    with pytest.raises(Refused, match="in the name of"):
        send(council, people["lead"], row("V1", 10), confirmed_by=people["officer"])
    assert approvals(council, "V1") == [PENDING]


@pytest.mark.slow
def test_a_pack_or_command_keeps_the_register_and_says_who_brought_it(council, people):
    bring(council, "virements", virements(row("V1", 498_000)))
    bring(council, "virements", virements(row("V2", 5)), by=people["officer"])
    assert approvals(council, "V1", "V2") == [("Cabinet", DAY, None)] * 2
    assert all(stored(council, each)[0].is_approved_outside for each in ("V1", "V2"))
    found = AuditEntry.objects.filter(action="approved outside", record__contains="2021/22")
    assert [(entry.by_name, entry.record) for entry in found] == [
        ("command line", "virement 2021/22 V1"),
        (people["officer"].name, "virement 2021/22 V2"),
    ]


def test_the_page_and_the_register_say_approved_outside(client, council, people):
    bring(council, "virements", virements(row("V1", 498_000)))
    client.force_login(people["lead"])
    assert "Approved outside" in client.get("/2021-22/virements/V1/").content.decode()
    assert "8 July 2021, outside" in client.get("/2021-22/3/virements/").content.decode()


@pytest.mark.parametrize("command", [True, False])
def test_an_approval_dated_in_the_future_is_refused(council, people, command):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    late, words = row("V1", 10, on=tomorrow.isoformat()), "this day has not come yet"
    if command:
        with pytest.raises(Refused, match=words):
            bring(council, "virements", virements(late))
        today = row("V2", 10, on=timezone.localdate().isoformat())
        bring(council, "virements", virements(today))
    else:
        upload = send(council, people["officer"], late)
        assert (upload.state, words in upload.problems[0]["message"]) == ("refused", True)
    assert not Virement.objects.filter(year=council, reference="V1").exists()
