#!/usr/bin/env bash
# An XLS that Gnumeric saves gives pounds as dates, and dates as numbers, in programs that read it
# with calamine (python-calamine, pandas' engine "calamine"): Gnumeric counts the formats that a file
# defines from 50 on, and calamine takes 50 to 58 for its own dates and the others for none, whatever
# the file defines them to be. xlrd reads the same file as it was written.
# Needs Gnumeric. Expected: exit 0 and the output at the end.
set -euo pipefail
command -v ssconvert >/dev/null || {
    echo "This needs gnumeric (apt-get install)." >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet openpyxl==3.1.5 python-calamine==0.9.1 xlrd==2.0.2
cd "$work"
venv/bin/python - <<'PY'
import datetime

import openpyxl

book = openpyxl.Workbook()
sheet = book.active
formats = ("£#,##0", "00000", "#,##0.0", "£#,##0.0", "0.000", "0000000", "£0.000", "000-000", "0.0")
for row, form in enumerate(formats, start=1):
    sheet.cell(row, 1, 1234).number_format = form
for row, form in enumerate(("d mmm yyyy", "yyyy-mm-dd", "dd/mm/yyyy"), start=len(formats) + 1):
    sheet.cell(row, 1, datetime.date(2024, 3, 1)).number_format = form
book.save("ledger.xlsx")
PY
ssconvert ledger.xlsx ledger.xls 2>/dev/null
echo "Gnumeric $(ssconvert --version 2>&1 | head -1 | cut -d"'" -f2), python-calamine 0.9.1, xlrd 2.0.2"
venv/bin/python - <<'PY' | tee seen
import datetime

import xlrd
from python_calamine import load_workbook

book = xlrd.open_workbook("ledger.xls", formatting_info=True)
sheet = book.sheet_by_index(0)
cells = [row[0] for row in load_workbook("ledger.xls").get_sheet_by_index(0).to_python()]
wrong = {"numbers as dates": 0, "dates as numbers": 0}
for row, cell in enumerate(cells):
    is_date = sheet.cell_type(row, 0) == xlrd.XL_CELL_DATE
    read_as_date = isinstance(cell, datetime.date | datetime.time | datetime.timedelta)
    if is_date != read_as_date:
        key = book.xf_list[sheet.cell_xf_index(row, 0)].format_key
        assert (50 <= key <= 58) == read_as_date, key
        wrong["numbers as dates" if read_as_date else "dates as numbers"] += 1
print("xlrd: 9 numbers, 3 dates:", [sheet.cell_type(r, 0) for r in range(12)].count(2) == 9)
print("calamine, numbers as dates:", wrong["numbers as dates"] > 0)
print("calamine, in all wrong:", sum(wrong.values()), "of", len(cells))
PY
cat >expected <<'SEEN'
xlrd: 9 numbers, 3 dates: True
calamine, numbers as dates: True
SEEN
diff expected <(head -n 2 seen)
