#!/usr/bin/env bash
# A number format that is to print what rounds to nil without a sign, [>=500]#,##0,;[<=-500](#,##0,);"0",
# does so in LibreOffice and SheetJS. Gnumeric, and Excel by its rule for formats with conditions, put
# a minus before the literal nil, as no section says that it holds for negative numbers. Two plain
# sections, #,##0,;"0", print nil in all of them, so each cell needs a format of its own.
# The programs part again on an exact half: 352,500 and 58,554,500 under #,##0.000,, (£m).
# Needs LibreOffice and Gnumeric. Expected: exit 0 and the output at the end.
set -euo pipefail
for program in soffice ssconvert node npm; do
    command -v "$program" >/dev/null || {
        echo "This needs libreoffice-calc, gnumeric, nodejs and npm (apt-get install)." >&2
        exit 2
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet XlsxWriter==3.3.1
npm install --silent --prefix "$work/npm" xlsx@0.18.5 >/dev/null
cd "$work"
venv/bin/python - <<'PY'
import xlsxwriter

ROWS = [
    (-40, '[>=500]#,##0,;[<=-500](#,##0,);"0"'),
    (-40, '#,##0,;"0"'),
    (-40, "#,##0,;(#,##0,)"),
    (352_500, "#,##0.000,,"),
    (58_554_500, "#,##0.000,,"),
]
with xlsxwriter.Workbook("formats.xlsx") as book:
    sheet = book.add_worksheet("s")
    for place, (value, number_format) in enumerate(ROWS):
        sheet.write_string(place, 0, number_format.replace(",", "_"))
        sheet.write_number(place, 1, value, book.add_format({"num_format": number_format}))
PY
soffice "-env:UserInstallation=file://$work/profile" --headless \
    --convert-to 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true' formats.xlsx >/dev/null 2>&1
ssconvert -O 'format=preserve quoting-mode=never' -T Gnumeric_stf:stf_assistant formats.xlsx gnumeric.csv
cat >sheetjs.cjs <<'JS'
const sheetjs = require("xlsx");
const sheet = sheetjs.readFile("formats.xlsx", { cellNF: true }).Sheets.s;
console.log(sheetjs.utils.sheet_to_csv(sheet));
JS
NODE_PATH=npm/node_modules node sheetjs.cjs >sheetjs.csv
{
    echo "$(soffice --version | cut -d' ' -f1,2), $(ssconvert --version 2>&1 | head -1 | cut -d"'" -f1,2 | tr -d "'"), SheetJS 0.18.5"
    for file in formats gnumeric sheetjs; do
        printf '%s:' "$file"
        # Only what is printed of the number; Gnumeric writes U+2212 for a minus.
        sed -n 's/.*,\([^,]*\)$/ \1/p' "$file.csv" | sed 's/−/-/; s/"//g' | tr -d '\n'
        echo
    done
} | sed 's/^formats/LibreOffice/; s/^gnumeric/Gnumeric/; s/^sheetjs/SheetJS/' | tee seen
cat >expected <<'SEEN'
LibreOffice: 0 0 (0) 0.353 58.555
Gnumeric: -0 0 (0) 0.352 58.554
SheetJS: 0 0 (0) 0.353 58.554
SEEN
diff expected <(tail -n 3 seen)
