"""The target that stood before the last change, so that a moved target is seen. Pure."""

from collections.abc import Sequence

STOOD_FOR = 3
"""Months for which a target must have been the same: a profile that moves each month is none."""

Target = tuple[int, int, int]
"""A month's target: the year it begins in, the period, and the target."""


def former_target(targets: Sequence[Target]) -> int | None:
    """Return the target before the last change, for the last of these months; None without one.

    It is the last one of the year before where the new year's differ; or, within the year, one that
    had stood for three months. A target that moves from month to month along a profile has not
    been changed. Source: Kent's dashboard of May 2017, whose targets were rebased in April.
    """
    if not targets:
        return None
    year = targets[-1][0]
    own = [target for start, _, target in targets if start == year]
    within = _last_that_stood(own)
    if within is not None:
        return within
    before = [target for start, _, target in targets if start < year]
    return before[-1] if before and before[-1] != own[-1] else None


def _last_that_stood(targets: Sequence[int]) -> int | None:
    """Return the last target of a year that stood for some months and was then replaced."""
    for end in range(len(targets) - 1, 0, -1):
        if targets[end] == targets[end - 1]:
            continue
        stood = targets[max(0, end - STOOD_FOR) : end]
        return stood[0] if len(stood) == STOOD_FOR and len(set(stood)) == 1 else None
    return None
