"""`make load`: people at work while a large file is stored, and how long they wait."""
