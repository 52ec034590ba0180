"""What money is spent on: the council's subjectives, its accounts, and estimates by service."""

from django.db import models
from django.db.models import Q

from monitoring.models import FinancialYear, Service

NAME_LENGTH = 300


class SubjectiveGroup(models.TextChoices):
    """The standard groups of CIPFA's subjective analysis."""

    EMPLOYEES = "employees", "Employees"
    PREMISES = "premises", "Premises"
    TRANSPORT = "transport", "Transport"
    SUPPLIES_AND_SERVICES = "supplies_and_services", "Supplies and services"
    THIRD_PARTY_PAYMENTS = "third_party_payments", "Third party payments"
    TRANSFER_PAYMENTS = "transfer_payments", "Transfer payments"
    SUPPORT_SERVICES = "support_services", "Support services"
    DEPRECIATION = "depreciation_and_impairment", "Depreciation and impairment"
    INCOME = "income", "Income"
    CAPITAL_FINANCING = "capital_financing", "Capital financing"


class SubjectiveKind(models.TextChoices):
    """How a subjective counts: `net` holds the net budget of a year without an analysis."""

    EXPENDITURE = "expenditure", "Expenditure"
    INTERNAL_INCOME = "internal_income", "Internal income"
    EXTERNAL_INCOME = "external_income", "External income"
    NET = "net", "Net, without an analysis"


class Subjective(models.Model):
    """A column of the council's subjective analysis; a blank group holds several together.

    `subtotal_after` is the label of the running total that is printed after it.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="subjectives")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_LENGTH)
    group = models.CharField(max_length=27, choices=SubjectiveGroup.choices, blank=True, default="")
    kind = models.CharField(max_length=15, choices=SubjectiveKind.choices)
    order = models.PositiveIntegerField(default=0)
    subtotal_after = models.CharField(max_length=NAME_LENGTH, blank=True, default="")

    class Meta:
        ordering = ["year", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="subjective_once_a_year"),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="subjective_has_a_code_and_a_name"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SubjectiveKind.values), name="subjective_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class AccountRule(models.Model):
    """The subjective of an account, or of all accounts that begin so (`41*`)."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="account_rules")
    account = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    subjective = models.ForeignKey(Subjective, on_delete=models.PROTECT, related_name="accounts")

    class Meta:
        ordering = ["year", "account"]
        constraints = [
            models.UniqueConstraint(fields=["year", "account"], name="account_rule_once_a_year"),
            models.CheckConstraint(condition=~Q(account=""), name="account_rule_has_an_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account} is {self.subjective.code}"


class Estimate(models.Model):
    """An estimate of a service by subjective; income is negative.

    `year` is the year whose pack brought it, `financial_year` the calendar year in which the year
    of the estimate begins. Rows of one service and subjective add up over `step`.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="estimates")
    financial_year = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    subjective = models.ForeignKey(Subjective, on_delete=models.PROTECT, related_name="estimates")
    step = models.CharField(max_length=64, blank=True, default="")
    amount_pence = models.BigIntegerField()

    class Meta:
        ordering = ["year", "financial_year", "service", "subjective", "step"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "financial_year", "service", "subjective", "step"],
                name="estimate_once_a_step",
            ),
        ]

    def __str__(self) -> str:
        return f"estimate of {self.service.code} for {self.subjective.code}"
