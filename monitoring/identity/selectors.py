"""Read the council's name, accent colour and logo."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from council_finance.prepared import prepared
from monitoring.identity.colours import STYLE_VERSION
from monitoring.identity.models import Council
from monitoring.structure.models import FinancialYear


@dataclass(frozen=True)
class Identity:
    """The council as pages show it; `name` is empty where nobody has entered one."""

    name: str = ""
    short_name: str = ""
    accent: str = ""
    logo_version: str = ""
    revision: int = 0

    @property
    def style_url(self) -> str:
        """The address of the accent colour's style sheet; "" without an accent colour."""
        if not self.accent:
            return ""
        return reverse("council-style", args=[STYLE_VERSION, self.accent.removeprefix("#")])

    @property
    def logo_url(self) -> str:
        """The address of the logo; "" without one."""
        return reverse("council-logo", args=[self.logo_version]) if self.logo_version else ""


_SHOWN = ("name", "short_name", "accent", "logo_version", "revision")


def read_identity() -> Identity:
    """Return the council as it was entered, by one query that leaves the logo out."""
    rows = _read_councils()
    return Identity(**rows[0]) if rows else Identity()


@prepared
def _read_councils() -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = Council.objects.values(*_SHOWN).order_by("pk")[:1]
    return found


def council_name() -> str:
    """Return the name that new years get: the one entered, else that of the latest year."""
    return read_identity().name or latest_council()


def latest_council() -> str:
    """Return the name of the latest year's council; "" where there is no year."""
    latest = FinancialYear.objects.order_by("-start").values_list("council", flat=True)
    return latest.first() or ""


def logo_content(version: str) -> bytes | None:
    """Return the logo of that version; None where it is no longer the council's."""
    found = Council.objects.filter(logo_version=version).exclude(logo_version="")
    content = found.values_list("logo", flat=True).first()
    return None if content is None else bytes(content)
