"""Getting in, being kept out, and losing one's place: wrong passwords, sessions, forgotten ones."""

import datetime
import re

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core import checks, mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.utils import timezone

from council_finance import environment
from council_finance.accounts import services
from council_finance.accounts.forms import SetPasswordForm
from council_finance.accounts.models import Role, User
from council_finance.accounts.services import one_time_link, send_reset_mail
from council_finance.accounts.throttle import NOBODY_KNOWS, client_address
from council_finance.audit import AuditEntry
from council_finance.errors import Refused

GOOD = "purple lantern cattle"
HERE, ELSEWHERE = "192.0.2.10", "198.51.100.7"


@pytest.fixture
def member(person):
    user = person(Role.SCRUTINY_MEMBER, username="jo", email="jo@council.example")
    user.set_password(GOOD)
    user.save()
    return user


def log_in(client, name="jo", password=GOOD, address=HERE, **more):
    return client.post(
        "/login/", {"username": name, "password": password, **more}, REMOTE_ADDR=address
    )


def fail(client, times, name="jo", address=HERE):
    return [log_in(client, name, "wrong", address).status_code for _ in range(times)]


def is_in(client) -> bool:
    return client.get("/password/").status_code == 200


# Wrong passwords


def test_nothing_is_amiss_with_the_settings_of_the_throttle():
    assert checks.run_checks() == []
    deployed = checks.run_checks(tags=["security"], include_deployment_checks=True)
    assert [each for each in deployed if each.id.startswith("axes")] == []


def test_after_five_wrong_passwords_the_right_one_must_wait(client, member):
    assert fail(client, 5) == [422, 422, 422, 422, 429]
    response = log_in(client)
    assert response.status_code == 429
    assert not is_in(client)


def test_the_page_says_when_to_try_again_and_what_to_do(client, member):
    fail(client, 4)
    before = timezone.localtime()
    response = log_in(client, password="wrong", next="/reports/?q=1")
    page = response.content.decode()
    until = datetime.datetime.strptime(re.search(r"at (\d\d:\d\d)<", page)[1], "%H:%M").time()
    soonest = before + datetime.timedelta(minutes=15)
    allowed = [soonest + datetime.timedelta(seconds=seconds) for seconds in range(0, 120, 10)]
    assert until in {each.time().replace(second=0, microsecond=0) for each in allowed}
    assert until != soonest.time().replace(second=0, microsecond=0)
    assert "in 15 minutes" in page
    assert "/password/reset/" in page
    assert 'href="/login/?next=%2Freports%2F%3Fq%3D1"' in page
    assert 880 <= int(response["Retry-After"]) <= 900
    assert "Budget monitor" in page and "Content-Security-Policy" in response


def test_what_is_tried_while_it_waits_does_not_make_it_longer(client, member):
    fail(client, 5)
    ended = AccessAttempt.objects.get()
    AccessAttempt.objects.update(attempt_time=ended.attempt_time - datetime.timedelta(minutes=10))
    assert fail(client, 3) == [429, 429, 429]
    response = log_in(client, password="wrong")
    assert "in 5 minutes" in response.content.decode()
    assert AccessAttempt.objects.get().failures_since_start == 5


def test_after_a_quarter_of_an_hour_it_is_over(client, member):
    fail(client, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - datetime.timedelta(minutes=15))
    assert log_in(client).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [
        ("jo", HERE, 429),
        ("jo", ELSEWHERE, 302),  # nobody can lock a person out from elsewhere
        ("sam", HERE, 302),  # nor those who share an address
    ],
)
def test_only_this_user_name_from_this_address_must_wait(
    client, member, person, name, address, status
):
    other = person(Role.DIRECTOR, username="sam")
    other.set_password(GOOD)
    other.save()
    fail(client, 5)
    assert log_in(client, name, address=address).status_code == status


def test_another_browser_at_the_address_is_no_way_round(client, member):
    for number in range(5):
        client.post(
            "/login/",
            {"username": "jo", "password": "wrong"},
            REMOTE_ADDR=HERE,
            HTTP_USER_AGENT=f"browser {number}",
        )
    assert log_in(client).status_code == 429


def test_a_user_name_that_nobody_has_waits_as_well(client, member):
    assert fail(client, 6, name="nobody") == fail(client, 6)


def test_getting_in_forgets_the_wrong_ones(client, member):
    fail(client, 4)
    assert log_in(client).status_code == 302
    client.logout()
    assert fail(client, 4) == [422, 422, 422, 422]


def test_the_focus_starts_before_the_link_to_the_main_content(client, db):
    page = client.get("/login/").content.decode()
    assert 'id="id_username"' in page
    assert "autofocus" not in page


def test_a_wrong_password_tells_no_more_than_a_wrong_name(client, member):
    pages = [
        log_in(client, name, "wrong").content.decode().replace(name, "").split("<h1")[0]
        for name in ("jo", "nobody")
    ]
    member.is_active = False
    member.save()
    pages.append(log_in(client).content.decode().split("<h1")[0])
    assert "The user name or the password is wrong" in pages[0]
    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "from_", "expected"),
    [
        (0, None, HERE, HERE),
        (0, ELSEWHERE, HERE, HERE),  # anybody can write the header
        (1, ELSEWHERE, HERE, ELSEWHERE),
        (1, f"203.0.113.9, {ELSEWHERE}", HERE, ELSEWHERE),
        (2, f"203.0.113.9,{ELSEWHERE},192.0.2.1", HERE, ELSEWHERE),
        (2, ELSEWHERE, HERE, HERE),  # it did not come through both
        (1, "", HERE, NOBODY_KNOWS),
        (1, "unknown", HERE, NOBODY_KNOWS),
        (0, None, "", NOBODY_KNOWS),
        (0, None, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (0, None, "2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        (0, None, "::ffff:192.0.2.10", HERE),
    ],
)
def test_the_address_that_is_counted(settings, proxies, forwarded, from_, expected):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    request = RequestFactory().post("/login/", REMOTE_ADDR=from_, **headers)
    assert client_address(request) == expected


def test_a_header_made_up_at_every_try_is_no_way_round(client, member):
    statuses = [
        client.post(
            "/login/",
            {"username": "jo", "password": "wrong"},
            REMOTE_ADDR=HERE,
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        ).status_code
        for number in range(6)
    ]
    assert statuses == [422, 422, 422, 422, 429, 429]


def test_setting_a_password_by_a_link_ends_the_wait(client, member):
    fail(client, 5)
    set_by_link(Client(), one_time_link(member), "yellow bicycle pond")
    assert log_in(client, password="yellow bicycle pond").status_code == 302


# The log-in and sessions


def test_the_log_in_goes_on_to_the_page_that_was_asked_for(client, member):
    asked = client.get("/reports/?q=1")
    assert asked.url == "/login/?next=/reports/%3Fq%3D1"
    page = client.get(asked.url).content.decode()
    assert 'name="next" value="/reports/?q=1"' in page
    assert "has ended" not in page
    wrong = log_in(client, password="wrong", next="/reports/?q=1")
    assert 'name="next" value="/reports/?q=1"' in wrong.content.decode()
    assert log_in(client, next="/reports/?q=1").url == "/reports/?q=1"


def test_the_log_in_goes_nowhere_else(client, member):
    assert log_in(client, next="https://evil.example/").url == "/"


def test_what_was_sent_without_a_log_in_comes_back_to_its_page(client, db):
    def send(referer):
        return client.post("/uploads/1/confirm/", HTTP_REFERER=referer).url

    assert send("http://testserver/uploads/1/?a=b") == "/login/?next=/uploads/1/%3Fa%3Db"
    assert send("http://evil.example/uploads/1/") == "/login/?next=/"
    assert send("") == "/login/?next=/"


def test_a_part_of_a_page_asks_for_the_whole_page(client, db):
    response = client.get("/reports/", HTTP_HX_REQUEST="true")
    assert (response.status_code, response["HX-Refresh"]) == (200, "true")


def test_a_session_ends_with_the_browser_and_after_eight_hours(client, member):
    log_in(client)
    cookie = client.cookies["sessionid"]
    assert (cookie["max-age"], cookie["expires"], cookie["httponly"]) == ("", "", True)
    left = Session.objects.get().expire_date - timezone.now()
    assert datetime.timedelta(hours=7.9) < left <= datetime.timedelta(hours=8)
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    response = client.get("/reports/")
    assert response.url == "/login/?ended=1&next=/reports/"
    page = client.get(response.url).content.decode()
    assert "Your session has ended" in page and "8 hours" in page
    assert 'value="/reports/"' in page


def test_who_logged_out_is_not_told_that_a_session_ended(client, member):
    log_in(client)
    client.post("/logout/")
    assert client.get("/reports/").url == "/login/?next=/reports/"


def test_a_closed_account_is_out_at_once(client, member):
    log_in(client)
    assert is_in(client)
    member.is_active = False
    member.save()
    assert not is_in(client)


def test_a_changed_password_ends_every_other_session(client, member):
    other = Client()
    log_in(client)
    log_in(other)
    response = client.post(
        "/password/",
        {
            "old_password": GOOD,
            "new_password1": "yellow bicycle pond",
            "new_password2": "yellow bicycle pond",
        },
        follow=True,
    )
    assert "Your password is changed" in response.content.decode()
    assert is_in(client)
    assert other.get("/reports/").url == "/login/?ended=1&next=/reports/"
    assert log_in(Client()).status_code == 422
    assert log_in(Client(), password="yellow bicycle pond").status_code == 302
    entry = AuditEntry.objects.get(record="person jo", action="changed their password")
    assert (entry.by, entry.detail) == (member, {})


def test_a_role_holds_at_the_next_request(client, member):
    log_in(client)
    assert client.get("/settings/people/").status_code == 403
    member.role = Role.ADMINISTRATOR
    member.save()
    assert client.get("/settings/people/").status_code == 200


# Passwords


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("purple lan", "purple lan", "at least 12 characters"),
        ("password1234", "password1234", "too common"),
        ("938471029384756", "938471029384756", "entirely numeric"),
        ("jo@council.example", "jo@council.example", "too similar to the email"),
        ("yellow bicycle pond", "yellow bicycle pand", "The two passwords differ"),
        ("", "", "Enter a new password."),
    ],
)
def test_a_password_that_will_not_do(client, member, new, again, said):
    log_in(client)
    before = member.password
    form = {"old_password": GOOD, "new_password1": new, "new_password2": again}
    response = client.post("/password/", form)
    assert response.status_code == 422
    assert said in response.content.decode()
    member.refresh_from_db()
    assert member.password == before
    assert not AuditEntry.objects.filter(action__contains="password").exists()


def test_the_present_password_is_asked_for(client, member):
    log_in(client)
    form = {
        "old_password": "wrong",
        "new_password1": "a b c d e f g",
        "new_password2": "a b c d e f g",
    }
    response = client.post("/password/", form)
    assert response.status_code == 422
    assert "not the password that you have now" in response.content.decode()


# A forgotten password


def set_by_link(client, link, password):
    """Follow a link as a browser does; answers the response to the form."""
    page = client.get(link, follow=True)
    assert page.status_code == 200
    address = page.redirect_chain[-1][0]
    return client.post(address, {"new_password1": password, "new_password2": password})


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_HOST = "mail.council.example"
    settings.DEFAULT_FROM_EMAIL = "budget@council.example"


def test_a_link_is_mailed_and_sets_a_password_once(client, member, with_mail):
    response = client.post("/password/reset/", {"email": "JO@council.example"})
    assert response.url == "/password/reset/sent/"
    (message,) = mail.outbox
    assert (message.to, message.from_email) == (["jo@council.example"], "budget@council.example")
    assert "user name: jo\n" in message.body
    link = re.search(r"http://testserver(/\S+)", message.body)[1]
    response = set_by_link(client, link, "yellow bicycle pond")
    assert response.url == "/login/"
    assert "Your password is set" in client.get("/login/").content.decode()
    assert log_in(client, password="yellow bicycle pond").status_code == 302
    again = Client().get(link)
    assert again.status_code == 410
    assert "This link no longer works" in again.content.decode()
    entry = AuditEntry.objects.get(record="person jo", action="set a password with a link")
    assert (entry.by, entry.detail) == (member, {})


def test_a_link_that_two_hold_open_sets_one_password(client, member):
    """Both looked at it while it was good; the first to send sets the password."""
    link, other = one_time_link(member), Client()
    addresses = [asked.get(link).url for asked in (client, other)]
    first, second = User.objects.get(pk=member.pk), User.objects.get(pk=member.pk)
    services.set_password_by_link(user=first, password="yellow bicycle pond")
    with pytest.raises(Refused, match="no longer works"):
        services.set_password_by_link(user=second, password="green kettle river")
    member.refresh_from_db()
    assert member.check_password("yellow bicycle pond")
    assert AuditEntry.objects.filter(action="set a password with a link").count() == 1
    new = {"new_password1": "green kettle river", "new_password2": "green kettle river"}
    assert other.post(addresses[1], new).status_code == 410


@pytest.mark.parametrize(
    "change", [{"password": "x"}, {"last_login": timezone.now()}, {"is_active": False}]
)
def test_a_link_that_ends_while_its_form_is_sent_sets_nothing(client, member, monkeypatch, change):
    """What ends it happens after the page has looked at the link."""
    address = client.get(one_time_link(member)).url
    validate = SetPasswordForm.validate_passwords

    def overtaken(form, *names):
        User.objects.filter(pk=member.pk).update(**change)
        return validate(form, *names)

    monkeypatch.setattr(SetPasswordForm, "validate_passwords", overtaken)
    new = {"new_password1": "green kettle river", "new_password2": "green kettle river"}
    response = client.post(address, new)
    assert response.status_code == 410
    assert "This link no longer works" in response.content.decode()
    member.refresh_from_db()
    assert not member.check_password("green kettle river")
    assert not AuditEntry.objects.filter(action="set a password with a link").exists()


def test_each_of_two_people_with_one_address_gets_a_link(client, member, person, with_mail):
    new = person(Role.DIRECTOR, username="sam", email="jo@council.example")
    new.set_unusable_password()
    new.save()
    person(Role.DIRECTOR, username="gone", email="jo@council.example", is_active=False)
    client.post("/password/reset/", {"email": "jo@council.example"})
    names = [re.search("user name: (.*)", message.body)[1] for message in mail.outbox]
    assert sorted(names) == ["jo", "sam"]


def test_the_answer_does_not_tell_whether_an_account_exists(client, member, with_mail):
    def ask(address):
        response = client.post("/password/reset/", {"email": address}, follow=True)
        return response.redirect_chain, response.content

    known, unknown = ask("jo@council.example"), ask("nobody@council.example")
    assert known == unknown
    assert len(mail.outbox) == 1


def test_the_page_leaves_the_looking_up_to_a_worker(client, member, with_mail, monkeypatch):
    """So the time it takes does not tell either."""
    from council_finance.accounts import views

    queued = []
    monkeypatch.setattr(views.tasks.send_reset_mail, "delay", lambda *rest: queued.append(rest))
    for address in ("jo@council.example", "nobody@council.example"):
        client.post("/password/reset/", {"email": address})
    assert queued == [
        ("jo@council.example", "http://testserver"),
        ("nobody@council.example", "http://testserver"),
    ]
    assert mail.outbox == []


@pytest.mark.parametrize("address", ["", "jo", "jo@council.example\nBcc: all@council.example"])
def test_what_is_no_address_is_told(client, member, with_mail, address):
    response = client.post("/password/reset/", {"email": address})
    assert response.status_code == 422
    assert 'id="id_email_error"' in response.content.decode()
    assert mail.outbox == []


def test_without_a_mail_server_the_administrator_gives_a_link(client, member, settings):
    assert settings.EMAIL_HOST == ""
    page = client.get("/password/reset/")
    assert page.status_code == 200
    assert "Ask your administrator" in page.content.decode()
    assert "<form" not in page.content.decode().split("<main")[1]
    sent = client.post("/password/reset/", {"email": "jo@council.example"})
    assert sent.status_code == 409
    assert "Ask your administrator" in sent.content.decode()
    assert mail.outbox == []


def test_a_link_ends_with_its_time_with_a_log_in_and_with_the_account(client, member, settings):
    link = one_time_link(member)
    assert Client().get(link).status_code == 302
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link).status_code == 410
    settings.PASSWORD_RESET_TIMEOUT = 60
    member.is_active = False
    member.save()
    assert Client().get(link).status_code == 410
    member.is_active = True
    member.save()
    log_in(client)
    assert Client().get(link).status_code == 410


def test_a_link_is_for_its_person_alone(client, member, person):
    other = person(Role.ADMINISTRATOR, username="sam")
    token = one_time_link(member).split("/")[-2]
    mixed = "/".join([*one_time_link(other).split("/")[:-2], token, ""])
    assert client.get(mixed).status_code == 410
    assert client.get("/password/reset/no/such-thing/").status_code == 410


def test_a_password_by_link_keeps_the_rules_too(client, member):
    response = set_by_link(client, one_time_link(member), "short")
    assert response.status_code == 422
    page = response.content.decode()
    assert "at least 12 characters" in page
    assert "<strong>jo</strong>" in page
    assert log_in(Client()).status_code == 302


def test_mail_goes_to_nobody_where_no_address_is_held(member):
    member.email = ""
    member.save()
    send_reset_mail(address="", site="http://testserver")
    assert mail.outbox == []


# The environment


@pytest.mark.parametrize(("text", "number"), [("", 587), ("0", 0), (" 25 ", 25), ("65535", 65535)])
def test_a_number_of_the_environment(monkeypatch, text, number):
    monkeypatch.setenv("EMAIL_PORT", text)
    assert environment.number("EMAIL_PORT", 587) == number


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "65536", "²", "1 2"])
def test_a_wrong_number_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("EMAIL_PORT", text)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_PORT must be a whole number up to 65535"):
        environment.number("EMAIL_PORT", 587)


@pytest.mark.parametrize("given", ["", "budget"])
def test_who_sends_mail_says_from_which_address(monkeypatch, given):
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", given)
    assert environment.sender("") == given
    with pytest.raises(ImproperlyConfigured, match="DEFAULT_FROM_EMAIL"):
        environment.sender("mail.council.example")
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", "budget@council.example")
    assert environment.sender("mail.council.example") == "budget@council.example"
