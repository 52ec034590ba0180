"""Access tokens: made once, taken until they end, refused plainly, listed and revoked."""

import base64
import datetime
import hashlib
import re

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import AccessToken, Role, TokenKind
from council_finance.accounts.tokens.services import (
    MOST_AT_ONCE,
    issue_token,
    revoke_tokens,
    use_token,
)
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.api.authentication import person_of, refuse_token
from monitoring.people.services.people import change_person
from tests.monitoring.api.tokens import token_for

NOW = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)
READ, UPLOAD = TokenKind.READ, TokenKind.UPLOAD


def use(secret, *, minutes=0, kind=READ):
    return use_token(secret=secret, kind=kind, now=NOW + datetime.timedelta(minutes=minutes))


def asked(header: str | None):
    extra = {} if header is None else {"HTTP_AUTHORIZATION": header}
    return RequestFactory().get("/api/v1/", **extra)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_only_the_sha256_of_a_token_is_stored_and_its_use_noted_once_a_minute(person):
    member = person(Role.SCRUTINY_MEMBER)
    secret = token_for(member, days=2, now=NOW)
    kept = AccessToken.objects.get()
    assert re.fullmatch(r"bm_[A-Za-z0-9_-]{43}", secret)
    assert kept.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert kept.first_characters == secret[:8] and kept.last_used_at is None
    for minutes, noted in ((0, 0), (0.9, 0), (1, 1), (1.5, 1), (2 * 24 * 60 - 1, 2 * 24 * 60 - 1)):
        assert use(secret, minutes=minutes) == member
        kept.refresh_from_db()
        assert kept.last_used_at == NOW + datetime.timedelta(minutes=noted)
    assert use(secret, minutes=2 * 24 * 60) is None
    assert use(secret, kind=UPLOAD) is None
    assert use(secret[:-1]) is None and use(secret.swapcase()) is None and use("") is None
    made = AuditEntry.objects.get(action="made an access token")
    assert made.by == member and secret not in str(made.detail)
    assert made.detail == {"token": f"Power BI ({secret[:8]}…)", "kind": "Read", "days": 2}


def test_a_token_ends_with_its_person_s_rights_and_stays_ended(person):
    admin, officer = person(Role.ADMINISTRATOR), person(Role.FINANCE_OFFICER)
    secret, other = token_for(officer, now=NOW), token_for(officer, now=NOW, name="Excel")
    assert revoke_tokens(person=admin, only=1_000_000, by=admin, now=NOW) == 0
    first = AccessToken.objects.get(name="Power BI")
    assert revoke_tokens(person=admin, only=first.pk, by=admin, now=NOW) == 0
    assert revoke_tokens(person=officer, only=first.pk, by=officer, now=NOW) == 1
    assert (use(secret), use(other)) == (None, officer)
    officer.role = Role.NO_ROLE
    officer.save()
    assert use(other) is None
    facts = {"name": "Jo", "email": "", "role": Role.FINANCE_OFFICER, "parts": [], "by": admin}
    change_person(person=officer, active=False, **facts)
    assert use(other) is None
    change_person(person=officer, active=True, **facts)
    assert use(other) is None
    assert AuditEntry.objects.filter(action="revoked an access token").count() == 2


def test_tokens_that_may_not_be_made_are_refused(person):
    member = person(Role.SCRUTINY_MEMBER)
    for kind, name, days, words in (
        (UPLOAD, "Ledger", 5, "may upload files"),
        (READ, "  ", 5, "Enter a name"),
        (READ, "BI", 0, "1 to 365 days"),
        (READ, "BI", 366, "1 to 365 days"),
    ):
        with pytest.raises(Refused, match=words):
            issue_token(person=member, name=name, days=days, kind=kind, allowed=[READ], now=NOW)
    for number in range(MOST_AT_ONCE):
        token_for(member, name=f"BI {number}", now=NOW)
    with pytest.raises(Refused, match="Revoke one"):
        token_for(member, now=NOW)
    assert token_for(member, now=NOW + datetime.timedelta(days=90))


def test_a_request_brings_its_token_as_bearer_or_as_the_password_of_basic(person):
    member = person(Role.SCRUTINY_MEMBER)
    secret = token_for(member)
    for header in (
        f"Bearer {secret}",
        f"bearer  {secret} ",
        basic(f"jo:{secret}"),
        basic(f":{secret}"),
    ):
        assert person_of(asked(header)) == member, header
        assert person_of(asked(header), kind=UPLOAD) is None
    wrong = ("", "Bearer", f"Token {secret}", secret, basic(secret), "Basic ää", basic("jo:\0"))
    for header in (
        None,
        *wrong,
        f"Bearer {secret}x",
        "Basic " + base64.b64encode(b"\xff:").decode(),
    ):
        assert person_of(asked(header)) is None, header


def test_a_wrong_token_is_told_so_and_many_must_wait_but_a_right_one_is_taken(person, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "wrong"}
    }
    secret = token_for(person(Role.SCRUTINY_MEMBER))
    settings.WRONG_TOKENS_MOST = 2
    answers = [refuse_token(asked(header)) for header in (None, "Bearer x", "Bearer x", "Bearer x")]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    for answer in answers[:3]:
        assert answer["WWW-Authenticate"].startswith('Bearer realm="Budget monitor", Basic realm=')
    for answer in answers:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Cache-Control"] == "private, no-store"
    assert answers[3]["Retry-After"] == "900"
    assert person_of(asked(f"Bearer {secret}")) is not None


@pytest.mark.parametrize(("role", "kinds"), [(Role.SCRUTINY_MEMBER, 1), (Role.FINANCE_OFFICER, 2)])
def test_the_page_shows_a_new_token_once_and_revokes_it(client, person, role, kinds):
    user, page = person(role), reverse("tokens")
    client.force_login(user)
    assert client.get(page).content.count(b'type="radio"') == (0 if kinds == 1 else kinds)
    refused = client.post(page, {"name": "", "days": "400", "kind": "read"})
    assert refused.status_code == 422 and b"from 1 to 365" in refused.content
    wanted = {"name": "Ledger", "days": "30", "kind": "upload"}
    shown = client.post(page, wanted, follow=True).content.decode()
    (secret,) = re.findall(r">(bm_[A-Za-z0-9_-]{43})<", shown)
    token = AccessToken.objects.get()
    assert token.kind == (UPLOAD if kinds == 2 else READ)
    assert use_token(secret=secret, kind=token.kind, now=timezone.now()) == user
    again = client.get(page)
    assert secret not in again.content.decode() and again["Cache-Control"] == "no-store"
    assert client.post(reverse("token-revoke", args=[token.pk])).status_code == 302
    assert client.post(reverse("token-revoke", args=[token.pk])).status_code == 404
    assert b"Revoked" in client.get(page).content


def test_administrators_see_and_revoke_the_tokens_of_a_person(client, person):
    admin, member = person(Role.ADMINISTRATOR), person(Role.SCRUTINY_MEMBER)
    secrets = [token_for(member, name=name) for name in ("One", "Two", "Three")]
    theirs = reverse("person-tokens", args=[member.pk])
    client.force_login(member)
    assert client.post(theirs).status_code == 403
    client.force_login(admin)
    page = client.get(reverse("person", args=[member.pk])).content.decode()
    assert page.count(theirs) == 4 and "Revoke all tokens" in page
    first = AccessToken.objects.get(name="One")
    assert client.post(reverse("token-revoke", args=[first.pk])).status_code == 404
    for sent, status in (
        ({"token": first.pk}, 302),
        ({"token": first.pk}, 404),
        ({"token": "x"}, 404),
    ):
        assert client.post(theirs, sent).status_code == status
    assert AccessToken.objects.filter(revoked_at=None).count() == 2
    assert client.post(theirs).status_code == 302
    assert [person_of(asked(f"Bearer {each}")) for each in secrets] == [None] * 3
    assert client.post(reverse("person-tokens", args=[999_999])).status_code == 404
