"""Public keys of an issuer by key id: those of the embedded provider, or what a JWKS document holds."""

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
# More than any provider has; a document of a megabyte could hold thousands, each of which takes time to read.
MOST_KEYS = 64


@dataclass(frozen=True)
class Key:
    """A key, and the algorithms it may have been used with: the token's own header does not decide that."""

    public: Any
    algorithms: tuple[str, ...]


def from_jwks(document: dict[str, Any]) -> dict[str, Key]:
    """The keys that sign; the rest (encryption, secrets, weak or unreadable ones) is left out."""
    rows = document.get("keys")
    rows = rows[:MOST_KEYS] if isinstance(rows, list) else []
    keys = {str(row.get("kid") or ""): _read(row) for row in rows if isinstance(row, dict)}
    return {key_id: key for key_id, key in keys.items() if key is not None}


def _read(row: dict[str, Any]) -> Key | None:
    algorithms = RSA_ALGORITHMS if row.get("kty") == "RSA" else tuple(filter(None, [CURVES.get(str(row.get("crv")))]))
    if "alg" in row:
        algorithms = tuple(name for name in algorithms if name == row["alg"])
    # "d" is a private key: whoever read the document can sign with it.
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
    """Keys of the embedded provider under the ids that its JWKS has (RFC 7638 thumbprints)."""
    from oauth2_provider.utils import jwk_from_pem  # noqa: PLC0415 - needs the app registry

    rows = [jwk_from_pem(pem) for pem in pems]
    return {row.thumbprint(): Key(RSAAlgorithm.from_jwk(row.export_public()), ("RS256",)) for row in rows}
