"""An identity provider on loopback: publishes its keys, signs tokens, and can be told to misbehave."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE, ISSUER = "https://creneau.example.org", "https://login.example.org/"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: Any, kid: str, **members: object) -> dict[str, object]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **members}


@dataclass
class IdentityProvider:
    """`fault` is what it does instead of answering well: a status, `slow`, `huge`, `drop`, `redirect`, `garbage`."""

    url: str = ""
    keys: list[dict[str, object]] = field(
        default_factory=lambda: [public_jwk(RSA_KEY, "rsa-1", use="sig", alg="RS256"), public_jwk(EC_KEY, "ec-1")]
    )
    fault: int | str | None = None
    fetches: int = 0
    stopped: Event = field(default_factory=Event)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.fetches += 1
        document = json.dumps({"keys": self.keys}).encode()
        match self.fault:
            case int():
                handler.send_error(self.fault)
            case "drop":
                handler.connection.close()
            case "redirect":
                handler.send_response(302)
                handler.send_header("Location", f"{self.url}/elsewhere")
                handler.end_headers()
            case "huge":
                _send(handler, document + b" " * 300_000)
            case "slow":
                handler.send_response(200)
                handler.end_headers()
                self.stopped.wait(20)
            case "garbage":
                _send(handler, b"<html>login</html>")
            case _:
                _send(handler, document)


def _send(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def running_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    yield provider
    provider.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


def sign(claims: dict[str, object], key: Any = RSA_KEY, algorithm: str = "RS256", **header: object) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "rsa-1", **header})
