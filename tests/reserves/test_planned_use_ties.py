"""Planned use tied to a reserve or a receipts project: the tie-outs hold by construction."""

import pytest

from council_finance.errors import Refused
from council_finance.statements.casting import AGREES
from monitoring.forecasts.changes import ForecastChange, ForecastsFaulty
from monitoring.forecasts.services import confirm_carried, save_forecasts
from monitoring.models import ForecastEntry, PlannedUseTie, Service
from monitoring.reports.checks import check_report
from monitoring.structure.year_changes import basis_of
from monitoring.uploading.models import Upload
from monitoring.uploading.services.undo import undo_upload
from reserves.models import ReserveMovement
from tests.councils.packs import bring, facts_of, publish
from tests.councils.reserves import closing, figures, load_council

pytestmark = pytest.mark.slow

RESERVES, RECEIPTS = "use_of_reserves", "use_of_capital_receipts"
LEDGER = "cost_centre,account,current_budget\nA,NET,500\nB,NET,100\nC,NET,300\n"


@pytest.fixture
def council(db, tmp_path):
    """Roads -55 of reserves and parks -30 of receipts in month 2, as reserves and projects say."""
    return load_council(tmp_path)


@pytest.fixture
def lead(person):
    return person("finance_lead", first_name="Robin", last_name="Day")


def type_at_top(council, by, *cells, number=2):
    """Type (cost centre, measure, pounds seen, pounds, tie) at the whole council."""
    lines = dict(council.lines.values_list("cost_centre", "pk"))
    changes = [
        ForecastChange(
            lines[centre], *(None if p is None else p * 100 for p in pounds), measure=measure,
            tied_to=tie,
        )
        for centre, measure, *pounds, tie in cells
    ]  # fmt: skip
    top = Service.objects.get(year=council, code="TOP")
    return save_forecasts(node=top, number=number, changes=changes, by=by)


def movements(number):
    """Reserve, pounds and approver of the movements of a month that follow planned use."""
    rows = ReserveMovement.objects.filter(period=number, follows_planned_use=True).order_by("pk")
    return [(row.reserve.code, row.amount_pence / 100, row.approved_by) for row in rows]


def differing(council, number):
    """The subjects of the tie-outs of reserves and receipts that do not hold."""
    checks = check_report(facts_of(council, number))
    return [each.name for each in checks if "Annex A" in each.name and each.status != AGREES]


def test_the_tie_outs_hold_whatever_happens_to_tied_planned_use(council, lead):
    """Tying moves nothing; a change moves its reserve; it is carried, and taken back."""
    type_at_top(council, lead, ("A", RESERVES, -55, -55, "ROADS"), ("B", RECEIPTS, -30, -30, "P1"))
    assert (movements(2), differing(council, 2)) == ([], [])
    type_at_top(
        council, lead, ("A", RESERVES, -55, -70, None), ("B", RECEIPTS, -30, -36, None),
        ("C", RESERVES, 0, -12, "FIRE"), ("C", RECEIPTS, None, -4, "P2"),
    )  # fmt: skip
    assert movements(2) == [("FIRE", -12, "Robin Day"), ("ROADS", -15, "Robin Day")]
    assert differing(council, 2) == []
    assert closing(council)["ROADS"] == 30
    receipts = figures(council, 2, "capital-receipts")
    assert [receipts[each]["forecast"] for each in ("P1", "P2")] == [36, 4]
    bring(council, "position", LEDGER, 3)
    assert (movements(3), differing(council, 3)) == ([], [])
    assert PlannedUseTie.objects.filter(batch__period__number=3).count() == 4
    # Month 3 keeps what it carried, so that there the change of month 2 is taken out again.
    type_at_top(council, lead, ("A", RESERVES, -70, None, None), ("C", RESERVES, -12, -10, None))
    assert movements(2)[2:] == [("FIRE", 2, "Robin Day"), ("ROADS", 15, "Robin Day")]
    assert [row[:2] for row in movements(3)] == [("FIRE", -2), ("ROADS", -15)]
    assert differing(council, 2) == differing(council, 3) == []
    publish(council, 2)
    bring(council, "position", LEDGER, 3)
    assert differing(council, 3) == []
    top = Service.objects.get(year=council, code="TOP")
    assert confirm_carried(node=top, number=3, by=lead).changed
    ties = ForecastEntry.objects.filter(period__number=3).exclude(measure="forecast")
    assert set(ties.values_list("line__cost_centre", "tied_to")) == {
        ("A", ""), ("B", "P1"), ("C", "FIRE"), ("C", "P2"),
    }  # fmt: skip


def test_pages_say_where_planned_use_comes_from(client, council, lead):
    """The line's page and its service's, of what is typed, tied and carried."""
    type_at_top(council, lead, ("A", RESERVES, -55, -70, "ROADS"))
    bring(council, "position", LEDGER, 3)
    client.force_login(lead)
    line = council.lines.get(cost_centre="A").pk
    typed = "entered by hand, tied to ROADS (Roads reserve)"
    carried = "carried forward from month 2, tied to ROADS (Roads reserve)"
    for number, source in ((2, typed), (3, carried)):
        for page in (f"lines/{line}/", "services/ROAD/"):
            text = client.get(f"/2021-22/{number}/{page}").content.decode()
            assert source in text, (number, page)
    assert (
        "Planned use of reserves, tied to ROADS"
        in client.get(f"/2021-22/2/lines/{line}/").content.decode()
    )


def test_files_move_what_is_tied_and_their_undo_moves_it_back(council, lead):
    type_at_top(council, lead, ("A", RESERVES, -55, -55, "ROADS"))
    bring(council, "forecasts", "cost_centre,account,planned_use_of_reserves\nA,NET,-65\n", 2)
    assert [row[:2] for row in movements(2)] == [("ROADS", -10)]
    assert ForecastEntry.objects.last().tied_to == "ROADS"
    columns = "cost_centre,account,current_budget,planned_use_of_reserves\n"
    bring(council, "position", columns + "A,NET,500,-80\nB,NET,100,\nC,NET,300,\n", 3)
    assert ([row[:2] for row in movements(3)], differing(council, 3)) == ([("ROADS", -15)], [])
    upload = Upload.objects.select_related("year").order_by("pk").last()
    undo_upload(
        upload=upload, by=lead, reason="Wrong month", basis=basis_of(upload.year_id, upload.period)
    )
    assert sum(amount for _, amount, _ in movements(3)) == 0
    assert not PlannedUseTie.objects.filter(batch__period__number=3).exists()


def test_a_project_stays_tied_when_its_file_comes(council, lead):
    type_at_top(council, lead, ("B", RECEIPTS, -30, -33, "P1"))
    upload = bring(council, "capital_receipts", "reference,forecast\nP1,31\nP2,0\n", 2)
    assert "£33 is tied to P1" in str(upload.warnings)
    assert figures(council, 2, "capital-receipts")["P1"]["forecast"] == 33
    assert differing(council, 2) == []


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (("A", RESERVES, -55, -60, "NONE"), "no earmarked reserve with the code NONE in 2021/22"),
        (("A", RESERVES, -55, -60, "P1"), "no earmarked reserve with the code P1"),
        (("A", RESERVES, -55, -60, "GF"), "no earmarked reserve with the code GF"),
        (("C", RESERVES, 0, -60, "ROADS"), "is for lines of PLACE"),
        (("A", RECEIPTS, 0, -60, "P1"), "is for lines of PARK"),
        (("A", "forecast", 555, 560, "ROADS"), "Only planned use"),
        (("C", RESERVES, None, None, "FIRE"), "Enter the planned use that is tied to FIRE"),
        (("A", RESERVES, -55, -155, "ROADS"), "planned use tied to ROADS draws too much on it"),
    ],
)
def test_a_wrong_tie_is_refused_and_nothing_is_stored(council, lead, cell, fault):
    with pytest.raises(Refused) as refused:
        type_at_top(council, lead, ("B", "forecast", 130, 131, None), cell)
    faults = [str(refused.value)]
    if isinstance(refused.value, ForecastsFaulty):
        faults = list(refused.value.faults.values())
    assert [fault in each for each in faults] == [True], faults
    assert not ForecastEntry.objects.exists()
    assert not movements(2)
