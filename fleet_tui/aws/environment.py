"""The environment of a subprocess that works in exactly one account."""

from __future__ import annotations

import os
from collections.abc import Mapping

# What says how AWS is reached and not who is asking. Every other AWS_ variable is left out.
_KEPT = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE")


def subprocess_environment(
    inherited: Mapping[str, str],
    *,
    access_key: str,
    secret_key: str,
    token: str | None,
    region: str,
    endpoint: str | None,
    ca_bundle: str | None,
) -> dict[str, str]:
    """`inherited` with these credentials and no other way to any.

    The shared configuration files and the instance metadata service are shut off, so that a program can
    neither fall back to the operator's own credentials nor be led elsewhere by a profile.

    Args:
        inherited: the environment to start from, usually `os.environ`.
        access_key: access key id.
        secret_key: secret access key.
        token: session token of temporary credentials, or None.
        region: the region of the account's resources.
        endpoint: endpoint override for all services, or None.
        ca_bundle: path of a CA bundle, or None.

    Returns:
        A new environment; `inherited` is left as it is.
    """
    environment = {
        name: value
        for name, value in inherited.items()
        if not name.startswith("AWS_") or name in _KEPT or name.startswith("AWS_ENDPOINT_URL_")
    }
    environment |= {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    optional = {"AWS_SESSION_TOKEN": token, "AWS_ENDPOINT_URL": endpoint, "AWS_CA_BUNDLE": ca_bundle}
    return environment | {name: value for name, value in optional.items() if value}
