"""What a year's reserves begin with: the closing balances of the year before, as published."""

from dataclasses import dataclass

from council_finance.periods import CLOSE, financial_year_label
from monitoring.models import FinancialYear, Report
from monitoring.published.selectors.published_data import frozen_of
from reserves.models import Reserve
from reserves.selectors import PART, balances


@dataclass(frozen=True)
class Opening:
    """A reserve of the close with its closing balance, in pence, and what it opens at by now.

    `before` is as the close froze it; `standing` is the new year's reserve of that code, or None.
    """

    before: dict
    closing: int
    standing: Reserve | None

    @property
    def changes(self) -> bool:
        """Whether carrying it forward makes it or changes its opening balance."""
        return self.standing is None or self.standing.opening_balance_pence != self.closing


@dataclass(frozen=True)
class Carrying:
    """What carrying forward into `year` would do; `refusal` says why it cannot, or is empty."""

    year: FinancialYear
    openings: tuple[Opening, ...] = ()
    refusal: str = ""

    @property
    def waits(self) -> bool:
        """Whether there is anything to carry."""
        return any(each.changes for each in self.openings)


def carrying_into(year: FinancialYear) -> Carrying:
    """What the published close of the year before would open in `year`."""
    report = (
        Report.objects.filter(
            period__year__start=year.start - 1,
            period__year__council=year.council,
            period__number=CLOSE,
        )
        .order_by("version")
        .last()
    )
    part = frozen_of(report).get("parts", {}).get(PART) if report else None
    if not part or not part["reserves"]:
        before = financial_year_label(year.start - 1)
        return Carrying(
            year,
            refusal=f"The close of {before} has not been published with reserves. Publish it "
            f"first: its closing balances are what {year} begins with.",
        )
    closing = balances(part, at_close=True)
    standing = {each.code: each for each in Reserve.objects.filter(year=year)}
    return Carrying(
        year,
        tuple(
            Opening(each, closing[each["code"]].closing, standing.get(each["code"]))
            for each in part["reserves"]
        ),
    )


def year_after(year: FinancialYear) -> FinancialYear | None:
    """The next year, where it has been set up."""
    return FinancialYear.objects.filter(start=year.start + 1, council=year.council).first()
