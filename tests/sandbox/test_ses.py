"""SES v2: identities wait until they are verified, accounts until they are let out, and mails are kept."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

REGION, DOMAIN, SENDER = "eu-central-1", "kasper.live", '"Kasper Kast" <hello@kasper.live>'
FAN = "fan@example.com"


@pytest.fixture
def ses(client):
    return client("sesv2")


@pytest.fixture
def door(emulator, account):
    def call(name, **body):
        return emulator.call(name, {"account": account, "region": REGION, **body})

    return call


@pytest.fixture
def open_door(ses, door):
    """A verified domain in an account that may write to everybody."""
    ses.create_email_identity(EmailIdentity=DOMAIN)
    door("ses/verify", identity=DOMAIN)
    door("ses/production")
    return door


def simple(subject="Hallo", text="Bis gleich", **more):
    return {"Simple": {"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}, **more}}


def send(ses, content=None, to=FAN, sender=SENDER, **more):
    return ses.send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [to]},
        Content=content or simple(),
        **more,
    )


def error_of(call, *arguments, **named):
    with pytest.raises(ClientError) as raised:
        call(*arguments, **named)
    return raised.value.response["Error"]


def test_a_domain_waits_for_its_records(ses, door):
    made = ses.create_email_identity(EmailIdentity=DOMAIN, Tags=[{"Key": "creator", "Value": "kasper"}])

    assert made["VerifiedForSendingStatus"] is False
    assert len(set(made["DkimAttributes"]["Tokens"])) == 3
    shown = ses.get_email_identity(EmailIdentity=DOMAIN)
    assert (shown["VerificationStatus"], shown["DkimAttributes"]["Status"]) == ("PENDING", "PENDING")
    assert shown["Tags"] == [{"Key": "creator", "Value": "kasper"}]
    assert error_of(ses.create_email_identity, EmailIdentity=DOMAIN)["Code"] == "AlreadyExistsException"

    door("ses/verify", identity=DOMAIN)
    shown = ses.get_email_identity(EmailIdentity=DOMAIN)
    assert (shown["VerificationStatus"], shown["DkimAttributes"]["Status"]) == ("SUCCESS", "SUCCESS")
    assert shown["VerifiedForSendingStatus"] is True
    door("ses/verify", identity=DOMAIN, status="TEMPORARY_FAILURE")
    assert ses.get_email_identity(EmailIdentity=DOMAIN)["VerifiedForSendingStatus"] is False
    (listed,) = ses.list_email_identities()["EmailIdentities"]
    assert (listed["IdentityName"], listed["VerificationStatus"]) == (DOMAIN, "TEMPORARY_FAILURE")


def test_tokens_are_other_ones_in_every_account(client, other_account, ses):
    first = ses.create_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Tokens"]
    theirs = client("sesv2", account=other_account)
    assert theirs.create_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Tokens"] != first
    assert error_of(client("sesv2", region="us-west-2").get_email_identity, EmailIdentity=DOMAIN)["Code"] == (
        "NotFoundException"
    )


def test_who_is_not_verified_does_not_send(ses, door):
    ses.create_email_identity(EmailIdentity=DOMAIN)
    door("ses/production")

    error = error_of(send, ses)

    assert error["Code"] == "MessageRejected"
    assert "in region EU-CENTRAL-1" in error["Message"]
    assert error_of(send, ses, sender="a@elsewhere.live")["Code"] == "MessageRejected"
    assert door("mails")["mails"] == []


def test_in_the_sandbox_only_verified_addresses_get_mail(ses, door):
    ses.create_email_identity(EmailIdentity=DOMAIN)
    ses.create_email_identity(EmailIdentity="ops@example.com")
    for identity in (DOMAIN, "ops@example.com"):
        door("ses/verify", identity=identity)

    assert ses.get_account()["ProductionAccessEnabled"] is False
    assert error_of(send, ses)["Code"] == "MessageRejected"
    send(ses, to="ops@example.com")

    ses.put_account_details(MailType="TRANSACTIONAL", WebsiteURL="https://kasper.live")
    assert ses.get_account()["Details"]["ReviewDetails"]["Status"] == "PENDING"
    door("ses/production")
    account = ses.get_account()
    assert account["ProductionAccessEnabled"] is True
    assert account["Details"]["ReviewDetails"]["Status"] == "GRANTED"
    send(ses)
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 2


def test_what_was_sent_is_kept_as_it_was_sent(ses, open_door, emulator, other_account):
    content = simple("Grüße", "Zum Schluss", Headers=[{"Name": "List-Unsubscribe", "Value": "<https://k/u>"}])
    content["Simple"]["Body"]["Html"] = {"Data": "<p>Zum Schluss</p>"}
    sent = send(
        ses,
        content,
        ReplyToAddresses=["visitor@example.com"],
        EmailTags=[{"Name": "module", "Value": "contact-form"}],
    )

    (mail,) = open_door("mails", to=FAN)["mails"]
    assert mail["id"] == sent["MessageId"]
    assert (mail["from"], mail["to"]) == (SENDER, [FAN])
    assert mail["reply_to"] == ["visitor@example.com"]
    assert (mail["subject"], mail["text"], mail["html"]) == ("Grüße", "Zum Schluss", "<p>Zum Schluss</p>")
    assert mail["headers"] == {"List-Unsubscribe": "<https://k/u>"}
    assert mail["tags"] == {"module": "contact-form"}
    assert emulator.call("mails", {"account": other_account})["mails"] == []
    assert open_door("mails/clear") == {"cleared": 1}
    assert open_door("mails")["mails"] == []


def test_a_raw_message_is_taken_apart(ses, open_door):
    message = EmailMessage()
    message["From"], message["To"], message["Reply-To"] = SENDER, f"Fan <{FAN}>", "visitor@example.com"
    message["Subject"], message["X-Module"] = "Grüße", "contact-form"
    message.set_content("Hallo")
    message.add_alternative("<p>Hallo</p>", subtype="html")

    ses.send_email(Content={"Raw": {"Data": bytes(message)}})

    (mail,) = open_door("mails")["mails"]
    assert (mail["to"], mail["reply_to"], mail["subject"]) == ([FAN], ["visitor@example.com"], "Grüße")
    assert (mail["text"].strip(), mail["html"].strip()) == ("Hallo", "<p>Hallo</p>")
    assert mail["headers"]["X-Module"] == "contact-form"


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": simple("Hallo\r\nBcc: all@example.com")},
        {"to": "fan@example.com\nBcc: all@example.com"},
        {"to": "nobody"},
        {"ReplyToAddresses": ["a@example.com\r\nBcc: all@example.com"]},
    ],
    ids=["subject", "recipient", "no address", "reply"],
)
def test_nothing_is_smuggled_into_a_header(ses, open_door, wrong):
    assert error_of(send, ses, **wrong)["Code"] == "BadRequestException"
    assert open_door("mails")["mails"] == []


def test_a_configuration_set_must_be_there(ses, open_door):
    assert error_of(send, ses, ConfigurationSetName="news")["Code"] == "NotFoundException"
    ses.create_configuration_set(ConfigurationSetName="news")
    send(ses, ConfigurationSetName="news")
    assert open_door("mails")["mails"][0]["configuration_set"] == "news"


def test_settings_of_an_identity(ses):
    ses.create_email_identity(EmailIdentity=DOMAIN)
    ses.put_email_identity_mail_from_attributes(EmailIdentity=DOMAIN, MailFromDomain="mail.kasper.live")
    ses.put_email_identity_feedback_attributes(EmailIdentity=DOMAIN, EmailForwardingEnabled=False)
    ses.create_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="own", Policy="{}")

    shown = ses.get_email_identity(EmailIdentity=DOMAIN)
    assert shown["MailFromAttributes"]["MailFromDomainStatus"] == "PENDING"
    assert shown["FeedbackForwardingStatus"] is False
    assert shown["Policies"] == {"own": "{}"}
    ses.delete_email_identity(EmailIdentity=DOMAIN)
    assert error_of(ses.get_email_identity, EmailIdentity=DOMAIN)["Code"] == "NotFoundException"
