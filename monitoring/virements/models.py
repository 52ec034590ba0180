"""Virements: transfers of budget between budget lines."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.structure.models import BudgetLine, FinancialYear

REFERENCE_LENGTH = 64
"""The most characters of a reference."""
DECISION_LENGTH = 100
"""The most characters of a decision's reference."""


class VirementKind(models.TextChoices):
    """The kinds of virement: budget alone moves (funding), or spending with it (technical)."""

    FUNDING = "funding", "Funding"
    TECHNICAL = "technical", "Technical"


class Virement(models.Model):
    """One leg of a virement: budget from one line to another; None is outside the budget.

    Legs of one reference are approved together. Without `approved_on` a virement is pending and has
    no effect. An approved one is never deleted: a later one that names it in `reverses` takes it
    back. A pending one may be declined, with a reason. `approved_by` is what the register prints;
    `approver` is the person who approved it here, who is never the person who entered it. Without
    an `approver` it was approved outside the product. A `permanent` one stays in next year's base;
    `decision_reference` names the decision that is its authority.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="virements")
    reference = models.CharField(max_length=REFERENCE_LENGTH)
    leg = models.PositiveSmallIntegerField()
    period = models.PositiveSmallIntegerField()
    from_line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, null=True, related_name="virements_out"
    )
    to_line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, null=True, related_name="virements_in"
    )
    amount_pence = models.BigIntegerField()
    forecast_amount_pence = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=VirementKind.choices)
    approved_by = models.CharField(max_length=300, blank=True)
    approved_on = models.DateField(null=True)
    reverses = models.CharField(max_length=REFERENCE_LENGTH, blank=True)
    reason = models.CharField(max_length=10_000, blank=True)
    permanent = models.BooleanField(default=False)
    decision_reference = models.CharField(max_length=DECISION_LENGTH, blank=True, default="")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True, null=True)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    declined_on = models.DateField(null=True)
    decline_reason = models.CharField(max_length=10_000, blank=True, default="")

    class Meta:
        ordering = ["year", "period", "reference", "leg"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "reference", "leg"], name="virement_leg_once_a_year"
            ),
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="virement_is_positive"),
            models.CheckConstraint(
                condition=Q(from_line__isnull=False) | Q(to_line__isnull=False),
                name="virement_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(from_line__isnull=True)
                | Q(to_line__isnull=True)
                | ~Q(from_line=F("to_line")),
                name="virement_ends_differ",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=VirementKind.values), name="virement_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(period__gte=0, period__lte=13), name="virement_period_is_0_to_13"
            ),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True) | Q(declined_on__isnull=True),
                name="virement_is_not_both_approved_and_declined",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(approver=F("entered_by")),
                name="virement_is_not_approved_by_who_entered_it",
            ),
            models.CheckConstraint(
                condition=Q(declined_on__isnull=True) | ~Q(decline_reason=""),
                name="declined_virement_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} leg {self.leg}"

    @property
    def is_approved_outside(self) -> bool:
        """Return whether a file brought it in as approved already."""
        return self.approved_on is not None and self.approver_id is None
