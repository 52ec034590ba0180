"""What the set-up of a site keeps beside what can be read from the data themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.structure.models import FinancialYear


class Mark(models.TextChoices):
    """What a person says of the set-up that no data show."""

    SETTINGS = "settings", "The settings have been looked at"
    DISMISSED = "dismissed", "The set-up is no longer shown first"


class SetUpMark(models.Model):
    """A mark that a person has set, with who and when."""

    mark = models.CharField(max_length=10, choices=Mark.choices, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mark__in=Mark.values), name="set_up_mark_is_known")
        ]

    def __str__(self) -> str:
        return self.get_mark_display()


class TreeDraft(models.Model):
    """A tree of services that a person looks at before it is stored.

    `services` are those of a pasted tree, as `PastedService.to_data` gives them. Of a file,
    `content` is kept as it came, with its name. `revision` counts the changes, so that two people
    do not overwrite each other's.
    """

    year = models.OneToOneField(FinancialYear, on_delete=models.CASCADE, related_name="+")
    services = models.JSONField(default=list)
    file_name = models.CharField(max_length=255, blank=True, default="")
    content = models.BinaryField(default=b"")
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of the services of {self.year}"

    @property
    def is_file(self) -> bool:
        """True where the tree is in a file, which cannot be changed here."""
        return bool(self.file_name)
