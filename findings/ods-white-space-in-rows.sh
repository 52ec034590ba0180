#!/usr/bin/env bash
# White space between the cells of an ODS means nothing by the standard, and Gnumeric and SheetJS
# write it. calamine (python-calamine, pandas' engine "calamine") refuses such a file; pandas with
# odfpy and LibreOffice read it.
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
"$work/venv/bin/pip" install --quiet python-calamine==0.9.1 odfpy==1.4.1 pandas==3.1.1
cd "$work"
printf 'code,pounds\nA1,12.5\n' >ledger.csv
ssconvert ledger.csv ledger.ods 2>/dev/null
echo "Gnumeric $(ssconvert --version 2>&1 | head -1 | cut -d"'" -f2), $(soffice --version | cut -d' ' -f1,2), python-calamine 0.9.1, odfpy 1.4.1"
{
    venv/bin/python - <<'PY'
import pandas as pd
from python_calamine import CalamineError, load_workbook

print("pandas with odfpy:", pd.read_excel("ledger.ods", engine="odf").values.tolist())
try:
    print("calamine:", load_workbook("ledger.ods").get_sheet_by_index(0).to_python())
except CalamineError as error:
    print("calamine:", str(error).split(" {")[0])
PY
    soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to csv --outdir out ledger.ods >/dev/null 2>&1
    echo "LibreOffice: $(tail -n 1 out/ledger.csv)"
} | tee seen
cat >expected <<'SEEN'
pandas with odfpy: [['A1', 12.5]]
calamine: Expecting 'table-cell', found 'Text(BytesText
LibreOffice: A1,12.5
SEEN
diff expected seen
