"""Access tokens for tests of programs that read or upload."""

import datetime

from django.utils import timezone

from council_finance.accounts.models import TokenKind, User
from council_finance.accounts.tokens.services import issue_token


def token_for(
    person: User,
    *,
    kind: TokenKind = TokenKind.READ,
    name: str = "Power BI",
    days: int = 90,
    now: datetime.datetime | None = None,
) -> str:
    """Make a token for a person and return it."""
    return issue_token(
        person=person,
        name=name,
        days=days,
        kind=kind,
        allowed=list(TokenKind),
        now=now or timezone.now(),
    )
