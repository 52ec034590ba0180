"""Files that once went wrong (tests/cases): each is read as it is meant, or refused with why.

The base is a council whose month 2 of 2024/25 is published; each file is its month 3.
"""

from pathlib import Path

import pytest

from council_finance.errors import Refused
from monitoring.models import Position, Upload, UploadState
from monitoring.services.uploads import upload_file
from tests import loaded

CASES = Path(__file__).resolve().parent / "cases"


@pytest.fixture
def council(db):
    return loaded.load_pack(folder=CASES / "pack", by=None).year


def bring(council, content: bytes, name="ledger.csv", kind="position", period=3):
    return upload_file(
        kind=kind, year=council, period=period, content=content, file_name=name, by=None
    )


def refusal(council, content: bytes, **arguments) -> str:
    with pytest.raises(Refused) as caught:
        bring(council, content, **arguments)
    assert Upload.objects.latest("pk").state == UploadState.REFUSED
    return "\n".join(caught.value.messages)


def case(name: str) -> bytes:
    return next(CASES.glob(f"{name}-*.*")).read_bytes()


def stored(council) -> dict[str, int]:
    """Current budgets in pence by line."""
    batch = council.periods.get(number=3).batch
    rows = Position.objects.filter(batch=batch).select_related("line")
    return {row.line.code: row.current_budget_pence for row in rows}


def test_unquoted_thousands_before_a_blank_cell(council):
    told = refusal(council, case("03"))
    assert "Row 2: more cells than headings; put 1,234 in quotation marks" in told


def test_commentary_with_semicolons_in_its_prose(council):
    text = "Pressures: care packages; transport; agency staff; all are being reviewed"
    content = f'service_code,text\nADULT,"{text}"\n'.encode()
    assert bring(council, content, kind="commentary").state == UploadState.STORED
    written = council.periods.get(number=3).commentary.get()
    assert written.text == text
