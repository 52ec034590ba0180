"""The balance of a grant, and its division between services. Pure; amounts are whole pence."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from council_finance.money import round_half_away


def closing_balance(
    opening: int | None,
    received: int | None,
    applied: int | None,
    repaid: int | None,
    other_movements: int | None,
) -> int | None:
    """Return what is carried forward; negative where more was applied than there was.

    None unless both what was received and what was applied are given. A blank opening balance,
    repayment or other movement counts as nil.
    """
    if received is None or applied is None:
        return None
    return (opening or 0) + received - applied - (repaid or 0) + (other_movements or 0)


def divide_by_shares(pence: int | None, shares: Sequence[int | None]) -> list[int | None]:
    """Return an amount divided as the shares are, to the penny: the parts add up to it.

    The first share takes all of it where the shares come to nil.
    """
    if pence is None:
        return [None] * len(shares)
    sums = list(accumulate(share or 0 for share in shares))
    total = sums[-1]
    if total == 0:
        return [pence, *[0] * (len(shares) - 1)]
    steps = [0, *(round_half_away(pence * each, total) for each in sums)]
    return [after - before for before, after in pairwise(steps)]


def add_given(amounts: Sequence[int | None]) -> int | None:
    """Return the sum of the amounts that are given; None where none is."""
    given = [amount for amount in amounts if amount is not None]
    return sum(given) if given else None
