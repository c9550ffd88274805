"""Making a call over a connection to PostgreSQL, below every door that leads to one."""
