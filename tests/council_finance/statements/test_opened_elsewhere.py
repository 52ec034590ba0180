"""Every download opened by another program: LibreOffice, Gnumeric, pdftotext, pandas.

One run of a program opens all files of a format. The statements are those of both councils' last
reports, and one whose texts look like formulas.
"""

import io
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from council_finance.statements import Cell, Column, Display, Row, Statement
from council_finance.statements.display import NOT_GIVEN
from council_finance.statements.figures import figure
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
from council_finance.statements.tabular import printed_percent
from council_finance.statements.whole_report import WholeReport
from council_finance.statements.wording import heading, headings
from monitoring.models import Report
from monitoring.reports.selectors.report_data import published_data
from monitoring.reports.selectors.statements import all_statements
from tests.statements import ROWS, cells, made

pytestmark = pytest.mark.slow

RAW = "44,34,76,1,,0,true,true,false,false,false,-1"
SHOWN = "44,34,76,1,,0,true,true,true,false,false,-1"
"""LibreOffice's CSV of every sheet, texts in quotes: numbers in full, or as they are shown."""

HYPERLINK = '=HYPERLINK("http://example.org","Children")'
HEAD = 3
"""Lines above the head of a table."""


def report(start: int, number: int) -> tuple[Statement, ...]:
    found = Report.objects.select_related("period__year").get(
        period__year__start=start, period__number=number
    )
    return tuple(all_statements(published_data(found)).values())


@pytest.fixture
def statements(somerset) -> dict[str, Statement]:
    """By the name of a file."""
    reports = {"somerset": report(2019, 3), "cambridgeshire": report(2018, 13)}
    found = {f"{name}-{e.name}": e for name, each in reports.items() for e in each if e.rows}
    of_apps = ("grants", "capital-programme", "activity", "performance", "contracts")
    assert {"somerset-annex-a", *(f"cambridgeshire-{name}" for name in of_apps)} <= set(found)
    odd = Row("ODD", HYPERLINK, "service", cells(-1, -123_456_789, HYPERLINK))
    return found | {"odd": made((odd, *ROWS), hidden_from_readers=(), name="odd")}


def written(folder: Path, statements: dict[str, Statement], form: str) -> list[Path]:
    files = []
    for name, statement in statements.items():
        files.append(folder / f"{name}.{form}")
        files[-1].write_bytes(FORMATS[form].render(statement))
    return files


def converted(folder: Path, files: list[Path], to: str) -> Path:
    """What LibreOffice makes of them, with a profile of its own."""
    out = folder / "converted"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", to, "--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return out


_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n]|$)')


def table(file: Path) -> list[list[tuple[str, bool]]]:
    """Fields of a CSV file, and whether each is in quotes."""
    text = file.read_text(encoding="utf-8")
    rows, row, place = [], [], 0
    while place < len(text):
        field = _FIELD.match(text, place)
        quoted = field[1] is not None
        row.append((field[1].replace('""', '"') if quoted else field[2], quoted))
        place = field.end()
        if field[3] != ",":
            rows.append(row)
            row = []
    return rows


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_libreoffice_finds_the_same_numbers_in_sheets(tmp_path, statements, form):
    files = written(tmp_path, statements, form)
    out = converted(tmp_path, files, f"csv:Text - txt - csv (StarCalc):{RAW}")
    for name, statement in statements.items():
        same_numbers(table(out / f"{name}-{statement.name}.csv"), statement)


def same_numbers(rows: list[list[tuple[str, bool]]], statement: Statement) -> None:
    """Numbers are numbers, unrounded; all else is text that nothing ran."""
    assert rows[0][0] == (statement.title, True)
    assert [text for text, _ in rows[HEAD]] == headings(statement)
    body = rows[HEAD + 1 :]
    for printed, row in zip(body, statement.rows, strict=len(statement.rows) > 0):
        assert printed[0] == (row.label, True)
        for (text, quoted), column in zip(printed[1:], statement.columns, strict=True):
            ours = row.cells.get(column.key, Cell(""))
            if column.kind == "text":
                assert (text, quoted) == (ours.text, ours.text != ""), (statement.name, row.key)
                continue
            number = figure(ours, statement.display)
            if number is None and is_words(ours, column):
                assert (text, quoted) == (ours.text, True), (statement.name, row.key)
                continue
            assert not quoted, (statement.name, row.key, column.key)
            found = float(text) if text else None
            assert found == (number and pytest.approx(number.value, rel=1e-9))


def is_words(cell: Cell, column: Column) -> bool:
    """A status in a month's column of numbers is words."""
    return column.kind == "number" and cell.text not in ("", NOT_GIVEN)


def shown(cell: Cell, column: Column, display: Display) -> str:
    """What a sheet shows: the council's print, and nothing where there is no figure."""
    if column.kind == "text" or is_words(cell, column):
        return cell.text
    return cell.text if figure(cell, display) else ""


def same_print(rows: list[list[tuple[str, bool]]], statement: Statement) -> None:
    """Figures show as the council prints them."""
    for printed, row in zip(rows[HEAD + 1 :], statement.rows, strict=len(statement.rows) > 0):
        for (text, _), column in zip(printed[1:], statement.columns, strict=True):
            ours = shown(row.cells.get(column.key, Cell("")), column, statement.display)
            assert text == ours, (statement.name, row.key, column.key)


def by_gnumeric(file: Path, statement: Statement) -> list[list[tuple[str, bool]]]:
    """The table as Gnumeric shows it."""
    out = file.with_suffix(".gnumeric.csv")
    options = f"sheet='{statement.name}' format=preserve separator=, quote='\"'"
    command = ["ssconvert", "--export-type=Gnumeric_stf:stf_assistant", "-O", options, file, out]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return table(out)


def test_gnumeric_shows_the_figures_of_xlsx_as_the_council_prints_them(tmp_path, statements):
    """But for an exact half of the last digit of £m, which it cannot hold and rounds down."""
    files = written(tmp_path, statements, "xlsx")
    for file, statement in zip(files, statements.values(), strict=True):
        rows = by_gnumeric(file, statement)
        for printed, row in zip(rows[HEAD + 1 :], statement.rows, strict=len(statement.rows) > 0):
            for (text, _), column in zip(printed[1:], statement.columns, strict=True):
                cell = row.cells.get(column.key, Cell(""))
                half = statement.display.unit == "m" and (cell.pence or 0) % 100_000 == 50_000
                ours = shown(cell, column, statement.display)
                assert half or text == ours, (statement.name, row.key, column.key)


def test_gnumeric_shows_pounds_where_an_ods_asks_for_another_unit(tmp_path, statements):
    """It ignores the display factor; the heading therefore says what a cell holds."""
    statement = statements["somerset-annex-a"]
    (file,) = written(tmp_path, {"annex-a": statement}, "ods")
    rows = by_gnumeric(file, statement)
    assert rows[HEAD][1][0] == "Total revised budget (£, shown in £m)"
    total = statement.rows[-1].cells
    assert rows[-1][1][0] == f"{total['budget'].pence // 100:,}.000"
    assert rows[-1][5][0] == total["net_variance"].text == "0.000"


def test_libreoffice_shows_the_figures_of_ods_as_the_council_prints_them(tmp_path, statements):
    files = written(tmp_path, statements, "ods")
    out = converted(tmp_path, files, f"csv:Text - txt - csv (StarCalc):{SHOWN}")
    for name, statement in statements.items():
        same_print(table(out / f"{name}-{statement.name}.csv"), statement)


def test_libreoffice_opens_whole_reports(tmp_path, statements):
    """Numbers in full, and as they are shown."""
    reports = {"somerset": report(2019, 3), "cambridgeshire": report(2018, 13)}
    reports["odd"] = (statements["odd"],)
    files = []
    for name, found in reports.items():
        files.append(tmp_path / f"{name}.xlsx")
        files[-1].write_bytes(
            WHOLE_REPORT_FORMATS["xlsx"].render_whole(WholeReport(found[0].header, found))
        )
    for options, check in ((RAW, same_numbers), (SHOWN, same_print)):
        out = converted(tmp_path, files, f"csv:Text - txt - csv (StarCalc):{options}")
        for name, found in reports.items():
            for statement in found:
                check(table(out / f"{name}-{statement.name}.csv"), statement)
    contents = table(out / "somerset-Contents.csv")[3:]
    sealed = [each.sha256 for each in reports["somerset"]]
    assert [row[2][0] for row in contents[: len(sealed)]] == sealed


class _Tables(HTMLParser):
    """Texts of the cells of every table, row by row."""

    def __init__(self):
        super().__init__()
        self.tables, self._inside = [], False

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.tables[-1][-1][-1] += data


def test_libreoffice_finds_the_printed_figures_in_word_files(tmp_path, statements):
    out = converted(tmp_path, written(tmp_path, statements, "docx"), "html:HTML (StarWriter)")
    for name, statement in statements.items():
        page = _Tables()
        page.feed((out / f"{name}.html").read_text(encoding="utf-8"))
        if not statement.rows:
            assert page.tables == []
            continue
        (rows,) = page.tables
        found = [[" ".join(text.split()) for text in row] for row in rows]
        columns = statement.reader_columns
        assert found[0] == [statement.row_heading, *(heading(column) for column in columns)]
        for printed, row in zip(found[1:], statement.rows, strict=True):
            marked = [row.cells[c.key].text + row.cells[c.key].mark for c in columns if row.cells]
            expected = [" ".join(text.split()) for text in (row.label, *marked)]
            assert printed == expected, (name, row.key)


@pytest.mark.parametrize(("start", "number"), [(2019, 3), (2018, 13)])
def test_pdftotext_finds_the_printed_figures_in_whole_reports(tmp_path, somerset, start, number):
    statements = report(start, number)
    text = pdf_text(
        tmp_path,
        WHOLE_REPORT_FORMATS["pdf"].render_whole(WholeReport(statements[0].header, statements)),
    )
    sections = text.split("Contents", 1)[1]
    for statement in statements:
        _, found, sections = sections.partition(f"\f{statement.title}\n")
        assert found, statement.name
        sections = after_rows(sections, statement)
        assert statement.sha256 in sections


def test_pdftotext_finds_the_figures_of_one_statement(tmp_path, statements):
    for name in ("odd", "somerset-annex-a"):
        statement = statements[name]
        text = pdf_text(tmp_path, FORMATS["pdf"].render(statement))
        assert f"{statement.title}\n" in text
        after_rows(text, statement)


def pdf_text(folder: Path, content: bytes) -> str:
    file = folder / "file.pdf"
    file.write_bytes(content)
    command = ["pdftotext", "-layout", str(file), "-"]
    text = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    return re.sub("(?m)^ +", "", text)


def after_rows(text: str, statement: Statement) -> str:
    """What follows the rows of a statement, each of which must stand on a line, in their order.

    A label or a text that is broken has its first words on that line.
    """
    for row in statement.rows:
        cells = [row.cells[c.key] for c in statement.reader_columns if row.cells and c.unit]
        figures = [
            rf"(?<!\S){re.escape(cell.text)}(?:{re.escape(cell.mark)})?\*?(?!\S)"
            for cell in cells
            if cell.text
        ]
        found = re.search("(?m)^" + ".*?".join([re.escape(row.label.split()[0]), *figures]), text)
        assert found, (statement.name, row.key)
        text = text[found.end() :]
    return text


def _csv_number(cell: Cell, statement: Statement) -> float:
    """Percentages are rounded as they are printed."""
    return cell.value if cell.percent is None else float(printed_percent(cell, statement.display))


def test_pandas_reads_numbers_from_csv(statements):
    for name, statement in statements.items():
        frame = pd.read_csv(io.BytesIO(FORMATS["csv"].render(statement)), keep_default_na=False)
        assert len(frame) == len(statement.rows)
        for place, column in enumerate(statement.columns, start=1):
            found = frame.iloc[:, place]
            wanted = [row.cells.get(column.key, Cell("")) for row in statement.rows]
            if column.kind == "text":
                assert [text.removeprefix("'") for text in found.astype(str)] == [
                    cell.text for cell in wanted
                ]
                continue
            is_text = [is_words(each, column) and each.value is None for each in wanted]
            assert [text for text, named in zip(found, is_text, strict=True) if named] == [
                each.text for each, named in zip(wanted, is_text, strict=True) if named
            ]
            found, wanted = (
                [each for each, named in zip(some, is_text, strict=True) if not named]
                for some in (found, wanted)
            )
            numbers = pd.to_numeric(pd.Series(found, dtype=object).replace("", None))
            assert [None if pd.isna(number) else number for number in numbers] == [
                None if cell.value is None else pytest.approx(_csv_number(cell, statement))
                for cell in wanted
            ], (name, column.key)
        assert not frame.iloc[:, 0].astype(str).str.match("[=+@-]").any(), name
