"""What browsers and caches between may keep: nothing of what is not public.

That no address of the site lets a person's browser keep it stands in tests.monitoring.test_pages.
"""

import re

import pytest
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.urls import reverse

from council_finance import audit
from council_finance.accounts.models import Role
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.uploading.services.uploads import upload_file
from tests.monitoring.test_pages import POSITION, draft

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
    for address in ("/reports/", "/glossary/"):
        assert client.get(address)["Cache-Control"] == NOT_KEPT


OVERVIEW = "/2019-20/3/"
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


@pytest.mark.parametrize(
    ("role", "pages"), [(Role.DIRECTOR, KEPT_PAGES), (Role.SCRUTINY_MEMBER, ("/",))]
)
def test_a_new_draft_leaves_published_pages_as_they_are(client, person, draft, role, pages):
    """So that readers who see no drafts keep what they have."""
    client.force_login(person(role))
    client.get("/glossary/")
    tags = {address: read(client, address)[1] for address in pages}
    before = _read_pages(client, pages)
    upload_file(
        kind="position",
        year=draft.year,
        period=5,
        content=POSITION.read_bytes().replace(b"73869000", b"75869000"),
        file_name="month-5.csv",
        by=None,
    )
    for address, tag in tags.items():
        assert read(client, address, tag)[0] == 304, address
    assert _read_pages(client, pages) == before


def _read_pages(client, addresses):
    """What each page says, without the token of its forms, which is masked anew."""
    pages = {address: client.get(address) for address in addresses if address.endswith("/")}
    token = re.compile(rb'csrfmiddlewaretoken" value="[^"]*"')
    return {address: token.sub(b"", page.content) for address, page in pages.items()}


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


def test_logging_out_has_the_browser_forget_what_it_kept(client, person, somerset):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "Clear-Site-Data" not in client.get(OVERVIEW)
    assert client.post("/logout/")["Clear-Site-Data"] == '"cache"'
