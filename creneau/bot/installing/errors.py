"""Why an installation did not come about, other than for the reasons that the core has."""

from creneau.core.domain.errors import Refusal


class InstallNotConfigured(Refusal):
    """The server has no SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: workspaces cannot install the app themselves."""

    code = "install.not_configured"


class InstallCancelled(Refusal):
    """Whoever was asked on Slack's page said no."""

    code = "install.cancelled"


class InstallOrgWide(Refusal):
    """Installed for all workspaces of an Enterprise organization at once: here each workspace is one centre."""

    code = "install.enterprise"


class InstallRefusedBySlack(Refusal):
    """Slack does not take the code it sent, or the app's credentials."""

    code = "install.refused"


class InstallUnavailable(Refusal):
    """Slack did not answer: begin again."""

    code = "install.unavailable"
