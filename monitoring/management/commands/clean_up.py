"""python manage.py clean_up"""

import datetime

from django.conf import settings
from django.utils import timezone

from council_finance import locks
from council_finance.accounts.services import forget_what_ended
from council_finance.commands import PlainCommand
from monitoring.services.retention import forget_unstored_files


class Command(PlainCommand):
    help = "Removes ended sessions, old wrong passwords, and old files that were not stored."

    def run(self, **options) -> None:
        now = timezone.now()
        days = settings.KEEP_UNSTORED_FILES_DAYS
        files = 0
        if days:
            files = forget_unstored_files(before=now - datetime.timedelta(days=days))
        sessions = forget_what_ended(now=now)
        locks.remove_abandoned()
        self.stdout.write(
            f"{sessions} ended sessions and {files} files that were not stored are removed."
        )
