"""Reasons that people gave for figures that were questioned, and for checks that differ."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from council_finance.audit import AddedOnly
from monitoring.structure.models import BudgetLine, Period

REASON_LENGTH = 1000


class GivenReason(AddedOnly):
    """A reason that a person gave; who, and when."""

    reason = models.CharField(max_length=REASON_LENGTH)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        abstract = True


class FigureAnswer(GivenReason):
    """The reason given for a figure that a rule questioned in a period; who gave it, and when.

    `figures` are those that the question was about, in pence by their names. With other figures
    the rule asks again. Without a line (null) the question is about the whole month's figures.
    `effect_pence` is the amount by which the figure might have been wrong.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="figure_answers")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, null=True, related_name="+")
    measure = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=40)
    figures = models.JSONField()
    effect_pence = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="figure_answer_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"answer about line {self.line_id} in period {self.period_id}"


class CheckReason(GivenReason):
    """The reason why a check of a period's report differs; who gave it, and when.

    It holds for this check with these figures: with others a new reason is needed.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="check_reasons")
    statement = models.CharField(max_length=100)
    name = models.CharField(max_length=1000)
    expected_pence = models.BigIntegerField()
    actual_pence = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="check_reason_is_given")
        ]

    def __str__(self) -> str:
        return f"reason for “{self.name}” in period {self.period_id}"
