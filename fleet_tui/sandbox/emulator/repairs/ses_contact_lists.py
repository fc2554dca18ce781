"""SES v2 contact lists and their contacts, which ministack lacks.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/, read 2026. An account has one list per region.
"""

from __future__ import annotations

import copy
import re
import time
from typing import Any
from urllib.parse import unquote

from ministack.core.responses import AccountRegionScopedDict

from fleet_tui.sandbox.emulator.wire import Query, ServiceError

Body = dict[str, Any]

_PATH = re.compile(
    r"^/v2/email/contact-lists(?:/(?P<list>[^/]+)(?:/(?P<contacts>contacts)(?:/(?P<contact>[^/]+))?)?)?$"
)
TAGS = "/v2/email/tags"


class ContactLists:
    """The lists of every account and region."""

    def __init__(self) -> None:
        self.lists: Any = AccountRegionScopedDict()

    def handles(self, path: str, body: bytes, query: Query) -> bool:
        """Whether a request is about contact lists."""
        if path.startswith(TAGS):
            return b":contact-list/" in body or any(
                ":contact-list/" in arn for arn in query.get("ResourceArn", [])
            )
        return bool(_PATH.match(path.rstrip("/")))

    def answer(self, method: str, path: str, body: Body, query: Query) -> Body:
        """Answer a request that `handles` is true for.

        Raises:
            ServiceError: what SES says.
        """
        if path.startswith(TAGS):
            return self._tags(method, body, query)
        match = _PATH.match(path.rstrip("/"))
        name, contact = (unquote(match[part] or "") for part in ("list", "contact")) if match else ("", "")
        if not name:
            return (
                self._create(body)
                if method == "POST"
                else {"ContactLists": [{"ContactListName": n} for n in self.lists]}
            )
        entry = self._list(name)
        if match and match["contacts"]:
            return self._contacts(method, entry, contact, body)
        if method == "PUT":
            entry.update(Topics=body.get("Topics") or [], Description=body.get("Description"))
            entry["LastUpdatedTimestamp"] = time.time()
            return {}
        if method == "DELETE":
            self.lists.pop(name)
            return {}
        shown = {
            key: value
            for key, value in entry.items()
            if key not in ("Contacts", "Tags") and value is not None
        }
        return {**shown, "Tags": _pairs(entry["Tags"])}

    def _list(self, name: str) -> Body:
        entry: Body | None = self.lists.get(name)
        if entry is None:
            raise ServiceError(404, "NotFoundException", f"List with name: {name} doesn't exist.")
        return entry

    def _create(self, body: Body) -> Body:
        if len(self.lists):
            raise ServiceError(400, "LimitExceededException", "Maximum number of contact lists is 1.")
        now = time.time()
        self.lists[body["ContactListName"]] = {
            "ContactListName": body["ContactListName"],
            "Topics": body.get("Topics") or [],
            "Description": body.get("Description"),
            "CreatedTimestamp": now,
            "LastUpdatedTimestamp": now,
            "Tags": {tag["Key"]: tag["Value"] for tag in body.get("Tags") or []},
            "Contacts": {},
        }
        return {}

    def _tags(self, method: str, body: Body, query: Query) -> Body:
        arn = body.get("ResourceArn") or query["ResourceArn"][0]
        tags = self._list(arn.rsplit("/", 1)[-1])["Tags"]
        if method == "POST":
            tags.update({tag["Key"]: tag["Value"] for tag in body["Tags"]})
            return {}
        if method == "DELETE":
            for key in query.get("TagKeys", []):
                tags.pop(key, None)
            return {}
        return {"Tags": _pairs(tags)}

    @staticmethod
    def _contacts(method: str, entry: Body, address: str, body: Body) -> Body:
        contacts: dict[str, Body] = entry["Contacts"]
        if address == "list":  # POST …/contacts/list is how contacts are listed
            return {
                "Contacts": [
                    {key: value for key, value in c.items() if key != "AttributesData"}
                    for c in contacts.values()
                ]
            }
        if method == "POST":
            address = body["EmailAddress"]
            if address in contacts:
                raise ServiceError(400, "AlreadyExistsException", f"Email address {address} already exists.")
        elif address not in contacts:
            raise ServiceError(404, "NotFoundException", f"{address} doesn't exist in List.")
        if method == "DELETE":
            del contacts[address]
            return {}
        if method == "GET":
            return {"ContactListName": entry["ContactListName"], **contacts[address]}
        contacts[address] = {
            "EmailAddress": address,
            "TopicPreferences": body.get("TopicPreferences") or [],
            "UnsubscribeAll": bool(body.get("UnsubscribeAll")),
            "AttributesData": body.get("AttributesData") or "",
            "LastUpdatedTimestamp": time.time(),
        }
        return {}

    def get_state(self) -> Body:
        """What is persisted."""
        return {"lists": copy.deepcopy(self.lists)}

    def load_persisted_state(self, state: Body) -> None:
        """Restore."""
        self.lists.update(state["lists"])

    def reset(self) -> None:
        """Forget everything."""
        self.lists.clear()


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
