from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db.backends.signals import connection_created

from council_finance.database_sessions import switch_compiling_off


class CouncilFinanceConfig(AppConfig):
    """The foundation of every app: audit trail, jobs, statements, uploads."""

    name = "council_finance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what apps register when it is needed; send errors where settings say."""
        from council_finance import installed_apps  # noqa: PLC0415

        installed_apps.load_when_asked()
        connection_created.connect(switch_compiling_off)
        checks.register(_check_what_apps_register)

        if settings.SENTRY_DSN:
            from council_finance import environment, error_hook  # noqa: PLC0415

            secrets = [*environment.secrets_given(), settings.SECRET_KEY]
            error_hook.start(settings.SENTRY_DSN, in_service=settings.IN_SERVICE, secrets=secrets)


def _check_what_apps_register(**_: Any) -> Sequence[checks.CheckMessage]:
    """Load everything that apps register, which raises `ValueError` where entries do not fit."""
    from council_finance import installed_apps  # noqa: PLC0415

    installed_apps.load_registered()
    return []
