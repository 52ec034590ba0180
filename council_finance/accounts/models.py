"""People and their roles."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """Who someone is to the budget; what they may do follows from it."""

    FINANCE_OFFICER = "finance_officer", "Finance officer"
    FINANCE_LEAD = "finance_lead", "Finance lead"
    BUDGET_MANAGER = "budget_manager", "Budget manager"
    DIRECTOR = "director", "Director"
    SCRUTINY_MEMBER = "scrutiny_member", "Scrutiny member"
    ADMINISTRATOR = "administrator", "Administrator"


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
        """How pages and the audit trail call this person."""
        return self.get_full_name() or self.username


class RecoveryCode(models.Model):
    """A code that lets a person in once in place of the second factor.

    Only its SHA-256 is kept. That is enough, as a code is random and long: there is nothing to
    guess, as there is with a password.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"a recovery code of {self.user}"
