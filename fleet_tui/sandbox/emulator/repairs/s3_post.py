"""S3: browser uploads by presigned POST.

Upstream looks at a form's policy, but at its signature only when the emulator also evaluates IAM: whoever
writes a policy of their own may upload what they like. AWS also takes no signature of version 2 in newer
regions.
"""

from __future__ import annotations

from ministack.core.iam_evaluator import (
    AmbiguousAccessKeyError,
    CredentialResolutionError,
    find_iam_access_key_account,
    resolve_credential,
)
from ministack.core.responses import request_scope
from ministack.core.sigv4 import calculate_signature, signatures_match
from ministack.services import s3

from fleet_tui.sandbox.emulator.wire import Response, ServiceError, xml_error

_UNKNOWN_KEY = ServiceError(
    403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
)
_MISMATCH = ServiceError(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method.",
)
_OLD_VERSION = ServiceError(
    400,
    "InvalidRequest",
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
)


def refusal(fields: dict[str, str], region: str) -> ServiceError | None:
    """The error for a form whose policy is not signed by the key that it names, or None.

    A form that lacks a field of the signature is upstream's to refuse.

    Args:
        fields: of the form, names in lower case.
        region: the bucket's.
    """
    scope = fields.get("x-amz-credential", "").split("/")
    if len(scope) != 5:
        return None
    key, day, signed_region, service, _ = scope
    try:
        account = find_iam_access_key_account(key) or key
    except AmbiguousAccessKeyError:
        return _UNKNOWN_KEY
    with request_scope(account, region):
        credential = resolve_credential(key, account, fields.get("x-amz-security-token", ""))
    if isinstance(credential, CredentialResolutionError):
        return _UNKNOWN_KEY
    policy, secret = fields.get("policy", ""), credential.secret_access_key
    computed = calculate_signature(secret, day, signed_region, service, policy)
    return None if signatures_match(computed, fields.get("x-amz-signature", "")) else _MISMATCH


def install() -> None:
    """Put the repair in place."""
    inner = s3._enforce_signed_post_policy

    def enforce(fields: dict[str, str], bucket: str, region: str, size: int, sigv4: bool) -> Response | None:
        error = refusal(fields, region) if sigv4 else _OLD_VERSION
        if error is not None:
            return xml_error(error, bare=True)
        answer: Response | None = inner(fields, bucket, region, size, sigv4)
        return answer

    s3._enforce_signed_post_policy = enforce
