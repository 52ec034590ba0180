"""Files of activity: every fault is named with its row and column, and stores nothing."""

import pytest

from council_finance.errors import Refused
from performance.models import ActivityGroup, ActivityLine, ActivityPosition
from tests.councils.loaded import load_pack
from tests.councils.marked import ACTIVITY, position, write_files
from tests.councils.packs import bring, period_of

pytestmark = pytest.mark.slow

MODELS = (ActivityGroup, ActivityLine, ActivityPosition)


@pytest.fixture
def council(db, tmp_path):
    """Months 1 and 2 published with activity, month 3 open."""
    year = load_pack(folder=write_files(tmp_path / "pack")).year
    bring(year, "position", position(), 3)
    return year


def everything() -> list:
    return [list(model.objects.order_by("pk").values()) for model in MODELS]


GROUPS, LINES, MONTH = (
    ("activity_groups", None),
    ("activity", None),
    ("activity", 3),
)
_LINE = "reference,group_code,name,kind,annual_budget"
FAULTS = [
    (GROUPS, "code,name,parent_code\nA,A,B\nB,B,A\n", "Row 2, column parent_code: the group would"),
    (GROUPS, "code,name,parent_code\nA,A,NONE\n", "Row 2, column parent_code: there is no group"),
    (GROUPS, "code,name\nA,A\nA,B\n", "Row 3, column code: this group stands on an earlier row"),
    (GROUPS, "code,name,service_code\nA,A,NONE\n", "Row 2, column service_code: there is no"),
    (GROUPS, "code,name,volume_basis\nA,A,median\n", "Row 2, column volume_basis: one of average"),
    (LINES, f"{_LINE}\nL,NONE,L,volume,1\n", "Row 2, column group_code: there is no group"),
    (LINES, f"{_LINE}\nL,AGC,L,people,1\n", "Row 2, column kind: one of volume, cost"),
    (
        LINES,
        f"{_LINE},budgeted_volume\nL,AGC,L,cost,1,3\n",
        "Row 2, column budgeted_volume: a line",
    ),
    (LINES, f"{_LINE},budgeted_volume\nL,AGC,L,volume,1,1.23456\n", "there are more than four dec"),
    (
        LINES,
        f"{_LINE},units_per_year\nL,AGC,L,volume,1,0\n",
        "Row 2, column units_per_year: the un",
    ),
    (LINES, f"{_LINE},unit_cost_decimals\nL,AGC,L,volume,1,1\n", "0 or 2 was expected"),
    (MONTH, "reference,volume\nNONE,1\n", "Row 2, column reference: there is no line of activity"),
    (MONTH, "reference,volume\nAC1,1\nAC1,2\n", "Row 3, column reference: this reference stands"),
    (MONTH, "reference,volume\nAC1,3 (est)\n", "a number such as 1,234.5"),
    (MONTH, "reference,unit_cost\nAC1,1.234\n", "there are more than two decimals"),
]


def test_faults_are_named_and_nothing_is_stored(council):
    before = everything()
    for (kind, number), text, words in FAULTS:
        with pytest.raises(Refused) as caught:
            bring(council, kind, text, number)
        place, _, fault = words.rpartition(": ")
        told = caught.value.messages
        assert any(place in message and fault in message for message in told), (text, told)
        assert everything() == before


def test_a_line_without_a_volume_takes_nil_and_no_more(council):
    """A printed table has nil placements beside recoupment."""
    bring(council, "activity", f"{ACTIVITY}AC3,AGC,Recoupment,cost,,,,,5\n")
    bring(council, "activity", "reference,volume,forecast\nAC3,0,7\n", 3)
    with pytest.raises(Refused, match="a line of kind cost has no volume"):
        bring(council, "activity", "reference,volume,forecast\nAC3,1,7\n", 3)


def test_a_file_warns_of_what_is_odd_and_stores_it(council):
    bring(council, "activity", f"{ACTIVITY}INC,AGC,Health,income,,,,,5\n")
    upload = bring(council, "activity", "reference,volume,forecast\nAC1,-2,\nINC,,9\n", 3)
    told = " ".join(each["message"] for each in upload.warnings)
    assert "AC1: the volume is below nil." in told
    assert "INC: income is negative, and this forecast is above nil." in told
    assert "left out of the variance: AC2" in told
    stored = ActivityPosition.objects.get(period=period_of(council, 3), line__reference="AC1")
    assert (stored.volume, stored.unit_cost_pence, stored.forecast_pence) == (-20_000, None, None)


def test_a_column_that_a_file_lacks_stays_as_stored(council):
    bring(council, "activity", "reference,volume,forecast\nAC1,3.25,9\n", 3)
    bring(council, "activity", "reference,forecast\nAC1,10\n", 3)
    stored = ActivityPosition.objects.get(period=period_of(council, 3), line__reference="AC1")
    assert (stored.volume, stored.forecast_pence) == (32_500, 1_000)
    bring(council, "activity_groups", "code,name\nAGC,Homes\n")
    group = ActivityGroup.objects.get(code="AGC")
    assert (group.name, group.service.code, group.total_label) == ("Homes", "CARE", "Total homes")


def test_a_line_that_a_file_no_longer_names_stays_where_months_have_figures_of_it(council):
    bring(council, "activity", f"{ACTIVITY}AC3,AGC,New,cost,,,,,5\n")
    bring(council, "activity", f"{_LINE}\nAC2,AGR,Lamps,volume,5\n")
    stored = ActivityLine.objects.filter(year=council)
    assert set(stored.values_list("reference", flat=True)) == {"AC1", "AC2"}
