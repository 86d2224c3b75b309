"""An issuer's public keys by key id, read from a JWKS document or from the embedded provider's settings."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

# Never HS*: a token signed with the public key as an HMAC secret would pass (RFC 8725 2.1).
RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA", "Ed448": "EdDSA"}
READERS: dict[str, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm}
SHORTEST_RSA_KEY = 2048  # bits (RFC 7518 3.3)
# More than providers have. Limits the time that a large document costs.
MOST_KEYS = 64


@dataclass(frozen=True)
class Key:
    """A public key and the algorithms that are accepted with it, whatever a token's header says (RFC 8725 3.1)."""

    public: Any
    algorithms: tuple[str, ...]


def from_jwks(document: dict[str, Any]) -> dict[str, Key]:
    """The usable signing keys. Encryption keys, secrets, weak and unreadable keys are left out."""
    rows = document.get("keys")
    rows = rows[:MOST_KEYS] if isinstance(rows, list) else []
    keys = {str(row.get("kid") or ""): _read(row) for row in rows if isinstance(row, dict)}
    return {key_id: key for key_id, key in keys.items() if key is not None}


def _read(row: dict[str, Any]) -> Key | None:
    algorithms = RSA_ALGORITHMS if row.get("kty") == "RSA" else tuple(filter(None, [CURVES.get(str(row.get("crv")))]))
    if "alg" in row:
        algorithms = tuple(name for name in algorithms if name == row["alg"])
    # "d" means that the private key is published, so anybody could sign with it.
    if row.get("kty") not in READERS or row.get("use", "sig") != "sig" or "d" in row or not algorithms:
        return None
    try:
        public = READERS[row["kty"]].from_jwk(row)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return None if getattr(public, "key_size", 256) < _shortest(row) else Key(public, algorithms)


def _shortest(row: dict[str, Any]) -> int:
    return SHORTEST_RSA_KEY if row["kty"] == "RSA" else 0


@lru_cache(maxsize=4)
def from_pems(*pems: str) -> dict[str, Key]:
    """The embedded provider's keys, by the same ids as in its JWKS document (RFC 7638 thumbprints)."""
    from oauth2_provider.utils import jwk_from_pem  # noqa: PLC0415 - needs the app registry

    rows = [jwk_from_pem(pem) for pem in pems]
    return {row.thumbprint(): Key(RSAAlgorithm.from_jwk(row.export_public()), ("RS256",)) for row in rows}
