"""The server that the tests of the HTTP layer call."""

from browsing import browser
from serving import http, http_server, http_settings, http_url, serve, token

__all__ = ["browser", "http", "http_server", "http_settings", "http_url", "serve", "token"]
