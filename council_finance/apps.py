from django.apps import AppConfig


class CouncilFinanceConfig(AppConfig):
    """The ground that every app stands on: audit trail, jobs, statements, uploads."""

    name = "council_finance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have a worker say that it lives."""
        from council_finance import workers  # noqa: F401, PLC0415
