"""The forms in which a colleague is asked about a figure, and answers."""

from collections.abc import Iterable
from typing import Any

from django import forms

from council_finance.accounts.models import User
from council_finance.forms.fields import select_field, set_choices, text_field
from monitoring.questions.models import MESSAGE_LENGTH
from monitoring.questions.selectors import describe_person

_NOBODY = "Choose the colleague whom you ask."


class QuestionForm(forms.Form):
    """A question, and the colleague who is asked."""

    asked_of = select_field(
        "Who do you ask?",
        "People who may see these figures before they are published.",
        error_messages={"required": _NOBODY, "invalid_choice": _NOBODY},
    )
    text = text_field(
        "Your question",
        "Everybody who may see these figures can read it and its answers.",
        max_length=MESSAGE_LENGTH,
        rows=5,
        error_messages={"required": "Write your question."},
    )

    def __init__(self, people: Iterable[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(person.pk), describe_person(person)) for person in people]
        set_choices(self, "asked_of", [("", "Choose a colleague"), *choices])


class AnswerForm(forms.Form):
    """A message under a question."""

    text = text_field(
        "Your message",
        max_length=MESSAGE_LENGTH,
        rows=5,
        error_messages={"required": "Write your answer."},
    )
