#!/usr/bin/env bash
# A PDF/UA-1 file of WeasyPrint lets cells name their headings (/Headers) by the /ID of heading cells,
# but the tag tree has no /IDTree, which ISO 32000-1 (14.7.2) asks for as soon as an element has an ID:
# a program that looks names up in the list finds none. And under a row that is higher than a page the
# repeated head is left out, so the cells of such a page name no heading of their column at all.
# (That a table is cut into one a page is known: Kozea/WeasyPrint#2903.)
# Needs Pango (libpango-1.0-0, libpangoft2-1.0-0). Expected: exit 0 and the output at the end.
set -euo pipefail
ldconfig -p | grep -q libpangoft2-1.0 || {
    echo "This needs libpango-1.0-0 and libpangoft2-1.0-0 (apt-get install)." >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet weasyprint==70.0 pypdf==7.1.0
cat >"$work/read.py" <<'PY'
import io

import pypdf
import weasyprint

high = " ".join(f"word{place}" for place in range(2500))
rows = "".join(
    f"<tr><th scope=row>{label}</th><td>{text}</td></tr>"
    for label, text in (("One", "short"), ("Two", high), ("Three", "short"))
)
page = f"""<html lang=en><title>Budget</title><style>table {{ width: 8cm }} tr {{ break-inside: avoid }}
thead {{ display: table-header-group }}</style><body><table><thead><tr><th scope=col>Service</th>
<th scope=col>In words</th></tr></thead><tbody>{rows}</tbody></table>"""
content = weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
root = pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]


def below(element):
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from below(kid)


tags = list(below(root))
named = {str(tag["/ID"]) for tag in tags if "/ID" in tag}
cells = [tag["/A"]["/Headers"] for tag in tags if tag["/S"] == "/TD"]
print("WeasyPrint", weasyprint.__version__)
print("elements have IDs:", bool(named))
print("the tree has an IDTree:", "/IDTree" in root)
print("headings that cells name:", sorted({len(headers) for headers in cells}))
PY
"$work/venv/bin/python" "$work/read.py" | tee "$work/seen"
cat >"$work/expected" <<'SEEN'
WeasyPrint 70.0
elements have IDs: True
the tree has an IDTree: False
headings that cells name: [1, 2]
SEEN
diff "$work/expected" "$work/seen"
