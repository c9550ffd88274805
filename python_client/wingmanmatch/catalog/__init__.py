"""The API as the database describes it, read from PostgreSQL's catalog, whoever offers it to callers."""
