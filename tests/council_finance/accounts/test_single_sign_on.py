"""Single sign-on, against an OpenID provider that runs beside the tests (tests/openid_provider)."""

import base64
import datetime
import io
import json
import zipfile
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import ExpectedSignOn, Role, User
from council_finance.accounts.single_sign_on.people import (
    EXPECTED_FOR,
    expect_sign_on,
    expected_address,
    unlink_sign_on,
)
from council_finance.accounts.single_sign_on.provider import CouncilAdapter
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import TreeRight
from monitoring.people.services.erasure import erase_person, export_person
from tests.openid_provider.running import Provider, authorise, running_provider
from tests.openid_provider.serve import CLIENT, SECRET

pytestmark = pytest.mark.worker

CALLBACK = "http://testserver/login/sso/callback/"
JO = {
    "preferred_username": "jo.example@council.example",
    "email": "Jo@council.example",
    "name": "Jo Example",
}
GROUPS = (("g-leads", "finance_lead"), ("g-directors", "director"))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_provider(tmp_path_factory.mktemp("provider"), CALLBACK) as provider:
        yield provider


@pytest.fixture
def provider(running, settings, db) -> Provider:
    settings.OIDC = running.settings()
    running.has(jo=JO)
    return running


@pytest.fixture
def admin(person):
    return person(Role.ADMINISTRATOR, username="boss", email="boss@council.example")


def begin(client, then="") -> str:
    """The address of the provider to which the site sends a browser."""
    answer = client.get(reverse("sign-on"), {"next": then} if then else {})
    assert answer.status_code == 302
    return answer.url


def log_in(client, username="jo", then="", browser=None):
    """Through the provider and back; the answer of the site."""
    return client.get(authorise(begin(client, then), username, browser))


def person_in(client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def acts(person) -> list[tuple[str, dict]]:
    found = AuditEntry.objects.filter(record=f"person {person.username}").order_by("pk")
    return [(entry.action, entry.detail) for entry in found]


# A first log-in


def test_a_first_log_in_makes_a_person_without_a_role(provider, client, admin):
    answer = log_in(client)
    jo = User.objects.get(username="jo.example")
    assert (answer.status_code, answer.url) == (302, "/")
    assert person_in(client) == jo
    assert (jo.name, jo.email, jo.role) == ("Jo Example", "Jo@council.example", "no_role")
    assert not jo.has_usable_password()
    assert [action for action, _ in acts(jo)] == ["made a person", "logged in"]
    assert acts(jo)[1][1]["with"] == "single sign-on"
    account = SocialAccount.objects.get(user=jo)
    assert (account.provider, account.extra_data) == (provider.issuer, JO)
    assert not EmailAddress.objects.exists() and not SocialToken.objects.exists()


def test_without_a_role_one_page_says_whom_to_ask(provider, client, admin, settings):
    settings.CONTACT_EMAIL = "finance@council.example"
    log_in(client)
    for address in ("/", "/reports/", "/settings/people/", "/search/?q=a", "/audit/"):
        answer = client.get(address)
        text = answer.content.decode()
        assert answer.status_code == 403, address
        assert "You have no role yet" in text
        assert "boss" in text and "finance@council.example" in text
        assert 'aria-label="Main"' not in text
    assert client.get("/password/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert person_in(client) is None


def test_the_administrator_sees_who_waits_and_gives_a_role(provider, client, admin, somerset):
    log_in(client)
    jo = User.objects.get(username="jo.example")
    boss = Client()
    boss.force_login(admin)
    page = boss.get(reverse("people")).content.decode()
    assert "1 person is waiting for a role" in page
    assert reverse("person", args=[jo.pk]) in page
    form = {"name": jo.name, "email": jo.email, "role": "director", "parts": "ADULT"}
    boss.post(reverse("person", args=[jo.pk]), form | {"active": "on"})
    assert client.get("/reports/").status_code == 200
    assert "waiting for a role" not in boss.get(reverse("people")).content.decode()
    log_in(Client())
    jo.refresh_from_db()
    assert jo.role == Role.DIRECTOR
    assert User.objects.count() == 2


def test_a_user_name_that_somebody_has_is_not_taken_over(provider, client, person):
    other = person(Role.FINANCE_LEAD, username="Jo.Example", email="jo@council.example")
    log_in(client)
    assert person_in(client) != other
    assert person_in(client).username == "jo.example@council.example"
    assert person_in(client).role == Role.NO_ROLE


def test_characters_that_no_database_stores_are_left_out(provider, client):
    provider.has(jo=JO | {"name": "Jo\0 Example"})
    log_in(client)
    assert person_in(client).name == "Jo Example"
    assert SocialAccount.objects.get().extra_data["name"] == "Jo Example"


# Somebody who is there already


def test_an_address_alone_leads_to_nobody(provider, client, person):
    lead = person(Role.FINANCE_LEAD, username="jo", email="jo@council.example")
    log_in(client)
    assert person_in(client) != lead
    assert not SocialAccount.objects.filter(user=lead).exists()


def test_a_person_who_is_expected_is_recognised_once(provider, client, person, admin):
    lead = person(Role.FINANCE_LEAD, username="jo", email="jo@council.example")
    expect_sign_on(person=lead, by=admin)
    log_in(client)
    assert person_in(client) == lead
    lead.refresh_from_db()
    assert lead.role == Role.FINANCE_LEAD
    assert not ExpectedSignOn.objects.exists()
    assert [action for action, _ in acts(lead)] == [
        "let single sign-on recognise",
        "linked to single sign-on",
        "logged in",
    ]
    provider.has(jo=JO | {"email": "other@council.example"})
    again = Client()
    log_in(again)
    assert person_in(again) == lead, "the subject counts from now on, not the address"


def test_another_person_with_the_same_address_is_not_recognised_again(
    provider, client, person, admin
):
    lead = person(Role.FINANCE_LEAD, username="jo", email="jo@council.example")
    expect_sign_on(person=lead, by=admin)
    log_in(client)
    provider.has(eve=JO)
    eve = Client()
    log_in(eve, "eve")
    assert person_in(eve) != lead


@pytest.mark.parametrize(
    "change",
    ["not verified", "too long ago", "two people", "closed", "unlinked"],
)
def test_who_is_not_recognised_is_a_new_person(provider, client, person, admin, change):
    lead = person(Role.FINANCE_LEAD, username="jo", email="jo@council.example")
    expect_sign_on(person=lead, by=admin)
    if change == "not verified":
        provider.has(jo=JO | {"email_verified": False})
    elif change == "too long ago":
        ExpectedSignOn.objects.update(made_at=timezone.now() - EXPECTED_FOR)
        assert expected_address(lead) == ""
    elif change == "two people":
        other = person(Role.DIRECTOR, username="other", email="jo@council.example")
        expect_sign_on(person=other, by=admin)
    elif change == "closed":
        User.objects.filter(pk=lead.pk).update(is_active=False)
    else:
        unlink_sign_on(person=lead, by=admin)
    log_in(client)
    assert person_in(client).role == Role.NO_ROLE
    assert not SocialAccount.objects.filter(user=lead).exists()


def test_single_sign_on_is_taken_away_and_the_sessions_with_it(provider, client, admin):
    log_in(client)
    jo = person_in(client)
    unlink_sign_on(person=jo, by=admin)
    assert client.get("/").url.startswith("/login/")
    assert not SocialAccount.objects.exists()
    with pytest.raises(Refused, match="has no single sign-on"):
        unlink_sign_on(person=jo, by=admin)


def test_a_closed_account_is_not_let_in(provider, client, admin):
    log_in(client)
    User.objects.filter(username="jo.example").update(is_active=False)
    other = Client()
    answer = log_in(other)
    assert answer.status_code == 403
    assert "Your account for Budget monitor is closed." in answer.content.decode()
    assert person_in(other) is None


# Groups


@pytest.fixture
def grouped(provider, settings) -> Provider:
    settings.OIDC = provider.settings(group_roles=GROUPS)
    return provider


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["g-leads"], "finance_lead"),
        (["g-directors", "g-leads"], "finance_lead"),
        (["other", "g-directors"], "director"),
        ("g-directors", "director"),
        (["other"], "no_role"),
        ([], "no_role"),
        (None, "no_role"),
    ],
)
def test_the_first_group_of_the_setting_gives_the_role(grouped, client, groups, role):
    grouped.has(jo=JO if groups is None else JO | {"groups": groups})
    log_in(client)
    assert person_in(client).role == role


def test_a_group_that_is_gone_takes_the_role_and_leaves_the_parts(grouped, client, somerset):
    grouped.has(jo=JO | {"groups": ["g-directors"]})
    log_in(client)
    jo = person_in(client)
    TreeRight.objects.create(user=jo, service_code="ADULT")
    assert client.get("/reports/").status_code == 200
    grouped.has(jo=JO | {"groups": []})
    again = Client()
    log_in(again)
    assert person_in(again) == jo
    assert again.get("/reports/").status_code == 403
    assert client.get("/reports/").status_code == 403, "in a session that is open too"
    assert [right.service_code for right in jo.tree_rights.all()] == ["ADULT"]
    action, detail = acts(jo)[-2]
    assert action == "changed a person"
    assert detail == {"role": {"from": "Director", "to": "No role yet"}, "why": "groups"}
    grouped.has(jo=JO | {"groups": ["g-directors"]})
    log_in(Client())
    jo.refresh_from_db()
    assert jo.role == "director"


@pytest.mark.parametrize(
    "claims", [{"_claim_names": {"groups": "src1"}}, {"hasgroups": True}, {"groups": {"a": 1}}]
)
def test_groups_that_are_not_known_let_nobody_in(grouped, client, claims):
    """Entra ID sends no list above 200 groups, but a hint where to read it."""
    grouped.has(jo=JO | {"groups": ["g-directors"]})
    log_in(client)
    grouped.has(jo=JO | claims)
    again = Client()
    assert log_in(again).status_code == 403
    assert person_in(again) is None
    assert User.objects.get().role == "director"


# Answers that are not to be believed


def test_a_state_works_once_and_in_its_own_browser(provider, client):
    back = authorise(begin(client), "jo")
    assert Client().get(back).status_code == 400
    assert client.get(back).status_code == 302
    client.post("/logout/")
    assert client.get(back).status_code == 400
    assert person_in(client) is None


def change_query(address: str, **changes: str) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return urlunsplit(parts._replace(query=urlencode(query)))


@pytest.mark.parametrize("name", ["state", "code"])
def test_a_wrong_state_or_code_is_refused(provider, client, name):
    back = authorise(begin(client), "jo")
    answer = client.get(change_query(back, **{name: "another"}))
    assert answer.status_code == 400
    assert "You are not logged in" in answer.content.decode()
    assert person_in(client) is None
    assert not User.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.detail["wrong"]) == ("failed to log in", "single sign-on")


def test_the_token_of_another_log_in_is_refused_by_its_nonce(provider, client):
    back = authorise(change_query(begin(client), nonce="of-another-log-in"), "jo")
    assert client.get(back).status_code == 400
    assert not User.objects.exists()


def test_the_provider_wants_pkce_and_a_code_is_bound_to_its_browser(provider, client):
    """Two browsers, of which one brings the other's code: its verifier does not fit."""
    asked = parse_qs(urlsplit(begin(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    theirs = authorise(begin(Client()), "jo")
    mine = authorise(begin(client), "jo")
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    assert client.get(change_query(mine, code=code)).status_code == 400
    assert person_in(client) is None


def test_an_answer_with_an_error_is_explained(provider, client):
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    answer = client.get(CALLBACK, {"error": "access_denied", "state": state})
    assert answer.status_code == 403
    assert "You cancelled the log-in" in answer.content.decode()


def id_token(provider, client) -> str:
    """A real one, for a log-in that the browser has begun."""
    back = authorise(begin(client), "jo")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    state, *_ = client.session["socialaccount_states"][answer["state"]]
    exchanged = requests.post(
        f"{provider.issuer}/token/",
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": CALLBACK,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "code_verifier": state["pkce_code_verifier"],
        },
        timeout=5,
    )
    return exchanged.json()["id_token"]


def claims_of(token: str | None) -> dict:
    request = RequestFactory().get("/")
    return (
        CouncilAdapter(request)
        .complete_login(request, None, None, response={"id_token": token})
        .claims
    )


def test_an_id_token_is_checked_in_every_part(provider, client, settings):
    provider.has(jo=JO | {"odd": "a\0b", "long": "x" * 192})
    token = id_token(provider, client)
    assert claims_of(token)["name"] == "Jo Example"
    head, body, signature = token.split(".")
    other = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "7"}
    forged = base64.urlsafe_b64encode(json.dumps(other).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg": "none"}').decode().rstrip("=")
    for wrong, said in (
        (f"{head}.{forged}.{signature}", "Signature verification failed"),
        (f"{unsigned}.{body}.", "not valid"),
        ("", "not valid"),
        (None, "sent no ID token"),
    ):
        with pytest.raises(OAuth2Error, match=said):
            claims_of(wrong)
    settings.OIDC = replace(provider.settings(), client_id="another")
    with pytest.raises(OAuth2Error, match="Audience"):
        claims_of(token)
    for claim in ("oid", "odd", "long"):
        settings.OIDC = provider.settings(subject_claim=claim)
        with pytest.raises(OAuth2Error, match="no claim|more than 191"):
            claims_of(token)
    settings.OIDC = provider.settings(subject_claim="oid")
    with pytest.raises(OAuth2Error, match="has no claim oid"):
        claims_of(token)


def test_a_token_that_has_ended_is_refused(provider, client, monkeypatch):
    token = id_token(provider, client)

    class Tomorrow(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.now(tz) + datetime.timedelta(days=1)

    monkeypatch.setattr("jwt.api_jwt.datetime", Tomorrow)
    with pytest.raises(OAuth2Error, match="expired"):
        claims_of(token)


def test_another_issuer_than_that_of_the_setting_is_refused(provider, client, settings):
    elsewhere = provider.issuer.replace("127.0.0.1", "localhost")
    settings.OIDC = replace(provider.settings(), issuer=elsewhere)
    assert client.get(reverse("sign-on")).status_code == 400


def test_a_provider_that_is_down_is_said_plainly(settings, client, db, tmp_path):
    with running_provider(tmp_path, CALLBACK) as provider:
        provider.has(jo=JO)
        settings.OIDC = provider.settings()
        back = authorise(begin(client), "jo")
        provider.stop()
        for answer in (client.get(back), client.get(reverse("sign-on"))):
            assert answer.status_code == 503
            assert "cannot be reached" in answer.content.decode()
            assert reverse("login") in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("then", "where"),
    [
        ("/audit/?record=a", "/audit/?record=a"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:x()", "/"),
    ],
)
def test_one_lands_on_a_page_of_this_site(provider, client, then, where):
    assert log_in(client, then=then).url == where


def test_what_the_browser_adds_to_the_address_is_not_sent_on(provider, client):
    """allauth's own view would take scope, parameters and process from the address."""
    asked = client.get(reverse("sign-on"), {"scope": "x", "auth_params": "prompt=none"}).url
    query = parse_qs(urlsplit(asked).query)
    assert set(query["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in query


# The session


def test_the_second_factor_is_the_providers(provider, client, settings, admin, somerset):
    settings.SECOND_FACTOR_ROLES = ["all"]
    expected = User.objects.get(pk=admin.pk)
    expected.email = JO["email"]
    expected.save()
    expect_sign_on(person=expected, by=None)
    log_in(client)
    assert client.get(reverse("people")).status_code == 200
    boss = Client()
    boss.force_login(admin)
    assert boss.get(reverse("people")).url == reverse("second-factor")


def test_an_idle_session_ends(provider, client, admin):
    log_in(client)
    session = client.session
    session["last_seen"] -= 60 * 60
    session.save()
    assert client.get("/").url.startswith("/login/?ended=idle")


def test_another_person_s_session_is_not_taken_on(provider, client, admin):
    client.force_login(admin)
    assert client.get(reverse("sign-on")).url == "/"
    client.post("/logout/")
    before = client.session.session_key
    log_in(client)
    assert client.session.session_key != before


# Personal data


def test_what_is_held_is_exported_and_erased(provider, client, admin):
    log_in(client)
    jo = person_in(client)
    account = SocialAccount.objects.get(user=jo)
    with zipfile.ZipFile(io.BytesIO(export_person(person=jo, by=admin))) as zipped:
        [held] = json.loads(zipped.read("account.json"))["single sign-on"]
    assert (held["uid"], held["extra_data"]) == (account.uid, JO)
    erase_person(person=jo, by=admin)
    assert not SocialAccount.objects.exists()
    details = str([entry.detail for entry in AuditEntry.objects.all()])
    assert "Jo Example" not in details and "council.example" not in details
    again = Client()
    log_in(again)
    assert person_in(again).pk != jo.pk


# Passwords closed


@pytest.fixture
def closed(provider, settings, admin):
    settings.PASSWORDS_ONLY_FOR = "boss"
    settings.EMAIL_HOST = "mail.council.example"


def test_passwords_are_closed_to_all_but_one_administrator(closed, client, person, admin):
    lead = person(Role.FINANCE_LEAD, username="lead", email="lead@council.example")
    answer = client.post("/login/", {"username": "lead", "password": "pass"})
    assert answer.status_code == 422
    assert "Passwords are not accepted here" in answer.content.decode()
    page = client.get("/login/").content.decode()
    assert "Log in with Example ID" in page and "Forgotten" not in page
    assert client.post("/password/reset/", {"email": lead.email}).status_code == 409
    client.force_login(admin)
    page = client.post(reverse("person-link", args=[lead.pk]))
    assert page.status_code == 409
    assert "Create a link" not in client.get(reverse("person", args=[lead.pk])).content.decode()
    client.post("/logout/")
    assert client.post("/login/", {"username": "boss", "password": "pass"}).status_code == 302
    assert person_in(client) == admin


def test_the_one_with_a_password_must_be_an_administrator(closed, client, admin):
    boss = Client()
    boss.force_login(admin)
    assert "Nobody can log in if" not in boss.get(reverse("people")).content.decode()
    User.objects.filter(pk=admin.pk).update(role=Role.FINANCE_LEAD)
    answer = client.post("/login/", {"username": "boss", "password": "pass"})
    assert answer.status_code == 422
    assert person_in(client) is None


def test_an_old_link_sets_no_password_when_they_are_closed(closed, client, person):
    from council_finance.accounts.services import one_time_link

    lead = person(Role.FINANCE_LEAD, username="lead")
    assert Client().get(one_time_link(lead), follow=True).status_code == 410


# Off


def test_without_a_provider_its_addresses_are_not_there(client, settings, db):
    settings.OIDC = None
    assert client.get(reverse("sign-on")).status_code == 404
    assert client.get(reverse("sign-on-callback")).status_code == 404
    assert "single sign-on" not in client.get("/login/").content.decode()


def test_none_of_allauths_own_pages_has_an_address(provider, client):
    for path in ("signup", "login", "email", "password/change", "3rdparty", "social/connections"):
        for prefix in ("/accounts/", "/account/", "/", "/oidc/council/"):
            if f"{prefix}{path}/" != "/login/":
                answer = client.get(f"{prefix}{path}/")
                assert answer.status_code == 404 or answer.url.startswith("/login/"), path
    from django.urls import get_resolver

    modules = {view.__module__ for view in get_resolver().reverse_dict if callable(view)}
    assert not [module for module in modules if module.startswith("allauth")]
