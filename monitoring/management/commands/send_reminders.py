"""python manage.py send_reminders"""

from typing import Any

from django.utils import timezone

from council_finance import upkeep
from council_finance.commands import PlainCommand
from monitoring.reminders.services import send_digests


class Command(PlainCommand):
    help = "Queues the day's digests of work that is due, for a worker to send; a timer runs it."

    def run(self, **options: Any) -> None:
        with upkeep.noted(upkeep.Task.REMINDERS):
            queued = send_digests(now=timezone.now())
        digests = "1 digest" if queued == 1 else f"{queued} digests"
        self.stdout.write(f"Queued: {digests}. A worker sends them.")
