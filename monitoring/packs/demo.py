"""Load the demo's council: a pack with commentary, or the made-up council with its full year.

Commentary that belongs to the demo, and not to a pack, is in `fixtures/demo`. Directors sign
commentary off before a report is published, as they would in use.
"""

import datetime
import shutil
from collections.abc import Callable
from functools import cached_property
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from council_finance.accounts.models import Role, User
from monitoring.commentary.models import Commentary
from monitoring.commentary.selectors import text_version
from monitoring.commentary.services import sign_off_commentary
from monitoring.figures.models import NodeFigure
from monitoring.figures.pipeline import recompute_period
from monitoring.packs.made_up.agreements import wednesday_before
from monitoring.packs.made_up.packs import write_packs
from monitoring.packs.made_up.plan import label_of, plan_name
from monitoring.packs.services import load_pack
from monitoring.people.rights import reach_of
from monitoring.people.services.demo_people import make_demo_people
from monitoring.structure.models import Period

DEMO_FILES = settings.BASE_DIR / "fixtures" / "demo"

Say = Callable[[str], object]


def load_demo_pack(folder: Path, *, say: Say) -> None:
    """Load a pack, with the demo's own files of that pack laid over it."""
    say(f"Loading {folder.name} …")
    with TemporaryDirectory() as work:
        whole = Path(work) / folder.name
        shutil.copytree(folder, whole)
        if (more := DEMO_FILES / folder.name).is_dir():
            shutil.copytree(more, whole, dirs_exist_ok=True)
        load_pack(folder=whole, by=None, before_publishing=SigningDirectors())


@transaction.atomic
def load_full_year(folder: Path, *, say: Say, most: int | None = None) -> None:
    """Write the made-up council's packs into the folder and load them.

    `most` is the most services of each group, for a small council.
    """
    say("Writing a made-up council’s year, and the months that follow …")
    sign_off = SigningDirectors()

    def prepare(period: Period) -> None:
        if period.number == 1:
            adopt_made_up_plan(period.year.start)
        sign_off(period)
        say(f"  {period} is loaded …")

    for pack in write_packs(folder, most=most):
        say(f"Loading {pack.name} …")
        load_pack(folder=pack, by=None, before_publishing=prepare)


def adopt_made_up_plan(start: int) -> None:
    """Adopt the made-up council's plan of a year, as its council did in the February before.

    It is done by the command, as this app knows nothing of plans.
    """
    day = wednesday_before(datetime.date(start, 2, 28))
    plan = ("--name", plan_name(start), "--on", str(day), "--year", label_of(start))
    call_command("adopt_plan", *plan, stdout=StringIO())


class SigningDirectors:
    """The demo's directors, who sign off the commentary on their services before publication.

    They are made when the first period is signed, as the tree says which directors there are.
    Where the database has other people, nothing is signed off.
    """

    @cached_property
    def _demo_directors(self) -> list[User]:
        if not make_demo_people(settings.DATA_DIR):
            return []
        return list(User.objects.filter(role=Role.DIRECTOR, is_active=True).order_by("pk"))

    def __call__(self, period: Period) -> None:
        """Sign off every text of a period whose figures are about to be published."""
        texts = Commentary.objects.filter(period=period).select_related("service").order_by("pk")
        if not texts or not self._demo_directors:
            return
        recompute_period(period.pk)
        figures = {row.service_id: row for row in NodeFigure.objects.filter(period=period)}
        reaches = [(each, reach_of(each, period.year)) for each in self._demo_directors]
        for text in texts:
            row = figures[text.service_id]
            for director in (each for each, reach in reaches if text.service_id in reach):
                sign_off_commentary(
                    period=period,
                    service=text.service,
                    seen=text_version(text),
                    budget_pence=row.budget_pence,
                    net_variance_pence=row.net_variance_pence,
                    by=director,
                )
