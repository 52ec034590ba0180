"""The marks of plan items against the version before: unchanged, amended, new. Pure."""

from collections.abc import Mapping

from planning.plan.calculations import Roll

UNCHANGED, AMENDED, NEW = "unchanged", "amended", "new"
SIGNS: Mapping[str, str] = {UNCHANGED: "*", AMENDED: "**", NEW: "", "": ""}


def worked_out_marks(now: Roll, before: Roll | None) -> dict[str, str]:
    """Return whether each item is unchanged, amended or new; {} without a version before.

    An item is unchanged where its cumulative amounts are the same in the years of both versions,
    and it stands in the same way otherwise: a year that only one of them has is not compared.
    """
    if before is None:
        return {}
    return {item.reference: _mark_of(item.reference, now, before) for item in now.items}


def _mark_of(reference: str, now: Roll, before: Roll) -> str:
    if reference not in before.cumulative:
        return NEW
    here = dict(zip(now.years, now.cumulative[reference], strict=True))
    there = dict(zip(before.years, before.cumulative[reference], strict=True))
    both = [year for year in now.years if year in there]
    same = all((here[year] or 0) == (there[year] or 0) for year in both)
    return UNCHANGED if same else AMENDED
