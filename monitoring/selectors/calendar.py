"""A year's periods with what was published of each, read once for a page."""

from dataclasses import dataclass

from django.db.models import Max, Q

from monitoring.models import FinancialYear, Period


@dataclass(frozen=True)
class Calendar:
    """A year's periods in their order, and the last version published of each by its number.

    A period of which nothing was published has no version. `own_figures` are the last versions
    with figures of their own: a redacted one repeats those of an earlier version.
    """

    periods: tuple[Period, ...]
    versions: dict[int, int]
    own_figures: dict[int, int]

    def last_version(self, number: int) -> int:
        """The last version of a period's report; 0 where there is none."""
        return self.versions.get(number, 0)

    def has_newer_figures(self, number: int, version: int) -> bool:
        """Whether a later version of a period's report has other figures than this one."""
        return self.own_figures.get(number, 0) > version

    def readable(self, *, with_drafts: bool) -> list[Period]:
        """Periods with a published report, or with figures at all where drafts are read."""
        return [
            period
            for period in self.periods
            if period.number in self.versions or (with_drafts and period.batch_id is not None)
        ]

    def last_readable(self, *, with_drafts: bool) -> Period | None:
        """The last of these."""
        return next(reversed(self.readable(with_drafts=with_drafts)), None)


def calendar_of(year: FinancialYear) -> Calendar:
    """One question, however many reports there are."""
    own = Q(reports__redaction_of__isnull=True)
    periods = Period.objects.filter(year=year).annotate(
        last=Max("reports__version"), last_own=Max("reports__version", filter=own)
    )
    found = tuple(periods.order_by("number"))
    published = [each for each in found if each.last is not None]
    return Calendar(
        found,
        {each.number: each.last for each in published},
        {each.number: each.last_own for each in published},
    )
