"""The forms of tables of settings, made from the fields that apps register."""
