"""What botocore raises, as problems that a person can act on.

Messages of AWS are shown only where they are known to be plain: a refused signature is answered with the
whole canonical request, session token included.
"""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    ConnectionClosedError,
    ConnectionError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    InvalidConfigError,
    InvalidRegionError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownRegionError,
    UnknownServiceError,
)

from fleet_tui.problems import FleetError, ProblemKind

_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
    "UnauthorizedException",
    "InvalidToken",
}
_UNKNOWN_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "AuthFailure",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
}
_BAD_SIGNATURE = {"SignatureDoesNotMatch", "InvalidSignatureException"}
_SKEWED = {"RequestTimeTooSkewed", "RequestInTheFuture"}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "Forbidden",
    "403",
}
_THROTTLED = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_REGION_OFF = {"OptInRequired", "RegionDisabledException"}
_CONFLICT = {"ConditionalCheckFailedException", "ConflictException", "PreconditionFailed", "412"}

_CLOCK_DIFFERS = (
    ProblemKind.CREDENTIALS,
    "this machine's clock differs from AWS' clock",
    "Set the clock (NTP)",
)

_SECRET = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|[A-Za-z0-9+/=_-]{60,}")
_LONGEST_MESSAGE = 200  # characters


def translate(error: ClientError | BotoCoreError, *, where: str, profile: str | None) -> FleetError:
    """The error to show instead of `error`.

    Args:
        error: anything that botocore raised.
        where: the creator and the service, such as `kasper: ivs`.
        profile: the AWS profile whose credentials were used, or None for the operator's own.

    Returns:
        An error whose problem names what happened and what to do, free of secrets.
    """
    kind, what, hint = (
        _answered(error, profile) if isinstance(error, ClientError) else _raised(error, profile)
    )
    return FleetError.of(kind, what, where=where, hint=hint)


def clock_differs(where: str) -> FleetError:
    """The error to show where times of this machine and of AWS do not fit together."""
    kind, what, hint = _CLOCK_DIFFERS
    return FleetError.of(kind, what, where=where, hint=hint)


def _login(profile: str | None) -> str:
    return f"Run: aws sso login{f' --profile {profile}' if profile else ''}"


def _answered(error: ClientError, profile: str | None) -> tuple[ProblemKind, str, str]:
    """AWS answered, with an error."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    message = str(error.response.get("Error", {}).get("Message", ""))
    operation = error.operation_name

    if code in _SKEWED or (
        code in _BAD_SIGNATURE | _EXPIRED and re.search("expired:|not yet current", message)
    ):
        return _CLOCK_DIFFERS
    if code in _EXPIRED:
        return ProblemKind.CREDENTIALS, "the AWS credentials have expired", _login(profile)
    if code in _BAD_SIGNATURE:
        return ProblemKind.CREDENTIALS, "AWS does not accept the secret key", "Check the secret access key"
    if code in _UNKNOWN_KEY:
        return (
            ProblemKind.CREDENTIALS,
            "AWS does not know these credentials",
            "Check the access key, and that the region is switched on in the account",
        )
    if code in _REGION_OFF:
        return (
            ProblemKind.DENIED,
            "the region is not switched on in this account",
            "Switch the region on in the account",
        )
    if code == "PendingVerification" or "pending verification" in message:
        return ProblemKind.SERVICE, "AWS is still verifying the account", "Nothing to do but wait for AWS"
    if code in _DENIED:
        return _denied(operation, message)
    if code in _THROTTLED or status == 429:
        return ProblemKind.THROTTLED, f"AWS throttles {operation}", "It is tried again a little later"
    if code in _CONFLICT or status in {409, 412}:
        return ProblemKind.CONFLICT, f"{operation} came too late: {_plain(code, message)}", "Look again"
    if status == 404 or "NotFound" in code or code.startswith("NoSuch"):
        return ProblemKind.NOT_FOUND, f"{operation}: {_plain(code, message)}", ""
    if status >= 500:
        return (
            ProblemKind.SERVICE,
            f"{operation} failed on AWS' side ({code or status})",
            "It is tried again a little later",
        )
    return ProblemKind.UNEXPECTED, f"{operation} was refused: {_plain(code, message)}", ""


def _denied(operation: str, message: str) -> tuple[ProblemKind, str, str]:
    action = re.search(r"perform: ([\w-]+:\w+)", message)
    if operation == "AssumeRole":
        role = re.search(r"resource: (arn:\S+)", message)
        return (
            ProblemKind.DENIED,
            f"you may not take on the role{' ' + role[1] if role else ''}",
            "Check role_arn and external_id, the role's trust policy, and your own permission sts:AssumeRole",
        )
    return (
        ProblemKind.DENIED,
        f"the permission {action[1] if action else 'for ' + operation} is missing",
        "Add it to the role or the permission set that operators use",
    )


def _raised(error: BotoCoreError, profile: str | None) -> tuple[ProblemKind, str, str]:
    """No answer of AWS: something on the way there."""
    name = type(error).__name__
    match error:
        case SSOError() | LoginError() | TokenRetrievalError() | NoAuthTokenError():
            return ProblemKind.CREDENTIALS, "the AWS sign-in has expired or was never made", _login(profile)
        case RefreshWithMFAUnsupportedError():
            return ProblemKind.CREDENTIALS, "the MFA session has expired", "Sign in again"
        case NoCredentialsError():
            return ProblemKind.CREDENTIALS, "there are no AWS credentials", "Run: aws configure sso"
        case PartialCredentialsError():
            return (
                ProblemKind.CREDENTIALS,
                "half of the AWS credentials is missing",
                "Set both the access key and its secret",
            )
        case ProfileNotFound():
            return (
                ProblemKind.CREDENTIALS,
                f"there is no AWS profile {_quoted(profile or error.kwargs.get('profile'))}",
                "Run: aws configure list-profiles",
            )
        case CredentialRetrievalError():
            return (
                ProblemKind.CREDENTIALS,
                f"credentials could not be had by {error.kwargs.get('provider')}",
                "Sign in again",
            )
        case ConfigParseError() | InvalidConfigError():
            return (
                ProblemKind.CONFIGURATION,
                "the AWS configuration file cannot be read",
                "Check ~/.aws/config",
            )
        case NoRegionError() | InvalidRegionError() | UnknownRegionError():
            return ProblemKind.CONFIGURATION, "this is not a region", "Check region in creator.toml"
        case UnknownServiceError():
            return ProblemKind.UNEXPECTED, "this AWS service is not known", ""
        case SSLError():
            return (
                ProblemKind.NETWORK,
                f"the TLS certificate of {_host(error)} is not accepted",
                "Set AWS_CA_BUNDLE where a proxy looks into TLS",
            )
        case ProxyConnectionError():
            return ProblemKind.NETWORK, "the proxy cannot be reached", "Check HTTPS_PROXY"
        case ConnectTimeoutError() | ReadTimeoutError():
            return (
                ProblemKind.NETWORK,
                f"{_host(error)} did not answer in time",
                "It is tried again a little later",
            )
        case ConnectionError():
            return (
                ProblemKind.NETWORK,
                f"{_host(error)} cannot be reached",
                "Check the network, the region and AWS_ENDPOINT_URL",
            )
        case ConnectionClosedError() | IncompleteReadError() | HTTPClientError():
            return ProblemKind.NETWORK, "the connection to AWS broke", "It is tried again a little later"
        case _:
            return ProblemKind.UNEXPECTED, f"{name}: {_plain('', str(error))}", ""


def _host(error: BotoCoreError) -> str:
    match = re.match(r"https?://([^/]+)", str(error.kwargs.get("endpoint_url", "")))
    return match[1] if match else "AWS"


def _quoted(name: object) -> str:
    return f'"{name}"'


def _plain(code: str, message: str) -> str:
    lines = message.strip().splitlines()
    first = _SECRET.sub("…", lines[0]).rstrip(".") if lines else ""
    short = first if len(first) <= _LONGEST_MESSAGE else first[: _LONGEST_MESSAGE - 1] + "…"
    return f"{code} ({short})" if code and short else code or short
