"""Making a call over a connection to PostgreSQL; everything that makes calls builds on this."""
