"""The council itself: its name, accent colour and logo."""

from django.db import models
from django.db.models import Q

NAME_LENGTH = 200
SHORT_NAME_LENGTH = 40
ONLY_ROW = 1
"""The key of the one row: a site belongs to one council."""


class Council(models.Model):
    """The council that the site belongs to.

    `accent` is a colour such as `#12436d`; blank is the product's own. `logo` is a PNG that the
    product has encoded itself, and `logo_version` its SHA-256; both are empty without one.
    `revision` counts the changes, so that two people do not overwrite each other's.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW)
    name = models.CharField(max_length=NAME_LENGTH)
    short_name = models.CharField(max_length=SHORT_NAME_LENGTH, blank=True, default="")
    accent = models.CharField(max_length=7, blank=True, default="")
    logo = models.BinaryField(default=b"")
    logo_version = models.CharField(max_length=64, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=ONLY_ROW), name="council_is_one"),
            models.CheckConstraint(condition=~Q(name=""), name="council_has_a_name"),
            models.CheckConstraint(
                condition=Q(accent="") | Q(accent__startswith="#"),
                name="council_accent_is_a_colour",
            ),
        ]

    def __str__(self) -> str:
        return self.name
