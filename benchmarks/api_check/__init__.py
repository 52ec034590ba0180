"""The API asked by schemathesis, by its own OpenAPI document, as each role."""
