#!/usr/bin/env bash
# python-odata asked for `limit(5)` returns the first page of a service and stops there: it does not
# follow @odata.nextLink once $top is given, says nothing, and order_by(…).limit(5) is not the five
# largest but as many of them as fit in a page. Without a limit all pages are read. By the standard
# ("Server-Driven Paging") a service may page any answer, and $top does not change that.
# Expected: exit 0 and the output at the end. Exit 1: it behaves otherwise now.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet python-odata==0.8.1
cd "$work"
cat >read.py <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

from odata import ODataService

METADATA = """<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="N">
<EntityType Name="Line"><Key><PropertyRef Name="Id"/></Key>
<Property Name="Id" Type="Edm.Int32" Nullable="false"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="Lines" EntityType="N.Line"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


class TwoRowsAPage(BaseHTTPRequestHandler):
    """A set of six rows, two on each page."""

    def do_GET(self):
        address = urlsplit(self.path)
        asked = {name: int(text) for name, (text,) in parse_qs(address.query).items()
                 if name in ("$top", "$skiptoken")}
        if address.path.endswith("$metadata"):
            return self.answer(METADATA, "application/xml")
        begin = asked.get("$skiptoken", 0)
        rows = min(2, asked.get("$top", 6), 6 - begin)
        page = {"@odata.context": "$metadata#Lines",
                "value": [{"Id": begin + each + 1} for each in range(rows)]}
        left = asked.get("$top", 6 - begin) - rows
        if left and begin + rows < 6:
            top = f"&$top={left}" if "$top" in asked else ""
            page["@odata.nextLink"] = f"Lines?$skiptoken={begin + rows}{top}"
        self.answer(json.dumps(page), "application/json")

    def answer(self, text, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("OData-Version", "4.0")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), TwoRowsAPage)
threading.Thread(target=server.serve_forever, daemon=True).start()
service = ODataService(f"http://127.0.0.1:{server.server_port}/", reflect_entities=True, quiet_progress=True)
lines = service.entities["Lines"]
print("python-odata", version("python-odata"))
print("all:", [each.Id for each in service.query(lines).all()])
print("limit(5):", [each.Id for each in service.query(lines).limit(5).all()])
server.shutdown()
PY
venv/bin/python read.py | tee seen
cat >expected <<'SEEN'
python-odata 0.8.1
all: [1, 2, 3, 4, 5, 6]
limit(5): [1, 2]
SEEN
diff expected seen
