"""Terraform's variables, derived from a creator: nobody writes a second file by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import Module, Modules

STATE_KEY = "creator.tfstate"
BACKEND_STATE_KEY = "backend.tfstate"


def creator_variables(creator: Creator) -> dict[str, JsonValue]:
    """Every variable of `terraform/creator` that follows from the creator alone.

    Returns:
        Variables by name, in JSON's types; what depends on the machine (artifacts, emulation) and the
        digest made from all of it are added by whoever starts Terraform.
    """
    return {
        "slug": creator.slug,
        "name": creator.name,
        "domain": creator.domain,
        "account_id": creator.account_id,
        "region": creator.region,
        "contact": creator.contact,
        "wave": creator.wave.value,
        "tags": dict(creator.tags),
        "monthly_budget": float(creator.monthly_budget),
        "protect_data": creator.protect_data,
        "language": creator.language.value,
        "branding": creator.branding.model_dump(mode="json", include={"primary", "accent", "background"}),
        "mail": creator.mail.model_dump(mode="json"),
        "enable_failover": creator.failover is not None and creator.failover.enabled,
        "failover": {"region": creator.failover.region} if creator.failover else {},
        "encryption": creator.encryption.model_dump(mode="json"),
        **_module_variables(creator.modules),
    }


def backend_variables(creator: Creator) -> dict[str, JsonValue]:
    """The variables of `terraform/backend`."""
    return {
        "slug": creator.slug,
        "account_id": creator.account_id,
        "region": creator.region,
        "tags": dict(creator.tags),
        "bucket": creator.state_bucket,
    }


def backend_config(creator: Creator, key: str, *, emulated: bool) -> dict[str, JsonValue]:
    """The settings of the S3 backend, as `terraform init -backend-config=FILE` reads them from JSON."""
    config: dict[str, JsonValue] = {
        "bucket": creator.state_bucket,
        "key": key,
        "region": creator.region,
        "use_lockfile": True,
        "encrypt": True,
        "allowed_account_ids": [creator.account_id],  # or it would look for its bucket, and lock, anywhere
    }
    if emulated:
        config |= {"use_path_style": True, "skip_metadata_api_check": True, "skip_region_validation": True}
    return config


def artifact_variables(
    *, runtime: str, architecture: str, layer: Path, packages: Mapping[str, Path]
) -> dict[str, JsonValue]:
    """`lambda_artifacts`, from built zips."""
    return {
        "lambda_artifacts": {
            "runtime": runtime,
            "architecture": architecture,
            "layer": {"path": str(layer)},
            "packages": {name: {"path": str(path)} for name, path in packages.items()},
        }
    }


def _module_variables(modules: Modules) -> dict[str, JsonValue]:
    """`enable_<module>` for every module, and `<module>` with the settings of those that have a table."""
    variables: dict[str, JsonValue] = {}
    for name in type(modules).model_fields:
        module: Module | None = getattr(modules, name)
        variables[f"enable_{name}"] = module is not None and module.enabled
        if module is not None:
            variables[name] = module.model_dump(mode="json", exclude={"enabled"})
    return variables
