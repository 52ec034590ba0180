"""The register of contracts, with the services that bear them and their prices."""

from django.db import models
from django.db.models import Q

from monitoring.models import FinancialYear, Service
from planning.decisions.models import Decision

NAME_LENGTH = 300
TEXT_LENGTH = 10_000
HUNDRED_PERCENT = 10_000


class Contract(models.Model):
    """A contract or grant of the year's register; amounts are positive, a blank supplier is open.

    `extension_months` are the months of each extension in order, of which the first
    `extensions_taken` have been taken. `notice_anniversary` is the day of the year (`03-31`) on
    which an agreement ends for which notice was given in time.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="contracts")
    reference = models.CharField(max_length=64)
    title = models.CharField(max_length=TEXT_LENGTH)
    description = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")
    supplier = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    supplier_registration = models.CharField(max_length=64, blank=True, default="")
    supplier_kind = models.CharField(max_length=9, blank=True, default="")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="contracts"
    )
    procurement = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    review_date = models.DateField(null=True)
    term_months = models.PositiveIntegerField(null=True)
    extension_months = models.JSONField(default=list)
    extensions_taken = models.PositiveSmallIntegerField(default=0)
    break_date = models.DateField(null=True)
    notice_months = models.PositiveSmallIntegerField(null=True)
    notice_anniversary = models.CharField(max_length=5, blank=True, default="")
    annual_value_pence = models.BigIntegerField(null=True)
    total_value_pence = models.BigIntegerField(null=True)
    estimated_value_pence = models.BigIntegerField(null=True)
    spend_to_date_pence = models.BigIntegerField(null=True)
    replaces_annual_cost_pence = models.BigIntegerField(null=True)
    irrecoverable_vat_pence = models.BigIntegerField(null=True)
    vat = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    payment = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    indexation = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    note = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="contract_once_a_year"),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(title=""),
                name="contract_has_a_reference_and_a_title",
            ),
            models.CheckConstraint(
                condition=Q(start_date__isnull=True)
                | Q(end_date__isnull=True)
                | Q(start_date__lte=models.F("end_date")),
                name="contract_starts_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class ContractShare(models.Model):
    """The share of a contract that a service bears, in hundredths of a per cent."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="shares")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    hundredths = models.PositiveIntegerField()
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["contract", "order"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "service"], name="share_once_a_contract"),
            models.CheckConstraint(
                condition=Q(hundredths__gte=0, hundredths__lte=HUNDRED_PERCENT),
                name="share_is_a_part_of_the_contract",
            ),
        ]

    def __str__(self) -> str:
        return f"share of {self.contract.reference} of {self.service.code}"


class ContractPrice(models.Model):
    """A price of a contract, such as that of a week of care in one of its bands."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="prices")
    line = models.CharField(max_length=NAME_LENGTH)
    unit = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    band = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    price_pence = models.BigIntegerField(null=True)
    annual_value_pence = models.BigIntegerField(null=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["contract", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "line", "unit", "band"], name="price_once_a_contract"
            ),
        ]

    def __str__(self) -> str:
        return f"price of {self.contract.reference}: {self.line} {self.band}".strip()
