"""What no event of the error hook may hold: planted wherever an error could take it from."""

SECRETS = {
    "variable": "kept-in-a-variable-4711",
    "typed": "typed-by-a-person-4712",
    "link": "one-time-link-token-4713",
    "cookie": "session-cookie-4714",
    "body": "password-in-the-body-4715",
    "mail": "jo.bloggs@council.example",
    "detail": "row-of-the-database-4716",
    "argument": "argument-of-a-task-4717",
    "address": "in-the-query-4718",
    "header": "authorization-header-4719",
}
