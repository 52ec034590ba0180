"""Read tables by LibreOffice and Gnumeric: values with their kind, and what a person sees."""

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

_GNUMERIC = "{http://www.gnumeric.org/v10.dtd}"
_FLOAT = "40"
"""Gnumeric's number for cells that are numbers."""

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def by_libreoffice(tables: list[dict], folder: Path) -> list[dict | None]:
    """As its flat ODS says: a value, its kind, and the text that it shows."""
    files = sorted({table["file"] for table in tables})
    for form in ("xlsx", "ods", "csv"):
        chosen = [file for file in files if file.endswith(form)]
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        command += ["--infilter=CSV:44,34,76,1"] if form == "csv" else []
        command += ["--convert-to", "fods", "--outdir", str(folder / form), *chosen]
        subprocess.run(command, check=True, capture_output=True)
    read = _remembered(lambda file: _flat_sheets(folder / file.suffix[1:] / f"{file.stem}.fods"))
    return [_answer(table, read(Path(table["file"]))) for table in tables]


def by_gnumeric(tables: list[dict], folder: Path) -> list[dict | None]:
    """Values from its own file, and the print from its CSV export of each sheet."""
    read = _remembered(lambda file: _gnumeric_sheets(file, folder))
    answers = [_answer(table, read(Path(table["file"]))) for table in tables]
    for table, answer in zip(tables, answers, strict=True):
        if answer and not table["file"].endswith("csv"):
            answer["shown"] = _gnumeric_print(table, folder)
    return answers


def _remembered(read: Callable[[Path], dict]) -> Callable[[Path], dict]:
    found: dict[Path, dict] = {}

    def once(file: Path) -> dict:
        if file not in found:
            found[file] = read(file)
        return found[file]

    return once


def _answer(table: dict, sheets: dict[str, dict]) -> dict | None:
    """Rows of a table from the cells of its sheet, by row and column."""
    if not table["rows"]:
        return None
    cells = sheets[table["sheet"]] if table["sheet"] else next(iter(sheets.values()))
    width, first = len(table["headings"]), table["head"] + 1

    def line(row: int, part: int) -> list:
        return [cells.get((row, place), (None, ""))[part] for place in range(width)]

    places = range(first, first + len(table["rows"]))
    return {
        "headings": line(table["head"], 0),
        "rows": [line(row, 0) for row in places],
        "shown": [line(row, 1) for row in places],
    }


def _flat_sheets(file: Path) -> dict[str, dict]:
    found = {}
    for sheet in ElementTree.parse(file).iter(f"{_TABLE}table"):
        cells: dict[tuple[int, int], tuple] = {}
        row = 0
        for line in sheet.iter(f"{_TABLE}table-row"):
            place = 0
            for cell in line.iter(f"{_TABLE}table-cell"):
                shown = "\n".join("".join(p.itertext()) for p in cell.iter(f"{_TEXT}p"))
                number = cell.get(f"{_OFFICE}value")
                times = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
                if shown or number:
                    value = (float(number) if number else shown, shown)
                    cells |= {(row, place + each): value for each in range(times)}
                place += times
            row += int(line.get(f"{_TABLE}number-rows-repeated", 1))
        found[sheet.get(f"{_TABLE}name")] = cells
    return found


def _gnumeric_sheets(file: Path, folder: Path) -> dict[str, dict]:
    out = folder / f"{file.name}.gnumeric"
    command = ["ssconvert", "--export-type=Gnumeric_XmlIO:sax:0", str(file), str(out)]
    subprocess.run(command, check=True, capture_output=True)
    found = {}
    for sheet in ElementTree.parse(out).iter(f"{_GNUMERIC}Sheet"):
        cells = {}
        for cell in sheet.iter(f"{_GNUMERIC}Cell"):
            text = cell.text or ""
            value = float(text) if cell.get("ValueType") == _FLOAT else text
            cells[int(cell.get("Row")), int(cell.get("Col"))] = (value, text)
        found[sheet.findtext(f"{_GNUMERIC}Name")] = cells
    return found


def _gnumeric_print(table: dict, folder: Path) -> list[list[str]]:
    out = folder / "shown.csv"
    options = f"sheet='{table['sheet']}' format=preserve separator=, quote='\"'"
    command = ["ssconvert", "--export-type=Gnumeric_stf:stf_assistant", "-O", options]
    subprocess.run([*command, table["file"], str(out)], check=True, capture_output=True)
    rows = list(csv.reader(out.open(encoding="utf-8", newline="")))
    first = table["head"] + 1
    return rows[first : first + len(table["rows"])]
