"""Mail: plain text and HTML in one message, over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from tracker.errors import NotifyError
from tracker.watch.notify.messages import Message, Target

_TIMEOUT = 30.0  # seconds of silence
_PORTS = {"smtp": 587, "smtps": 465}


def send_mail(message: Message, target: Target) -> None:
    """Send to the address of a mailto:. TLS wherever the server has it; a password is never sent without it."""
    server = urlsplit(target.smtp or "")
    to = unquote(target.to.partition(":")[2])
    try:
        with closing(_connected(server.scheme, server.hostname or "", server.port or _PORTS[server.scheme])) as smtp:
            if server.username:
                _log_in(smtp, unquote(server.username), target.password or "")
            smtp.send_message(written(message, target.sender or "", to))
            with suppress(OSError, smtplib.SMTPException):  # it has taken the mail, whatever it answers to our farewell
                smtp.quit()
    except (OSError, smtplib.SMTPException) as error:
        raise NotifyError(f"the mail server {server.hostname} did not take a mail to {to}: {_said(error)}") from error


def written(message: Message, sender: str, to: str) -> EmailMessage:
    """The mail. Nothing that comes from a page can begin a header: controls are made visible before."""
    mail = EmailMessage()
    name, address = parseaddr(sender)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id.removeprefix('urn:uuid:')}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _connected(scheme: str, host: str, port: int) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context)
    smtp = smtplib.SMTP(host, port, timeout=_TIMEOUT)
    try:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=context)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    if not isinstance(smtp.sock, ssl.SSLSocket):
        raise NotifyError("the mail server has no TLS, so the password is not sent; use smtps:// or one that has")
    try:
        smtp.login(user, password)
    except UnicodeError as error:
        raise NotifyError(
            "the mail server cannot be told a name or a password with letters beyond ASCII; change them there"
        ) from error


def _said(error: Exception) -> str:
    """What the server or the system said, on one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        return f"{error.smtp_code} {' '.join(text.split())}"
    return " ".join(str(error).split()) or type(error).__name__
