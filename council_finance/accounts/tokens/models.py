"""Tokens with which a person's programs read or upload, in place of a log-in."""

from django.conf import settings
from django.db import models


class TokenKind(models.TextChoices):
    """The use of a token: it reads or it uploads, never both."""

    READ = "read", "Read"
    UPLOAD = "upload", "Upload files"


class AccessToken(models.Model):
    """A token of a person, which ends by itself or is revoked.

    Only the SHA-256 of its secret is stored. That is enough: a secret has 256 random bits, so
    unlike a password it cannot be guessed.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens"
    )
    kind = models.CharField(max_length=10, choices=TokenKind.choices)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    first_characters = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=TokenKind.values), name="access_token_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="access_token_ends_after_it_is_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.first_characters}…)"
