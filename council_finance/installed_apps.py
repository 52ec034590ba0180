"""The apps of the product, read from INSTALLED_APPS, and the loading of what they register."""

import os
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

from council_finance import registry

_FOUNDATION = "council_finance"
_FIRST = frozenset({"settings_tables", "audit_links"})
_STATEMENTS = frozenset({"report_section", "statements"})
_OF_UPLOADS = frozenset({"upload_kind", "upload_kinds", "changed_years"})
"""Settings are loaded at the start, and statements before anything that may import some of them, so
that their order is always the same. Uploads import none of another app's."""


def project_apps() -> list[AppConfig]:
    """Return the installed apps that live in the project's folder, in the order of settings."""
    return [config for config in apps.get_app_configs() if _is_in_project(config)]


def _is_in_project(config: AppConfig) -> bool:
    return Path(config.path) == settings.BASE_DIR.joinpath(*config.name.split("."))


def subject_apps() -> list[AppConfig]:
    """Return the project's apps other than the foundation, such as monitoring."""
    return [config for config in project_apps() if config.name.split(".")[0] != _FOUNDATION]


def url_modules() -> list[str]:
    """Return the modules that hold addresses of the subject apps."""
    return [
        f"{config.name}.urls"
        for config in subject_apps()
        if ("urls", "") in _modules_in(config.path)
    ]


def load_when_asked() -> None:
    """Have what apps register loaded when it is first asked for."""
    registry.load_modules_by(load_modules, _place_of_module)
    registry.load_registering(_FIRST)


def load_registered() -> None:
    """Import every module of a subject app that registers something.

    They are the modules that the registry names, in the app itself or in one of its packages; of a
    package of such a name, all of its modules. Raise `ValueError` where two entries have one name,
    or one follows another that does not exist.
    """
    registry.load_registering(registry.registering_names())
    registry.refuse_unknown_places()


def load_modules(names: frozenset[str], file_name: str = "") -> None:
    """Import the modules and packages of these names of every subject app, in the apps' order.

    With `file_name` import those modules alone whose file has that name.
    """
    if not names <= _FIRST | _STATEMENTS | _OF_UPLOADS:
        registry.load_registering(_STATEMENTS)
    for name, module in _registering_modules():
        if name in names and file_name in ("", module.rpartition(".")[2]):
            import_module(module)


def _place_of_module(name: str) -> tuple[int, str]:
    """Return the place of a module: that of its app, and its name within; the foundation first."""
    app = name.partition(".")[0]
    apps_in_order = _app_names()
    place = apps_in_order.index(app) if app in apps_in_order else len(apps_in_order)
    return place, name


@cache
def _app_names() -> list[str]:
    return [_FOUNDATION, *(config.name for config in subject_apps())]


@cache
def _registering_modules() -> list[tuple[str, str]]:
    """Return the modules that register something, each with the name that the registry has."""
    names = registry.registering_names()
    return [
        found
        for config in subject_apps()
        for found in _find_modules(config.name, config.path, names)
    ]


def _find_modules(
    package: str, folder: str, names: Collection[str], *, packages: bool = True
) -> Iterator[tuple[str, str]]:
    for name, within in _modules_in(folder):
        if name in names:
            yield name, f"{package}.{name}"
            if within:
                yield from ((name, f"{package}.{name}.{each}") for each, _ in _modules_in(within))
        elif within and packages:
            yield from _find_modules(f"{package}.{name}", within, names, packages=False)


def _modules_in(folder: str) -> list[tuple[str, str]]:
    """Return the names of a folder's modules and folders, each with the path of a folder, or "".

    Every command looks through every package; pkgutil looks through the folders of each besides.
    """
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name, suffix = os.path.splitext(entry.name)
            if suffix == ".py" and name != "__init__":
                found.append((name, ""))
            elif not suffix and name != "__pycache__" and entry.is_dir():
                found.append((name, entry.path))
    return sorted(found)
