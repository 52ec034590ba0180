"""Every download opened by the programs that people use, counted figure by figure.

    make readers        writes the table into docs/downloads.md

Needs LibreOffice, Gnumeric (ssconvert), node and npm; the Python programs and SheetJS are installed
into a folder that is removed again.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.readers.files import make_files
from benchmarks.readers.offices import by_gnumeric, by_libreoffice
from benchmarks.upload import ROOT, own_place

PYTHON = {
    "pandas": ["pandas==3.1.1", "openpyxl==3.1.5", "odfpy==1.4.1"],
    "polars": ["polars==2.1.0", "fastexcel==0.21.0"],
    "duckdb": ["duckdb==1.5.5", "duckdb-extension-excel==1.5.5"],
}
SHEETJS = "xlsx@0.18.5"
NEEDED = ("soffice", "ssconvert", "node", "npm")
PAGE = ROOT / "docs" / "downloads.md"
BEGIN, END = "<!-- begin: make readers -->\n", "<!-- end: make readers -->\n"


def read_by_all(folder: Path) -> dict[str, list[dict | None]]:
    """Answers of each program, by its name and version, table by table."""
    listed = folder / "tables.json"
    tables = json.loads(listed.read_text())
    found = {}
    for program, packages in PYTHON.items():
        python = _environment(folder / program, packages)
        reader = str(Path(__file__).with_name("in_python.py"))
        name = packages[0].replace("==", " ").replace("duckdb", "DuckDB")
        found[name] = json.loads(_said(python, reader, program, str(listed)))
    _said("npm", "install", "--silent", "--prefix", str(folder / "npm"), SHEETJS)
    script = str(Path(__file__).with_name("sheetjs.cjs"))
    modules = f"NODE_PATH={folder / 'npm' / 'node_modules'}"
    found[SHEETJS.replace("xlsx@", "SheetJS ")] = json.loads(
        _said("env", modules, "node", script, str(listed))
    )
    found[" ".join(_said("soffice", "--version").split()[:2])] = by_libreoffice(tables, folder)
    version = _said("ssconvert", "--version").split("'")[1]
    found[f"Gnumeric {version}"] = by_gnumeric(tables, folder)
    return found


def _environment(folder: Path, packages: list[str]) -> str:
    _said(sys.executable, "-m", "venv", str(folder))
    python = str(folder / "bin" / "python")
    _said(python, "-m", "pip", "install", "--quiet", *packages)
    return python


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def counted(tables: list[dict], answers: dict[str, list[dict | None]]) -> list[str]:
    """Lines of the table for people, in Markdown."""
    lines = ["| file | program | figures read as numbers | texts | shown as printed | headings |"]
    lines.append("|---|---|---:|---:|---:|---|")
    for what in dict.fromkeys(table["what"] for table in tables):
        for program, found in answers.items():
            pairs = [
                (table, answer)
                for table, answer in zip(tables, found, strict=True)
                if table["what"] == what and answer is not None
            ]
            if pairs:
                lines.append(f"| {what} | {program} | {' | '.join(_counts(pairs))} |")
    return lines


def _counts(pairs: list[tuple[dict, dict]]) -> list[str]:
    numbers, texts, shown = [], [], []
    for table, answer in pairs:
        for row, ours in enumerate(table["rows"]):
            for place, (value, text) in enumerate(ours):
                theirs = answer["rows"][row][place]
                if isinstance(value, float | int):
                    typed = answer.get("numbers", [True] * len(ours))[place]
                    numbers.append(typed and _same_number(theirs, value))
                    if "shown" in answer and text is not None:
                        shown.append((answer["shown"][row][place] or "") == text)
                else:
                    texts.append(_same_text(theirs, value))
    same = all(
        [str(text) for text in answer["headings"]] == table["headings"] for table, answer in pairs
    )
    return [_of(numbers), _of(texts), _of(shown), "as written" if same else "changed"]


def _same_number(theirs: object, ours: float) -> bool:
    return isinstance(theirs, float | int) and math.isclose(theirs, ours, rel_tol=1e-9)


def _same_text(theirs: object, ours: str | None) -> bool:
    """A text of digits, such as a leg's number, may be read as a number from CSV."""
    if isinstance(theirs, float) and theirs.is_integer():
        theirs = int(theirs)
    return ("" if theirs is None else str(theirs)) == (ours or "")


def _of(found: list[bool]) -> str:
    return f"{sum(found):,} of {len(found):,}" if found else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", metavar="FOLDER", help="write the files, in this process")
    chosen = parser.parse_args()
    if chosen.make:
        import django

        django.setup()
        make_files(Path(chosen.make))
        return
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        raise SystemExit(f"This needs {', '.join(missing)}.")
    with tempfile.TemporaryDirectory() as name, own_place() as run:
        run("benchmarks.readers", "--make", name)
        answers = read_by_all(Path(name))
        tables = json.loads((Path(name) / "tables.json").read_text())
    text = "\n".join(counted(tables, answers)) + "\n"
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(before + BEGIN + text + END + rest.split(END)[1])
    print(text)


if __name__ == "__main__":
    main()
