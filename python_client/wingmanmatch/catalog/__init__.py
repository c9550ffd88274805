"""The API as the database describes it, read from PostgreSQL's catalog; no door to it is known here."""
