from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class AccountsConfig(AppConfig):
    name = "council_finance.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Watch log-ins; refuse to start where a setting names a role that there is not."""
        # Apps are ready by now, and not when this file is read.
        from council_finance.accounts import last_seen  # noqa: F401, PLC0415
        from council_finance.accounts.models import Role  # noqa: PLC0415

        known = {*Role.values, "all"}
        if wrong := [role for role in settings.SECOND_FACTOR_ROLES if role not in known]:
            raise ImproperlyConfigured(
                f"SECOND_FACTOR_ROLES names “{wrong[0]}”, which is no role. Roles are "
                f"{', '.join(Role.values)}, or all."
            )
        of_groups = [role for _, role in settings.OIDC.group_roles] if settings.OIDC else []
        if wrong := [role for role in of_groups if role not in Role.values]:
            raise ImproperlyConfigured(
                f"OIDC_GROUP_ROLES names “{wrong[0]}”, which is no role. Roles are "
                f"{', '.join(Role.values)}."
            )
