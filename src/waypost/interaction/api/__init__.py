"""The platform API: REST under ``/api/v1``, problems as RFC 9457, one unit of work per request."""
