"""Write and withdraw commentary, and sign it off for the figures that it explains."""

from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.uploads.cells import TEXT_LENGTH
from monitoring.commentary.models import Commentary
from monitoring.commentary.pipeline import put_text, tidy_text, withdraw_text
from monitoring.commentary.selectors import commentary_record, find_commentary, text_version
from monitoring.figures.models import NodeFigure
from monitoring.structure.models import Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import lock_year


class CommentaryClashed(Refused):
    """A refusal of a change to a text that somebody else has changed meanwhile.

    `theirs` is the text as it is now; None where it was withdrawn.
    """

    def __init__(self, theirs: Commentary | None) -> None:
        self.theirs = theirs
        who = theirs.written_by.name if theirs and theirs.written_by else "A colleague or a file"
        did = "changed" if theirs else "withdrew"
        super().__init__(
            f"Nothing was saved yet: {who} {did} this text while you were writing. Both stand "
            "below; save again to put yours in its place."
        )


def write_commentary(*, period: Period, service: Service, text: str, seen: str, by: User) -> bool:
    """Store a text, and return whether anything changed.

    `seen` is `text_version` of the text that the writer's page showed. A changed text clears the
    sign-off. The year's revision stays, since no figure changes. Raise `CommentaryClashed` where
    somebody else changed the text, and `Refused` where it cannot be stored.
    """
    text = tidy_text(text)
    if not text:
        raise Refused("Write what explains the variance. To remove a text, withdraw it.")
    if len(text) > TEXT_LENGTH:
        raise Refused(f"Shorten the text: it has more than {TEXT_LENGTH:,} characters.")
    with transaction.atomic():
        period = _open_period(period)
        _find_figures(period, service)
        before = find_commentary(period, service)
        if before is not None and before.text == text:
            return False
        _refuse_changed_text(before, seen)
        return put_text(period=period, service=service, before=before, text=text, by=by)


def withdraw_commentary(*, period: Period, service: Service, seen: str, by: User) -> None:
    """Remove a text, which the audit trail keeps. Raise `CommentaryClashed` or `Refused`."""
    with transaction.atomic():
        period = _open_period(period)
        before = find_commentary(period, service)
        if before is None:
            raise Refused("There is no text to withdraw any more.")
        _refuse_changed_text(before, seen)
        withdraw_text(before, by=by)


def sign_off_commentary(
    *,
    period: Period,
    service: Service,
    seen: str,
    budget_pence: int,
    net_variance_pence: int | None,
    by: User,
) -> bool:
    """Sign off the stored text for these figures, and return whether that was new.

    `seen` and the figures are those that the director's page showed. Raise `Refused` where the text
    or the figures have changed since.
    """
    with transaction.atomic():
        period = _open_period(period)
        commentary = find_commentary(period, service)
        if commentary is None:
            raise Refused("There is no text to sign off; write it first.")
        if text_version(commentary) != seen:
            raise Refused("The text changed while you were reading. Read it again, then sign off.")
        row = _find_figures(period, service)
        now = (row.budget_pence, row.net_variance_pence)
        if now != (budget_pence, net_variance_pence):
            raise Refused(
                "The figures changed while you were reading. Look at them, then sign off."
            )
        if commentary.signed_at is not None:
            return False
        _store_sign_off(commentary, now, by)
        return True


def _store_sign_off(commentary: Commentary, figures: tuple[int, int | None], by: User) -> None:
    budget, net_variance = figures
    commentary.signed_by, commentary.signed_at = by, timezone.now()
    commentary.signed_budget_pence = budget
    commentary.signed_net_variance_pence = net_variance
    commentary.save()
    audit.record(
        by=by,
        action="signed off commentary",
        on=commentary_record(commentary.period, commentary.service.code),
        budget_pence=budget,
        net_variance_pence=net_variance,
        text=commentary.text,
    )


def _open_period(period: Period) -> Period:
    """Lock the year and return the period as it is now. Raise `Refused` where it is published."""
    lock_year(period.year_id)
    period = Period.objects.select_related("year").get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def _find_figures(period: Period, service: Service) -> NodeFigure:
    """Return the service's row of the read model. Raise `Refused` where it has none."""
    if period.batch_id is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    rows = NodeFigure.objects.filter(period=period, service=service).exclude(kind="closed")
    row = rows.first()
    if row is None:
        raise Refused(f"{service} has closed; write on the service where its lines stand now.")
    return row


def _refuse_changed_text(before: Commentary | None, seen: str) -> None:
    if text_version(before) != seen:
        raise CommentaryClashed(before)
