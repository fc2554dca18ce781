"""Cognito: the Lambda triggers of a user pool.

Upstream calls CustomMessage for invitations only, never calls PostConfirmation, and tells PreSignUp neither
the client's metadata nor its validation data. AWS calls them as
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
says; a trigger that fails, fails the call.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito, lambda_svc

from fleet_tui.sandbox.emulator.wire import ServiceError

Record = dict[str, Any]


def event_of(
    pool: Record, source: str, user: Record, client: str, request: Record, response: Record
) -> Record:
    """What a trigger is given.

    Args:
        pool: ministack's record of the user pool.
        source: such as `PostConfirmation_ConfirmSignUp`.
        user: ministack's record of the user.
        client: id of the app client, or `CLIENT_ID_NOT_APPLICABLE`.
        request: what the trigger is told besides the user's attributes.
        response: what the trigger may fill in.
    """
    attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
    return {
        "version": "1",
        "triggerSource": source,
        "region": cognito._pool_region(pool["Id"]),
        "userPoolId": pool["Id"],
        "userName": user["Username"],
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client},
        "request": {"userAttributes": {**attributes, "cognito:user_status": user["UserStatus"]}, **request},
        "response": response,
    }


def call(pool: Record, trigger: str, event: Record) -> Record:
    """Call a trigger; gives its `response`, which is empty where the pool has no such trigger.

    Raises:
        ServiceError: the function failed or is not there.
    """
    arn = (pool.get("LambdaConfig") or {}).get(trigger)
    if not arn:
        return {}
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function is None or config is None:
        message = f"{trigger} invocation failed due to error AccessDeniedException."
        raise ServiceError(400, "UnexpectedLambdaException", message)
    result = lambda_svc._execute_function_with_config_scope(
        lambda_svc._execution_record_for_config(function, config), event
    )
    answer = result.get("body") if isinstance(result, dict) else result
    if isinstance(result, dict) and result.get("error"):
        reason = answer.get("errorMessage") if isinstance(answer, dict) else answer
        message = f"{trigger} failed with error {str(reason or '').rstrip('.')}."
        raise ServiceError(400, "UserLambdaValidationException", message)
    return cognito._extract_trigger_response(answer) or {}
