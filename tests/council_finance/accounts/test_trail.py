"""Log-ins, failed ones, log-outs and downloads on the audit trail; the idle time-out."""

import datetime
import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from council_finance import audit
from council_finance.accounts import trail
from council_finance.accounts.last_seen import LAST_SEEN
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from tests.council_finance.accounts.test_log_in import ELSEWHERE, GOOD, HERE, log_in, member
from tests.monitoring.test_pages import draft

__all__ = ["draft", "member"]


@pytest.fixture
def counting(settings):
    # Not at the top: pytest looks into what stands there before the tests' own cache is set.
    from django.core.cache import cache

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "trail"}
    }
    cache.clear()
    yield
    cache.clear()


def entries(**wanted) -> list[tuple]:
    found = AuditEntry.objects.filter(**wanted).exclude(by_name=audit.COMMAND_LINE).order_by("pk")
    return [(entry.by_name, entry.action, entry.record, entry.detail) for entry in found]


def test_a_log_in_and_a_log_out_are_told(client, member):
    log_in(client)
    client.post("/logout/")
    client.post("/logout/")
    assert entries() == [
        ("jo", "logged in", "person jo", {"address": HERE, "with": "password"}),
        ("jo", "logged out", "person jo", {}),
    ]


def test_a_failed_log_in_is_told_without_the_password(client, member, counting):
    log_in(client, password="wrong-word-9")
    member.is_active = False
    member.save()
    log_in(client, address=ELSEWHERE)
    told = {"wrong": trail.WRONG_PASSWORD}
    assert entries() == [
        (audit.NOT_LOGGED_IN, "failed to log in", "person jo", told | {"address": HERE}),
        (audit.NOT_LOGGED_IN, "failed to log in", "person jo", told | {"address": ELSEWHERE}),
    ]


def test_a_name_that_nobody_has_is_not_written_down(client, member, counting):
    """It may be a password."""
    log_in(client, name=GOOD, password="")
    log_in(client, name=GOOD, password="jo")
    (entry,) = entries()
    assert entry[:3] == (audit.NOT_LOGGED_IN, "failed to log in", "log-in")
    assert entry[3]["user_name"] == "nobody has it"
    assert GOOD not in str(entry)


def test_who_must_wait_is_told_five_times(client, member, counting):
    for _ in range(12):
        log_in(client, password="wrong")
    assert len(entries(action="failed to log in")) == 5


def test_a_flood_of_failures_is_told_so_often_and_then_once(client, member, counting, settings):
    settings.FAILED_LOG_INS_NOTED, settings.FAILED_LOG_INS_NOTED_IN_ALL = 3, 5
    for number in range(6):
        log_in(client, name=f"name{number}", password="wrong")
    assert len(entries(action="failed to log in")) == 3
    (too_often,) = entries(action__contains="too often")
    assert too_often[2:] == ("log-in", {"address": HERE, "listed": 3, "within": "an hour"})
    for number in range(6):
        log_in(client, name="jo", password="wrong", address=f"198.51.100.{number}")
    assert len(entries(action="failed to log in")) == 5
    assert [entry[3]["address"] for entry in entries(action__contains="too often")] == [
        HERE,
        "all addresses",
    ]


def test_the_trail_can_be_searched_for_them(client, member, person, counting):
    log_in(Client(), password="wrong")
    client.force_login(person(Role.ADMINISTRATOR))
    page = client.get("/audit/", {"person": audit.NOT_LOGGED_IN}).content.decode()
    assert "failed to log in" in page and "Not logged in" in page and HERE in page


# Downloads: that every file of the site is told stands in tests.monitoring.test_pages


def test_a_download_is_told_with_statement_version_and_format(client, person, draft):
    lead = person(Role.FINANCE_LEAD)
    client.force_login(lead)
    client.get("/reports/2019-20/3/annex-a.csv")
    client.get("/reports/2019-20/4/annex-a.json")
    client.get("/reports/2019-20/3/pack.zip")
    report = {"year": "2019-20", "period": 3}
    assert entries(by=lead) == [
        (
            lead.name,
            "downloaded",
            "file annex-a-2019-20-03-v1.csv",
            report | {"statement": "annex-a", "format": "csv", "version": 1},
        ),
        (
            lead.name,
            "downloaded",
            "file annex-a-2019-20-04-draft.json",
            report | {"period": 4, "statement": "annex-a", "format": "json", "version": "draft"},
        ),
        (
            lead.name,
            "downloaded",
            "file report-2019-20-03-v1.zip",
            report | {"format": "zip", "version": 1},
        ),
    ]


def test_what_was_not_given_is_not_told(client, person, somerset, settings):
    address = "/reports/2019-20/3/annex-a.json"
    settings.PUBLIC_REPORTS = True
    assert client.get(address).status_code == 200  # by a stranger, of what is public
    client.force_login(person(Role.SCRUTINY_MEMBER))
    response = client.get(address)
    client.head(address)
    assert client.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304
    client.get("/reports/2019-20/4/annex-a.json")
    assert len(entries(action="downloaded")) == 1


# Away for too long


def go_away(client, minutes):
    session = client.session
    session[LAST_SEEN] = int(time.time()) - minutes * 60
    session.save()


def test_who_is_away_for_an_hour_is_logged_out_and_told_why(client, member):
    log_in(client)
    go_away(client, 61)
    response = client.get("/reports/?q=1")
    assert response.url == "/login/?ended=idle&next=/reports/%3Fq%3D1"
    page = client.get(response.url).content.decode()
    assert "Your session has ended" in page and "for 60 minutes" in page
    assert "figures typed into a forecast table are kept" in page
    assert entries(action="was logged out") == [
        ("jo", "was logged out", "person jo", {"minutes_idle": 61})
    ]
    assert not Session.objects.exists()
    assert log_in(client, next="/reports/?q=1").url == "/reports/?q=1"


@pytest.mark.parametrize("sent", ["/2019-20/4/forecasts/CHILD-OPS/", "/password/"])
def test_nothing_that_is_sent_after_it_is_done(client, person, draft, sent):
    client.force_login(person(Role.FINANCE_OFFICER))
    go_away(client, 61)
    before = AuditEntry.objects.count()
    assert client.post(sent, {"old_password": "pass"}).url.startswith("/login/?ended=idle")
    assert AuditEntry.objects.count() == before + 1


def test_who_is_there_stays_and_a_page_that_asks_by_itself_is_nobody(client, person, draft):
    client.force_login(person(Role.FINANCE_OFFICER))
    progress = f"/uploads/{draft.pk}/progress/"
    go_away(client, 59)
    assert client.get(progress, headers={"hx-request": "true"}).status_code == 200
    assert time.time() - client.session[LAST_SEEN] > 58 * 60
    assert client.get("/reports/").status_code == 200
    assert time.time() - client.session[LAST_SEEN] < 60
    go_away(client, 61)
    response = client.get(progress, headers={"hx-request": "true"})
    assert response["HX-Refresh"] == "true"


def test_a_session_of_an_earlier_version_goes_on_and_is_watched_from_then(client, member):
    log_in(client)
    session = client.session
    del session[LAST_SEEN]
    session.save()
    assert client.get("/reports/").status_code == 200
    assert time.time() - client.session[LAST_SEEN] < 60


def test_a_public_page_after_it_is_a_strangers(client, person, somerset, settings):
    settings.PUBLIC_REPORTS = True
    client.force_login(person(Role.FINANCE_OFFICER))
    go_away(client, 61)
    page = client.get("/reports/")
    assert page.status_code == 200 and not page.wsgi_request.user.is_authenticated


def test_the_time_is_a_setting_and_nought_is_never(client, member, settings):
    settings.IDLE_MINUTES = 15
    log_in(client)
    go_away(client, 16)
    assert client.get("/reports/").status_code == 302
    settings.IDLE_MINUTES = 0
    log_in(client)
    go_away(client, 400)
    assert client.get("/reports/").status_code == 200


def test_pages_write_who_is_there_no_more_than_every_few_minutes(
    client, member, django_assert_num_queries
):
    log_in(client)
    client.get("/reports/")
    stamp = client.session[LAST_SEEN]
    Session.objects.update(expire_date=datetime.datetime.now(datetime.UTC).replace(year=2099))
    client.get("/reports/")
    assert client.session[LAST_SEEN] == stamp
    assert Session.objects.get().expire_date.year == 2099, "the session was not written"
