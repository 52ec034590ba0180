"""What a reserve holds, and when it is overdrawn: the rules, against plain loops."""

import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from council_finance.registry import SettingsError
from monitoring.structure.council_settings import read_settings
from reserves.calculations import Balance, Entry, Overdraft, add_balances, balance_of, overdraft
from reserves.settings_tables import minimum_general_fund

KINDS = ("budgeted", "anticipated", "actual")
ENTRIES = st.lists(
    st.builds(
        Entry,
        period=st.integers(0, 13),
        kind=st.sampled_from(KINDS),
        amount=st.integers(-(10**12), 10**12),
    ),
    max_size=12,
)
FEW = run(derandomize=True, max_examples=60, deadline=None)
OPENING = st.integers(-(10**12), 10**12)


def entries(text: str) -> list[Entry]:
    """`0 budgeted 5` a line."""
    rows = (line.split() for line in text.strip().splitlines())
    return [Entry(int(period), kind, int(amount)) for period, kind, amount in rows]


@pytest.mark.parametrize(
    ("moved", "before_close", "at_close"),
    [
        ("", 100, 100),
        ("0 budgeted 10\n3 anticipated -30\n5 anticipated 5", 85, 85),
        ("0 budgeted 10\n3 anticipated -30\n13 actual -25", 80, 75),
        ("0 budgeted 10\n3 anticipated -30\n13 actual 0", 80, 100),
        ("4 actual -7\n13 actual -2", 100, 91),
    ],
)
def test_the_close_counts_what_was_booked_where_anything_was(moved, before_close, at_close):
    for close, wanted in ((False, before_close), (True, at_close)):
        assert balance_of(100, entries(moved), at_close=close).closing == wanted


@FEW
@given(OPENING, ENTRIES, st.booleans())
def test_a_balance_is_the_opening_and_every_movement_that_counts(opening, moved, at_close):
    found = balance_of(opening, moved, at_close=at_close)
    wanted, booked = opening, False
    for entry in moved:
        booked = booked or entry.kind == "actual"
    for entry in moved:
        if (entry.kind == "actual") == (at_close and booked):
            wanted += entry.amount
    assert found.closing == wanted
    assert found.booked is booked
    for kind in KINDS:
        assert getattr(found, kind) == sum(each.amount for each in moved if each.kind == kind)


@pytest.mark.slow
@FEW
@given(st.lists(st.tuples(OPENING, ENTRIES), max_size=6), st.booleans())
def test_reserves_together_are_the_sum_of_each(reserves, at_close):
    each = [balance_of(opening, moved, at_close=at_close) for opening, moved in reserves]
    total = add_balances(each)
    for field in ("opening", "budgeted", "anticipated", "actual", "closing"):
        assert getattr(total, field) == sum(getattr(balance, field) for balance in each)


def test_no_reserves_hold_nothing():
    assert add_balances([]) == Balance()


OVERDRAWN = {
    "a drawing of all there is": (100, "3 anticipated -100", None),
    "a penny more": (100, "3 anticipated -101", Overdraft("expected", 3, -1)),
    "before the money is there": (
        0,
        "3 anticipated -5\n4 anticipated 5",
        Overdraft("expected", 3, -5),
    ),
    "with the budgeted contribution": (0, "0 budgeted 10\n3 anticipated -10", None),
    "in two steps": (10, "2 anticipated -6\n3 budgeted -5", Overdraft("expected", 3, -1)),
    "a booked drawing": (10, "3 actual -11", Overdraft("booked", 3, -1)),
    "booked before a budgeted contribution": (0, "0 budgeted 10\n3 actual -10", None),
    "booked beyond it": (0, "0 budgeted 10\n3 actual -11", Overdraft("booked", 3, -1)),
    "booked against one that was withdrawn": (
        0,
        "1 anticipated 10\n2 anticipated -10\n3 actual -5",
        Overdraft("booked", 3, -5),
    ),
    "a contribution that is booked counts once": (
        0,
        "0 budgeted 10\n2 actual 10\n3 actual -11",
        Overdraft("booked", 3, -1),
    ),
    "booked at the close without its contribution": (
        0,
        "0 budgeted 10\n13 actual -10",
        Overdraft("booked", 13, -10),
    ),
    "booked at the close with it": (0, "0 budgeted 10\n13 actual 10\n13 actual -10", None),
    "a deficit that the year began with": (-50, "3 anticipated 10", None),
    "which gets deeper": (-50, "3 anticipated -1", Overdraft("expected", 3, -51)),
}


@pytest.mark.parametrize("case", OVERDRAWN.values(), ids=OVERDRAWN)
def test_when_a_reserve_is_overdrawn(case):
    opening, moved, wanted = case
    assert overdraft(opening, [], entries(moved)) == wanted


def test_an_approved_deficit_is_the_floor():
    moved = entries("3 anticipated -130")
    assert overdraft(100, [], moved, approved_deficit=30) is None
    assert overdraft(100, [], moved, approved_deficit=29) == Overdraft("expected", 3, -30)


def test_what_was_overdrawn_already_may_stay_or_get_better():
    before = entries("2 anticipated -130")
    assert overdraft(100, before, before) is None
    assert overdraft(100, before, [*before, *entries("4 anticipated 10")]) is None
    assert overdraft(100, before, [*before, *entries("4 anticipated -1")]) is not None


@FEW
@given(OPENING, ENTRIES, st.integers(0, 10**12))
def test_nothing_below_the_floor_passes(opening, moved, approved):
    """Whatever passes closes at the floor or above it, before the close and at it."""
    if overdraft(opening, [], moved, approved_deficit=approved) is None:
        floor = min(opening, -approved)
        closed = any(each.kind == "actual" and each.period == 13 for each in moved)
        for period in range(13):
            so_far = [each for each in moved if each.period <= period]
            assert balance_of(opening, so_far, at_close=False).closing >= floor
        if closed:
            assert balance_of(opening, moved, at_close=True).closing >= floor


# The minimum level of the General Fund


def test_the_minimum_level_is_pounds_or_not_set():
    assert minimum_general_fund(read_settings({})) is None
    for pounds, pence in ((0, 0), (15_000_000, 1_500_000_000), (0.5, 50)):
        settings = read_settings({"reserves": {"minimum_general_fund": pounds}})
        assert minimum_general_fund(settings) == pence


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"minimum_general_fund": -1}, "cannot be below nil"),
        ({"minimum_general_fund": "15m"}, "must be a number of pounds"),
        ({"minimum_general_fund": True}, "minimum_general_fund"),
        ({"minimum_general_fund": float("inf")}, "minimum_general_fund"),
        ({"minimum": 1}, "there is no key “minimum”"),
        ("15m", "must be a table"),
    ],
)
def test_a_minimum_level_that_cannot_be_is_refused(table, words):
    with pytest.raises(SettingsError, match=words):
        read_settings({"reserves": table})
