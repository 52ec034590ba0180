"""The Django project and the foundation that every app uses."""
