"""Mails that say what is due, and who gets them."""
