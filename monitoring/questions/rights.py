"""Who may read a question about a figure, answer it and close it."""

from django.contrib.auth.models import AnonymousUser

from council_finance.accounts.models import User
from monitoring.people.rights import (
    Reach,
    may_see_draft_of,
    may_see_drafts,
    may_see_exempt_lines,
)
from monitoring.questions.models import ColleagueQuestion
from monitoring.structure.models import BudgetLine, Service


def may_discuss(
    user: User | AnonymousUser,
    service: Service,
    line: BudgetLine | None,
    own: Reach | None = None,
) -> bool:
    """Return whether a person may ask, read and answer questions about these figures.

    They see the draft of the service and, for an exempt line, exempt lines. `own` is what the
    person looks after, where it has been read already.
    """
    if not user.is_authenticated or not may_see_draft_of(user, service, own):
        return False
    return line is None or not line.exempt or may_see_exempt_lines(user)


def may_read_question(user: User, question: ColleagueQuestion, own: Reach | None = None) -> bool:
    """Return whether a person may read a question and answer it."""
    return may_discuss(user, question.service, question.line, own)


def may_close(user: User, question: ColleagueQuestion) -> bool:
    """Return whether a person who may read a question may close it.

    That is who asked it, and the finance team, as the one who asked may have left.
    """
    return question.asked_by_id == user.pk or may_see_drafts(user)
