"""What browsers and caches between may keep: nothing of what is not public.

That no address of the site lets a person's browser keep it stands in tests.monitoring.test_pages.
"""

import re

import pytest
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.urls import reverse

from council_finance import audit, kept_pages
from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.registry import upload_kinds
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.people.models import TreeRight
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.uploading.pipeline.check import check_upload
from monitoring.uploading.pipeline.jobs import run_job
from monitoring.uploading.services.uploads import confirm_upload, receive_upload
from tests.councils.packs import bring
from tests.monitoring.test_pages import POSITION, addresses, draft

__all__ = ["draft"]
NOT_KEPT, ASKED_EACH_TIME = "private, no-store", "no-cache"


def test_the_json_of_a_published_statement_may_be_asked_for_again(client, person, somerset):
    """By a program, which learns from its ETag that nothing has changed."""
    client.force_login(person(Role.SCRUTINY_MEMBER))
    address = reverse("download", args=[2019, 3, "annex-a", "json"])
    assert client.get(address)["Cache-Control"] == "private, no-cache"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("public", "address", "status", "kept"),
    [
        (True, "/reports/", 200, ASKED_EACH_TIME),
        (True, "/reports/2019-20/3/annex-a/", 200, ASKED_EACH_TIME),
        (True, "/reports/2019-20/4/annex-a/", 404, NOT_KEPT),
        (False, "/reports/", 302, NOT_KEPT),
        (False, "/glossary/", 200, ASKED_EACH_TIME),
        (False, "/privacy/", 200, ASKED_EACH_TIME),
        (False, "/login/", 200, "no-store"),
        (False, "/nothing/", 404, NOT_KEPT),
        (False, "/login/?a=%00", 400, NOT_KEPT),
        (False, "/static/css/app.css", 200, "max-age=60, public"),
    ],
)
def test_what_a_strangers_browser_keeps(client, draft, settings, public, address, status, kept):
    settings.PUBLIC_REPORTS = public
    response = client.get(address)
    response.close()
    assert response.status_code == status
    assert kept in response["Cache-Control"]


def test_a_public_page_read_by_a_person_is_not_kept(client, person, somerset, settings):
    settings.PUBLIC_REPORTS = True
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert client.get("/glossary/")["Cache-Control"] == NOT_KEPT
    assert read(client, "/reports/")[1], "by this person alone"


OVERVIEW = "/2019-20/3/"
LEDGER_KINDS = {
    "": "position",
    "current_budget": "budgets",
    "actual_to_date": "actuals",
    "forecast": "forecasts",
}
"""Files that change a draft alone, with a column of each that names one."""
KEPT_PAGES = (
    OVERVIEW,
    "/2019-20/3/services/ADULT/",
    "/reports/2019-20/3/",
    "/reports/2019-20/3/annex-a/",
    "/reports/2019-20/3/document/",
    "/reports/2019-20/3/annex-a.csv",
    "/reports/2019-20/3/pack.xlsx",
    "/reports/2019-20/3/document.docx",
)


def read(client, address, tag=""):
    """The status of an answer to somebody who has the page with that ETag, and its own ETag."""
    answer = client.get(address, headers={"if-none-match": tag} if tag else {})
    assert answer.status_code == 200 or (not answer.content and answer["ETag"] == tag)
    assert answer["Cache-Control"] == (
        "private, no-cache" if answer.has_header("ETag") else NOT_KEPT
    )
    return answer.status_code, answer.get("ETag", "")


def test_a_published_page_or_file_is_sent_once(client, person, somerset):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    client.get("/glossary/")  # where the secret of the forms begins
    for address in ("/", *KEPT_PAGES):
        status, tag = read(client, address)
        assert tag and status == 200, address
        audit.record(by=None, action=audit.DOWNLOADED, on="file something else")
        assert read(client, address, tag) == (304, tag), address
        assert read(client, f"{address}?version=1", tag)[0] == 200, "another address"


def test_the_first_page_of_somebody_who_takes_part_in_months_is_not_kept(client, person, somerset):
    for role in (Role.DIRECTOR, Role.FINANCE_LEAD):
        client.force_login(person(role, username=role.value))
        assert read(client, "/") == (200, "")


def test_the_page_is_sent_anew_to_another_person_and_after_a_new_log_in(client, person, somerset):
    one, other = person(Role.SCRUTINY_MEMBER), person(Role.SCRUTINY_MEMBER, username="other")
    client.force_login(one)
    client.get("/glossary/")
    tag = read(client, OVERVIEW)[1]
    client.force_login(other)
    assert read(client, OVERVIEW, tag)[0] == 200
    client.logout()
    assert client.get(OVERVIEW, headers={"if-none-match": tag}).status_code == 302
    client.force_login(one)
    assert read(client, OVERVIEW, tag)[0] == 200, "its forms have another secret now"


def test_the_page_is_sent_anew_after_any_change(client, person, somerset):
    """A new version, a report that is opened again, another role, or another name."""
    month, reader = somerset.periods.get(number=3), person(Role.SCRUTINY_MEMBER)
    lead = person(Role.FINANCE_LEAD)
    client.force_login(reader)
    client.get("/glossary/")

    def change_role():
        reader.role = Role.DIRECTOR
        reader.save()

    tag = read(client, OVERVIEW)[1]
    for change in (
        lambda: reopen_report(period=month, reason="A late invoice", by=lead),
        lambda: publish_report(period=month, by=lead),
        change_role,
    ):
        change()
        month.refresh_from_db()
        before, (status, tag) = tag, read(client, OVERVIEW, tag)
        assert status == 200 and tag and tag != before
        assert read(client, OVERVIEW, tag)[0] == 304


@pytest.mark.parametrize(
    ("action", "detail", "is_sent_anew"),
    [
        ("entered forecasts", {"lines": 5}, False),
        ("uploaded", {}, False),
        ("stored an upload", {"kind": "position"}, False),
        ("stored an upload", {"kind": "services"}, True),
        ("changed budget lines", {"lines": 1}, True),
        ("anything that is not known", {}, True),
    ],
)
def test_what_changes_drafts_alone_sends_no_page_anew(
    client, person, somerset, action, detail, is_sent_anew
):
    """But to those who see drafts, in the menus beside reports."""
    for role, is_shown_drafts in ((Role.SCRUTINY_MEMBER, False), (Role.FINANCE_LEAD, True)):
        client.force_login(person(role, username=role.value))
        client.get("/glossary/")
        tag = read(client, OVERVIEW)[1]
        audit.record(by=None, action=action, on="something", **detail)
        expected = 200 if is_sent_anew or is_shown_drafts else 304
        assert read(client, OVERVIEW, tag)[0] == expected, role


def test_a_file_of_any_other_kind_sends_pages_anew(client, person, somerset):
    """Registers are shown beside reports, and by pages of a year."""
    client.force_login(person(Role.SCRUTINY_MEMBER))
    client.get("/glossary/")
    tag, kinds = read(client, OVERVIEW)[1], {each.name for each in upload_kinds()}
    assert kinds > set(LEDGER_KINDS.values())
    for kind in kinds:
        audit.record(by=None, action="stored an upload", on="something", kind=kind)
        status, tag = read(client, OVERVIEW, tag)
        assert status == (304 if kind in LEDGER_KINDS.values() else 200), kind


@pytest.fixture
def pages(draft) -> dict[str, str]:
    """Each page and CSV file that members read of Somerset, and some of Cambridgeshire, by name."""
    found = {
        name: address
        for name, (address, readers) in addresses(draft).items()
        if Role.SCRUTINY_MEMBER in readers
        and not name.startswith("draft ")
        and address.endswith(("/", ".csv"))
    }
    return found | {
        "grant": "/2018-19/grants/G01/",
        "indicator": "/2018-19/indicators/PI-01/",
        "scheme": "/2018-19/capital/CAP-01/",
        "group": "/2018-19/13/activity/group/LAC/",
        "close": "/2018-19/13/capital/",
    }


def read_kept(client, pages):
    """ETag and bytes of each page that is kept, without the forms' token, which is masked anew."""
    token = re.compile(rb'csrfmiddlewaretoken" value="[^"]*"')
    answers = {name: client.get(address) for name, address in pages.items()}
    return {
        name: (each["ETag"], token.sub(b"", each.getvalue()))
        for name, each in answers.items()
        if each.has_header("ETag")
    }


def change_drafts(draft, number, lead):
    """Do all that changes drafts alone: the ledger's files, of a new month too, and forecasts."""
    year, line = draft.year, draft.year.lines.get(cost_centre="A200")
    more = POSITION.read_bytes().replace(b"73869000", b"75869000")
    bring(year, "position", more + b"ADULT,A950,NET,New,1,1,,,5,,\n", number)
    bring(year, "position", more, 5)
    for column, kind in LEDGER_KINDS.items():
        if kind != "position":
            bring(year, kind, f"cost_centre,account,{column}\nA200,NET,7\n", number)
    with pytest.raises(Refused):
        bring(year, "forecasts", "cost_centre,account,forecast\nA200,NET,much\n", number)
    changes = [ForecastChange(line.pk, seen=700, forecast=900)]
    save_forecasts(node=line.service, number=number, changes=changes, by=lead)
    sent = receive_upload(
        kind="position", year=year, period=5, content=more, file_name="p.csv", by=lead
    )
    run_job(sent.job_id, check_upload)
    confirm_upload(upload=sent, by=lead)


NO_REPORT = {
    *("password", "second-factor", "reminders", "tokens", "data-for-programs", "odata-connect"),
    "search",
}
OF_OWN_DRAFTS = {"home", "year", "saving", "indicator"}
"""What a person who looks after services reads with drafts of these."""


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.SCRUTINY_MEMBER, Role.DIRECTOR])
def test_what_changes_drafts_leaves_every_kept_page_as_it_is(client, person, pages, draft, role):
    """So that readers who see no drafts keep what they have, and have what they would be sent.

    A member reads the report of month 3 while it is open again, and a director his own part.
    """
    lead, reader = person(Role.FINANCE_LEAD), person(role, username="reader")
    own = role == Role.DIRECTOR
    if own:
        for code in ("ADULT", "ADULTS"):
            TreeRight.objects.create(user=reader, service_code=code)
    else:
        month = draft.year.periods.get(number=3)
        reopen_report(period=month, reason="A late invoice", by=lead)
    client.force_login(reader)
    client.get("/glossary/")
    kept = read_kept(client, pages)
    assert pages.keys() - kept == NO_REPORT | (OF_OWN_DRAFTS if own else set())
    change_drafts(draft, 4 if own else 3, lead)
    for name, (tag, _) in kept.items():
        assert client.get(pages[name], headers={"if-none-match": tag}).status_code == 304, name
    now = read_kept(client, pages)
    assert [name for name in kept if now[name] != kept[name]] == []


def test_a_new_exempt_line_is_named_by_no_kept_page(client, person, draft):
    """A draft's file may add one; the published page then leaves its cost centre out."""
    client.force_login(person(Role.SCRUTINY_MEMBER))
    client.get("/glossary/")
    address = reverse("capital-receipts", args=[2019, 3])
    tag = read(client, address)[1]
    assert b"C190" in client.get(address).content
    heads, row = "service_code,cost_centre,account,current_budget,exempt", "CHILD-OPS,C190,SECRET"
    bring(draft.year, "position", f"{heads}\n{row},5,yes\n", 4)
    answer = client.get(address, headers={"if-none-match": tag})
    assert answer.status_code == 200 and b"C190" not in answer.content


def test_a_month_that_waits_for_its_draft_is_not_kept(client, person, somerset):
    """It was opened again and has no figures: whose part its first file brings sees the draft."""
    month = somerset.periods.get(number=3)
    reopen_report(period=month, reason="All wrong", by=person(Role.FINANCE_LEAD))
    director = person(Role.DIRECTOR)
    TreeRight.objects.create(user=director, service_code="ADULT")
    client.force_login(director)
    address = reverse("service", args=[2019, 3, "ADULT"])
    assert read(client, f"{address}?version=1")[1]
    somerset.periods.filter(number=3).update(batch=None)
    assert read(client, address) == (200, "")


def test_what_not_everybody_may_read_is_not_kept(client, person, draft):
    """Drafts, and pages that show an officer exempt lines or the history."""
    client.force_login(person(Role.FINANCE_OFFICER))
    assert read(client, OVERVIEW)[1]
    for address in (
        "/2019-20/4/",
        "/2019-20/3/services/ADULT/",
        "/reports/2019-20/3/",
        "/reports/2019-20/4/annex-a/",
        "/reports/2019-20/4/annex-a.csv",
    ):
        assert read(client, address) == (200, ""), address


def test_a_page_with_a_message_is_not_kept(client, person, somerset, monkeypatch):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    client.get("/glossary/")
    tag = read(client, OVERVIEW)[1]
    begin = MessageMiddleware.process_request

    def begin_with_message(self, request):
        begin(self, request)
        messages.info(request, "Your name is changed.")

    monkeypatch.setattr(MessageMiddleware, "process_request", begin_with_message)
    answer = client.get(OVERVIEW, headers={"if-none-match": tag})
    assert "Your name is changed." in answer.content.decode()
    assert answer["Cache-Control"] == NOT_KEPT and not answer.has_header("ETag")


def test_another_script_or_style_is_another_build(settings, tmp_path):
    """Pages name it with the hash of what is in it: a kept one would name a file that is gone."""
    settings.STATICFILES_DIRS = [tmp_path]
    builds = {kept_pages._read_build.__wrapped__()}
    for name in ("app.css", "app.js"):
        (tmp_path / name).write_text("")
        builds.add(kept_pages._read_build.__wrapped__())
    assert len(builds) == 3


def test_logging_out_has_the_browser_forget_what_it_kept(client, person, somerset):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "Clear-Site-Data" not in client.get(OVERVIEW)
    assert client.post("/logout/")["Clear-Site-Data"] == '"cache"'
