"""An identity provider of somebody else's: discovery, keys and user information over HTTP, tokens as it likes them."""

import time
import uuid
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.api import Api
from tests.local_server import Asked, LocalServer, Reply

DISCOVERY, KEYS, USERINFO = "/.well-known/openid-configuration", "/keys", "/userinfo"
ALICE = {"email": "Alice@Example.com", "given_name": "Alice", "family_name": "Adams"}


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same one for each name: making them takes longer than the tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_rsa(key_id: str, **members: Any) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(rsa_key(key_id).public_key(), as_dict=True), "kid": key_id, "use": "sig"} | members


def public_ec(key_id: str, **members: Any) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(ec_key(key_id).public_key(), as_dict=True), "kid": key_id, "use": "sig"} | members


class Issuer(LocalServer):
    """Publishes the keys in `keys`; `person` is what it says of everybody who asks with a token."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[Any] = [public_rsa("first")]
        self.metadata = {
            "issuer": self.url,
            "jwks_uri": self.url + KEYS,
            "userinfo_endpoint": self.url + USERINFO,
        }
        self.person: dict[str, Any] = {}
        self.on(DISCOVERY, lambda _asked: Reply(self.metadata))
        self.on(KEYS, lambda _asked: Reply({"keys": self.keys}))
        self.on(USERINFO, self._userinfo)

    def _userinfo(self, asked: Asked) -> Reply:
        token = asked.headers["Authorization"].removeprefix("Bearer ")
        return Reply(jwt.decode(token, options={"verify_signature": False}) | self.person)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """An access token's; None takes one away."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": "alice", "aud": "opentalk", "iat": now, "exp": now + 300}
        claims |= {"jti": str(uuid.uuid4())} | ALICE | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, kid: str | None = "first", alg: str = "RS256", header_typ: str = "JWT", **changes: Any) -> str:
        header = {"typ": header_typ} | ({} if kid is None else {"kid": kid})
        key = ec_key(kid or "first") if alg.startswith("ES") else rsa_key(kid or "first")
        return jwt.encode(self.claims(**changes), key, alg, header)

    def get(self, path: str = "/v1/users/me", **changes: Any) -> Any:
        """What the API answers to a token of this provider."""
        return ask(self.token(**changes), path)


def ask(token: str, path: str = "/v1/users/me") -> Any:
    return Api(authorization=f"Bearer {token}").get(path)
