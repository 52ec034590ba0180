from importlib import import_module

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug in this app's upload kinds, statements and checks."""
        for module in ("upload_kinds", "statements", "checks"):
            import_module(f"monitoring.{module}")
