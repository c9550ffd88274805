"""The server that the JavaScript clients call."""

from serving import http_server, http_settings, http_url, serve, token

__all__ = ["http_server", "http_settings", "http_url", "serve", "token"]
