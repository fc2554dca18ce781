"""The client's side of Cognito's USER_SRP_AUTH, as amazon-cognito-identity-js does it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

# The 3072-bit group of RFC 3526.
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)


def _bytes(number: int) -> bytes:
    """The number in the fewest bytes with a sign bit of zero."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(content: bytes) -> int:
    return int(hashlib.sha256(content).hexdigest(), 16)


class SrpClient:
    """One sign-in: `A` is sent first, then the answer to the challenge."""

    def __init__(self, pool: str, password: str) -> None:
        self._pool = pool.split("_", 1)[1]
        self._password = password
        self._a = secrets.randbelow(N)
        self.A = f"{pow(2, self._a, N):x}"

    def answer(self, parameters: dict[str, str]) -> dict[str, str]:
        """The responses to PASSWORD_VERIFIER with these challenge parameters."""
        user, secret = parameters["USER_ID_FOR_SRP"], base64.b64decode(parameters["SECRET_BLOCK"])
        salt, server = int(parameters["SALT"], 16), int(parameters["SRP_B"], 16)
        u = _hash(_bytes(int(self.A, 16)) + _bytes(server))
        inner = hashlib.sha256(f"{self._pool}{user}:{self._password}".encode()).digest()
        x = _hash(_bytes(salt) + inner)
        k = _hash(_bytes(N) + _bytes(2))
        shared = pow((server - k * pow(2, x, N)) % N, self._a + u * x, N)
        extracted = hmac.digest(_bytes(u), _bytes(shared), "sha256")
        key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
        now = datetime.now(UTC)
        timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S UTC %Y}"
        message = self._pool.encode() + user.encode() + secret + timestamp.encode()
        return {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
            "TIMESTAMP": timestamp,
        }
