"""Rows in and out at once, on the database of this run."""

import pandas as pd
import pytest
from django.db import DataError, IntegrityError, transaction

from council_finance import bulk
from council_finance.bulk import (
    binary_rows,
    frame_of,
    insert_rows,
    new_ids,
    sent_bytes,
    update_rows,
    whole_numbers,
)
from monitoring.models import BudgetLine, NodeFigure, Position, Service, Upload

HARD = ["plain", "tab\tinside", "line\nbreak", "back\\slash", r"\N", "ütf – ☂", "'quote\"", ""]


@pytest.fixture
def lines(somerset) -> pd.DataFrame:
    service = Service.objects.get(year=somerset, code="ADULT")
    return pd.DataFrame(
        {
            "id": new_ids(BudgetLine, len(HARD)),
            "year_id": somerset.pk,
            "cost_centre": "X",
            "account": [str(number) for number in range(len(HARD))],
            "description": pd.Series(HARD, dtype=object),
            "service_id": service.pk,
            "exempt": [number % 2 == 0 for number in range(len(HARD))],
        }
    )


def test_texts_come_back_as_they_went_in(lines):
    insert_rows(BudgetLine, lines)
    stored = BudgetLine.objects.in_bulk(lines["id"].tolist())
    assert [stored[number].description for number in lines["id"]] == HARD
    assert [stored[number].exempt for number in lines["id"]] == [True, False] * 4


def test_every_kind_of_column_comes_back_in_one_frame(lines, somerset):
    insert_rows(BudgetLine, lines)
    rows = BudgetLine.objects.filter(year=somerset, cost_centre="X").order_by("pk")
    types = {"id": "int64", "description": "object", "exempt": "bool"}
    frame = frame_of(rows.values_list("pk", "description", "exempt"), types)
    assert frame["description"].tolist() == HARD
    assert frame["exempt"].tolist() == [True, False] * 4
    assert [str(kind) for kind in frame.dtypes] == ["int64", "object", "bool"]


def test_ids_are_new_and_go_on_after_them(lines, somerset):
    insert_rows(BudgetLine, lines)
    line = BudgetLine.objects.create(
        year=somerset, cost_centre="Y", account="1", service_id=lines["service_id"][0]
    )
    assert line.pk > max(lines["id"])


def test_a_table_that_has_grown_has_its_statistics_gathered_after_the_commit(
    lines, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(bulk, "MANY_ROWS", len(lines) - 1)
    with django_capture_on_commit_callbacks(execute=True) as gathered:
        insert_rows(BudgetLine, lines)
    assert len(gathered) == 1
    few = lines.iloc[:1].assign(id=new_ids(BudgetLine, 1), account="few")
    with django_capture_on_commit_callbacks() as gathered:
        insert_rows(BudgetLine, few)
    assert not gathered


@pytest.mark.parametrize("size", [3, 600_000])
def test_bytes_are_stored_as_they_are_however_they_are_sent(somerset, size):
    stored = []
    for last in (b"\0", b"\xff"):
        content = bytes(range(256)) * (size // 256) + last
        upload = Upload.objects.create(
            year=somerset, kind="services", state="stored", content=sent_bytes(content), size=size
        )
        stored.append((upload.pk, content))
    for pk, content in stored:
        assert bytes(Upload.objects.get(pk=pk).content) == content


def test_a_row_too_many_is_refused_whole(lines):
    before = BudgetLine.objects.count()
    twice = pd.concat([lines, lines.tail(1).assign(id=lines["id"].max() + 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(BudgetLine, twice)
    assert BudgetLine.objects.count() == before


def test_whole_numbers_keep_what_is_missing_and_every_penny(somerset):
    batch = somerset.periods.get(number=3).batch
    positions = Position.objects.filter(batch=batch).order_by("line_id")
    pk = positions.first().line_id
    positions.filter(line=pk).update(forecast_pence=None, original_budget_pence=999_999_999_999)
    fields = ("line_id", "forecast_pence", "original_budget_pence")
    frame = whole_numbers(
        positions.values_list(*fields), ["line", "forecast", "original"], ["forecast", "original"]
    )
    assert [str(kind) for kind in frame.dtypes] == ["int64", "Int64", "Int64"]
    assert frame["forecast"].isna().sum() == 1
    assert frame.set_index("line")["original"][pk] == 999_999_999_999
    assert frame["forecast"].sum() == sum(p.forecast_pence or 0 for p in positions)


def test_rows_take_numbers_gaps_and_json_by_one_statement(somerset, django_assert_num_queries):
    rows = list(NodeFigure.objects.filter(period=somerset.periods.get(number=3))[:3])
    names = {"commitments_pence": [None, -(10**13), 7], "level": [4, 1, 0]}
    for place, row in enumerate(rows):
        row.explanation = {"first_forecast": {"lines": ["it’s %s"], "more": place}}
        for name, values in names.items():
            setattr(row, name, values[place])
    others = NodeFigure.objects.exclude(pk__in=[row.pk for row in rows]).order_by("pk")
    before = list(others.values())
    with django_assert_num_queries(1):
        update_rows(rows, [*names, "explanation"])
    stored = NodeFigure.objects.in_bulk([row.pk for row in rows])
    for row in rows:
        for name in (*names, "explanation", "budget_pence"):
            assert getattr(stored[row.pk], name) == getattr(row, name)
    assert list(others.values()) == before


def test_no_rows_are_empty_columns(somerset):
    for rows in (Position.objects.none(), Position.objects.filter(batch=0)):
        frame = whole_numbers(rows.values_list("line_id", "forecast_pence"), ["a", "b"], ["b"])
        assert (len(frame), [str(kind) for kind in frame.dtypes]) == (0, ["int64", "Int64"])


def test_positions_come_back_with_every_figure_and_every_gap(somerset):
    count = 23  # two whole statements on SQLite, and a rest
    batch = somerset.periods.get(number=3).batch
    numbers = pd.Series(range(count))
    frame = pd.DataFrame(
        {
            "year_id": somerset.pk,
            "batch_id": batch.pk,
            "line_id": numbers + 10**12,
            "service_id": batch.positions.values_list("service", flat=True)[0],
            "current_budget_pence": numbers * -(10**13) + 1,
            "forecast_pence": numbers.astype("Int64").mask(numbers % 3 == 0),
            "actual_to_date_pence": pd.array([pd.NA] * count, dtype="Int64"),
            "planned_use_of_reserves_pence": 0,
            "planned_use_of_capital_receipts_pence": -1,
            "forecast_carried_from": numbers.astype("Int64").where(numbers % 5 == 1),
            "source_id": batch.upload_id,
            "source_row": numbers + 2,
        }
    )
    frame["forecast_carried_from"] = frame["forecast_carried_from"].mask(
        frame["forecast_pence"].isna()
    )
    insert_rows(Position, frame)
    rows = Position.objects.filter(batch=batch, line__gte=10**12).order_by("line_id")
    nullable = [name for name in frame if str(frame[name].dtype) == "Int64"]
    back = whole_numbers(rows.values_list(*frame.columns), frame.columns, nullable)
    pd.testing.assert_frame_equal(back, frame)
    lines = rows.order_by("-source_row").values_list("line_id")
    assert whole_numbers(lines, ["line"])["line"].tolist() == frame["line_id"].tolist()[::-1]


def test_binary_rows_leave_the_value_of_a_missing_number_out():
    frame = pd.DataFrame({"a": [1, -2], "b": pd.array([pd.NA, 3], dtype="Int64")})
    row_1 = b"\0\2" + b"\0\0\0\x02\0\1" + b"\xff\xff\xff\xff"
    row_2 = b"\0\2" + b"\0\0\0\x02\xff\xfe" + b"\0\0\0\x08" + bytes(7) + b"\3"
    data = binary_rows(frame, {"a": 2, "b": 8})
    assert data == b"PGCOPY\n\xff\r\n\0" + bytes(8) + row_1 + row_2 + b"\xff\xff"


def test_binary_rows_of_a_column_without_any_number_have_its_size_alone():
    frame = pd.DataFrame({"a": pd.array([pd.NA] * 2, dtype="Int64"), "b": [3, -(2**63)]})
    row_1 = b"\0\2" + b"\xff\xff\xff\xff" + b"\0\0\0\x08" + bytes(7) + b"\3"
    row_2 = b"\0\2" + b"\xff\xff\xff\xff" + b"\0\0\0\x08" + b"\x80" + bytes(7)
    data = binary_rows(frame, {"a": 2, "b": 8})
    assert data == b"PGCOPY\n\xff\r\n\0" + bytes(8) + row_1 + row_2 + b"\xff\xff"


def test_binary_rows_refuse_a_number_too_large_for_its_column():
    with pytest.raises(DataError, match="carried_from: a number is too large"):
        binary_rows(pd.DataFrame({"carried_from": [2**15]}), {"carried_from": 2})
