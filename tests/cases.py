"""The case files (tests/cases): load the base pack, bring a file in, read what came of it.

The base is a council whose month 2 of 2024/25 is published; a case is a file of its month 3.
`NN-….expected.txt` beside the files says what is right.
"""

from pathlib import Path

import pytest

from council_finance.errors import Refused
from council_finance.statements.casting import DIFFERS, Check
from council_finance.uploads.problems import Problem
from monitoring.models import FinancialYear, Position, Upload, UploadState
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from monitoring.structure.selectors.calendar import find_period
from monitoring.uploading.services.uploads import upload_file
from tests.councils import loaded

CASES = Path(__file__).resolve().parent / "cases"
PACK, NEXT_YEAR = "pack", "pack-2025-26"


def council(pack: str = PACK) -> FinancialYear:
    """The year of a base pack, loaded."""
    return loaded.load_pack(folder=CASES / pack, by=None).year


def path(name: str) -> Path:
    """The one input whose file name begins so: `path("25b")`, `path("01-stale-workbook.2")`."""
    found = [each for each in CASES.glob(f"{name}*") if each.suffixes[-2:] != [".expected", ".txt"]]
    assert len(found) == 1, f"{name} means {len(found)} files"
    return found[0]


def bring(year: FinancialYear, file: str | bytes, kind="position", period=3, **more) -> Upload:
    """Upload a case by the beginning of its name, or bytes, as a command does."""
    content = file if isinstance(file, bytes) else path(file).read_bytes()
    name = "ledger.csv" if isinstance(file, bytes) else path(file).name
    return upload_file(
        kind=kind, year=year, period=period, content=content, file_name=name, by=None, **more
    )


def refusal(year: FinancialYear, file: str | bytes, **arguments) -> str:
    """The sentences with which a file is refused, a line each; nothing is stored."""
    with pytest.raises(Refused) as caught:
        bring(year, file, **arguments)
    assert Upload.objects.latest("pk").state == UploadState.REFUSED
    return "\n".join(caught.value.messages)


def warnings(upload: Upload) -> str:
    """The sentences of a stored upload's warnings, a line each."""
    return "\n".join(Problem(**warning).sentence for warning in upload.warnings)


def lines(year: FinancialYear, period: int = 3) -> dict[str, Position]:
    """What is stored of a period by line's code, such as 00123/4000; typed forecasts left out."""
    batch = find_period(year.start, period).batch
    rows = Position.objects.filter(batch=batch).select_related("line__service")
    return {row.line.code: row for row in rows}


def cells(year: FinancialYear, name: str, period: int = 3) -> dict[str, dict[str, int | None]]:
    """Pence of a statement's cells, by key of the row and of the column."""
    facts = current_data(find_period(year.start, period))
    return {
        row.key: {key: cell.pence for key, cell in row.cells.items()}
        for row in statement(facts, name).rows
        if row.cells
    }


def differing(year: FinancialYear, period: int = 3) -> list[Check]:
    """The checks of a period that differ."""
    facts = current_data(find_period(year.start, period))
    return [check for check in check_report(facts) if check.status == DIFFERS]
