"""What you do with a database and this package besides calling the functions."""
