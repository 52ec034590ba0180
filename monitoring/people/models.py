"""The parts of the tree that people look after, and the year they chose to see first."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TreeRight(models.Model):
    """A person looks after a service and everything under it, in every year that has its code."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tree_rights"
    )
    service_code = models.CharField(max_length=64)

    class Meta:
        ordering = ["user", "service_code"]
        constraints = [
            models.UniqueConstraint(fields=["user", "service_code"], name="tree_right_once"),
            models.CheckConstraint(condition=~Q(service_code=""), name="tree_right_has_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.user} looks after {self.service_code}"


class ChosenYear(models.Model):
    """The open year that a person chose to see first; without a row it is the earliest one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chosen_year"
    )
    year = models.ForeignKey(
        "monitoring.FinancialYear", on_delete=models.CASCADE, related_name="chosen_by"
    )

    def __str__(self) -> str:
        return f"{self.user} sees {self.year} first"
