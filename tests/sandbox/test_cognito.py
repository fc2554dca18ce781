"""User pools in accounts of their own: sign-up, recovery, triggers, and the tokens that open an HTTP API."""

from __future__ import annotations

import base64
import json
import time

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sandbox.functions import make_function
from tests.sandbox.srp import SrpClient

pytestmark = pytest.mark.sandbox

REGION = "eu-central-1"
FAN, PASSWORD = "fan@example.com", "correct horse 1"

SOURCE = """
    import json

    def handler(event, context):
        return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
"""

TRIGGERS = """
    import json, os
    import boto3

    def handler(event, context):
        queue = os.environ["QUEUE"]
        boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(event))
        if event["triggerSource"].startswith("CustomMessage"):
            event["response"]["emailSubject"] = "Willkommen bei Kasper"
            event["response"]["emailMessage"] = "Dein Code ist " + event["request"]["codeParameter"]
        if event["request"].get("clientMetadata", {}).get("refuse") == event["triggerSource"]:
            raise ValueError("not you")
        return event
"""


class Members:
    """A user pool with an app client, and the browser's side of it."""

    def __init__(self, emulator, client, account, **settings):
        self._emulator, self._account = emulator, account
        self.admin = client("cognito-idp")
        pool = {
            "UsernameAttributes": ["email"],
            "AutoVerifiedAttributes": ["email"],
            "UsernameConfiguration": {"CaseSensitive": False},
            "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}},
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
            "Schema": [
                {"Name": "email", "AttributeDataType": "String", "Required": True, "Mutable": True},
                {
                    "Name": "display_name",
                    "AttributeDataType": "String",
                    "Mutable": True,
                    "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "40"},
                },
                {"Name": "rank", "AttributeDataType": "String", "Mutable": True},
            ],
        }
        self.pool = self.admin.create_user_pool(PoolName="members", **{**pool, **settings})["UserPool"]["Id"]
        self.client = self.admin.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="website",
            ExplicitAuthFlows=[
                "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
            ],
            PreventUserExistenceErrors="ENABLED",
            WriteAttributes=["email", "custom:display_name"],
        )["UserPoolClient"]["ClientId"]  # fmt: skip
        self.issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}"
        self.browser = boto3.client(
            "cognito-idp",
            region_name="us-east-1",  # a browser without credentials: the client id says whose pool it is
            endpoint_url=emulator.url,
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )

    def sign_up(self, name=FAN, **more):
        return self.browser.sign_up(ClientId=self.client, Username=name, Password=PASSWORD, **more)

    def mails(self, to=FAN):
        return self._emulator.call("mails", {"account": self._account, "to": to})["mails"]

    def confirm(self, name=FAN):
        code = self.mails(name)[-1]["code"]
        self.browser.confirm_sign_up(ClientId=self.client, Username=name, ConfirmationCode=code)

    def tokens(self, name=FAN, password=PASSWORD):
        return self.browser.initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )["AuthenticationResult"]

    def member(self, *groups):
        """Tokens of a confirmed user who is in these groups."""
        self.sign_up()
        self.confirm()
        for group in groups:
            self.admin.create_group(UserPoolId=self.pool, GroupName=group)
            self.admin.admin_add_user_to_group(UserPoolId=self.pool, Username=FAN, GroupName=group)
        return self.tokens()


@pytest.fixture
def members(emulator, client, account):
    return Members(emulator, client, account)


@pytest.fixture
def api(client, members):
    """An HTTP API for the pool's members: `/me`, and `/account` for tokens with the user's own scope."""
    gateway = client("apigatewayv2")
    api = gateway.create_api(Name="members", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=make_function(client, "me", SOURCE),
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    authorizer = gateway.create_authorizer(
        ApiId=api,
        Name="members",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": [members.client], "Issuer": members.issuer},
    )["AuthorizerId"]
    for path, scopes in (("/me", []), ("/account", ["aws.cognito.signin.user.admin"])):
        gateway.create_route(
            ApiId=api,
            RouteKey=f"GET {path}",
            Target=f"integrations/{integration}",
            AuthorizationType="JWT",
            AuthorizerId=authorizer,
            AuthorizationScopes=scopes,
        )
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return gateway.get_api(ApiId=api)


@pytest.fixture
def ask(emulator, api):
    """Ask the API with a token; without one where there is none."""

    def ask(token, path="/me"):
        headers = {"Host": api["ApiEndpoint"].removeprefix("https://")}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.get(emulator.url + path, headers=headers, trust_env=False)

    return ask


def code_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def decoded(token, index):
    part = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def forged(token, **claims):
    """The token with these claims, signed by somebody else under the pool's key id."""
    text = f"{encoded(decoded(token, 0))}.{encoded({**decoded(token, 1), **claims})}"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_who_signs_up_confirms_by_the_code_in_the_mail(members):
    answer = members.sign_up()

    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"]["Destination"] == "f****@e****"
    assert code_of(members.tokens) == "UserNotConfirmedException"
    (mail,) = members.mails()
    assert mail["from"] == "no-reply@verificationemail.com"
    assert mail["code"] in mail["text"]
    wrong = {"ClientId": members.client, "Username": FAN, "ConfirmationCode": f"{int(mail['code']) ^ 1:06}"}
    assert code_of(members.browser.confirm_sign_up, **wrong) == "CodeMismatchException"

    members.confirm(FAN)

    claims = decoded(members.tokens()["IdToken"], 1)
    assert (claims["iss"], claims["email"], claims["email_verified"]) == (members.issuer, FAN, True)
    assert code_of(members.tokens, password="wrong") == "NotAuthorizedException"
    assert code_of(members.tokens, name="nobody@example.com") == "NotAuthorizedException"


def test_names_are_the_same_in_any_case_where_the_pool_says_so(members):
    members.sign_up()
    members.confirm()

    assert members.tokens(name="Fan@Example.com")["TokenType"] == "Bearer"
    assert code_of(members.sign_up, name="FAN@example.com") == "UsernameExistsException"


def test_a_policy_requires_what_it_names_and_nothing_else(members):
    sign_up = members.browser.sign_up
    who = {"ClientId": members.client, "Username": FAN}
    assert code_of(sign_up, **who, Password="correct horse") == "InvalidPasswordException"
    assert code_of(sign_up, **who, Password="short 1") == "InvalidPasswordException"
    sign_up(**who, Password="lower case and 1")


def test_attributes_are_held_to_the_schema_and_the_client(members):
    def with_attribute(name, value):
        return {"UserAttributes": [{"Name": name, "Value": value}]}

    invalid = "InvalidParameterException"
    assert code_of(members.sign_up, **with_attribute("custom:nothing", "x")) == invalid
    assert code_of(members.sign_up, **with_attribute("custom:display_name", "x" * 41)) == invalid
    assert code_of(members.sign_up, **with_attribute("custom:rank", "admin")) == "NotAuthorizedException"
    members.sign_up(**with_attribute("custom:display_name", "Fan"))


def test_a_password_is_recovered_by_the_code_in_the_mail(members):
    members.sign_up()
    who = {"ClientId": members.client, "Username": FAN}
    assert code_of(members.browser.forgot_password, **who) == "InvalidParameterException"
    members.confirm()

    members.browser.forgot_password(**who)
    new = {**who, "Password": "another horse 2"}
    assert code_of(members.browser.confirm_forgot_password, **new, ConfirmationCode="000000") == (
        "CodeMismatchException"
    )
    members.browser.confirm_forgot_password(**new, ConfirmationCode=members.mails()[-1]["code"])

    assert members.tokens(password="another horse 2")
    assert code_of(members.tokens) == "NotAuthorizedException"


def test_a_new_address_counts_when_its_code_came_back(members):
    token = members.member()["AccessToken"]
    new = "new@example.com"
    members.browser.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "email", "Value": new}]
    )
    shown = members.browser.get_user(AccessToken=token)["UserAttributes"]
    assert {"Name": "email", "Value": FAN} in shown

    code = members.mails(new)[-1]["code"]
    members.browser.verify_user_attribute(AccessToken=token, AttributeName="email", Code=code)

    shown = members.browser.get_user(AccessToken=token)["UserAttributes"]
    assert {"Name": "email", "Value": new} in shown


def test_signing_in_by_srp(members):
    members.sign_up()
    members.confirm()

    def sign_in(password):
        client = SrpClient(members.pool, password)
        challenge = members.browser.initiate_auth(
            ClientId=members.client,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": FAN, "SRP_A": client.A},
        )
        return members.browser.respond_to_auth_challenge(
            ClientId=members.client,
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses=client.answer(challenge["ChallengeParameters"]),
        )

    assert sign_in(PASSWORD)["AuthenticationResult"]["AccessToken"]
    assert code_of(sign_in, password="wrong") == "NotAuthorizedException"


def test_triggers_are_called_with_what_they_need_and_can_refuse(emulator, client, account):
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="triggers")["QueueUrl"]
    function = make_function(client, "triggers", TRIGGERS, environment={"QUEUE": queue})
    lambdas = dict.fromkeys(("PreSignUp", "CustomMessage", "PostConfirmation"), function)
    members = Members(emulator, client, account, LambdaConfig=lambdas)

    refused = {"ClientMetadata": {"refuse": "PreSignUp_SignUp"}}
    with pytest.raises(members.browser.exceptions.UserLambdaValidationException, match="not you"):
        members.sign_up("late@example.com", **refused)
    members.sign_up(ClientMetadata={"language": "de"})
    members.confirm()

    assert members.mails()[-1]["subject"] == "Willkommen bei Kasper"
    assert members.mails()[-1]["text"] == f"Dein Code ist {members.mails()[-1]['code']}"
    events = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        events += [json.loads(message["Body"]) for message in messages]
    by_source = {event["triggerSource"]: event for event in events}
    assert set(by_source) == {
        "PreSignUp_SignUp", "CustomMessage_SignUp", "PostConfirmation_ConfirmSignUp",
    }  # fmt: skip
    assert by_source["CustomMessage_SignUp"]["request"]["clientMetadata"] == {"language": "de"}
    assert by_source["PostConfirmation_ConfirmSignUp"]["callerContext"]["clientId"] == members.client
    confirmed = by_source["PostConfirmation_ConfirmSignUp"]["request"]["userAttributes"]
    assert (confirmed["email"], confirmed["email_verified"]) == (FAN, "true")
    assert confirmed["cognito:user_status"] == "CONFIRMED"


def test_a_pool_that_is_protected_or_has_a_domain_stays(members):
    protect = members.admin.update_user_pool
    protect(UserPoolId=members.pool, DeletionProtection="ACTIVE")
    assert code_of(members.admin.delete_user_pool, UserPoolId=members.pool) == "InvalidParameterException"
    protect(UserPoolId=members.pool, DeletionProtection="INACTIVE")
    members.admin.create_user_pool_domain(UserPoolId=members.pool, Domain="kasper-members")
    assert code_of(members.admin.delete_user_pool, UserPoolId=members.pool) == "InvalidParameterException"
    members.admin.delete_user_pool_domain(UserPoolId=members.pool, Domain="kasper-members")
    members.admin.delete_user_pool(UserPoolId=members.pool)


def test_a_members_token_opens_the_api_and_says_who_it_is(members, ask):
    tokens = members.member("admin", "member")

    claims = ask(tokens["AccessToken"]).json()["jwt"]["claims"]

    assert claims["cognito:groups"] == "[admin member]"
    assert (claims["iss"], claims["client_id"], claims["token_use"]) == (
        members.issuer, members.client, "access",
    )  # fmt: skip
    assert all(isinstance(value, str) for value in claims.values())
    assert ask(tokens["IdToken"]).status_code == 200
    assert ask(tokens["AccessToken"], "/account").status_code == 200
    assert ask(tokens["IdToken"], "/account").status_code == 403


def test_no_other_token_opens_it(emulator, client, other_account, members, ask):
    from functools import partial

    token = members.member()["AccessToken"]
    theirs = Members(emulator, partial(client, account=other_account), other_account)
    ours = members.admin.create_user_pool_client(
        UserPoolId=members.pool, ClientName="other", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    not_for_us = members.browser.initiate_auth(
        ClientId=ours,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": FAN, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    head, body, signature = token.split(".")

    for bad in (
        None,
        "nonsense",
        forged(token),
        forged(token, **{"cognito:groups": ["admin"]}),
        f"{encoded({'alg': 'none', 'kid': decoded(token, 0)['kid']})}.{body}.",
        f"{head}.{encoded({**decoded(token, 1), 'exp': int(time.time()) + 99_999})}.{signature}",
        members.tokens()["RefreshToken"],
        theirs.member()["AccessToken"],
        not_for_us,
    ):
        assert ask(bad).status_code == 401, bad
    assert ask(token).status_code == 200


def test_a_token_that_has_expired_does_not_open_it(emulator, account, members, ask):
    claims = decoded(members.member()["AccessToken"], 1)

    def signed(**changes):
        pool = {"account": account, "region": REGION, "user_pool_id": members.pool}
        return emulator.call("tokens/sign", {**pool, "claims": {**claims, **changes}})["token"]

    assert ask(signed()).status_code == 200
    assert ask(signed(exp=int(time.time()))).status_code == 401
    assert ask(signed(iss="https://cognito-idp.eu-central-1.amazonaws.com/other")).status_code == 401
    assert ask(signed(client_id="other")).status_code == 401


def test_the_keys_are_at_the_issuers_path(emulator, members):
    token = members.member()["AccessToken"]
    answer = httpx.get(f"{emulator.url}/{members.pool}/.well-known/jwks.json", trust_env=False)

    assert decoded(token, 0)["kid"] in [key["kid"] for key in answer.json()["keys"]]


def test_pools_of_another_account_are_out_of_reach(emulator, client, other_account, members):
    theirs = client("cognito-idp", account=other_account)
    assert code_of(theirs.describe_user_pool, UserPoolId=members.pool) == "ResourceNotFoundException"
