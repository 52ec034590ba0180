"""Load packs into the site and make people with a password. Run within the product's folder:

python -m benchmarks.live.setting_up SPEC, a JSON file with `packs` (folders), `password`, and
`people` (user name, role, codes of the services they look after).
"""

import json
import sys
from pathlib import Path


def set_up(packs: list[str], people: list[list], password: str) -> None:
    """What an administrator does before the first month."""
    from council_finance.accounts.models import User
    from monitoring.packs.services import load_pack
    from monitoring.people.services.people import make_person

    for pack in packs:
        load_pack(folder=Path(pack), by=None)
    for name, role, parts in people:
        make_person(username=name, name=name.title(), email="", role=role, parts=parts, by=None)
        user = User.objects.get(username=name)
        user.set_password(password)
        user.save()


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
    django.setup()
    set_up(**json.loads(Path(sys.argv[1]).read_text()))
