"""Recording configurations, playback keys and playback restriction policies."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from ministack.services import s3

from fleet_tui.sandbox.emulator.ivs import store
from fleet_tui.sandbox.emulator.ivs.channels import CHANNEL
from fleet_tui.sandbox.emulator.ivs.store import KIND, Record, find, invalid, of_kind, page, public
from fleet_tui.sandbox.emulator.wire import ServiceError

RECORDING = "recording-configuration"
PLAYBACK_KEY = "playback-key"
RESTRICTION = "playback-restriction-policy"

PLAYBACK_KEY_QUOTA = 3  # https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html


def _in_use(record: Record, key: str) -> None:
    if any(channel.get(key) == record["arn"] for channel in of_kind(CHANNEL)):
        raise ServiceError(409, "ConflictException", f"Resource: {record['arn']} is in use by a channel")


def create_recording_configuration(body: Record) -> Record:
    """CreateRecordingConfiguration: ACTIVE, or CREATE_FAILED where this account has no such bucket."""
    bucket = ((body.get("destinationConfiguration") or {}).get("s3") or {}).get("bucketName")
    if not bucket:
        raise invalid("destinationConfiguration.s3.bucketName is required")
    arn = store.new_arn("ivs", RECORDING)
    thumbnails = {"recordingMode": "INTERVAL", "targetIntervalSeconds": 60, "storage": ["SEQUENTIAL"]}
    renditions = {"renditionSelection": "ALL", "renditions": []}
    record = {
        KIND: RECORDING,
        "arn": arn,
        "name": body.get("name") or "",
        "destinationConfiguration": {"s3": {"bucketName": bucket}},
        "state": "ACTIVE" if bucket in s3._buckets else "CREATE_FAILED",
        "tags": dict(body.get("tags") or {}),
        "thumbnailConfiguration": {**thumbnails, **(body.get("thumbnailConfiguration") or {})},
        "recordingReconnectWindowSeconds": body.get("recordingReconnectWindowSeconds") or 0,
        "renditionConfiguration": {**renditions, **(body.get("renditionConfiguration") or {})},
    }
    store.resources[arn] = record
    return {"recordingConfiguration": public(record)}


def get_recording_configuration(body: Record) -> Record:
    """GetRecordingConfiguration."""
    return {"recordingConfiguration": public(find(body.get("arn"), RECORDING))}


def delete_recording_configuration(body: Record) -> None:
    """DeleteRecordingConfiguration; one that a channel uses stays."""
    record = find(body.get("arn"), RECORDING)
    _in_use(record, "recordingConfigurationArn")
    store.resources.pop(record["arn"])


def list_recording_configurations(body: Record) -> Record:
    """ListRecordingConfigurations."""
    shown = ("arn", "name", "destinationConfiguration", "state", "tags")
    found = [{key: record[key] for key in shown} for record in of_kind(RECORDING)]
    return page(found, body, "recordingConfigurations")


def _fingerprint(pem: str) -> str:
    """The fingerprint of a public key, which has to be on P-384.

    https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-create-key.html
    """
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise invalid("publicKeyMaterial is not a PEM public key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise invalid("publicKeyMaterial is not an ECDSA public key on the curve P-384")
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.md5(der, usedforsecurity=False).digest().hex(":")


def import_playback_key_pair(body: Record) -> Record:
    """ImportPlaybackKeyPair: only the fingerprint of the public key is kept."""
    fingerprint = _fingerprint(body.get("publicKeyMaterial") or "")
    if len(of_kind(PLAYBACK_KEY)) >= PLAYBACK_KEY_QUOTA:
        raise ServiceError(402, "ServiceQuotaExceededException", "Playback key pair quota exceeded")
    arn = store.new_arn("ivs", PLAYBACK_KEY)
    record = {
        KIND: PLAYBACK_KEY,
        "arn": arn,
        "name": body.get("name") or "",
        "fingerprint": fingerprint,
        "tags": dict(body.get("tags") or {}),
    }
    store.resources[arn] = record
    return {"keyPair": public(record)}


def get_playback_key_pair(body: Record) -> Record:
    """GetPlaybackKeyPair."""
    return {"keyPair": public(find(body.get("arn"), PLAYBACK_KEY))}


def delete_playback_key_pair(body: Record) -> None:
    """DeletePlaybackKeyPair."""
    store.resources.pop(find(body.get("arn"), PLAYBACK_KEY)["arn"])


def list_playback_key_pairs(body: Record) -> Record:
    """ListPlaybackKeyPairs."""
    found = [{key: record[key] for key in ("arn", "name", "tags")} for record in of_kind(PLAYBACK_KEY)]
    return page(found, body, "keyPairs")


def create_playback_restriction_policy(body: Record) -> Record:
    """CreatePlaybackRestrictionPolicy."""
    arn = store.new_arn("ivs", RESTRICTION)
    record = {
        KIND: RESTRICTION,
        "arn": arn,
        "name": body.get("name") or "",
        "allowedCountries": body.get("allowedCountries") or [],
        "allowedOrigins": body.get("allowedOrigins") or [],
        "enableStrictOriginEnforcement": bool(body.get("enableStrictOriginEnforcement")),
        "tags": dict(body.get("tags") or {}),
    }
    store.resources[arn] = record
    return {"playbackRestrictionPolicy": public(record)}


def get_playback_restriction_policy(body: Record) -> Record:
    """GetPlaybackRestrictionPolicy."""
    return {"playbackRestrictionPolicy": public(find(body.get("arn"), RESTRICTION))}


def update_playback_restriction_policy(body: Record) -> Record:
    """UpdatePlaybackRestrictionPolicy."""
    record = find(body.get("arn"), RESTRICTION)
    settable = ("name", "allowedCountries", "allowedOrigins", "enableStrictOriginEnforcement")
    record.update({key: body[key] for key in settable if body.get(key) is not None})
    return {"playbackRestrictionPolicy": public(record)}


def delete_playback_restriction_policy(body: Record) -> None:
    """DeletePlaybackRestrictionPolicy; one that a channel uses stays."""
    record = find(body.get("arn"), RESTRICTION)
    _in_use(record, "playbackRestrictionPolicyArn")
    store.resources.pop(record["arn"])


def list_playback_restriction_policies(body: Record) -> Record:
    """ListPlaybackRestrictionPolicies."""
    return page([public(record) for record in of_kind(RESTRICTION)], body, "playbackRestrictionPolicies")


OPERATIONS = (
    create_recording_configuration, get_recording_configuration, delete_recording_configuration,
    list_recording_configurations,
    import_playback_key_pair, get_playback_key_pair, delete_playback_key_pair, list_playback_key_pairs,
    create_playback_restriction_policy, get_playback_restriction_policy, update_playback_restriction_policy,
    delete_playback_restriction_policy, list_playback_restriction_policies,
)  # fmt: skip
