"""An account that was entered: the place where clients come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, overload

from fleet_tui.problems import FleetError, ProblemKind

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.credentials import Credentials
    from types_boto3_apigatewayv2 import ApiGatewayV2Client
    from types_boto3_ce import CostExplorerClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_ivs import IVSClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_ssm import SSMClient
    from types_boto3_sts import STSClient

    from fleet_tui.aws.clients import Clients


class Account:
    """One account, valid inside the `with` block that gave it.

    Every call of a client that came from here is signed for this account, in whichever thread it is made and
    whatever else is entered meanwhile. After the block, calls raise before anything is sent.

    Args:
        clients: the fleet's shared clients.
        credentials: gives the account's credentials; may raise.
        region: the account's own region.
        where: who it is, such as the creator's slug.
    """

    def __init__(
        self, clients: Clients, credentials: Callable[[], Credentials], *, region: str, where: str
    ) -> None:
        self._clients = clients
        self._credentials = credentials
        self._left = False
        self._service = ""
        self.region = region
        self.where = where

    @overload
    def client(
        self, service: Literal["apigatewayv2"], *, region: str | None = None
    ) -> ApiGatewayV2Client: ...
    @overload
    def client(self, service: Literal["ce"], *, region: str | None = None) -> CostExplorerClient: ...
    @overload
    def client(self, service: Literal["cloudwatch"], *, region: str | None = None) -> CloudWatchClient: ...
    @overload
    def client(self, service: Literal["dynamodb"], *, region: str | None = None) -> DynamoDBClient: ...
    @overload
    def client(self, service: Literal["ivs"], *, region: str | None = None) -> IVSClient: ...
    @overload
    def client(self, service: Literal["lambda"], *, region: str | None = None) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["s3"], *, region: str | None = None) -> S3Client: ...
    @overload
    def client(self, service: Literal["ssm"], *, region: str | None = None) -> SSMClient: ...
    @overload
    def client(self, service: Literal["sts"], *, region: str | None = None) -> STSClient: ...
    def client(self, service: str, *, region: str | None = None) -> BaseClient:
        """The client of a service, bound to this account.

        Args:
            service: botocore's name of the service, such as `ivs`.
            region: another region than the account's own, as in `client("ce", region="us-east-1")`.
        """

        def credentials() -> Credentials:
            self._service = service
            if self._left:
                raise FleetError.of(
                    ProblemKind.UNEXPECTED,
                    "a call was about to be made after the account was left",
                    where=self.place,
                )
            return self._credentials()

        self._service = service
        return self._clients.bound(service, region or self.region, credentials)

    @property
    def place(self) -> str:
        """`kasper: ivs`: the account and the service that was last called."""
        return f"{self.where}: {self._service}" if self._service else self.where

    def leave(self) -> None:
        """Make every client that came from here useless."""
        self._left = True
