"""Random ledgers through every program that writes them, SheetJS too, which needs npm.

    .venv/bin/python -m tests.outside.ledgers [--ledgers 40]

Prints the table of docs/ledgers-of-other-programs.md. Needs LibreOffice, Gnumeric, node and npm.
Ends with status 1 where a line comes back other than it was written.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table
from tests.written_ledgers import (
    AS_NUMBER,
    AS_SHOWN,
    AS_TEXT,
    SPECS,
    WRITERS,
    Line,
    converted,
    expected,
    ledger,
    sheets_by_xlsxwriter,
)

SHEETJS = "0.18.5"
HERE = Path(__file__).resolve().parent
SAME, REFUSED, OTHER = "same", "refused", "other"
KINDS = {"xlsx": "xlsx", "xls": "biff8", "ods": "ods"}


def outcome(content: bytes, sheet: str, wanted: list[tuple]) -> str:
    """What came of a ledger: the same lines, a refusal, or others."""
    try:
        table = typed_table(read_rows(content, sheet), SPECS)
    except FileRefused:
        return REFUSED
    if table.problems:
        return REFUSED
    rows = table.frame[[spec.name for spec in SPECS]].itertuples(index=False, name=None)
    return SAME if list(rows) == wanted else OTHER


def install_sheetjs(folder: Path) -> None:
    """SheetJS of one version, in a folder of its own."""
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    subprocess.run([*command, f"xlsx@{SHEETJS}"], check=True)


def by_sheetjs(folder: Path, content: bytes, ending: str, modules: Path) -> bytes:
    """An XLSX workbook as SheetJS saves it."""
    source, made = folder / "ledgers.xlsx", folder / f"made.{ending}"
    source.write_bytes(content)
    command = ["node", str(HERE / "write_with_sheetjs.js"), str(source), str(made), KINDS[ending]]
    subprocess.run(command, check=True, env=os.environ | {"NODE_PATH": str(modules)})
    return made.read_bytes()


def of_libraries(count: int) -> Iterator[tuple[str, str, str]]:
    """Program, file and outcome of ledgers that Python libraries write."""
    for program, write in WRITERS.items():
        for shape in (AS_TEXT, AS_NUMBER, AS_SHOWN):
            for seed in range(count):
                lines = ledger(random.Random(f"{program} {shape} {seed}"))
                bare = shape == AS_SHOWN and program == "pandas (odfpy)"
                wanted = expected(lines, AS_NUMBER if bare else shape)
                yield program, shape, outcome(write(lines, shape), "", wanted)


def of_programs(count: int, folder: Path) -> Iterator[tuple[str, str, str]]:
    """The same of ledgers that other programs save; each is a sheet of one workbook."""
    install_sheetjs(folder / "npm")
    sheetjs = partial(by_sheetjs, modules=folder / "npm" / "node_modules")
    for program in ("LibreOffice", "Gnumeric", f"SheetJS {SHEETJS}"):
        for ending in KINDS:
            for shape in (AS_TEXT, AS_NUMBER, AS_SHOWN):
                ledgers = [
                    ledger(random.Random(f"{program}{shape}{seed}")) for seed in range(count)
                ]
                place = folder / f"{program}-{ending}-{shape}".replace(" ", "-")
                place.mkdir()
                content = sheets_by_xlsxwriter(ledgers, shape)
                if program.startswith("SheetJS"):
                    content = sheetjs(place, content, ending)
                else:
                    content = converted(place, content, program, ending)
                yield from _outcomes(f"{program}, {ending.upper()}", shape, content, ledgers)


def _outcomes(
    program: str, shape: str, content: bytes, ledgers: list[list[Line]]
) -> Iterator[tuple[str, str, str]]:
    for number, lines in enumerate(ledgers):
        yield program, shape, outcome(content, f"L{number}", expected(lines, shape))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ledgers", type=int, default=40, help="of each program and shape")
    count = parser.parse_args().ledgers
    with tempfile.TemporaryDirectory() as folder:
        found = Counter([*of_libraries(count), *of_programs(count, Path(folder))])
    print("| written by | codes | ledgers | same | refused | other |")
    print("|---|---|---:|---:|---:|---:|")
    for program, shape in dict.fromkeys((program, shape) for program, shape, _ in found):
        counts = [found[program, shape, each] for each in (SAME, REFUSED, OTHER)]
        print(f"| {program} | {shape} | {sum(counts)} | {' | '.join(map(str, counts))} |")
    return int(any(each == OTHER for _, _, each in found))


if __name__ == "__main__":
    sys.exit(main())
