"""The page of all years; archiving one that is closed, and bringing it back."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import FinancialYear, Upload, UploadState
from monitoring.publishing.services.reports import reopen_report
from monitoring.restructuring.services.years import roll_year_forward
from monitoring.uploading.services.uploads import receive_upload
from monitoring.years.selectors.years import year_rows
from monitoring.years.services import archive_year, bring_year_back
from tests.councils.packs import period_of


def main_text(client, address: str) -> str:
    """The words of a page's main part."""
    main = client.get(address).content.decode().split('id="main-content"')[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_every_year_has_its_state_and_what_can_be_done_next(somerset, cambridgeshire):
    following = roll_year_forward(year=somerset, by=None)
    in_use, archived = year_rows()
    assert archived == []
    assert [
        (
            row.year.label,
            row.state,
            row.text,
            row.may_roll_forward,
            row.may_take_back,
            row.may_archive,
        )
        for row in in_use
    ] == [
        (following.label, "Nothing published", "Figures begin with the approved budget.")
        + (False, True, False),
        ("2019/20", "Under way", "Published up to month 3. Month 4 is next.", False, False, False),
        ("2018/19", "Closed", "Published up to the close.", False, False, True),
    ]
    archive_year(year=cambridgeshire, by=None)
    in_use, archived = year_rows()
    assert [row.year.label for row in in_use] == ["2020/21", "2019/20"]
    assert [(row.year.label, row.state, row.may_archive) for row in archived] == [
        ("2018/19", "Archived", False)
    ]


def test_only_a_closed_year_with_nothing_under_way_is_archived(somerset, cambridgeshire):
    with pytest.raises(Refused, match="The close of 2019/20 is not published. Publish it first."):
        archive_year(year=somerset, by=None)
    reopen_report(period=period_of(cambridgeshire, 11), reason="Late", by=None)
    upload = receive_upload(
        kind="services", year=cambridgeshire, period=None, content=b"a", file_name="s.csv", by=None
    )
    with pytest.raises(Refused) as refused:
        archive_year(year=cambridgeshire, by=None)
    assert refused.value.messages == [
        "Month 11 was reopened and is not published again. Publish it first.",
        "A file of 2018/19 is not stored yet. Confirm or withdraw it, or wait until it has ended.",
    ]
    assert not FinancialYear.objects.filter(archived_at__isnull=False).exists()
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.WITHDRAWN)
    reopen_report(period=period_of(cambridgeshire, 13), reason="Late", by=None)
    with pytest.raises(Refused, match="The close of 2018/19 is not published"):
        archive_year(year=cambridgeshire, by=None)


def test_an_archived_year_is_out_of_the_way_and_can_still_be_read(
    client, person, somerset, cambridgeshire
):
    lead = person(Role.FINANCE_LEAD)
    client.force_login(lead)
    page = main_text(client, "/2018-19/")
    assert "Upload a file for the year" in page and "is archived" not in page
    archive_year(year=cambridgeshire, by=lead)
    page = main_text(client, "/2018-19/")
    assert "2018/19 is archived It can be read and not changed." in page
    assert "Upload" not in page
    assert "Archived years 2018/19 Cambridgeshire" in main_text(client, "/")
    assert "Archived years 2018/19 Cambridgeshire" in main_text(client, "/reports/")
    assert "Add a service" not in main_text(client, "/2018-19/structure/")
    for address in ("/2018-19/13/", "/reports/2018-19/13/annex-a/", "/2018-19/13/contingency/"):
        assert client.get(address).status_code == 200, address
        assert "2018/19 is archived" in main_text(client, address), address
    content = client.get("/reports/2018-19/13/annex-a.csv")
    assert content.status_code == 200
    member = Client()
    member.force_login(person(Role.SCRUTINY_MEMBER))
    assert "Archived years 2018/19" in main_text(member, "/")


def test_bringing_back_needs_a_reason_and_an_archived_year(somerset, cambridgeshire):
    archive_year(year=cambridgeshire, by=None)
    with pytest.raises(Refused, match="Say why"):
        bring_year_back(year=cambridgeshire, reason=" ", by=None)
    with pytest.raises(Refused, match="2019/20 is not archived, so there is nothing to bring back"):
        bring_year_back(year=somerset, reason="x", by=None)
    with pytest.raises(Refused, match="2018/19 is archived already"):
        archive_year(year=cambridgeshire, by=None)
    bring_year_back(year=cambridgeshire, reason="A late invoice", by=None)
    reopen_report(period=period_of(cambridgeshire, 13), reason="Late", by=None)
    found = AuditEntry.objects.filter(record="year 2018/19").order_by("pk")
    assert [(each.action, each.detail) for each in found][-2:] == [
        ("archived a year", {}),
        ("brought a year back", {"reason": "A late invoice"}),
    ]


@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        (Role.FINANCE_LEAD, True, True),
        pytest.param(Role.ADMINISTRATOR, True, True, marks=pytest.mark.slow),
        (Role.FINANCE_OFFICER, True, False),
        (Role.DIRECTOR, False, False),
        pytest.param(Role.BUDGET_MANAGER, False, False, marks=pytest.mark.slow),
        (Role.SCRUTINY_MEMBER, False, False),
    ],
)
def test_each_role_sees_and_does_what_it_may(
    client, person, somerset, cambridgeshire, role, reads, changes
):
    client.force_login(person(role))
    response = client.get(reverse("years"))
    assert response.status_code == (200 if reads else 403)
    page = response.content.decode()
    assert (reverse("year-archive", args=[2018]) in page) == changes
    archive, back = (reverse(name, args=[2018]) for name in ("year-archive", "year-bring-back"))
    assert client.post(archive).status_code == (302 if changes else 403)
    cambridgeshire.refresh_from_db()
    assert cambridgeshire.is_archived == changes
    assert client.post(back, {"reason": ""}).status_code == (422 if changes else 403)
    assert client.post(back, {"reason": "Late"}).status_code == (302 if changes else 403)
    cambridgeshire.refresh_from_db()
    assert not cambridgeshire.is_archived
    response = client.post(reverse("year-archive", args=[2019]))
    assert response.status_code == (409 if changes else 403)
    assert ("The close of 2019/20 is not published" in response.content.decode()) == changes
    response = client.post(reverse("year-take-back", args=[2019]), {"reason": "x", "seen": "1-1"})
    assert response.status_code == (409 if changes else 403)
    assert FinancialYear.objects.filter(start=2019).exists()
