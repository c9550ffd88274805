"""``wingman mcp``: the functions as tools of the Model Context Protocol, for one user."""
