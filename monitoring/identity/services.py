"""Change the council's name, accent colour and logo."""

from typing import Any

from django.db import IntegrityError, transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.identity.colours import read_accent
from monitoring.identity.logos import Logo
from monitoring.identity.models import ONLY_ROW, Council
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear
from monitoring.structure.year_changes import change_year

RECORD = "council"
"""The audit trail's name of the council."""


def save_council(
    *,
    name: str,
    short_name: str,
    accent: str,
    logo: Logo | None,
    revision: int,
    by: User,
) -> list[str]:
    """Store the council's name, accent colour and logo, and return the names of what changed.

    `accent` may be blank, `logo` is None where it stays. `revision` is the one that the person
    saw: raise `Refused` where somebody has changed the council since. Years without a published
    report take a changed name; the others keep the name under which they have reported.
    """
    name, short_name = " ".join(name.split()), " ".join(short_name.split())
    if not name:
        raise Refused("Enter the council’s name.")
    accent = read_accent(accent) if accent.strip() else ""
    try:
        with transaction.atomic():
            return _store_council(name, short_name, accent, logo, revision, by)
    except IntegrityError as error:  # two people entered the council at the same moment
        raise Refused(_CHANGED) from error


_CHANGED = (
    "Somebody else has changed the council since you opened this page. Open it again to see their "
    "change, then make yours."
)


def _store_council(
    name: str, short_name: str, accent: str, logo: Logo | None, revision: int, by: User
) -> list[str]:
    row = Council.objects.select_for_update().filter(pk=ONLY_ROW).first()
    if (row.revision if row else 0) != revision:
        raise Refused(_CHANGED)
    before = _describe_council(row)
    is_new = row is None
    row = row or Council(revision=0)
    row.name, row.short_name, row.accent = name, short_name, accent
    if logo is not None:
        row.logo, row.logo_version = logo.content, logo.version
    after = _describe_council(row)
    changes: dict[str, Any] = {
        key: {"from": before[key], "to": after[key]} for key in after if before[key] != after[key]
    }
    if changes:
        row.revision += 1
        row.save(force_insert=is_new)
        years = _rename_unreported_years(name) if "name" in changes else []
        if years:
            changes["years"] = years
        audit.record(by=by, action="changed the council", on=RECORD, **changes)
    return [key for key in after if key in changes]


def _describe_council(row: Council | None) -> dict[str, str]:
    if row is None:
        return dict.fromkeys(("name", "short_name", "accent_colour", "logo"), "")
    return {
        "name": row.name,
        "short_name": row.short_name,
        "accent_colour": row.accent,
        "logo": row.logo_version,
    }


def _rename_unreported_years(name: str) -> list[str]:
    """Give the name to the open years that have published nothing; return them, as 2019/20."""
    reported = Report.objects.values("period__year")
    years = FinancialYear.objects.filter(archived_at=None).exclude(council=name)
    renamed = []
    for year in years.exclude(pk__in=reported).order_by("start"):
        with change_year(year.pk, affects_figures=False) as change:
            FinancialYear.objects.filter(pk=change.year.pk).update(council=name)
        renamed.append(year.label)
    return renamed
