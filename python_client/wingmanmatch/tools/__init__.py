"""What one does with a database and this package besides calling the functions."""
