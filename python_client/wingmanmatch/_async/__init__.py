"""The client: the functions, and what carries their calls."""
