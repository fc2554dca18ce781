"""AWS Backup, for DynamoDB tables.

Upstream: a backup job says COMPLETED and keeps nothing: there are no recovery points, nothing can be
restored, no plan ever runs, a vault has no access policy, and nobody is told. Here a job copies the table, a
recovery point can be listed, restored and deleted, a vault that is not empty stays, jobs are counted, and
EventBridge hears of every job's end
(https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html). Jobs end at once; plans run when
the back door says so.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, new_uuid
from ministack.services import backup, cloudwatch, dynamodb, eventbridge

from fleet_tui.sandbox.emulator.registration import keep, wrap
from fleet_tui.sandbox.emulator.wire import (
    Handler,
    Headers,
    Query,
    Response,
    ServiceError,
    json_answer,
    json_error,
)

Record = dict[str, Any]

TARGET = "targetTableName"
"""What the metadata of a restore calls the new table
(https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html)."""


class Store:
    """What upstream does not keep, of all accounts and regions."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.points = AccountRegionScopedDict()
        self.restores = AccountRegionScopedDict()
        self.policies = AccountRegionScopedDict()

    def get_state(self) -> Record:
        """Everything, to be saved."""
        return {"points": self.points, "restores": self.restores, "policies": self.policies}

    def load_persisted_state(self, state: Record) -> None:
        """Everything that was saved."""
        for name in ("points", "restores", "policies"):
            getattr(self, name).update(state.get(name, {}))


store = Store()


def start_backup(vault: str, resource: str, role: str, days: int | None = None) -> Record:
    """Copy a table into a vault; the job, ended.

    Raises:
        ServiceError: there is no such vault.
    """
    if vault not in backup._vaults:
        raise ServiceError(400, "ResourceNotFoundException", f"Backup vault {vault} not found")
    now, name = time.time(), resource.partition(":table/")[2]
    arn = f"arn:aws:backup:{get_region()}:{get_account_id()}:recovery-point:{new_uuid()}"
    copied = dynamodb._create_backup({"TableName": name, "BackupName": "aws-backup"}) if name else None
    done = copied is not None and copied[0] == 200
    job: Record = {
        "BackupJobId": new_uuid(),
        "BackupVaultName": vault,
        "BackupVaultArn": backup._vault_arn(vault),
        "ResourceArn": resource,
        "ResourceType": "DynamoDB",
        "IamRoleArn": role,
        "CreationDate": now,
        "CompletionDate": now,
        "State": "COMPLETED" if done else "FAILED",
        "StatusMessage": "" if done else f"Table {name} does not exist",
        "PercentDone": "100.0",
        "BackupSizeInBytes": 0,
        "IsParent": False,
    }
    if done and copied:
        details = json.loads(copied[2])["BackupDetails"]
        dynamodb._backups[arn] = dynamodb._backups.pop(details["BackupArn"])
        job |= {"RecoveryPointArn": arn, "BackupSizeInBytes": details["BackupSizeBytes"]}
        shared = {
            key: job[key] for key in ("BackupVaultName", "BackupVaultArn", "ResourceArn", "ResourceType")
        }
        store.points[arn] = {
            **shared,
            "RecoveryPointArn": arn,
            "IamRoleArn": role,
            "Status": "COMPLETED",
            "CreationDate": now,
            "CompletionDate": now,
            "BackupSizeInBytes": details["BackupSizeBytes"],
            "Lifecycle": {"DeleteAfterDays": days} if days else {},
            "IsEncrypted": True,
        }
    backup._jobs[job["BackupJobId"]] = job
    _count(vault, "Completed" if done else "Failed", now)
    _tell("Backup", resource, {"backupJobId": job["BackupJobId"], "state": job["State"]}, job)
    return job


def start_restore(asked: Record) -> Record:
    """Make a table of a recovery point; the job, ended. The same token is the same job.

    Raises:
        ServiceError: there is no such recovery point, or no name for the new table.
    """
    token, arn, metadata = (
        asked.get("IdempotencyToken"),
        asked.get("RecoveryPointArn"),
        asked.get("Metadata", {}),
    )
    for known in store.restores.values():
        if token and known["token"] == token:
            return dict(known)
    point, target = store.points.get(arn), metadata.get(TARGET)
    if point is None:
        raise ServiceError(400, "ResourceNotFoundException", f"Recovery point {arn} not found")
    if not target:
        raise ServiceError(400, "InvalidParameterValueException", f"Restore metadata lacks {TARGET}")
    status, _, body = dynamodb._restore_table_from_backup({"TargetTableName": target, "BackupArn": arn})
    now = time.time()
    job: Record = {
        "token": token,
        "AccountId": get_account_id(),
        "RestoreJobId": new_uuid(),
        "RecoveryPointArn": arn,
        "SourceResourceArn": point["ResourceArn"],
        "BackupVaultArn": point["BackupVaultArn"],
        "CreationDate": now,
        "CompletionDate": now,
        "Status": "COMPLETED" if status == 200 else "FAILED",
        "StatusMessage": "" if status == 200 else str(json.loads(body).get("message", "")),
        "PercentDone": "100.0",
        "IamRoleArn": asked.get("IamRoleArn", ""),
        "ResourceType": "DynamoDB",
        "RecoveryPointCreationDate": point["CreationDate"],
    }
    if status == 200:
        job["CreatedResourceArn"] = f"{point['ResourceArn'].partition('/')[0]}/{target}"
    store.restores[job["RestoreJobId"]] = job
    _tell("Restore", str(arn), {"restoreJobId": job["RestoreJobId"], "status": job["Status"]}, job)
    return job


def run_plans() -> list[str]:
    """Run every rule of every plan of the account and region now.

    Returns:
        ARNs of the tables that were copied.
    """
    copied = []
    for selection in list(backup._selections.values()):
        for rule in backup._plans[selection["BackupPlanId"]]["BackupPlan"]["Rules"]:
            for table in sorted(dynamodb._tables):
                arn = str(dynamodb._tables[table]["TableArn"])
                if _is_selected(arn, selection):
                    days = rule.get("Lifecycle", {}).get("DeleteAfterDays")
                    start_backup(rule["TargetBackupVaultName"], arn, selection["IamRoleArn"], days)
                    copied.append(arn)
    return copied


def _is_selected(arn: str, selection: Record) -> bool:
    def names(patterns: list[str]) -> bool:
        return any(fnmatchcase(arn, pattern) for pattern in patterns)

    return names(selection["Resources"]) and not names(selection["NotResources"])


def _count(vault: str, end: str, at: float) -> None:
    """Count a job in AWS' metrics (https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html)."""
    place = "AWS/Backup", f"NumberOfBackupJobs{end}", {"BackupVaultName": vault}
    cloudwatch._store_datum(*place, at, "Count", 1.0, None, None, None)


def _tell(kind: str, resource: str, own: Record, job: Record) -> None:
    detail = {
        **own,
        "backupVaultArn": job["BackupVaultArn"],
        "resourceType": job["ResourceType"],
        "iamRoleArn": job["IamRoleArn"],
    }
    entry = {
        "Source": "aws.backup",
        "DetailType": f"{kind} Job State Change",
        "Detail": json.dumps(detail),
        "Resources": [resource],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _points_of(vault: str, query: Query) -> Response:
    def asked(name: str) -> str | None:
        value = query.get(name)
        return value[0] if isinstance(value, list) else value

    after, resource = asked("createdAfter"), asked("resourceArn")
    oldest = datetime.fromisoformat(after.replace("Z", "+00:00")).timestamp() if after else 0.0
    found = [
        point
        for point in store.points.values()
        if point["BackupVaultName"] == vault
        and point["CreationDate"] >= oldest
        and resource in (None, point["ResourceArn"])
    ]
    return json_answer({"RecoveryPoints": found})


def _policy(method: str, vault: str, asked: Record) -> Response:
    if method == "PUT":
        store.policies[vault] = asked["Policy"]
    elif vault not in store.policies:
        raise ServiceError(400, "ResourceNotFoundException", f"Backup vault {vault} has no access policy")
    elif method == "DELETE":
        del store.policies[vault]
    if method != "GET":
        return json_answer({})
    arn = backup._vault_arn(vault)
    return json_answer({"BackupVaultName": vault, "BackupVaultArn": arn, "Policy": store.policies[vault]})


def _point(method: str, parts: list[str]) -> Response:
    is_metadata = parts[-1] == "restore-metadata"
    arn = "/".join(parts[3:-1] if is_metadata else parts[3:])
    point = store.points.get(arn)
    if point is None or point["BackupVaultName"] != parts[1]:
        raise ServiceError(400, "ResourceNotFoundException", f"Recovery point {arn} not found")
    if method == "DELETE":
        del store.points[arn]
        dynamodb._backups.pop(arn, None)
        return json_answer(None)
    if is_metadata:
        original = {"originalTableName": point["ResourceArn"].partition(":table/")[2]}
        return json_answer({"RecoveryPointArn": arn, "RestoreMetadata": original, "ResourceType": "DynamoDB"})
    return json_answer(point)


def _route(method: str, parts: list[str], asked: Record, query: Query) -> Response | None:
    """The answer to what upstream does not do; None where it does."""
    match method, parts:
        case "PUT", ["backup-jobs"]:
            days = asked.get("Lifecycle", {}).get("DeleteAfterDays")
            job = start_backup(asked["BackupVaultName"], asked["ResourceArn"], asked["IamRoleArn"], days)
            shown = ("BackupJobId", "RecoveryPointArn", "CreationDate", "IsParent")
            return json_answer({name: job[name] for name in shown if name in job})
        case "PUT", ["restore-jobs"]:
            return json_answer({"RestoreJobId": start_restore(asked)["RestoreJobId"]})
        case "GET", ["restore-jobs", job_id] if job_id in store.restores:
            return json_answer(
                {name: value for name, value in store.restores[job_id].items() if name != "token"}
            )
        case _, ["backup-vaults", vault, "access-policy"]:
            return _policy(method, vault, asked)
        case "GET", ["backup-vaults", vault, "recovery-points"] if vault in backup._vaults:
            return _points_of(vault, query)
        case "GET" | "DELETE", ["backup-vaults", _, "recovery-points", _, *_]:
            return _point(method, parts)
        case "DELETE", ["backup-vaults", vault] if any(
            point["BackupVaultName"] == vault for point in store.points.values()
        ):
            raise ServiceError(
                400, "InvalidRequestException", f"Backup vault {vault} contains recovery points"
            )
    return None


async def _with_recovery_points(
    inner: Handler, method: str, path: str, headers: Headers, body: bytes, query: Query
) -> Response:
    parts = [part for part in unquote(path).strip("/").split("/") if part]
    try:
        answer = _route(method, parts, json.loads(body) if body else {}, query)
    except ServiceError as error:
        return json_error(error)
    return answer if answer is not None else await inner(method, path, headers, body, query)


def install() -> None:
    """Put the repair in place."""
    keep("backup_points", store)
    wrap("backup", _with_recovery_points)
