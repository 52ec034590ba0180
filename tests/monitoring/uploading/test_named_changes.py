"""The changes of an upload: named fields in the program, readable JSON in the database."""

import dataclasses
import datetime
import json

import pytest

from council_finance.uploads.problems import SHOWN, FileRefused
from council_finance.uploads.table import TypedTable
from monitoring.ledger_files.upload_kinds.lines_file import LinesPayload, store_lines_file
from monitoring.uploading.changes import (
    AlikeCode,
    ChangedLines,
    Comparison,
    TypedDifference,
    UploadChanges,
)
from monitoring.uploading.prepared import Prepared, Target

AT = datetime.datetime(2019, 7, 5, 10, 30, tzinfo=datetime.UTC)
CHANGES = UploadChanges(
    comparison=Comparison(1, "month 1", {"forecasts": ChangedLines(2, 12_345, far=1)}),
    typed=(TypedDifference("4", 7, "H1/NET", "Homes", "£1,111", "£1,250", "Robin Day", AT),),
    typed_lines=2,
    asked=frozenset({31, 9}),
    alike=(AlikeCode("cost_centre", "q1", "Q1", "capitals", (5, 6), 2),),
    alike_codes=("q1",),
    asked_again="codes",
    approves=("V001",),
)


@pytest.mark.parametrize("changes", [CHANGES, UploadChanges()])
def test_changes_come_back_from_the_database_as_they_were(changes):
    kept = json.loads(json.dumps(changes.to_data()))
    assert UploadChanges.from_data(kept) == changes


def test_json_of_uploads_of_earlier_versions_is_read():
    """It left out what did not apply, numbered rows, and counted far lines of forecasts only."""
    before = {
        "against": {"period": 0, "name": "the approved budget"},
        "new": {"lines": 3, "pence": -500},
        "forecasts": {"lines": 1, "pence": 7, "far": 1},
    }
    typed = CHANGES.to_data()["typed"][0] | {"row": 4}
    found = UploadChanges.from_data({"before": before, "typed": [typed], "asked": [9]})
    assert found == UploadChanges(
        comparison=Comparison(
            0,
            "the approved budget",
            {"new": ChangedLines(3, -500), "forecasts": ChangedLines(1, 7, far=1)},
        ),
        typed=CHANGES.typed,
        typed_lines=1,
        asked=frozenset({9}),
    )
    assert UploadChanges.from_data({}) == UploadChanges()


def test_of_many_codes_that_look_alike_the_first_rows_are_kept_and_every_code():
    many = tuple(
        AlikeCode("account", f"a{number}", f"A{number}", "capitals", (number,), 1)
        for number in range(SHOWN + 5)
    )
    codes = tuple(each.code for each in many)
    kept = UploadChanges.from_data(UploadChanges(alike=many, alike_codes=codes).to_data())
    assert (kept.alike, kept.alike_codes) == (many[:SHOWN], codes)


def test_a_table_with_faults_is_refused_with_all_of_them_in_the_order_of_rows():
    table = TypedTable(frame=None, headings={"code": "Code"})
    table.refuse_problems()
    table.problem(7, "code", "x", "later")
    table.problem(3, "code", "y", "earlier")
    with pytest.raises(FileRefused) as caught:
        table.refuse_problems()
    assert [(each.row, each.message) for each in caught.value.problems] == [
        *((3, "earlier"), (7, "later")),
    ]


def test_a_checked_file_cannot_be_changed_from_step_to_step():
    for checked in (Prepared(None, None), LinesPayload(lines=None, positions=None, typed=None)):
        for field in dataclasses.fields(checked):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(checked, field.name, None)


def test_a_file_of_lines_is_not_stored_before_its_figures_are_calculated(somerset):
    payload = LinesPayload(lines=None, positions=None, typed=None)
    with pytest.raises(ValueError, match="calculated before it is stored"):
        store_lines_file(Prepared(None, payload), Target(None, somerset, None))
