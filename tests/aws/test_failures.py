from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    ProfileNotFound,
    SSLError,
    SSOTokenLoadError,
    UnauthorizedSSOTokenError,
)
from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.aws.failures import translate
from fleet_tui.problems import ProblemKind

K = ProblemKind
HOST = "https://ivs.eu-central-1.amazonaws.com/"


def answer(code: str, message: str = "", status: int = 400, operation: str = "ListStreams") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


@pytest.mark.parametrize(
    ("error", "kind", "what", "hint"),
    [
        (
            UnauthorizedSSOTokenError(),
            K.CREDENTIALS,
            "the AWS sign-in has expired",
            "aws sso login --profile x",
        ),
        (SSOTokenLoadError(error_msg="no"), K.CREDENTIALS, "the AWS sign-in", "aws sso login --profile x"),
        (NoCredentialsError(), K.CREDENTIALS, "there are no AWS credentials", "aws configure sso"),
        (ProfileNotFound(profile="x"), K.CREDENTIALS, 'no AWS profile "x"', "list-profiles"),
        (answer("ExpiredToken"), K.CREDENTIALS, "have expired", "aws sso login --profile x"),
        (answer("UnrecognizedClientException"), K.CREDENTIALS, "does not know these credentials", "region"),
        (answer("RequestTimeTooSkewed", status=403), K.CREDENTIALS, "clock", "NTP"),
        (
            answer("InvalidSignatureException", "The request signature we calculated …", 403),
            K.CREDENTIALS,
            "AWS does not accept the secret key",
            "Check the secret",
        ),
        (
            answer("SignatureDoesNotMatch", "Signature expired: 20260301T200000Z is now earlier than …", 403),
            K.CREDENTIALS,
            "clock",
            "NTP",
        ),
        (
            answer(
                "AccessDeniedException",
                "User: arn:aws:sts::1:x is not authorized to perform: ivs:ListStreams",
                403,
            ),
            K.DENIED,
            "the permission ivs:ListStreams is missing",
            "operators use",
        ),
        (
            answer("AccessDenied", "Access Denied", 403, "GetObject"),
            K.DENIED,
            "for GetObject is missing",
            "Add it",
        ),
        (answer("AccessDenied", "", 403, "AssumeRole"), K.DENIED, "may not take on the role", "trust policy"),
        (answer("OptInRequired", status=403), K.DENIED, "not switched on", "Switch the region on"),
        (answer("PendingVerification", status=403), K.SERVICE, "still verifying", "wait"),
        (answer("ThrottlingException", status=429), K.THROTTLED, "throttles ListStreams", "later"),
        (answer("SlowDown", status=503), K.THROTTLED, "throttles", "later"),
        (
            answer("NoSuchKey", "The key does not exist.", 404),
            K.NOT_FOUND,
            "NoSuchKey (The key does not exist)",
            "",
        ),
        (answer("PreconditionFailed", status=412), K.CONFLICT, "came too late", "Look again"),
        (answer("InternalServerException", status=500), K.SERVICE, "failed on AWS' side", "later"),
        (
            answer("ValidationException", "bad arn"),
            K.UNEXPECTED,
            "was refused: ValidationException (bad arn)",
            "",
        ),
        (
            EndpointConnectionError(endpoint_url=HOST),
            K.NETWORK,
            "ivs.eu-central-1.amazonaws.com cannot",
            "the network",
        ),
        (ConnectTimeoutError(endpoint_url=HOST), K.NETWORK, "amazonaws.com did not answer in time", "later"),
        (SSLError(endpoint_url=HOST, error="x"), K.NETWORK, "the TLS certificate of ivs", "AWS_CA_BUNDLE"),
        (InvalidRegionError(region_name="?"), K.CONFIGURATION, "not a region", "creator.toml"),
    ],
)
def test_each_trouble_has_a_kind_a_sentence_and_a_remedy(
    error: ClientError | BotoCoreError, kind: ProblemKind, what: str, hint: str
) -> None:
    problem = translate(error, where="kasper: ivs", profile="x").problem
    assert problem.kind is kind
    assert problem.where == "kasper: ivs"
    assert what in problem.what
    assert hint in problem.hint
    assert not problem.what.endswith(".")


def test_without_a_profile_the_sign_in_is_the_operators_own() -> None:
    assert translate(UnauthorizedSSOTokenError(), where="", profile=None).problem.hint == "Run: aws sso login"


CODES = st.sampled_from(
    [
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ValidationException",
        "NoSuchKey",
        "Odd",
        "AccessDenied",
        "",
    ]
)
BASE64 = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", min_size=100, max_size=400
)


@given(
    code=CODES, token=BASE64, status=st.sampled_from([400, 403, 404, 412, 500]), before=st.text(max_size=300)
)
def test_no_secret_gets_through(code: str, token: str, status: int, before: str) -> None:
    key = "ASIAIOSFODNN7EXAMPLE"
    error = answer(
        code,
        f"{before} x-amz-security-token:{token} Credential={key}/2026\nx-amz-security-token:{token}",
        status,
    )
    sentence = translate(error, where="kasper: ivs", profile=None).problem.sentence
    assert key not in sentence
    assert not any(token[start : start + 60] in sentence for start in range(len(token) - 59))
    assert "\n" not in sentence
    assert len(sentence) < 500
