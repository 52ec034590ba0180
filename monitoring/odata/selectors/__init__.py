"""Reads of what is offered: figures, reports and services that a person may see."""
