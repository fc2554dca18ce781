"""Functions of one region of two in this process, over moto's DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.lambdas.contact_form.conftest import contact as contact
from tests.lambdas.functions import Functions, handlers_of, table

HOME, SECOND = "eu-central-1", "eu-west-1"


@pytest.fixture
def switch() -> Iterator[Callable[[str], Any]]:
    """Names the region that takes writes, in an otherwise empty table."""
    handlers_of("failover")
    from shared.region import KEY
    from shared.tables import CLIENT, pack

    with mock_aws():
        table(CLIENT, "region")
        yield lambda region: CLIENT.put_item(TableName="region", Item=pack({**KEY, "region": region}))


@pytest.fixture
def health(switch: Callable[[str], Any]) -> Iterator[Functions]:
    """The health of the home region."""
    functions = Functions("failover")
    with functions.logged():
        yield functions
