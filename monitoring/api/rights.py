"""Rights to access tokens."""

from council_finance.accounts.models import TokenKind, User
from monitoring.uploading.rights import may_upload_files


def token_kinds(person: User) -> list[TokenKind]:
    """Return the kinds of token that a person may have."""
    return [TokenKind.READ, TokenKind.UPLOAD] if may_upload_files(person) else [TokenKind.READ]
