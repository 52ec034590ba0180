#!/usr/bin/env bash
# odata-query refuses a list of one, `statement in ('annex-a')`, which OData 4.01 allows (listExpr:
# one literal, then any number after commas), and takes ('annex-a',) instead, which it does not. It
# refuses a property whose name begins with null, such as nullable, or with all or any. And it
# refuses not(contains(label,'x')) without a space, which Power BI sends (OData/odata.net, issue
# 1160): a dashboard that ticks one value of a list, or "does not contain", gets an error.
# Expected: exit 0 and the output at the end. Exit 1: it behaves otherwise now.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet odata-query==0.10.0
cd "$work"
cat >read.py <<'PY'
from importlib.metadata import version

from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

print("odata-query", version("odata-query"))
for text in (
    "statement in ('annex-a','reserves')",
    "statement in ('annex-a')",
    "statement in ('annex-a',)",
    "ceiling_agreed eq 1",
    "nullable eq 1",
    "allocation eq 1",
    "not (contains(label,'x'))",
    "not(contains(label,'x'))",
):
    try:
        ODataParser().parse(ODataLexer().tokenize(text))
        print(f"{text}: read")
    except ODataException as error:
        print(f"{text}: {type(error).__name__}")
PY
venv/bin/python read.py | tee seen
cat >expected <<'SEEN'
odata-query 0.10.0
statement in ('annex-a','reserves'): read
statement in ('annex-a'): ParsingException
statement in ('annex-a',): read
ceiling_agreed eq 1: read
nullable eq 1: ParsingException
allocation eq 1: ParsingException
not (contains(label,'x')): read
not(contains(label,'x')): UnknownFunctionException
SEEN
diff expected seen
