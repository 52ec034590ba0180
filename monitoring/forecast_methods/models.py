"""The forecast methods chosen for lines and services, and the monthly profiles of budgets."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.structure.models import BudgetLine, FinancialYear, Service

_EITHER = Q(line__isnull=False, service__isnull=True) | Q(line__isnull=True, service__isnull=False)


class ForecastMethod(models.Model):
    """The method by which a line, or the lines of a service without their own, are forecast.

    A service's method also counts for services under it that have none. `by` chose it at `at`; the
    audit trail keeps the earlier ones.
    """

    year = models.ForeignKey(
        FinancialYear, on_delete=models.PROTECT, related_name="forecast_methods"
    )
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=_EITHER, name="method_is_of_a_line_or_a_service"),
            models.CheckConstraint(condition=~Q(method=""), name="method_is_named"),
            models.UniqueConstraint(fields=["line"], name="method_once_a_line"),
            models.UniqueConstraint(fields=["service"], name="method_once_a_service"),
        ]

    def __str__(self) -> str:
        return f"forecast method of {self.line or self.service}"


class BudgetProfile(models.Model):
    """The share of each month in a budget, of a line or of a service's lines without their own.

    `months` are twelve whole numbers, April first: pence, or with `in_percent` hundredths of a per
    cent. Rows are added by files and never changed; the last one of a line or a service counts, so
    that a published report's profile can be found again by its time.
    """

    year = models.ForeignKey(
        FinancialYear, on_delete=models.PROTECT, related_name="budget_profiles"
    )
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    months = models.JSONField()
    in_percent = models.BooleanField(default=False)
    upload = models.ForeignKey("monitoring.Upload", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=_EITHER, name="profile_is_of_a_line_or_a_service"),
        ]

    def __str__(self) -> str:
        return f"profile of {self.line or self.service}"
