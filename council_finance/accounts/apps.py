from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class AccountsConfig(AppConfig):
    name = "council_finance.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start where SECOND_FACTOR_ROLES names what is no role."""
        from council_finance.accounts.models import Role  # noqa: PLC0415  apps are ready by now

        known = {*Role.values, "all"}
        if wrong := [role for role in settings.SECOND_FACTOR_ROLES if role not in known]:
            raise ImproperlyConfigured(
                f"SECOND_FACTOR_ROLES names “{wrong[0]}”, which is no role. Roles are "
                f"{', '.join(Role.values)}, or all."
            )
