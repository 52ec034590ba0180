"""The year, its periods, its tree of services, and the budget lines of each service."""

import datetime

from django.db import models
from django.db.models import F, Q

from council_finance.periods import (
    as_at,
    financial_year_label,
    financial_year_slug,
    month_name,
    period_name,
)

UNALLOCATED = "UNALLOCATED"
"""Code of the service that holds lines whose cost centre nobody has placed yet."""


class FinancialYear(models.Model):
    """A council's year and its settings, as its pack gives them.

    `revision` grows with every change that figures depend on. Figures calculated at one revision
    are only written while the year is still at it. A year with `archived_at` is read only.
    """

    start = models.PositiveSmallIntegerField(unique=True)
    council = models.CharField(max_length=200)
    settings = models.JSONField(default=dict)
    revision = models.PositiveBigIntegerField(default=1)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__gte=1974, start__lte=2199), name="year_start_is_plausible"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """`2019/20`."""
        return financial_year_label(self.start)

    @property
    def slug(self) -> str:
        """`2019-20`, for addresses."""
        return financial_year_slug(self.start)

    @property
    def is_archived(self) -> bool:
        """True where the year is read only until somebody brings it back."""
        return self.archived_at is not None


class PeriodState(models.TextChoices):
    """Draft figures of an open period, or figures frozen in a report."""

    OPEN = "open", "Open"
    PUBLISHED = "published", "Published"


class Period(models.Model):
    """A month of the year (1 to 12), the approved budget (0) or the close (13).

    `batch` holds the current positions; `figures_revision` is the year's revision at which the
    figures were calculated (null: no figures yet). `forecast_saves` counts the revisions that were
    forecasts typed for this period, on which no other period's figures depend. `reopen_reason`
    says why a published period was opened again.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="periods")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=PeriodState.choices, default=PeriodState.OPEN)
    batch = models.ForeignKey(
        "monitoring.Batch", on_delete=models.PROTECT, null=True, related_name="+"
    )
    figures_revision = models.PositiveBigIntegerField(null=True)
    figures_at = models.DateTimeField(null=True)
    forecast_saves = models.PositiveBigIntegerField(default=0)
    reopen_reason = models.CharField(max_length=10_000, blank=True, default="")
    compared_with = models.ForeignKey(
        "monitoring.Report", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="period_once_a_year"),
            models.CheckConstraint(
                condition=Q(number__gte=0, number__lte=13), name="period_is_0_to_13"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PeriodState.values), name="period_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=PeriodState.PUBLISHED) | Q(batch__isnull=False),
                name="published_period_has_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.year}"

    @property
    def is_published(self) -> bool:
        """True where the period's current figures are a published report."""
        return self.state == PeriodState.PUBLISHED

    @property
    def name(self) -> str:
        """`Month 3` or `Close`."""
        return period_name(self.number)

    @property
    def month(self) -> str:
        """`June 2019`."""
        return month_name(self.year.start, self.number)

    @property
    def as_at(self) -> datetime.date:
        """The date of the period's figures."""
        return as_at(self.year.start, self.number)


class Service(models.Model):
    """A row of a year's tree as it is today; reports freeze the tree they were made with.

    A service with a successor is closed. One that the last tree did not name (`named` false)
    closes once no line of an open period hangs on it.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="services")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    order = models.PositiveIntegerField(default=0)
    total_label = models.CharField(max_length=300, blank=True, default="")
    section = models.CharField(max_length=300, blank=True, default="")
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    named = models.BooleanField(default=True)

    class Meta:
        ordering = ["year", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="service_code_once_a_year"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="service_is_not_its_own_parent",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                name="service_does_not_succeed_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class BudgetLine(models.Model):
    """A cost centre and account: the finest row of the ledger, which keeps its history.

    `service` is the service that the latest period's file names for it.
    """

    year = models.ForeignKey(
        FinancialYear, on_delete=models.PROTECT, db_index=False, related_name="lines"
    )
    cost_centre = models.CharField(max_length=64)
    account = models.CharField(max_length=64)
    description = models.CharField(max_length=10_000, blank=True, default="")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="lines")
    exempt = models.BooleanField(default=False)

    class Meta:
        ordering = ["year", "cost_centre", "account"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "cost_centre", "account"], name="line_once_a_year"
            ),
            models.CheckConstraint(condition=~Q(cost_centre=""), name="line_has_a_cost_centre"),
            models.CheckConstraint(condition=~Q(account=""), name="line_has_an_account"),
        ]
        # Few lines are exempt, and pages ask which: without it, of all lines of the year. A search
        # takes a year's first lines by their ids, and would read those of earlier years before.
        indexes = [
            models.Index(fields=["year"], condition=Q(exempt=True), name="exempt_lines_of_year"),
            models.Index(fields=["year", "id"], name="lines_of_year"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """`C210/NET`."""
        return f"{self.cost_centre}/{self.account}"
