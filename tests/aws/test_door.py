from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.configloader
import pytest

from fleet_tui.aws import AwsDoor
from fleet_tui.aws.sources import role_session_name
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Access
from tests.aws.fake_aws import Aws, creator, role_of

KASPER = creator()
BY_ROLE = creator(role_arn=role_of(KASPER.account_id), external_id="fleet-7")


def test_importing_the_door_and_opening_it_loads_no_aws_library() -> None:
    code = (
        "import sys, fleet_tui.aws; fleet_tui.aws.AwsDoor(operator='ana')\n"
        "loaded = {'boto3', 'botocore', 'httpx'} & sys.modules.keys()\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("ana@ops laptop", "ana@ops-laptop"), ("é", "--"), ("x" * 90, "x" * 64), ("a", "a-"), ("", "--")],
)
def test_role_session_names(operator: str, expected: str) -> None:
    assert role_session_name(operator) == expected


def test_a_role_is_taken_on_with_external_id_and_the_operators_name(aws: Aws, door: AwsDoor) -> None:
    with door.entered(BY_ROLE) as account:
        account.client("ivs").list_streams()
    (call,) = aws.assumed
    assert call["RoleArn"] == role_of(KASPER.account_id)
    assert call["ExternalId"] == "fleet-7"
    assert call["RoleSessionName"] == "ana@ops-laptop"
    assert call["key"] == "AKIAOPERATOR00000000"
    assert aws.calls == [("", f"ASIA{KASPER.account_id}0001")]


@pytest.mark.parametrize(("home", "asked"), [("us-east-1", "us-east-1"), (None, "eu-central-1")])
def test_sts_is_asked_at_home(
    aws: Aws, door: AwsDoor, monkeypatch: pytest.MonkeyPatch, home: str | None, asked: str
) -> None:
    if home:
        monkeypatch.setenv("AWS_DEFAULT_REGION", home)
    door.prove_account(BY_ROLE)
    assert [call["region"] for call in aws.assumed] == [asked]


def test_a_role_from_a_profile(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("[hub]\naws_access_key_id = AKIAHUB\naws_secret_access_key = s\n")
    with door.entered(creator(role_arn=role_of(KASPER.account_id), profile="hub")) as account:
        account.client("ivs").list_streams()
    assert [call["key"] for call in aws.assumed] == ["AKIAHUB"]


def test_a_profile_wins_over_the_environment(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[kasper]\naws_access_key_id = AKIAKASPER\naws_secret_access_key = s\n"
    )
    with door.entered(creator(profile="kasper")) as account:
        account.client("ivs").list_streams()
    assert aws.calls == [("", "AKIAKASPER")]


def test_a_profile_with_a_role_of_its_own(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    aws.clock.at = datetime.now(UTC)  # the chain of botocore goes by the machine's clock
    (tmp_path / "config").write_text(
        f"[profile kasper]\nrole_arn = {role_of(KASPER.account_id)}\nsource_profile = hub\n"
        "[profile hub]\naws_access_key_id = AKIAHUB\naws_secret_access_key = s\n"
    )
    with door.entered(creator(profile="kasper")) as account:
        account.client("ivs").list_streams()
    assert [call["key"] for call in aws.assumed] == ["AKIAHUB"]
    assert aws.calls == [("", f"ASIA{KASPER.account_id}0001")]


def test_credentials_that_are_old_on_arrival(aws: Aws, door: AwsDoor) -> None:
    aws.lasts = timedelta(minutes=-5)
    with pytest.raises(FleetError, match="clock differs"), door.entered(BY_ROLE) as account:
        account.client("ivs").list_streams()
    assert aws.calls == []


def test_a_profile_that_asks_for_a_code_does_not_wait_for_it(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        f"[profile kasper]\nrole_arn = {role_of(KASPER.account_id)}\nsource_profile = hub\n"
        "mfa_serial = arn:aws:iam::999999999999:mfa/ana\n"
        "[profile hub]\naws_access_key_id = AKIAHUB\naws_secret_access_key = s\n"
    )
    with (
        pytest.raises(FleetError, match="MFA code") as caught,
        door.entered(creator(profile="kasper")) as account,
    ):
        account.client("ivs").list_streams()
    assert caught.value.problem.kind is ProblemKind.CREDENTIALS
    assert caught.value.problem.where == "kasper: ivs"


def test_credentials_that_are_refused_are_read_anew(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    one = creator(profile="kasper")
    file = tmp_path / "credentials"
    file.write_text("[kasper]\naws_access_key_id = AKIAOLD\naws_secret_access_key = s\n")
    aws.answer = lambda body: (403, "ExpiredTokenException", "expired")
    with pytest.raises(FleetError, match="Run: aws sso login --profile kasper"), door.entered(one) as account:
        account.client("ivs").list_streams()
    file.write_text("[kasper]\naws_access_key_id = AKIANEW\naws_secret_access_key = s\n")
    aws.answer = lambda body: None
    with door.entered(one) as account:
        account.client("ivs").list_streams()
    assert [key for _, key in aws.calls] == ["AKIAOLD", "AKIANEW"]


def test_an_sso_profile_without_a_sign_in(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[sso-session work]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-central-1\n"
        "[profile kasper]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = operator\n"
    )
    with pytest.raises(FleetError) as caught, door.entered(creator(profile="kasper")) as account:
        account.client("ivs").list_streams()
    assert caught.value.problem.kind is ProblemKind.CREDENTIALS
    assert caught.value.problem.hint == "Run: aws sso login --profile kasper"


def test_the_configuration_files_are_parsed_once_for_all_profiles(
    aws: Aws, door: AwsDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"c{number}" for number in range(50)]
    section = "aws_access_key_id = AKIA{0}\naws_secret_access_key = s\n"
    (tmp_path / "credentials").write_text("".join(f"[{name}]\n" + section.format(name) for name in names))
    (tmp_path / "config").write_text("".join(f"[profile {name}]\nregion = eu-west-1\n" for name in names))
    parsed: list[str] = []
    parse = botocore.configloader.raw_config_parse

    def counting(file: str, *arguments: Any) -> dict[str, Any]:
        parsed.append(Path(file).name)
        return parse(file, *arguments)

    monkeypatch.setattr(botocore.configloader, "raw_config_parse", counting)
    for name in names:
        with door.entered(creator(profile=name)) as account:
            account.client("ivs").list_streams()
    assert [key for _, key in aws.calls] == [f"AKIA{name}" for name in names]
    assert len(parsed) < 10


def test_no_credentials_at_all(aws: Aws) -> None:
    with pytest.raises(FleetError) as caught, AwsDoor(operator="ana").entered(KASPER) as account:
        account.client("ivs").list_streams()
    assert caught.value.problem.kind is ProblemKind.CREDENTIALS
    assert (
        caught.value.problem.sentence == "kasper: ivs: there are no AWS credentials. Run: aws configure sso"
    )
    assert aws.calls == []


def test_a_profile_that_does_not_exist(aws: Aws, door: AwsDoor) -> None:
    with (
        pytest.raises(FleetError, match='no AWS profile "gone"'),
        door.entered(creator(profile="gone")) as account,
    ):
        account.client("ivs").list_streams()


def test_a_role_that_is_denied(aws: Aws, door: AwsDoor) -> None:
    aws.deny_roles = True
    with pytest.raises(FleetError) as caught, door.entered(BY_ROLE) as account:
        account.client("ivs").list_streams()
    problem = caught.value.problem
    assert (problem.kind, problem.where) == (ProblemKind.DENIED, "kasper: ivs")
    assert problem.what == f"you may not take on the role {role_of(KASPER.account_id)}"


def test_identity(aws: Aws, door: AwsDoor) -> None:
    aws.account_of["AKIAOPERATOR00000000"] = KASPER.account_id
    assert door.identity(KASPER).account_id == KASPER.account_id


def test_the_wrong_account_is_found_out(aws: Aws, door: AwsDoor) -> None:
    with pytest.raises(FleetError) as caught:
        door.prove_account(KASPER)
    assert caught.value.problem.kind is ProblemKind.WRONG_ACCOUNT
    assert caught.value.problem.what == (
        "the credentials lead to account 999999999999, creator.toml says 111122223333"
    )


def test_a_proof_lasts_as_long_as_the_credentials(aws: Aws, door: AwsDoor, tmp_path: Path) -> None:
    one = creator(profile="kasper")
    file = tmp_path / "credentials"
    file.write_text("[kasper]\naws_access_key_id = AKIAOLD\naws_secret_access_key = s\n")
    aws.account_of = {"AKIAOLD": one.account_id, "AKIANEW": "444455556666"}
    door.prove_account(one)
    aws.account_of["AKIAOLD"] = "444455556666"
    door.prove_account(one)
    file.write_text("[kasper]\naws_access_key_id = AKIANEW\naws_secret_access_key = s\n")
    aws.answer = lambda body: (403, "ExpiredTokenException", "expired")
    with pytest.raises(FleetError, match="expired"), door.entered(one) as account:
        account.client("ivs").list_streams()
    with pytest.raises(FleetError, match="lead to account 444455556666"):
        door.prove_account(one)


def test_what_a_subprocess_gets_is_proved_itself(aws: Aws, door: AwsDoor) -> None:
    door.prove_account(BY_ROLE)
    aws.led_astray = "444455556666"
    with pytest.raises(FleetError, match="lead to account 444455556666"):
        door.environment(BY_ROLE)


def test_a_role_proves_itself(aws: Aws, door: AwsDoor) -> None:
    door.prove_account(BY_ROLE)
    assert len(aws.assumed) == 1


def test_the_environment_of_a_subprocess(aws: Aws, door: AwsDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/own.pem")
    inherited = {
        "PATH": "/bin",
        "HOME": "/home/ana",
        "LANG": "C.UTF-8",
        "AWS_PROFILE": "other",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "y",
        "AWS_ROLE_ARN": "z",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://q",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    }
    environment = door.environment(BY_ROLE, inherited)
    assert environment == {
        "PATH": "/bin",
        "HOME": "/home/ana",
        "LANG": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": f"ASIA{KASPER.account_id}0001",
        "AWS_SECRET_ACCESS_KEY": f"secret-of-{KASPER.account_id}",
        "AWS_SESSION_TOKEN": f"token-of-{KASPER.account_id}",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_CA_BUNDLE": "/etc/ssl/own.pem",
    }
    door.environment(BY_ROLE)
    assert len(aws.assumed) == 2  # a full hour for each run


def test_a_signature_is_the_accounts_and_over_the_original_host(aws: Aws, door: AwsDoor) -> None:
    url = "https://a1b2c3d4.execute-api.eu-central-1.amazonaws.com/bookings?status=pending"
    headers = door.sign(BY_ROLE, "GET", url, {"accept": "application/json"}, b"")
    assert f"Credential=ASIA{KASPER.account_id}0001/" in headers["Authorization"]
    assert "/eu-central-1/execute-api/aws4_request" in headers["Authorization"]
    assert "SignedHeaders=accept;host;x-amz-date;x-amz-security-token" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == f"token-of-{KASPER.account_id}"
    assert door.sign(KASPER, "GET", url, {}, b"")["Authorization"] != headers["Authorization"]


def test_routes(aws: Aws, door: AwsDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    api = "https://a1b2c3d4.execute-api.eu-central-1.amazonaws.com/bookings?status=pending"
    assert door.route(api) == (
        f"{aws.url}/bookings?status=pending",
        {"Host": "a1b2c3d4.execute-api.eu-central-1.amazonaws.com"},
    )
    assert door.route("https://api.kasper.live/bookings") == ("https://api.kasper.live/bookings", {})
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert door.route(api) == (api, {})


def test_an_account_that_is_no_creators(aws: Aws, door: AwsDoor) -> None:
    aws.answer = lambda body: (403, "AccessDeniedException", "no")
    payer = Access(role_arn=role_of("777788889999"))
    with pytest.raises(FleetError) as caught, door.entered_as(payer, "us-east-1", "payer account") as account:
        account.client("ivs").list_streams()
    assert caught.value.problem.kind is ProblemKind.DENIED
    assert caught.value.problem.where == "payer account: ivs"
    assert {key[:16] for _, key in aws.calls} == {"ASIA777788889999"}


def test_problems_of_others_pass_through(aws: Aws, door: AwsDoor) -> None:
    with pytest.raises(ZeroDivisionError), door.entered(KASPER):
        raise ZeroDivisionError
    with pytest.raises(FleetError) as caught, door.entered(KASPER):
        raise FleetError.of(ProblemKind.CONFLICT, "no", where="elsewhere")
    assert caught.value.problem.where == "elsewhere"


def test_a_closed_door_opens_again(aws: Aws, door: AwsDoor) -> None:
    for _ in range(2):
        with door.entered(KASPER) as account:
            account.client("ivs").list_streams()
        door.close()
    assert len(aws.calls) == 2
