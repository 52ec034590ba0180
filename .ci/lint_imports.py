"""Check the imports of the apps in INSTALLED_APPS against .ci/import_contracts.ini."""

import os
import sys
import tempfile
from pathlib import Path
from string import Template

import django
from importlinter.cli import lint_imports

CONTRACTS = Path(__file__).with_name("import_contracts.ini")
INDENT = "\n    "


def fill_in_apps(template: str) -> str:
    """Return the contracts for the apps of the settings."""
    from council_finance.installed_apps import project_apps, subject_apps

    packages = dict.fromkeys(config.name.split(".")[0] for config in project_apps())
    apps = [config.name for config in subject_apps() if config.name != "monitoring"]
    return Template(template).substitute(
        packages=INDENT.join(packages), apps=INDENT.join(apps), layer_of_apps=" : ".join(apps)
    )


def main() -> int:
    """Check the project in the current folder; return 1 where a contract is broken."""
    sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
    django.setup()
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(fill_in_apps(CONTRACTS.read_text(encoding="utf-8")))
        file.flush()
        return lint_imports(file.name, no_cache=True, no_logo=True)


if __name__ == "__main__":
    sys.exit(main())
