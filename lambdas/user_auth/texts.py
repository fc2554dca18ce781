"""What the user pool's e-mail says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One e-mail, with `{name}` and `{domain}` for the creator's, and `{username}` for who is invited.

    Args:
        subject: one line.
        text: what it is about, before the code.
        validity: after the code: for how long it is good, and what to do when it was not asked for.
    """

    subject: str
    text: str
    validity: str


# How long codes are good for: https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
_EN = {
    "sign-up": Words(
        "Your code for {name}",
        "Welcome to {name}! Enter this code on {domain} to confirm your e-mail address:",
        "The code is good for 24 hours. If you did not sign up, ignore this e-mail: without the code nothing "
        "happens.",
    ),
    "new-code": Words(
        "Your new code for {name}",
        "Here is your new code for {name}. Enter it on {domain} to confirm your e-mail address:",
        "The code is good for 24 hours, and earlier ones are no longer. If you did not sign up, ignore this "
        "e-mail: without the code nothing happens.",
    ),
    "forgotten": Words(
        "Choose a new password for {name}",
        "Enter this code on {domain} and choose a new password:",
        "The code is good for one hour. If you did not ask for it, ignore this e-mail: your password stays "
        "as it is.",
    ),
    "address": Words(
        "Confirm your e-mail address for {name}",
        "Enter this code on {domain} to use this e-mail address for your account:",
        "The code is good for 24 hours. If you did not ask for it, ignore this e-mail: without the code "
        "nothing changes.",
    ),
    "invitation": Words(
        "Your invitation to {name}",
        "You are invited to {name}. Sign in on {domain} as {username} with this password, and choose one of "
        "your own:",
        "The password works once, within 7 days. If you expected no invitation, ignore this e-mail.",
    ),
}
_DE = {
    "sign-up": Words(
        "Dein Code für {name}",
        "Willkommen bei {name}! Gib diesen Code auf {domain} ein, um deine E-Mail-Adresse zu bestätigen:",
        "Der Code gilt 24 Stunden. Wenn du dich nicht angemeldet hast, ignoriere diese E-Mail: Ohne den Code "
        "passiert nichts.",
    ),
    "new-code": Words(
        "Dein neuer Code für {name}",
        "Hier ist dein neuer Code für {name}. Gib ihn auf {domain} ein, um deine E-Mail-Adresse zu "
        "bestätigen:",
        "Der Code gilt 24 Stunden, frühere Codes gelten nicht mehr. Wenn du dich nicht angemeldet hast, "
        "ignoriere diese E-Mail: Ohne den Code passiert nichts.",
    ),
    "forgotten": Words(
        "Neues Passwort für {name}",
        "Gib diesen Code auf {domain} ein und wähle ein neues Passwort:",
        "Der Code gilt eine Stunde. Wenn du ihn nicht angefordert hast, ignoriere diese E-Mail: Dein "
        "Passwort bleibt, wie es ist.",
    ),
    "address": Words(
        "Bestätige deine E-Mail-Adresse für {name}",
        "Gib diesen Code auf {domain} ein, um diese E-Mail-Adresse für dein Konto zu verwenden:",
        "Der Code gilt 24 Stunden. Wenn du ihn nicht angefordert hast, ignoriere diese E-Mail: Ohne den Code "
        "ändert sich nichts.",
    ),
    "invitation": Words(
        "Deine Einladung zu {name}",
        "Du bist zu {name} eingeladen. Melde dich auf {domain} als {username} mit diesem Passwort an, und "
        "wähle ein eigenes:",
        "Das Passwort gilt einmal und 7 Tage lang. Wenn du keine Einladung erwartest, ignoriere diese "
        "E-Mail.",
    ),
}
WORDS: Mapping[str, Mapping[str, Words]] = {"en": _EN, "de": _DE}
"""Language → kind of e-mail → words."""

# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
KINDS: Mapping[str, str] = {
    "CustomMessage_SignUp": "sign-up",
    "CustomMessage_ResendCode": "new-code",
    "CustomMessage_ForgotPassword": "forgotten",
    "CustomMessage_UpdateUserAttribute": "address",
    "CustomMessage_VerifyUserAttribute": "address",
    "CustomMessage_AdminCreateUser": "invitation",
}
"""What Cognito calls the trigger for → kind of e-mail. It calls it for text messages, too."""
