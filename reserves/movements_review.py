"""Whether a person has confirmed that the movements of reserves up to a period are complete."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from council_finance.prepared import prepared
from monitoring.models import Period
from monitoring.reports.selectors.report_data import ReportData
from reserves.models import MovementsReview
from reserves.report_rows import MovementSide
from reserves.report_section import section_of


@dataclass(frozen=True)
class ReviewOfMovements:
    """The movements of a draft by their `digest`, and the last confirmation of the period.

    `new` is the number of movements first reported in the period; a transfer is one.
    """

    digest: str
    new: int
    last: MovementsReview | None

    @property
    def is_done(self) -> bool:
        """Return whether the movements are those that were confirmed."""
        return self.last is not None and self.last.digest == self.digest

    @property
    def has_changed(self) -> bool:
        """Return whether movements have changed since they were confirmed."""
        return self.last is not None and not self.is_done


def review_of_movements(facts: ReportData) -> ReviewOfMovements:
    """Return how far the review of a draft's movements is."""
    movements = section_of(facts).movements
    return ReviewOfMovements(
        digest=digest_of_movements(movements),
        new=sum(
            side.period == facts.period.number and (side.transfer is None or side.amount < 0)
            for side in movements
        ),
        last=_last_review(facts.period),
    )


def digest_of_movements(movements: Sequence[MovementSide]) -> str:
    """Return a fingerprint of movements; the same for equal movements in the same order."""
    rows = [[side.reserve, side.period, side.kind, side.amount] for side in movements]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _last_review(period: Period) -> MovementsReview | None:
    return next(iter(_last_reviews(period.pk)), None)


@prepared
def _last_reviews(period_id: int) -> QuerySet[MovementsReview]:
    reviews = MovementsReview.objects.filter(period=period_id).select_related("reviewed_by")
    return reviews.order_by("-pk")[:1]
