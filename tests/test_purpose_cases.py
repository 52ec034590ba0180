"""Case files about what a file is for, and about what a month's figures lack."""

import pytest

from tests import cases


@pytest.fixture
def council(db):
    return cases.council()


def test_a_ledger_file_is_stored_as_it_stands(council):
    """The harness itself: the first file of case 01 is month 3, and casts."""
    cases.bring(council, "01-stale-workbook.1")
    assert cases.lines(council)["00123/4000"].current_budget_pence == 100_000_000
    assert cases.cells(council, "annex-a")["ADULT"]["net_variance"] == 3_000_000
    assert cases.differing(council) == []
