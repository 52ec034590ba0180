"""Both councils' statements, byte for byte: on SQLite, on PostgreSQL, today and tomorrow.

`golden/statements.json` holds the SHA-256 of each. After a change that is meant, write it anew with
`python -m tests.monitoring.reports.test_same_bytes` on a database that has both packs, and say why
in the commit.
"""

import hashlib
import json

import pytest

from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden" / "statements.json"


def made() -> dict[str, str]:
    """SHA-256 by year, period and statement, of the frozen text."""
    from monitoring.models import ReportStatement

    rows = ReportStatement.objects.select_related("report__period__year").order_by(
        "report__period__year__start", "report__period__number", "name"
    )
    return {
        f"{row.report.period.year.label} period {row.report.period.number} {row.name}": (
            hashlib.sha256(row.text.encode()).hexdigest()
        )
        for row in rows
    }


def test_every_statement_has_the_golden_bytes(somerset, cambridgeshire):
    assert made() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_frozen_statements_carry_their_own_checksum(somerset, cambridgeshire):
    from monitoring.models import ReportStatement

    for row in ReportStatement.objects.all():
        assert row.sha256 == hashlib.sha256(row.text.encode()).hexdigest()


@pytest.mark.parametrize("period", [2, 3])
def test_a_draft_made_again_from_the_published_figures_has_the_same_rows(somerset, period):
    """Publishing adds nothing: a recompute of the same batch gives the same table."""
    from monitoring.models import Period
    from monitoring.publishing.services.reports import reopen_report
    from monitoring.reports.selectors.report_data import current_data
    from monitoring.reports.selectors.statements import all_statements

    before = Period.objects.get(year=somerset, number=period)
    frozen = {name: each.to_data() for name, each in all_statements(current_data(before)).items()}
    reopen_report(period=before, reason="To look again", by=None)
    again = Period.objects.get(year=somerset, number=period)
    for name, each in all_statements(current_data(again)).items():
        data = each.to_data()
        assert (data["status"], data["version"]) == ("draft", 2)
        assert data | {"status": "published", "version": 1} == frozen[name]


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
    django.setup()
    GOLDEN.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
