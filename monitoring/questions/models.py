"""Questions that people ask each other about a figure of a draft, and the answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from council_finance.audit import AddedOnly
from monitoring.structure.models import BudgetLine, Period, Service

MESSAGE_LENGTH = 2_000


class ColleagueQuestion(models.Model):
    """A question to a colleague about the figures of a service, or of one of its lines.

    The amounts are those of the draft when it was asked, in pence; the net variance is null where
    there was no forecast. The texts are its messages, the first of which is the question.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="questions")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, null=True, related_name="+")
    budget_pence = models.BigIntegerField()
    net_variance_pence = models.BigIntegerField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="colleague_question_is_closed_by_someone_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=models.F("asked_of")),
                name="colleague_question_is_to_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk} about {self.line or self.service} in {self.period}"


class QuestionMessage(AddedOnly):
    """A message of a question: the question itself, an answer, or a further question."""

    question = models.ForeignKey(
        ColleagueQuestion, on_delete=models.PROTECT, related_name="messages"
    )
    text = models.CharField(max_length=MESSAGE_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_message_says_something")
        ]

    def __str__(self) -> str:
        return f"message {self.pk} of question {self.question_id}"
