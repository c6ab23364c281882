"""API8:2023, security misconfiguration: every answer of every address tells browsers to be careful, and nothing of us.

How processes are deployed: `tests/architecture/test_deploy.py`. Crashes: `tests/web/test_api_failures.py`.
"""

import re

from creneau.app.wiring import Creneau
from tests.security.inventory import pages, rules

TELLING = re.compile(r"Traceback|File \"/|werkzeug|gunicorn|psycopg|sqlalchemy|postgres", re.IGNORECASE)
LOADING = re.compile(r"""\son\w+=["']|(?:src|href|action)=["'](?:javascript:|https?:|//)|url\(|@import""")
"""What would run, or load something from elsewhere."""
ORIGIN = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}


def test_every_answer_has_its_headers(whole: Creneau):
    client = whole.web.test_client()
    for address in pages(whole):
        for verb in ("GET", "HEAD", "OPTIONS", "POST", "TRACE", "PATCH"):
            answer = client.open(address, method=verb, headers=ORIGIN)
            where, headers = (verb, address), answer.headers
            assert headers["X-Content-Type-Options"] == "nosniff", where
            assert headers["Referrer-Policy"] == "no-referrer", where
            assert headers["Strict-Transport-Security"].startswith("max-age=31536000"), where
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, where
            assert "frame-ancestors 'none'" in policy, where
            assert "unsafe" not in policy, where
            assert "*" not in policy, where
            assert not [name for name, _ in headers if name.startswith("Access-Control-")], where
            assert not {"Server", "X-Powered-By"} & {name for name, _ in headers}, where
            assert answer.status_code < 500 or address == "/ready", where
            assert TELLING.search(answer.text) is None or address.endswith((".json", "/docs")), where
            if "text/html" in headers.get("Content-Type", ""):
                assert "<script" not in answer.text.lower(), where
                assert LOADING.search(answer.text) is None, where
            for cookie in headers.getlist("Set-Cookie"):
                assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=")), where


def test_what_is_signed_or_sealed_is_kept_by_nobody_on_the_way(whole: Creneau):
    client = whole.web.test_client()
    for rule in rules(whole):
        if rule.startswith(("/booking/", "/calendar/")):
            assert client.get(rule.replace("<token>", "x")).headers.get("Cache-Control", "no-store") == "no-store"
    assert client.get("/api/scheduling/me").headers["Cache-Control"] == "no-store"
