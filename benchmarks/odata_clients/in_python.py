"""Read the service by python-odata, in an environment of its own: ROOT, TOKEN in, JSON out."""

import json
import sys
from decimal import Decimal

import requests
from odata import ODataService
from requests.auth import HTTPBasicAuth

PAGES = {"Prefer": "odata.maxpagesize=300"}
"""Pages of a seventh of the demo's figures, so that there are some to follow."""


def read_everything(root: str, token: str) -> dict:
    """Return what each way of asking gives; amounts are whole pence."""
    asked: list[str] = []
    session = requests.Session()
    session.auth = HTTPBasicAuth("", token)
    session.hooks["response"].append(lambda response, **_: asked.append(response.url))
    service = ODataService(
        root, session=session, extra_headers=PAGES, reflect_entities=True, quiet_progress=True
    )
    figures = service.entities["Figures"]
    every = list(service.query(figures))
    pages = sum(1 for address in asked if "/Figures" in address)
    sums: dict[str, list[int]] = {}
    for row in every:
        found = sums.setdefault(f"{row.report_id}/{row.statement}", [0, 0])
        found[0] += 1
        found[1] += round(Decimal(row.pounds or 0) * 100)
    one = (
        service.query(figures)
        .filter(figures.financial_year == "2019/20")
        .filter(figures.period == 3)
        .filter(figures.statement == "annex-a")
        .filter(figures.counted == True)  # noqa: E712
    )
    first = one.order_by(figures.pounds.desc(), figures.id.asc()).limit(5)
    return {
        "pages": pages,
        "ids": len({row.id for row in every}),
        "sums": sums,
        "counted": len(one.all()),
        "count": one.count(),
        "largest": [row.id for row in first.all()],
        "selected": sorted(row["label"] for row in one.select(figures.label)),
        "adults": len(one.filter(figures.label.contains("Adults")).all()),
        "reports": len(service.query(service.entities["Reports"]).all()),
        "services": len(service.query(service.entities["Services"]).all()),
        "one": str(service.query(figures).get(every[7].id).id),
    }


if __name__ == "__main__":
    print(json.dumps(read_everything(*sys.argv[1:])))
