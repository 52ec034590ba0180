"""Schemes of the capital programme, changes of their budgets, reasons of variances, and funding.

Two time scales are kept apart: amounts of this year, and `total_` amounts of the whole scheme.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from capital.entry.models import ChangeFunding, ForecastPart, PartKind
from monitoring.models import FinancialYear, Period, Report, Service, Upload

__all__ = [
    "CapitalScheme",
    "ChangeFunding",
    "ChangeKind",
    "ChangeState",
    "ForecastPart",
    "FundingKind",
    "FundingPosition",
    "FundingSource",
    "PartKind",
    "ProgrammeChange",
    "PublishedRephasing",
    "PublishedScheme",
    "ReasonKind",
    "SchemeKind",
    "SchemePosition",
    "VarianceReason",
]

NAME_LENGTH = 300
TEXT_LENGTH = 10_000
COMPLETION_LENGTH = 100


class SchemeKind(models.TextChoices):
    """The kinds of lines of a capital programme."""

    SCHEME = "scheme", "Scheme"
    VARIATIONS = "variations", "Variations budget"
    FINANCING = "financing", "Capitalised interest"


class CapitalScheme(models.Model):
    """A line of a year's capital programme, as in the business plan.

    A variations budget is negative: the slippage that is expected and not placed on a scheme yet.
    `completion` is a date or a term, as the council writes it.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_LENGTH)
    programme = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    order = models.PositiveIntegerField(default=0)
    kind = models.CharField(
        max_length=10, choices=SchemeKind.choices, default=SchemeKind.SCHEME.value
    )
    original_budget_pence = models.BigIntegerField(null=True)
    prior_years_pence = models.BigIntegerField(null=True)
    total_budget_pence = models.BigIntegerField(null=True)
    completion = models.CharField(max_length=COMPLETION_LENGTH, blank=True, default="")
    purpose = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "reference"], name="capital_scheme_once_a_year"
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(name=""),
                name="capital_scheme_has_a_reference_and_a_name",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SchemeKind.values), name="capital_scheme_kind_is_known"
            ),
        ]
        indexes = [
            # The order of the file, in which pages list fifty at a time.
            models.Index(fields=["year", "order", "reference"], name="capital_scheme_in_order"),
            models.Index(fields=["year", "kind"], name="capital_scheme_of_kind"),
            # What a draft sums of its schemes by service, so that no row is read for it.
            models.Index(
                fields=["year", "service", "kind", "original_budget_pence", "total_budget_pence"],
                name="capital_scheme_sums",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.reference})"


class SchemePosition(models.Model):
    """The figures of a scheme in a period; null is not given, which is not nil."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    scheme = models.ForeignKey(CapitalScheme, on_delete=models.PROTECT, related_name="positions")
    budget_pence = models.BigIntegerField(null=True)
    actual_to_date_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    total_budget_pence = models.BigIntegerField(null=True)
    total_forecast_pence = models.BigIntegerField(null=True)
    completion = models.CharField(max_length=COMPLETION_LENGTH, blank=True, default="")
    commentary = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")

    class Meta:
        ordering = ["period", "scheme"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "scheme"], name="scheme_position_once_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme} in {self.period}"


class ChangeKind(models.TextChoices):
    """The kinds of changes that lead from the original to the revised budget of a scheme."""

    CARRY_FORWARD = "carry_forward", "Carry forward"
    REPHASING = "rephasing", "Rephasing"
    VARIATION = "variation", "Variation"
    VIREMENT = "virement", "Virement"
    NEW_SCHEME = "new_scheme", "New scheme"
    TO_REVENUE = "to_revenue", "Moved to revenue"


class ChangeState(models.TextChoices):
    """The states of a change; only an approved one counts."""

    PROPOSED = "proposed", "Waits for approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class ProgrammeChange(models.Model):
    """A change of a scheme's budget, first reported in a period; it explains the revised budget.

    `total_amount_pence` is its effect on the whole scheme. The legs of a virement share their
    reference. A file brings approved changes (`source`, `source_row`); a typed one is entered by
    one person and decided by another.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=64)
    scheme = models.ForeignKey(CapitalScheme, on_delete=models.PROTECT, related_name="changes")
    period = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=13, choices=ChangeKind.choices)
    amount_pence = models.BigIntegerField()
    total_amount_pence = models.BigIntegerField()
    approved_by = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    approved_on = models.DateField(null=True)
    reason = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")
    state = models.CharField(
        max_length=8, choices=ChangeState.choices, default=ChangeState.APPROVED.value
    )
    source = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, related_name="+")
    source_row = models.PositiveIntegerField(null=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["year", "period", "reference", "scheme"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "reference", "scheme"], name="programme_change_once_a_scheme"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ChangeKind.values), name="programme_change_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ChangeState.values), name="programme_change_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(period__gte=0, period__lte=13),
                name="programme_change_period_is_0_to_13",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("entered_by")),
                name="programme_change_is_decided_by_another",
            ),
        ]
        indexes = [
            # The lists of changes that wait and that are approved, which are counted and paged.
            models.Index(
                fields=["year", "state", "reference", "period"], name="programme_changes_listed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} of {self.scheme}"


class ReasonKind(models.TextChoices):
    """The two reasons of a variance: spending moves between years, or the scheme's cost changes."""

    REPHASING = "rephasing", "Rephasing"
    COST = "cost", "Cost"


class VarianceReason(models.Model):
    """A part of a scheme's variance in a period, explained; slippage is negative."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    scheme = models.ForeignKey(CapitalScheme, on_delete=models.PROTECT, related_name="reasons")
    order = models.PositiveIntegerField(default=0)
    project = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    kind = models.CharField(max_length=9, choices=ReasonKind.choices)
    amount_pence = models.BigIntegerField(null=True)
    total_amount_pence = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")

    class Meta:
        ordering = ["period", "scheme", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ReasonKind.values), name="variance_reason_kind_is_known"
            )
        ]
        indexes = [
            # With what a draft sums of its reasons, so that no row is read for it.
            models.Index(
                fields=["period", "scheme", "kind", "amount_pence"],
                name="variance_reasons_of_scheme",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.scheme} in {self.period}"


class FundingKind(models.TextChoices):
    """The kinds of capital funding."""

    GRANT = "grant", "Grant"
    CONTRIBUTION = "contribution", "Contribution"
    CAPITAL_RECEIPT = "capital_receipt", "Capital receipt"
    REVENUE = "revenue", "Revenue"
    RESERVE = "reserve", "Reserve"
    BORROWING = "borrowing", "Borrowing"


class FundingSource(models.Model):
    """A source that pays for the programme. A negative one is borrowing that is paid back.

    `grant_reference` names the grant in the register of grants that it applies. `spend_by` is the
    last day on which the money may be spent, where there is one.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=15, choices=FundingKind.choices)
    order = models.PositiveIntegerField(default=0)
    grant_reference = models.CharField(max_length=64, blank=True, default="")
    original_pence = models.BigIntegerField(null=True)
    spend_by = models.DateField(null=True)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "reference"], name="funding_source_once_a_year"
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(name=""),
                name="funding_source_has_a_reference_and_a_name",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FundingKind.values), name="funding_source_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.reference})"


class FundingPosition(models.Model):
    """The revised budget and the forecast of a source in a period; null is not given."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(FundingSource, on_delete=models.PROTECT, related_name="positions")
    budget_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["period", "source"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "source"], name="funding_position_once_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} in {self.period}"


class PublishedScheme(models.Model):
    """A line of the programme in a published report, read where many reports are read at once.

    The same as in the report's `frozen`, which has every line; null is not given. `home` is the
    row of the tree that it belonged to; `reasons` are those of its variance, as they are frozen.
    `scheme` is the year's scheme of that reference; null once it is removed. All else is written
    when the report is published, and never changed.
    """

    # The constraint has its index.
    report = models.ForeignKey(Report, on_delete=models.PROTECT, db_index=False, related_name="+")
    scheme = models.ForeignKey(
        CapitalScheme, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reference = models.CharField(max_length=64)
    name = models.TextField()
    programme = models.TextField(blank=True)
    service = models.CharField(max_length=64, blank=True)
    home = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=10)
    original_budget_pence = models.BigIntegerField(null=True)
    prior_years_pence = models.BigIntegerField(null=True)
    planned_completion = models.CharField(max_length=COMPLETION_LENGTH, blank=True)
    purpose = models.TextField(blank=True)
    is_reported = models.BooleanField()
    budget_pence = models.BigIntegerField(null=True)
    actual_to_date_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    total_budget_pence = models.BigIntegerField(null=True)
    total_forecast_pence = models.BigIntegerField(null=True)
    completion = models.CharField(max_length=COMPLETION_LENGTH, blank=True)
    commentary = models.TextField(blank=True)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "reference"], name="published_scheme_once_a_report"
            )
        ]
        indexes = [
            models.Index(fields=["reference"], name="published_scheme_over_reports"),
            # What a draft sums of the report before by today's services, without reading the rows.
            models.Index(
                fields=["report", "scheme", "forecast_pence", "budget_pence"],
                name="published_scheme_variances",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} in {self.report}"


class PublishedRephasing(models.Model):
    """How much of the schemes' budgets a published report rephased, without variations budgets.

    `budget_pence` is the revised budget before changes of kind rephasing; `in_year_pence` is what
    these changes moved, `at_close_pence` what reasons name as rephasing. Spending that moves to
    later years is negative. A report without a budget of any scheme has no row.
    """

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="+")
    budget_pence = models.BigIntegerField()
    in_year_pence = models.BigIntegerField()
    at_close_pence = models.BigIntegerField()

    def __str__(self) -> str:
        return f"rephasing in {self.report}"
