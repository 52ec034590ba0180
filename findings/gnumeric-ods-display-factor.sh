#!/usr/bin/env bash
# A sheet that shows pounds in thousands (#,##0, in XLSX) is a thousand times too high once Gnumeric
# has been through it: it writes an ODS without number:display-factor, and ignores the factor in one
# that LibreOffice wrote. The numbers stay; what a person reads under "£000" does not, without a word.
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
"$work/venv/bin/pip" install --quiet XlsxWriter==3.3.1
cd "$work"
venv/bin/python - <<'PY'
import xlsxwriter

with xlsxwriter.Workbook("budget.xlsx") as book:
    sheet = book.add_worksheet("s")
    sheet.write_string(0, 0, "Budget £000")
    sheet.write_number(1, 0, 58_554_000, book.add_format({"num_format": "#,##0,"}))
PY
office() { soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to "$1" --outdir "$2" "$3" >/dev/null 2>&1; }
by_gnumeric() { ssconvert -O 'format=preserve' -T Gnumeric_stf:stf_assistant "$1" shown.csv 2>/dev/null && tail -n 1 shown.csv; }
by_office() { office 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true' shown "$1" && tail -n 1 "shown/$(basename "${1%.*}").csv"; }
office ods office budget.xlsx
ssconvert budget.xlsx gnumeric.ods 2>/dev/null
{
    echo "$(soffice --version | cut -d' ' -f1,2); Gnumeric $(ssconvert --version 2>&1 | head -1 | cut -d"'" -f2)"
    echo "XLSX in LibreOffice: $(by_office budget.xlsx)"
    echo "XLSX in Gnumeric: $(by_gnumeric budget.xlsx)"
    echo "LibreOffice's ODS in LibreOffice: $(by_office office/budget.ods)"
    echo "LibreOffice's ODS in Gnumeric: $(by_gnumeric office/budget.ods)"
    echo "Gnumeric's ODS in LibreOffice: $(by_office gnumeric.ods)"
} | tee seen
cat >expected <<'SEEN'
XLSX in LibreOffice: "58,554"
XLSX in Gnumeric: "58,554"
LibreOffice's ODS in LibreOffice: "58,554"
LibreOffice's ODS in Gnumeric: "58,554,000"
Gnumeric's ODS in LibreOffice: "58,554,000"
SEEN
diff expected <(tail -n 5 seen)
