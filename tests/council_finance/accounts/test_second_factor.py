"""The second factor: set up, asked for, used once, lost, and required of some roles."""

import hmac
import re
import struct
import time
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from council_finance.accounts import pending, second_factor, trail
from council_finance.accounts.models import RecoveryCode, Role, User
from council_finance.accounts.services import one_time_link
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from tests.council_finance.accounts.test_log_in import (
    ELSEWHERE,
    HERE,
    is_in,
    log_in,
    member,
    set_by_link,
)

__all__ = ["member"]
PAGE, CODE = "/password/second-factor/", "/login/code/"
KEY = "3132333435363738393031323334353637383930"
"""The key of RFC 6238's test vectors."""


def code(key=KEY, *, steps=0) -> str:
    """The code of now, worked out as RFC 6238 says, and not by the library."""
    counter = struct.pack(">Q", int(time.time() // 30) + steps)
    digest = hmac.digest(bytes.fromhex(key), counter, "sha1")
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture
def still(monkeypatch):
    """The clock stands still in the middle of a step, and moves by `still(steps)`."""
    now = [(time.time() // 30) * 30 + 15]
    monkeypatch.setattr("time.time", lambda: now[0])

    def move(steps):
        now[0] += 30 * steps

    return move


@pytest.fixture
def enrolled(member, still):
    """The member, with the second factor on; the code of now is used up."""
    codes = second_factor.turn_on(user=member, key=KEY, code=code(), session_key="")
    still(2)
    member.codes = codes
    return member


def send_code(client, given, address=HERE, **more):
    return client.post(CODE, {"code": given, **more}, REMOTE_ADDR=address)


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(record="person jo")
        .order_by("pk")
        .values_list("action", flat=True)
    )


# Set up


def test_it_is_set_up_with_a_picture_or_a_key_as_text_and_a_first_code(client, member, still):
    log_in(client)
    assert "second factor is <strong>off" in client.get(PAGE).content.decode()
    client.post(PAGE, {"act": "begin"})
    page = client.get(PAGE).content.decode()
    key = client.session["second_factor_key"]
    secret = re.search(r"qr-figure__key\">([A-Z2-7 ]+)<", page)[1]
    assert len(secret.replace(" ", "")) == 32
    assert second_factor.Enrolment(key, "jo").secret == secret
    assert '<svg viewBox="0 0' in page and "style=" not in page and "xlink" not in page
    assert 'role="img" aria-label="QR code' in page
    response = client.post(PAGE, {"act": "confirm", "code": code(key)})
    assert response.status_code == 302
    page = client.get(PAGE).content.decode()
    codes = re.findall(r"<code>([a-z2-9-]+)</code>", page)
    assert len(set(codes)) == 10 and "shown only once" in page
    assert "<code>" not in client.get(PAGE).content.decode()
    assert is_in(client)
    kept = RecoveryCode.objects.filter(user=member)
    assert kept.count() == 10 and not {each.digest for each in kept} & set(codes)
    assert actions() == ["logged in", "turned on a second factor"]


def test_the_picture_holds_the_address_that_apps_read():
    device = second_factor.Enrolment(KEY, "jo").device
    assert device.config_url == (
        "otpauth://totp/Budget%20monitor%3Ajo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&algorithm=SHA1&digits=6&period=30&issuer=Budget%20monitor"
    )


def test_codes_of_these_tests_are_the_rfcs(monkeypatch):
    """RFC 6238, appendix B, the last six digits."""
    for at, expected in ((59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")):
        monkeypatch.setattr("time.time", lambda at=at: at)
        assert code() == expected


@pytest.mark.parametrize("given", ["", "000000", "12345", "abcdef", "١٢٣٤٥٦", "a" * 500])
def test_a_wrong_first_code_turns_nothing_on(client, member, still, given):
    log_in(client)
    client.post(PAGE, {"act": "begin"})
    if given == code(client.session["second_factor_key"]):
        given = "000001"
    response = client.post(PAGE, {"act": "confirm", "code": given})
    assert response.status_code == 422
    assert "The code is wrong" in response.content.decode()
    assert not TOTPDevice.objects.exists() and not RecoveryCode.objects.exists()
    assert actions() == ["logged in"]


def test_setting_it_up_ends_the_other_sessions(client, member, still):
    other = Client()
    log_in(other)
    log_in(client)
    client.post(PAGE, {"act": "begin"})
    client.post(PAGE, {"act": "confirm", "code": code(client.session["second_factor_key"])})
    assert is_in(client) and not is_in(other)


def test_a_second_one_is_refused_and_nobody_sets_up_for_another(client, enrolled, person):
    client.force_login(enrolled)
    assert client.post(PAGE, {"act": "begin"}).status_code == 422
    assert client.post(PAGE, {"act": "confirm", "code": code()}).status_code == 422
    assert client.post(PAGE, {"act": "nothing"}).status_code == 422
    assert TOTPDevice.objects.count() == 1


# The log-in


def test_the_password_alone_lets_nobody_in(client, enrolled):
    response = log_in(client, next="/reports/?q=1")
    assert response.url == "/login/code/?next=%2Freports%2F%3Fq%3D1"
    assert not is_in(client)
    page = client.get(response.url).content.decode()
    assert "Enter a code" in page and 'name="next" value="/reports/?q=1"' in page
    assert 'autocomplete="one-time-code"' in page
    given = code()
    response = send_code(client, f"{given[:3]} {given[3:]}", next="/reports/?q=1")
    assert response.url == "/reports/?q=1" and is_in(client)
    entry = AuditEntry.objects.filter(action="logged in").get()
    assert entry.detail == {"address": HERE, "with": "password and code"}


def test_the_code_goes_nowhere_else(client, enrolled):
    log_in(client, next="https://evil.example/")
    assert send_code(client, code(), next="https://evil.example/").url == "/"


def test_a_code_is_taken_once_in_every_session(client, enrolled):
    given, other = code(), Client()
    for each in (client, other):
        log_in(each)
    assert send_code(client, given).status_code == 302
    response = send_code(other, given)
    assert response.status_code == 422
    assert "or was used already" in response.content.decode()
    assert not is_in(other)


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)])
def test_a_clock_may_be_half_a_minute_off(client, enrolled, steps, status):
    log_in(client)
    assert send_code(client, code(steps=steps)).status_code == status


def test_an_older_code_than_the_last_is_refused(client, enrolled):
    log_in(client)
    send_code(client, code(steps=1))
    client.post("/logout/")
    log_in(client)
    assert send_code(client, code(steps=-1)).status_code == 422


def test_wrong_codes_make_one_wait_as_wrong_passwords_do(client, enrolled, settings):
    settings.OTP_TOTP_THROTTLE_FACTOR = 0  # django-otp's own wait has a test of its own
    log_in(client)
    assert [send_code(client, "000000").status_code for _ in range(6)] == [422] * 4 + [429] * 2
    assert send_code(client, code()).status_code == 429
    assert log_in(client).status_code == 429
    log_in(client, address=ELSEWHERE)
    assert send_code(client, code(), address=ELSEWHERE).status_code == 302
    assert "000000" not in AccessAttempt.objects.values_list("post_data", flat=True)[0]
    assert AuditEntry.objects.filter(detail__wrong=trail.WRONG_CODE).count() == 5


def test_wrong_codes_from_many_addresses_wait_longer_each_time(client, enrolled):
    log_in(client)
    statuses = [send_code(client, "000000", address=f"198.51.100.{number}") for number in range(3)]
    assert [each.status_code for each in statuses] == [422] * 3
    assert "you must wait until" in statuses[-1].content.decode()
    response = send_code(client, code())
    assert response.status_code == 422 and "you must wait until" in response.content.decode()
    assert send_code(client, enrolled.codes[0]).status_code == 302


def test_a_recovery_code_works_once(client, enrolled):
    other = Client()
    for each in (client, other):
        log_in(each)
    given = enrolled.codes[0]
    assert send_code(client, given.upper().replace("-", " ")).status_code == 302
    assert send_code(other, given).status_code == 422
    assert second_factor.codes_left(enrolled) == 9
    entry = AuditEntry.objects.get(action="logged in")
    assert entry.detail["with"] == "password and recovery code"


def test_a_recovery_code_is_of_its_person_alone(enrolled, person):
    other = person(Role.DIRECTOR, username="sam")
    second_factor.turn_on(user=other, key=KEY, code=code(), session_key="")
    assert second_factor.check_code(user=other, code=enrolled.codes[0]) == second_factor.WRONG


def test_the_code_is_asked_for_within_ten_minutes_of_the_password(client, enrolled, still):
    log_in(client)
    still(21)
    response = send_code(client, code())
    assert response.url == "/login/?ended=code"
    assert "did not enter a code in time" in client.get(response.url).content.decode()
    assert not is_in(client)
    assert pending.MINUTES == 10


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "x"}])
def test_a_password_given_ends_with_the_account_or_the_password(client, enrolled, change):
    log_in(client)
    User.objects.filter(pk=enrolled.pk).update(**change)
    assert send_code(client, code()).url == "/login/?ended=code"


def test_the_page_of_the_code_is_nothing_without_a_password(client, enrolled):
    assert client.get(CODE).url == "/login/?ended=code"
    assert send_code(client, code()).url == "/login/?ended=code"


def test_a_link_for_a_password_is_no_way_round(client, enrolled):
    set_by_link(client, one_time_link(enrolled), "yellow bicycle pond")
    assert log_in(client, password="yellow bicycle pond").url.startswith(CODE)


# Changed and lost


def test_new_recovery_codes_end_the_old_ones(client, enrolled):
    client.force_login(enrolled)
    assert client.post(PAGE, {"act": "codes", "code": "000000"}).status_code == 422
    assert client.post(PAGE, {"act": "codes", "code": enrolled.codes[0]}).status_code == 302
    assert second_factor.codes_left(enrolled) == 10
    old = second_factor.check_code(user=enrolled, code=enrolled.codes[1])
    assert old == second_factor.WRONG
    assert "made new recovery codes" in actions()


def test_it_is_turned_off_with_a_code(client, enrolled):
    client.force_login(enrolled)
    assert client.post(PAGE, {"act": "off", "code": "000000"}).status_code == 422
    assert client.post(PAGE, {"act": "off", "code": enrolled.codes[0]}).status_code == 302
    assert not TOTPDevice.objects.exists() and not RecoveryCode.objects.exists()
    assert log_in(Client()).url == "/"
    assert "turned off the second factor" in actions()


@pytest.mark.parametrize("role", Role.values)
def test_an_administrator_and_nobody_else_resets_it(enrolled, person, role):
    there, client = Client(), Client()
    there.force_login(enrolled)
    by = person(role, username="by")
    client.force_login(by)
    response = client.post(f"/settings/people/{enrolled.pk}/second-factor/")
    if role != Role.ADMINISTRATOR:
        assert response.status_code == 403 and second_factor.has_second_factor(enrolled)
        return
    assert response.status_code == 302 and not is_in(there)
    assert log_in(Client()).url == "/"
    entry = AuditEntry.objects.get(action="reset the second factor")
    assert (entry.by, entry.record) == (by, "person jo")
    again = client.post(f"/settings/people/{enrolled.pk}/second-factor/")
    assert again.status_code == 409 and "has no second factor" in again.content.decode()
    assert client.get(f"/settings/people/{enrolled.pk}/second-factor/").status_code == 405


def test_the_page_of_a_person_says_whether_it_is_on(client, enrolled, person):
    client.force_login(person(Role.ADMINISTRATOR))
    page = client.get(f"/settings/people/{enrolled.pk}/").content.decode()
    assert "second factor on" in page and "Reset the second factor" in page
    other = person(Role.DIRECTOR, username="sam")
    page = client.get(f"/settings/people/{other.pk}/").content.decode()
    assert "second factor off" in page and "Reset the second factor" not in page


def test_the_command_resets_it_of_the_last_administrator(enrolled, capsys):
    out = StringIO()
    call_command("reset_second_factor", "jo", stdout=out)
    assert "password alone" in out.getvalue() and not second_factor.has_second_factor(enrolled)
    for name, said in (("jo", "has no second factor"), ("nobody", "There is no person")):
        with pytest.raises(SystemExit):
            call_command("reset_second_factor", name)
        assert said in capsys.readouterr().err


# Required


def test_who_must_have_one_sets_it_up_before_anything_else(
    client, member, settings, somerset, still
):
    settings.SECOND_FACTOR_ROLES = [Role.SCRUTINY_MEMBER.value]
    settings.PUBLIC_REPORTS = True
    log_in(client)
    for address in ("/", "/reports/", "/password/", "/2019-20/3/"):
        assert client.get(address).url == PAGE, address
    assert client.get("/reports/", headers={"hx-request": "true"})["HX-Refresh"] == "true"
    assert client.get("/glossary/").status_code == 200
    assert "Set up a second factor first" in client.get(PAGE).content.decode()
    client.post(PAGE, {"act": "begin"})
    client.post(PAGE, {"act": "confirm", "code": code(client.session["second_factor_key"])})
    assert client.get("/reports/").status_code == 200
    page = client.get(PAGE).content.decode()
    assert (
        "Everybody with your role must have a second factor" in page
        and "Turn off second factor" not in page
    )
    still(2)
    key = TOTPDevice.objects.get().key
    response = client.post(PAGE, {"act": "off", "code": code(key)})
    assert response.status_code == 422 and second_factor.has_second_factor(member)


def test_who_must_not_have_one_is_not_asked(client, member, settings):
    settings.SECOND_FACTOR_ROLES = [Role.ADMINISTRATOR.value]
    log_in(client)
    assert client.get("/reports/").status_code == 200


def test_a_session_without_a_code_ends_where_a_code_is_required(client, enrolled, settings):
    """Such as one that began before the council asked for it."""
    client.force_login(enrolled)
    settings.SECOND_FACTOR_ROLES = ["all"]
    assert client.get("/reports/").url == "/login/?ended=1&next=/reports/"
    log_in(client)
    send_code(client, code())
    assert client.get("/reports/").status_code == 200


def test_who_must_set_it_up_may_log_out(client, member, settings):
    settings.SECOND_FACTOR_ROLES = ["all"]
    log_in(client)
    assert client.post("/logout/").url == "/login/"


def test_a_role_that_is_none_stops_the_start(settings):
    settings.SECOND_FACTOR_ROLES = ["administrator", "boss"]
    with pytest.raises(ImproperlyConfigured, match="“boss”, which is no role"):
        apps.get_app_config("accounts").ready()
    settings.SECOND_FACTOR_ROLES = [*Role.values, "all"]
    apps.get_app_config("accounts").ready()


def test_two_requests_with_one_code_are_one_log_in(enrolled):
    """The second waits for the first one's row, and then finds the code used."""
    given = code()
    assert second_factor.check_code(user=enrolled, code=given) == second_factor.BY_APP
    assert second_factor.check_code(user=enrolled, code=given) == second_factor.WRONG
    with pytest.raises(Refused, match="you must wait"):
        second_factor.check_code(user=enrolled, code=code(steps=1))
