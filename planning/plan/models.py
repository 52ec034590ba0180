"""The medium-term plan: its versions and items, and the registers that belong to it.

Amounts of several years are kept as JSON: pence by the calendar year in which each year begins, as
text. A year that is not given has no entry, which differs from nil.
"""

from django.db import models
from django.db.models import Q

from monitoring.models import FinancialYear, Service

CODE_LENGTH = 100
TITLE_LENGTH = 1000
HEADING_LENGTH = 300
NOTE_LENGTH = 10_000
NAME_LENGTH = 300


class ItemType(models.TextChoices):
    """The type of a plan item; the last two count in no total."""

    TRANSFER = "transfer", "Transfer"
    INFLATION = "inflation", "Inflation"
    GROWTH = "growth", "Growth"
    SAVING = "saving", "Saving"
    RESERVES = "reserves", "Reserves"
    UNDER_DEVELOPMENT = "under_development", "Under development"
    RISK = "risk", "Risk"


class ItemRecurrence(models.TextChoices):
    """How long the amount of an item stays in the base."""

    RECURRING = "recurring", "Recurring"
    ONE_OFF = "one_off", "One-off"
    TIME_LIMITED = "time_limited", "Time-limited"


class FundingRecurrence(models.TextChoices):
    """How long a source of funding lasts."""

    RECURRENT = "recurrent", "Recurrent"
    TIME_LIMITED = "time-limited", "Time-limited"
    NON_RECURRENT = "non-recurrent", "Non-recurrent"
    NOT_STATED = "not stated", "Not stated"


class PlanVersion(models.Model):
    """A version of the plan of a year, such as the draft for cabinet.

    `settings` are those of `[plan]` when its items were stored: the years, and whether amounts are
    cumulative or steps. With `adopted_on` the version is frozen; `adopted_year` is the calendar
    year in which the year begins whose register of savings was written from it.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="plan_versions")
    name = models.CharField(max_length=NAME_LENGTH)
    version = models.CharField(max_length=NAME_LENGTH, blank=True)
    settings = models.JSONField(default=dict)
    adopted_on = models.DateField(null=True)
    adopted_year = models.PositiveSmallIntegerField(null=True)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "name", "version"], name="plan_version_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(adopted_on__isnull=True, adopted_year__isnull=True)
                | Q(adopted_on__isnull=False, adopted_year__isnull=False),
                name="plan_is_adopted_for_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.version}" if self.version else self.name


class PlanItem(models.Model):
    """A row of a version of the plan: growth, a saving, a transfer, or what is not in the figures.

    `order` is its place in the file. `parent_reference`, `depends_on` and `ends` are references.
    """

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="items")
    reference = models.CharField(max_length=CODE_LENGTH)
    title = models.CharField(max_length=TITLE_LENGTH)
    type = models.CharField(max_length=20, choices=ItemType.choices)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    heading = models.CharField(max_length=HEADING_LENGTH, blank=True)
    order = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, blank=True)
    change = models.CharField(max_length=20, blank=True)
    recurrence = models.CharField(
        max_length=20, choices=ItemRecurrence.choices, default=ItemRecurrence.RECURRING
    )
    parent_reference = models.CharField(max_length=CODE_LENGTH, blank=True)
    depends_on = models.CharField(max_length=CODE_LENGTH, blank=True)
    ends = models.CharField(max_length=CODE_LENGTH, blank=True)
    driver = models.CharField(max_length=CODE_LENGTH, blank=True)
    amount_low_pence = models.BigIntegerField(null=True)
    amount_high_pence = models.BigIntegerField(null=True)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    amounts = models.JSONField(default=dict)

    class Meta:
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "reference"], name="plan_item_once_a_version"
            ),
            models.CheckConstraint(
                condition=Q(type__in=ItemType.values), name="plan_item_type_is_known"
            ),
            models.CheckConstraint(
                condition=Q(recurrence__in=ItemRecurrence.values),
                name="plan_item_recurrence_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(type="saving") | ~Q(kind=""), name="plan_saving_has_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class ScenarioAmount(models.Model):
    """The amounts that an item or a source of funding has in a scenario instead of its own."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    scenario = models.CharField(max_length=HEADING_LENGTH)
    reference = models.CharField(max_length=CODE_LENGTH)
    order = models.PositiveIntegerField()
    amounts = models.JSONField(default=dict)

    class Meta:
        ordering = ["year", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "scenario", "reference"], name="scenario_amount_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} in {self.scenario}"


class QuotedGap(models.Model):
    """A gap that the plan quotes and does not work out; positive where money is short.

    `scope` is `council` or the code of a service.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    financial_year = models.PositiveSmallIntegerField()
    gap_pence = models.BigIntegerField()
    scope = models.CharField(max_length=CODE_LENGTH)

    class Meta:
        ordering = ["year", "financial_year", "scope"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "financial_year", "scope"], name="quoted_gap_once"
            )
        ]

    def __str__(self) -> str:
        return f"Gap of {self.scope} in {self.financial_year}"


class FundingSource(models.Model):
    """A source of funding, with its amounts by year, positive."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=CODE_LENGTH)
    source = models.CharField(max_length=TITLE_LENGTH)
    heading = models.CharField(max_length=HEADING_LENGTH, blank=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    recurrence = models.CharField(max_length=20, choices=FundingRecurrence.choices)
    last_year = models.CharField(max_length=20, blank=True)
    grant_reference = models.CharField(max_length=CODE_LENGTH, blank=True)
    order = models.PositiveIntegerField()
    amounts = models.JSONField(default=dict)

    class Meta:
        ordering = ["year", "order"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="funding_source_once"),
            models.CheckConstraint(
                condition=Q(recurrence__in=FundingRecurrence.values),
                name="funding_recurrence_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.source}"


class CouncilTaxYear(models.Model):
    """The council tax of a year: its base, Band D, collection fund and requirement.

    `tax_base` and percentages are in ten-thousandths (council_finance.quantities).
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    financial_year = models.PositiveSmallIntegerField()
    tax_base = models.BigIntegerField()
    collection_rate_percent = models.BigIntegerField(null=True)
    band_d_general_pence = models.BigIntegerField()
    band_d_adult_social_care_pence = models.BigIntegerField(null=True)
    collection_fund_pence = models.BigIntegerField(null=True)
    limit_general_percent = models.BigIntegerField(null=True)
    limit_adult_social_care_percent = models.BigIntegerField(null=True)
    gross_expenditure_pence = models.BigIntegerField(null=True)
    gross_income_pence = models.BigIntegerField(null=True)
    special_items_pence = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["year", "financial_year"]
        constraints = [
            models.UniqueConstraint(fields=["year", "financial_year"], name="council_tax_once"),
            models.CheckConstraint(condition=Q(tax_base__gt=0), name="tax_base_is_positive"),
        ]

    def __str__(self) -> str:
        return f"Council tax of {self.financial_year}"


class CapitalScheme(models.Model):
    """A scheme of the capital plan, with its amounts by year; a range where it has none yet."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=CODE_LENGTH)
    scheme = models.CharField(max_length=TITLE_LENGTH)
    heading = models.CharField(max_length=HEADING_LENGTH, blank=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    funding = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    amount_low_pence = models.BigIntegerField(null=True)
    amount_high_pence = models.BigIntegerField(null=True)
    order = models.PositiveIntegerField()
    amounts = models.JSONField(default=dict)

    class Meta:
        ordering = ["year", "order"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="capital_scheme_once")
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.scheme}"
