"""These tests share a database a file: they change nothing but rows."""

from emptied_database import emptied, postgresql  # noqa: F401
