"""A year's periods with what was published of each, read once for a page."""

from dataclasses import dataclass

from django.db.models import Max

from monitoring.models import FinancialYear, Period


@dataclass(frozen=True)
class Calendar:
    """A year's periods in their order, and the last version published of each by its number.

    A period of which nothing was published has no version.
    """

    periods: tuple[Period, ...]
    versions: dict[int, int]

    def last_version(self, number: int) -> int:
        """The last version of a period's report; 0 where there is none."""
        return self.versions.get(number, 0)

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
    periods = Period.objects.filter(year=year).annotate(last=Max("reports__version"))
    found = tuple(periods.order_by("number"))
    return Calendar(found, {each.number: each.last for each in found if each.last is not None})
