#!/usr/bin/env bash
# Gnumeric writes negative numbers of a workbook to CSV as they look (format=preserve) with U+2212,
# also for the formats 0, #,##0 and General, and only a format with a negative section of its own
# keeps the hyphen. Other programs then read these amounts as text: pandas gives a column of text,
# LibreOffice leaves the cell out of its sum, so that a saving of 1,235 beside a cost of 2,000 makes
# 2,000. A ledger written in this way needs U+2212 read as a minus, and a workbook that is to be
# passed on this way needs the negative section.
# Needs LibreOffice and Gnumeric. Expected: exit 0 and the output at the end.
set -euo pipefail
for program in soffice ssconvert; do
    command -v "$program" >/dev/null || {
        echo "This needs libreoffice-calc and gnumeric (apt-get install)." >&2
        exit 2
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet XlsxWriter==3.3.1 pandas==2.3.3 openpyxl==3.1.5
cd "$work"
venv/bin/python - <<'PY'
import xlsxwriter

for name, number_format in [("plain", "0"), ("sections", "0;-0")]:
    with xlsxwriter.Workbook(f"{name}.xlsx") as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["line", "amount"])
        for row, (line, amount) in enumerate([("saving", -1235), ("cost", 2000)], start=1):
            sheet.write_string(row, 0, line)
            sheet.write_number(row, 1, amount, book.add_format({"num_format": number_format}))
PY
for name in plain sections; do
    ssconvert -O 'format=preserve quoting-mode=never' -T Gnumeric_stf:stf_assistant \
        "$name.xlsx" "$name.csv" >/dev/null 2>&1
    # A sum in the same file: LibreOffice works it out when it reads a formula.
    echo '=SUM(B2:B3),' >>"$name.csv"
    soffice "-env:UserInstallation=file://$work/profile" --headless \
        --infilter='CSV:44,34,76,1,,0,false,true,false,false,false,0,true' \
        --convert-to "xlsx" --outdir read "$name.csv" >/dev/null 2>&1
done
{
    echo "$(soffice --version | cut -d' ' -f1,2), $(ssconvert --version 2>&1 | head -1 | cut -d"'" -f1,2 | tr -d "'")"
    venv/bin/python - <<'PY'
import openpyxl
import pandas as pd

for name in ("plain", "sections"):
    sheet = openpyxl.load_workbook(f"read/{name}.xlsx", data_only=True).active
    amounts = pd.read_csv(f"{name}.csv", nrows=2)["amount"]
    text = amounts.iloc[0] if isinstance(amounts.iloc[0], str) else ""
    print(
        f"{name}: pandas {pd.__version__} reads",
        f"text with U+{ord(text[0]):04X}" if text else f"numbers, sum {amounts.sum()}",
        f"| LibreOffice: {'text' if sheet['B2'].data_type == 's' else sheet['B2'].value},",
        f"sum {sheet['A4'].value}",
    )
PY
} | tee seen
cat >expected <<'SEEN'
plain: pandas 2.3.3 reads text with U+2212 | LibreOffice: text, sum 2000
sections: pandas 2.3.3 reads numbers, sum 765 | LibreOffice: -1235, sum 765
SEEN
diff expected <(tail -n 2 seen)
