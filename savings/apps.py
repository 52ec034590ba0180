"""Savings: the register, its monthly positions and their status."""

from importlib import import_module

from django.apps import AppConfig


class SavingsConfig(AppConfig):
    name = "savings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in this app's upload kinds, its part of a report, statements, checks and panels."""
        for module in ("upload_kinds", "selectors.part", "statements", "checks", "panels"):
            import_module(f"savings.{module}")
