"""Workbooks are read in a process of their own; promises of sizes are checked before."""

import datetime
import io
import os
import signal
import struct
import time

import pytest
import xlsxwriter

from council_finance.uploads.child_process import read_in_child_process
from council_finance.uploads.deadline import TooSlow, deadline
from council_finance.uploads.number_formats import with_format
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.reading import read_rows
from council_finance.uploads.unreadable import UnreadableCell
from tests.odd_workbooks import rows_of, xls, xlsx

ROWS = [
    ["cost_centre", "current_budget", ""],
    ["00123", 1234.5, None],
    [True, 7, float("inf")],
    [UnreadableCell("#N/A"), with_format(123.0, "00000"), datetime.date(2024, 3, 1)],
    [datetime.time(12, 30), datetime.timedelta(hours=30), datetime.datetime(2024, 3, 1, 9)],
]
NO_ROOM = "it would take far more memory than a file of its size needs. Save it again as XLSX"
DAMAGED = "The workbook cannot be opened"


def told(work) -> str:
    with pytest.raises(FileRefused) as caught:
        work()
    return "\n".join(problem.sentence for problem in caught.value.problems)


def test_cells_come_back_as_they_were_read():
    found = read_in_child_process(lambda: ROWS)
    assert found.tolist() == ROWS
    assert [type(cell) for cell in found.flat] == [type(cell) for row in ROWS for cell in row]
    assert found[3][1].shown == "00123"


@pytest.mark.slow
@pytest.mark.parametrize("rows", [[], [[]], [[], []], [["a"]] * 250_001])
def test_tables_of_any_shape(rows):
    assert [list(row) for row in read_in_child_process(lambda: rows)] == [
        row for row in rows if row
    ]


def test_a_refusal_is_told_by_the_process_that_asked():
    problem = Problem("no", 3, "B", "x")

    def refuse():
        raise FileRefused(problem)

    with pytest.raises(FileRefused) as caught:
        read_in_child_process(refuse)
    assert caught.value.problems == [problem]


def test_a_process_that_dies_is_a_refusal():
    assert NO_ROOM in told(
        lambda: read_in_child_process(lambda: os.kill(os.getpid(), signal.SIGKILL))
    )
    assert NO_ROOM in told(
        lambda: read_in_child_process(lambda: os.kill(os.getpid(), signal.SIGTERM))
    )


def test_a_process_that_asks_for_too_much_memory_is_a_refusal():
    assert NO_ROOM in told(lambda: read_in_child_process(lambda: [["a"], [bytearray(1 << 42)]]))


def test_a_fault_of_the_product_is_none_of_the_file():
    with pytest.raises(RuntimeError, match="(?s)workbooks failed:.*ZeroDivisionError"):
        read_in_child_process(lambda: [[1 // 0]])


def test_no_process_is_left_when_the_time_is_up():
    with pytest.raises(TooSlow), deadline(0.2):
        read_in_child_process(lambda: time.sleep(3600))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_the_parents_files_stay_the_parents(tmp_path):
    with open(tmp_path / "held", "w") as held:
        held.write("kept")

        def closed():
            return [[str(number)] for number in (held.fileno(),) if not _is_open(number)]

        assert read_in_child_process(closed).tolist() == [[str(held.fileno())]]
        held.flush()
    assert (tmp_path / "held").read_text() == "kept"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


TEXTS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {}>{}</sst>'


def with_texts(count: str, texts: str):
    return xlsx({"S": rows_of([["a"]])}, **{"xl/sharedStrings.xml": TEXTS.format(count, texts)})


def test_a_workbook_cannot_promise_more_texts_than_it_has_bytes_for():
    texts = "<si><t>x</t></si>" * 10
    for count in ("", 'uniqueCount="10"', 'count="9999" uniqueCount="10"', 'uniqueCount="30"'):
        assert read_rows(with_texts(count, texts)).cells.iloc[0, 0] == "a"
    assert DAMAGED in told(lambda: read_rows(with_texts('uniqueCount="100"', texts)))
    assert DAMAGED in told(lambda: read_rows(with_texts('count="1"  uniqueCount = "100"', texts)))


def test_a_workbook_whose_texts_are_all_one():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for row in range(1000):
            sheet.write_row(row, 0, ["a", ""])
    assert list(read_rows(out.getvalue()).cells[0]) == ["a"] * 1000


XLS = xls({"S": ([(0, 0, "a"), (0, 1, 5.0)], False)})
SECTORS = len(XLS) // 512


@pytest.mark.parametrize("place", [40, 44, 64, 72])
def test_a_container_cannot_count_more_sectors_than_it_has(place):
    assert read_rows(XLS).cells.iloc[0].tolist() == ["a", 5.0]
    content = bytearray(XLS)
    struct.pack_into("<I", content, place, SECTORS + 2)
    assert DAMAGED in told(lambda: read_rows(bytes(content)))


def test_a_stream_cannot_be_larger_than_the_file():
    place = XLS.index("Workbook".encode("utf-16-le"))
    size = struct.unpack_from("<I", XLS, place + 120)[0]
    assert 0 < size <= len(XLS)
    content = bytearray(XLS)
    struct.pack_into("<I", content, place + 120, len(XLS) + 1)
    assert DAMAGED in told(lambda: read_rows(bytes(content)))
