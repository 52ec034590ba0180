"""Explain changes of a line's budget since an earlier month by virements."""

from collections import defaultdict
from typing import NamedTuple

import pandas as pd

from monitoring.figures.selectors.inputs import approved_virements, virement_legs
from monitoring.published.models import Report
from monitoring.structure.models import Period


class LateVirements(NamedTuple):
    """The amounts that virements add to each line's budget, in pence by line id.

    `later` are virements of a later period than the earlier month, `unreflected` those that the
    earlier month's report did not reflect (where it was published), `all` every approved one.
    """

    later: pd.Series
    unreflected: pd.Series
    all: pd.Series

    @classmethod
    def of(cls, period: Period, before: Period) -> "LateVirements":
        """Return the approved virements up to the period, divided by whether `before` had them."""
        approved = approved_virements(period)
        legs = virement_legs(approved)
        if legs.empty:
            none = pd.Series(dtype="int64")
            return cls(none, none, none)
        report = Report.objects.filter(period=before).order_by("-version").first()
        late = approved.filter(period__gt=before.number)
        unreflected = late if report is None else approved.exclude(pk__in=report.virements.all())
        of_late, of_unreflected = (
            legs[legs["virement"].isin(list(some.values_list("pk", flat=True)))]
            for some in (late, unreflected)
        )
        return cls(moved_by(of_late), moved_by(of_unreflected), moved_by(legs))

    def unexplained(self, lines: pd.DataFrame, change: pd.Series) -> pd.Series:
        """Return the part of each change that no virement explains, in pence; else nil.

        A change is explained by the later virements, by those with late ones, or where the budget
        is the original one with all virements: a ledger may enter one before or after its report.
        `lines` has columns line, current_budget (int64), original_budget (Int64 pence).
        """
        later, unreflected, every = (
            moved.reindex(lines["line"], fill_value=0).set_axis(lines.index)
            for moved in (self.later, self.unreflected, self.all)
        )
        by_all = (lines["original_budget"] + every == lines["current_budget"]) & (every != 0)
        explained = (change == unreflected) | by_all.fillna(False).astype(bool)
        return (change - later).mask(explained, 0)


def moved_by(legs: pd.DataFrame) -> pd.Series:
    """Return what legs add to each line's budget, in pence by line id; legs as virement_legs."""
    moved: dict[int, int] = defaultdict(int)
    for end, sign in (("to_line", 1), ("from_line", -1)):
        known = legs[legs[end].notna()]
        for line, amount in zip(known[end].tolist(), known["amount"].tolist(), strict=True):
            moved[line] += sign * amount
    return pd.Series(moved, dtype="int64").sort_index()
