from django.apps import AppConfig
from django.conf import settings


class CouncilFinanceConfig(AppConfig):
    """The foundation of every app: audit trail, jobs, statements, uploads."""

    name = "council_finance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what apps register, note that a worker lives, and send errors where settings say."""
        from council_finance import installed_apps, locks  # noqa: F401, PLC0415

        installed_apps.load_registered()

        if settings.SENTRY_DSN:
            from council_finance import environment, error_hook  # noqa: PLC0415

            secrets = [*environment.secrets_given(), settings.SECRET_KEY]
            error_hook.start(settings.SENTRY_DSN, in_service=settings.IN_SERVICE, secrets=secrets)
