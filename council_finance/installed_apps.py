"""The apps of the product, read from INSTALLED_APPS, and the loading of what they register."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.conf import settings

from council_finance import registry

_FOUNDATION = "council_finance"
_REGISTERING = (
    "upload_kind",
    "upload_kinds",
    "report_section",
    "statements",
    "checks",
    "panels",
    "subject_facts",
    "navigation",
    "month_steps",
    "settings_tables",
    "settings_previews",
    "planned_use_purposes",
    "audit_links",
    "forecast_method",
    "rolled_years",
    "document_panels",
    "commentary_drivers",
    "report_figures",
    "signs",
    "other_apps",
    "publication_blockers",
)
"""Modules and packages of these names register something."""


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
        if "urls" in _module_names(Path(config.path))
    ]


def load_registered() -> None:
    """Import every module of a subject app that registers something.

    They are the modules of the names above, in the app itself or in one of its packages; of a
    package of such a name, all of its modules. Raise `ValueError` where two entries have one name,
    or one follows another that does not exist.
    """
    for config in subject_apps():
        for name in _registering_modules(config.name, Path(config.path)):
            import_module(name)
    registry.refuse_unknown_places()


def _registering_modules(package: str, folder: Path, *, packages: bool = True) -> Iterator[str]:
    for name in _module_names(folder):
        if name in _REGISTERING:
            yield f"{package}.{name}"
            yield from (f"{package}.{name}.{each}" for each in _module_names(folder / name))
        elif packages:
            yield from _registering_modules(f"{package}.{name}", folder / name, packages=False)


def _module_names(folder: Path) -> list[str]:
    return [module.name for module in iter_modules([str(folder)])]
