"""What the doctor says of e-mail: the server is asked as far as it would be for a message, and sent none."""

from creneau.app.doctor.finding import Finding, failure, ok
from creneau.mail.server import MailServer, Security
from creneau.mail.transport import MailTransport, MailUnavailable

_BY = {Security.TLS: "by TLS", Security.STARTTLS: "by STARTTLS", Security.PLAIN: "in the clear"}


def examine_mail(server: MailServer | None, transport: MailTransport | None) -> Finding:
    if server is None or transport is None:
        return ok("mail", "No mail server is set: who cannot be reached in Slack gets no e-mail, and others are told.")
    where = f"The mail server at {server.host}:{server.port}"
    try:
        transport.check()
    except MailUnavailable as problem:
        return failure(
            "mail",
            f"{where} does not let us in: {problem}.",
            "See that CRENEAU_SMTP_URL has the right host, port, user and password, and that its certificate is good.",
        )
    return ok("mail", f"{where} lets us in, {_BY[server.security]}.")
