"""A site with a draft, a published, a redacted and a withheld report, and a token for each role.

Run in a process of its own with an empty DATA_DIR; prints the tokens by role as JSON.
"""

import json
import tempfile
from pathlib import Path

from benchmarks.upload import ROOT

SECRET = "Homes of Elm Row"
"""The description of a line that became exempt: only those who see drafts may read it."""
DRAFT = "Care of the draft"
"""A reason that only the draft has."""

_SERVICES = "code,name,parent_code,order\nTOP,Council,,1\nCARE,Care,TOP,1\n"
_HEADINGS = "service_code,cost_centre,account,description,current_budget,forecast,exempt"
_VIREMENTS = (
    "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind,"
    "approved_by,approved_on,reason\n"
)


def _position(forecast: int, exempt: str = "") -> str:
    return (
        f"{_HEADINGS}\nCARE,C1,NET,{SECRET},1000,{forecast},{exempt}\nCARE,C2,NET,Meals,500,500,\n"
    )


def _virement(reference: str, month: str, reason: str) -> str:
    return f"{reference},{month},C1,NET,C2,NET,10,funding,Cabinet,2021-05-20,{reason}\n"


def _write_pack(folder: Path) -> Path:
    files = {
        "pack.toml": 'council = "Elm"\nfinancial_year = "2021/22"\npublish = [1, 2]\n',
        "services.csv": _SERVICES,
        "virements.csv": _VIREMENTS + _virement("V1", "02", "More meals"),
        "periods/01/position.csv": _position(1100),
        "periods/02/position.csv": _position(1200),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def make_site() -> dict[str, str]:
    """Make the years, and a person with a token for each role; return the tokens by role."""
    from django.core.management import call_command
    from django.utils import timezone

    from council_finance.accounts.models import Role, TokenKind, User
    from council_finance.accounts.tokens.services import issue_token
    from monitoring.packs.services import load_pack
    from monitoring.publishing.services.redactions import redact_reports
    from monitoring.uploading.services.uploads import upload_file

    call_command("migrate", verbosity=0)
    load_pack(folder=ROOT / "fixtures" / "somerset-2019-20", by=None)
    with tempfile.TemporaryDirectory() as folder:
        year = load_pack(folder=_write_pack(Path(folder)), by=None).year
    for kind, text in (
        ("position", _position(1300, "yes")),
        ("virements", _VIREMENTS + _virement("V2", "03", DRAFT)),
    ):
        upload_file(
            kind=kind,
            year=year,
            period=3 if kind == "position" else None,
            content=text.encode(),
            file_name=f"{kind}.csv",
            by=None,
        )
    redact_reports(year=year, reason="The contract is being let", by=None)
    return {
        role: issue_token(
            person=User.objects.create_user(role, password="-", role=role),
            name="api-check",
            days=1,
            kind=TokenKind.READ,
            allowed=[TokenKind.READ],
            now=timezone.now(),
        )
        for role in Role.values
    }


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(make_site()))
