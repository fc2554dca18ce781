"""Keys that sign, parameters that count their versions, queues that give up: what modules build on."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

pytestmark = pytest.mark.sandbox

MESSAGE = b"header.payload"


def test_a_key_on_p384_signs_what_its_public_key_verifies(client):
    kms = client("kms")
    key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P384")["KeyMetadata"]["Arn"]
    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])

    for kind, content in (("RAW", MESSAGE), ("DIGEST", hashlib.sha384(MESSAGE).digest())):
        signed = kms.sign(KeyId=key, Message=content, MessageType=kind, SigningAlgorithm="ECDSA_SHA_384")
        public.verify(signed["Signature"], MESSAGE, ec.ECDSA(hashes.SHA384()))
    with pytest.raises(kms.exceptions.InvalidKeyUsageException):
        kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert client("ivs").import_playback_key_pair(publicKeyMaterial=pem)["keyPair"]["fingerprint"]


def test_a_secret_parameter_counts_its_versions(client, other_account):
    ssm = client("ssm")
    secret = {"Name": "/kasper/stripe", "Type": "SecureString"}
    ssm.put_parameter(**secret, Value="unset")
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(**secret, Value="sk_test")
    assert ssm.put_parameter(**secret, Value="sk_test", Overwrite=True)["Version"] == 2

    shown = ssm.get_parameter(Name="/kasper/stripe", WithDecryption=True)["Parameter"]
    assert (shown["Value"], shown["Version"], shown["Type"]) == ("sk_test", 2, "SecureString")
    assert "sk_test" not in ssm.get_parameter(Name="/kasper/stripe")["Parameter"]["Value"]
    older = ssm.get_parameter(Name="/kasper/stripe:1", WithDecryption=True)["Parameter"]
    assert older["Value"] == "unset"
    theirs = client("ssm", account=other_account)
    with pytest.raises(theirs.exceptions.ParameterNotFound):
        theirs.get_parameter(Name="/kasper/stripe")
