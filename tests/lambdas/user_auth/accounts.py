"""The members' functions over a user pool, and people in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.lambdas.functions import Answer, Functions

GROUPS = ("admin", "moderator", "member")
FAN = "Fanny.Fan@fans.example"


@dataclass
class Accounts(Functions):
    """The functions behind their routes, and the pool.

    Args:
        client: of Cognito.
        pool: its id.
        asked: what the pool was asked for since the last call of a function began.
        used: function → all that it has asked for.
    """

    client: Any = None
    pool: str = ""
    asked: set[str] = field(default_factory=set)
    used: dict[str, set[str]] = field(default_factory=dict)

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function, and note what it asks the pool for."""
        self.asked.clear()
        try:
            return super().invoke(function, event)
        finally:
            self.used.setdefault(function, set()).update(self.asked)

    def person(self, email: str = FAN, *groups: str) -> str:
        """A confirmed person in these groups; their id."""
        name = self.client.admin_create_user(
            UserPoolId=self.pool,
            Username=email,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
            MessageAction="SUPPRESS",
        )["User"]["Username"]
        self.client.admin_set_user_password(
            UserPoolId=self.pool, Username=name, Password="A-long-password-1!", Permanent=True
        )
        for group in groups:
            self.client.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=group)
        return str(name)

    def user(self, person: str) -> dict[str, Any]:
        """The pool's own record of a person."""
        found: dict[str, Any] = self.client.admin_get_user(UserPoolId=self.pool, Username=person)
        return found

    def groups(self, person: str) -> set[str]:
        """The groups that a person is in."""
        answer = self.client.admin_list_groups_for_user(UserPoolId=self.pool, Username=person)
        return {group["GroupName"] for group in answer["Groups"]}

    def people(self) -> int:
        """How many there are."""
        return len(self.client.list_users(UserPoolId=self.pool)["Users"])

    def show(self, member: str | None) -> Answer:
        """A member asks for their account."""
        return self.call("account", "GET", "/account", member=member)

    def rename(self, member: str | None, name: Any) -> Answer:
        """A member gives themselves a display name."""
        return self.call("account", "PUT", "/account", {"display_name": name}, member=member)

    def export(self, member: str | None) -> Answer:
        """A member asks for their data."""
        return self.call("export_account", "POST", "/account/export", member=member)

    def delete(self, member: str | None, email: Any = FAN, *, signed_in_s_ago: Any = 30) -> Answer:
        """A member who signed in so many seconds ago deletes their account; None leaves the claim out."""

        def change(event: dict[str, Any]) -> None:
            claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
            if signed_in_s_ago is not None:
                claims["auth_time"] = str(int(self.now.timestamp()) - signed_in_s_ago)

        return self.call(
            "delete_account", "DELETE", "/account", {"email": email}, member=member, change=change
        )

    def manage(
        self, method: str, path: str, body: Any = None, *, admin: str | None = None, **options: Any
    ) -> Answer:
        """An operator calls `/members…`, or the admin `/admin/members…`."""
        if admin:
            claimed = {"groups": ("admin",), "member": admin, **options}
            return self.call("members", method, f"/admin/members{path}", body, **claimed)
        return self.call("members", method, f"/members{path}", body, **{"operator": True, **options})
