"""Who asked what of the emulator since a watch was set."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox


def test_requests_are_told_by_account_with_what_came_of_them(emulator, client, account, other_account):
    client("dynamodb").list_tables()
    emulator.call("requests/watch")
    client("ssm").put_parameter(Name="/one", Value="1", Type="String")
    s3 = client("s3", account=other_account)
    with pytest.raises(ClientError):
        s3.get_object(Bucket="nobodys", Key="a/b")

    assert emulator.call("requests", {"account": account})["requests"] == [
        {
            "account": account,
            "region": "eu-central-1",
            "service": "ssm",
            "operation": "PutParameter",
            "path": "/",
            "status": 200,
        }
    ]
    (refused,) = emulator.call("requests", {"account": other_account})["requests"]
    assert (refused["service"], refused["operation"], refused["status"]) == ("s3", "GetObject", 404)
    assert refused["path"] == "/nobodys/a/b"


def test_a_fault_hides_no_request_and_a_new_watch_forgets(emulator, client, account):
    emulator.call("requests/watch")
    fault = {"account": account, "service": "ivs", "operation": "*", "status": 403, "code": "AccessDenied"}
    emulator.call("faults/set", fault)
    with pytest.raises(ClientError):
        client("ivs").list_channels()
    emulator.call("faults/clear", {"account": account})

    asked = emulator.call("requests", {"account": account})["requests"]
    assert [(entry["operation"], entry["status"]) for entry in asked] == [("ListChannels", 403)]
    emulator.call("requests/watch")
    assert emulator.call("requests")["requests"] == []
