"""Saved layouts: how a council's own export maps to the product's columns."""

from django.db import models


class Layout(models.Model):
    """A layout for one kind of file, by the name that people give it."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=40)
    definition = models.JSONField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
