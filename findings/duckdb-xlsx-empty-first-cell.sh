#!/usr/bin/env bash
# DuckDB's read_xlsx takes a column whose first cell is empty for one of numbers and refuses the
# whole file at the first text below: a report whose table begins with a heading row (no note, no
# status there) cannot be read, though no cell of it is wrong. The other way round, one dash in the
# first row makes a column of figures text. CSV readers look at many rows; this one at the first.
# Expected: exit 0 and the output at the end. Exit 1: it behaves otherwise now.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet duckdb==1.5.5 duckdb-extension-excel==1.5.5 XlsxWriter==3.3.1
cd "$work"
cat >read.py <<'PY'
from pathlib import Path

import duckdb
import duckdb_extension_excel
import xlsxwriter


def written(name, rows):
    with xlsxwriter.Workbook(name) as book:
        sheet = book.add_worksheet("s")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)


connection = duckdb.connect()
(extension,) = Path(duckdb_extension_excel.__file__).parent.rglob("excel.duckdb_extension")
connection.load_extension(str(extension))
head = ["Service", "Note", "Budget"]
tables = {
    "text below an empty cell": [head, ["Children", None, None], ["Social work", "see 3", 5.5]],
    "text from the first row": [head, ["Children", "-", None], ["Social work", "see 3", 5.5]],
    "a dash in the first row": [head, ["Children", "see 3", "-"], ["Social work", "see 4", 5.5]],
}
print("DuckDB", duckdb.__version__)
for what, rows in tables.items():
    written("table.xlsx", rows)
    try:
        found = connection.execute("SELECT * FROM read_xlsx('table.xlsx', header = true)")
        kinds = [str(column[1]) for column in found.description]
        print(f"{what}: {kinds}")
    except duckdb.Error as error:
        print(f"{what}: {str(error).split(': ', 1)[1]}")
PY
venv/bin/python read.py | tee seen
cat >expected <<'SEEN'
DuckDB 1.5.5
text below an empty cell: read_xlsx: Failed to parse cell 'B3': Could not convert string 'see 3' to DOUBLE
text from the first row: ['VARCHAR', 'VARCHAR', 'DOUBLE']
a dash in the first row: ['VARCHAR', 'VARCHAR', 'VARCHAR']
SEEN
diff expected seen
