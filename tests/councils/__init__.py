"""Made-up councils for tests: packs written to a folder, loaded once, files brought in."""
