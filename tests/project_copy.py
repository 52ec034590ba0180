"""A copy of the product in a temporary folder, to which a test adds an app."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from council_finance.installed_apps import project_apps

ROOT = Path(__file__).resolve().parent.parent


def copy_project(folder: Path, *, new_app: str) -> Path:
    """Copy the packages of the installed apps, and add a new app to INSTALLED_APPS."""
    for package in {app.name.split(".")[0] for app in project_apps()}:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    shutil.copy(ROOT / "manage.py", folder)
    for name in ("templates", "static", "fixtures"):
        (folder / name).symlink_to(ROOT / name)
    settings = folder / "council_finance" / "settings.py"
    text = settings.read_text(encoding="utf-8")
    before, rest = text.split("INSTALLED_APPS = [\n")
    apps, after = rest.split("]\n", 1)
    settings.write_text(f'{before}INSTALLED_APPS = [\n{apps}    "{new_app}",\n]\n{after}')
    return folder


def write_modules(folder: Path, modules: dict[str, str]) -> None:
    """Write modules by their path, and make every folder of theirs a package."""
    for path, text in modules.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        (place.parent / "__init__.py").touch()
        place.write_text(text, encoding="utf-8")


def run_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, with its own data and none of this process's settings."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder / "data"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
