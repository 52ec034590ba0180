"""Services for access tokens: issue, revoke, and find the one that a program sends."""

import datetime
import hashlib
import re
import secrets
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.accounts.services import record_of
from council_finance.accounts.tokens.models import AccessToken, TokenKind
from council_finance.errors import Refused

MOST_DAYS = 365
MOST_AT_ONCE = 20
"""Tokens of one person that work at the same time."""

_PREFIX = "bm_"
"""The beginning of every token, so that programs that look for leaked secrets can find them."""
_SECRET_BYTES = 32
_SHOWN = len(_PREFIX) + 5
_TOKEN = re.compile(r"bm_[A-Za-z0-9_-]{43}")
_USE_NOTED_EVERY = datetime.timedelta(minutes=1)


@transaction.atomic
def issue_token(
    *,
    person: User,
    name: str,
    days: int,
    kind: TokenKind,
    allowed: Collection[TokenKind],
    now: datetime.datetime,
) -> str:
    """Make a token and return it, to be shown once. Raise `Refused` where it may not be made.

    `allowed` are the kinds that the person may have.
    """
    name = name.strip()
    if kind not in allowed:
        raise Refused("Tokens that upload are for people who may upload files.")
    if not name:
        raise Refused("Enter a name for the token, such as the program that uses it.")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"A token works for 1 to {MOST_DAYS} days.")
    User.objects.select_for_update().get(pk=person.pk)
    if working_tokens(person, now).count() >= MOST_AT_ONCE:
        raise Refused(
            f"You have {MOST_AT_ONCE} tokens that work. Revoke one that you no longer need first."
        )
    secret = f"{_PREFIX}{secrets.token_urlsafe(_SECRET_BYTES)}"
    token = AccessToken.objects.create(
        person=person,
        kind=kind,
        name=name,
        digest=_token_digest(secret),
        first_characters=secret[:_SHOWN],
        created_at=now,
        expires_at=now + datetime.timedelta(days=days),
    )
    audit.record(
        by=person,
        action="made an access token",
        on=record_of(person),
        token=str(token),
        kind=kind.label,
        days=days,
    )
    return secret


@transaction.atomic
def revoke_tokens(
    *, person: User, only: int | None = None, by: User | None, now: datetime.datetime
) -> int:
    """Revoke one token of a person, or all that are not revoked, and return how many."""
    found = AccessToken.objects.select_for_update().filter(person=person, revoked_at=None)
    if only is not None:
        found = found.filter(pk=only)
    tokens = list(found)
    for token in tokens:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record(
            by=by, action="revoked an access token", on=record_of(person), token=str(token)
        )
    return len(tokens)


def use_token(*, secret: str, kind: TokenKind, now: datetime.datetime) -> User | None:
    """Return the person whose token this is and note its use, at most once a minute.

    Return None for a token of the other kind, one that has ended or is revoked, and where the
    person's account is closed or has no role.
    """
    if not _TOKEN.fullmatch(secret):
        return None
    found = AccessToken.objects.select_related("person").filter(
        digest=_token_digest(secret), kind=kind, revoked_at=None, expires_at__gt=now
    )
    token = found.first()
    if token is None or not (token.person.is_active and token.person.has_role):
        return None
    long_ago = now - _USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= long_ago:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=long_ago)
        AccessToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    return token.person


def working_tokens(person: User, now: datetime.datetime) -> QuerySet[AccessToken]:
    """Return a person's tokens that are neither revoked nor ended."""
    return AccessToken.objects.filter(person=person, revoked_at=None, expires_at__gt=now)


def _token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
