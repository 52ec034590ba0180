"""The forward plan of decisions, their effects and sign-offs, and the meetings that take them."""

from django.db import models
from django.db.models import F, Q

from monitoring.models import FinancialYear, Service

NAME_LENGTH = 300
TEXT_LENGTH = 10_000


class DecisionStatus(models.TextChoices):
    """How far a decision is."""

    PLANNED = "planned", "Planned"
    TAKEN = "taken", "Taken"
    CALLED_IN = "called_in", "Called in"
    IMPLEMENTED = "implemented", "Implemented"
    WITHDRAWN = "withdrawn", "Withdrawn"


class EffectKind(models.TextChoices):
    """The kind of an effect of a decision."""

    COST = "cost", "Cost"
    SAVING = "saving", "Saving"
    VIREMENT = "virement", "Virement"
    RESERVE = "reserve", "Reserve movement"
    INCOME = "income", "Income"
    CAPITAL = "capital", "Capital"


class SignOffOutcome(models.TextChoices):
    """The answer that a role gave to a report: `blank` is no answer."""

    SIGNED = "signed", "Signed"
    NOT_APPLICABLE = "not applicable", "Not applicable"
    ALL = "all", "All"
    BLANK = "blank", "Blank"


class Decision(models.Model):
    """A decision of the year's forward plan, taken or to be taken.

    `key_decision` is None where the file does not say. `exempt` names the paragraph under which
    its report is private. `risk_score` is the score that the report prints, if any.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="decisions")
    reference = models.CharField(max_length=64)
    title = models.CharField(max_length=TEXT_LENGTH)
    decision_maker = models.CharField(max_length=NAME_LENGTH)
    decision_on = models.DateField(null=True)
    key_decision = models.BooleanField(null=True)
    key_reason = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")
    status = models.CharField(max_length=12, choices=DecisionStatus.choices)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    exempt = models.CharField(max_length=NAME_LENGTH, blank=True, default="")
    likelihood = models.PositiveSmallIntegerField(null=True)
    impact = models.PositiveSmallIntegerField(null=True)
    risk_score = models.PositiveSmallIntegerField(null=True)
    forward_plan_on = models.DateField(null=True)
    agenda_on = models.DateField(null=True)
    call_in_until = models.DateField(null=True)
    note = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="decision_once_a_year"),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(title=""),
                name="decision_has_a_reference_and_a_title",
            ),
            models.CheckConstraint(
                condition=Q(status__in=DecisionStatus.values), name="decision_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(likelihood__isnull=True) | Q(likelihood__gte=1),
                name="decision_likelihood_is_1_or_more",
            ),
            models.CheckConstraint(
                condition=Q(impact__isnull=True) | Q(impact__gte=1),
                name="decision_impact_is_1_or_more",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class DecisionEffect(models.Model):
    """An effect of a decision on a service's money; amounts are positive.

    It falls in a financial year (the calendar year in which it begins), in a year of the contract
    that is awarded, or in a year that is not stated. Without an amount and a range it is exempt or
    not known, which is not nil.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="effects")
    line = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=EffectKind.choices)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    financial_year = models.PositiveSmallIntegerField(null=True)
    contract_year = models.PositiveSmallIntegerField(null=True)
    recurrence = models.CharField(max_length=9, blank=True, default="")
    amount_pence = models.BigIntegerField(null=True)
    amount_low_pence = models.BigIntegerField(null=True)
    amount_high_pence = models.BigIntegerField(null=True)
    in_forecast = models.BooleanField(null=True)
    in_plan = models.CharField(max_length=64, blank=True, default="")
    note = models.CharField(max_length=TEXT_LENGTH, blank=True, default="")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["decision", "order", "line"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "line"], name="effect_once_a_decision"),
            models.CheckConstraint(
                condition=Q(kind__in=EffectKind.values), name="effect_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(financial_year__isnull=True) | Q(contract_year__isnull=True),
                name="effect_has_one_sort_of_year",
            ),
            models.CheckConstraint(
                condition=Q(amount_pence__isnull=True) | Q(amount_pence__gte=0),
                name="effect_amount_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_low_pence__isnull=True)
                | Q(amount_high_pence__isnull=True)
                | Q(amount_low_pence__lte=F("amount_high_pence")),
                name="effect_range_is_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"effect {self.line} of {self.decision.reference}"


class SignOff(models.Model):
    """The answer of a role to the report of a decision. Names of officers are not kept."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="sign_offs")
    role = models.CharField(max_length=NAME_LENGTH)
    signed_on = models.DateField(null=True)
    outcome = models.CharField(max_length=14, choices=SignOffOutcome.choices)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["decision", "order", "role"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "role"], name="sign_off_once_a_decision"),
            models.CheckConstraint(
                condition=Q(outcome__in=SignOffOutcome.values), name="sign_off_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"sign-off of {self.decision.reference} by {self.role}"


class Meeting(models.Model):
    """A meeting of the agenda plan, with the days by which reports are due and sent out."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="meetings")
    meeting_on = models.DateField()
    committee = models.CharField(max_length=NAME_LENGTH)
    provisional = models.BooleanField(default=False)
    reports_due_on = models.DateField(null=True)
    despatch_on = models.DateField(null=True)

    class Meta:
        ordering = ["year", "meeting_on", "committee"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "meeting_on", "committee"], name="meeting_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} on {self.meeting_on.isoformat()}"
