"""``wingman deliver``: sends what users are told outside the app, one module a channel."""
