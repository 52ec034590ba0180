"""People and their roles."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from council_finance.accounts.tokens.models import AccessToken, TokenKind

__all__ = ["AccessToken", "ExpectedSignOn", "RecoveryCode", "Role", "TokenKind", "User"]


class Role(models.TextChoices):
    """The role of a person in the council, which gives their rights.

    Somebody without a role has none: single sign-on makes new people so.
    """

    FINANCE_OFFICER = "finance_officer", "Finance officer"
    FINANCE_LEAD = "finance_lead", "Finance lead"
    BUDGET_MANAGER = "budget_manager", "Budget manager"
    DIRECTOR = "director", "Director"
    SCRUTINY_MEMBER = "scrutiny_member", "Scrutiny member"
    ADMINISTRATOR = "administrator", "Administrator"
    NO_ROLE = "no_role", "No role yet"


class User(AbstractUser):
    """A person who logs in. A new one is a scrutiny member, who sees the least."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.SCRUTINY_MEMBER)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_is_known"
            )
        ]

    @property
    def name(self) -> str:
        """The name of this person on pages and on the audit trail."""
        return self.get_full_name() or self.username

    @property
    def has_role(self) -> bool:
        """Return whether this person may see more than the page that says whom to ask."""
        return self.role != Role.NO_ROLE


class ExpectedSignOn(models.Model):
    """A person whom an administrator lets single sign-on recognise once, by this e-mail address."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="expected_sign_on")
    email = models.EmailField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(email=""), name="expected_sign_on_has_an_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} is recognised once by {self.email}"


class RecoveryCode(models.Model):
    """A code that lets a person in once in place of the second factor.

    Only its SHA-256 is stored. That is enough: a code is long and random, so unlike a password it
    cannot be guessed.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"a recovery code of {self.user}"
