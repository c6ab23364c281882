"""What every answer tells browsers: take it for what it says it is, in nobody's frame, and load nothing unasked."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # pages that need more say so themselves
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = "max-age=31536000; includeSubDomains"


def security_headers(base_url: str) -> dict[str, str]:
    """Return the headers of every answer. A public address in https is one that browsers keep to for a year."""
    if base_url.startswith("https://"):
        return {**_HEADERS, "Strict-Transport-Security": _HSTS}
    return _HEADERS
