"""What every answer tells browsers: take it for what it says it is, in nobody's frame, and load nothing unasked."""

from flask import Flask, Response

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # pages that need more say so themselves
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = "max-age=31536000; includeSubDomains"


def install_security_headers(app: Flask, base_url: str) -> None:
    """With a public address in https, browsers are told to keep to it for a year."""
    headers = dict(_HEADERS)
    if base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = _HSTS

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
