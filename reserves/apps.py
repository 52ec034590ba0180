from importlib import import_module

from django.apps import AppConfig


class ReservesConfig(AppConfig):
    name = "reserves"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in this app's upload kinds, part of a report, statements, checks and panels."""
        for module in ("upload_kinds", "statements", "checks", "panels"):
            import_module(f"reserves.{module}")
