from django.apps import AppConfig


class CouncilFinanceConfig(AppConfig):
    """The ground that every app stands on: audit trail, jobs, statements, uploads."""

    name = "council_finance"
    default_auto_field = "django.db.models.BigAutoField"
