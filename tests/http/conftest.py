"""The server that the tests of the HTTP layer call."""

from serving import http, http_server, http_settings, http_url, serve, token

__all__ = ["http", "http_server", "http_settings", "http_url", "serve", "token"]
