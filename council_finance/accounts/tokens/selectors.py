"""A person's access tokens, as pages list them."""

import datetime
from dataclasses import dataclass

from council_finance.accounts.models import User
from council_finance.accounts.tokens.models import AccessToken


@dataclass(frozen=True)
class TokenRow:
    """A token as a page lists it; `state` is "works", "expired" or "revoked"."""

    token: AccessToken
    state: str


def token_rows(person: User, now: datetime.datetime) -> list[TokenRow]:
    """Return a person's tokens: those that work first, then the latest first."""
    tokens = AccessToken.objects.filter(person=person).order_by("-created_at", "-pk")
    rows = [TokenRow(token, _describe_state(token, now)) for token in tokens]
    return sorted(rows, key=lambda row: row.state != "works")


def _describe_state(token: AccessToken, now: datetime.datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "works" if token.expires_at > now else "expired"
