"""`survey-engine lti`: connect learning environments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NamedTuple

import click

from survey_engine.cli.support.installation import find_settings, open_both_stores
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.settings import Settings
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.lms import (
    EMAIL,
    MATCH_BY_NUMBER,
    ROSTER_MATCHES,
    SOURCED_ID,
    Deployment,
    Registration,
    approve_registration,
    list_deployments,
    list_registrations,
    put_deployment,
    put_registration,
    remove_registration,
)

if find_spec("pylti1p3") is None:
    raise click.ClickException("Learning environments need the extra: pip install 'survey-engine[lms]'")

from survey_engine.fieldwork.lms.dynamic_registration import invite
from survey_engine.fieldwork.lms.platform_requests import PlatformError, check_address
from survey_engine.fieldwork.lms.tool_keys import ToolKeys
from survey_engine.fieldwork.lms.waiting_reports import remove_waiting

EXAMPLES = """\b
Examples:
  survey-engine lti instructions canvas
  survey-engine lti invitation zuidwester
  survey-engine lti register moodle https://moodle.example.org --client-id X --deployment 1 --institution zuidwester
  survey-engine lti list
"""


class Product(NamedTuple):
    """Addresses of a learning environment, with {site}, and the steps for its administrator."""

    issuer: str
    auth_url: str
    keys_url: str
    token_url: str
    audience: str
    steps: str


PRODUCTS = {
    "moodle": Product(
        "{site}",
        "{site}/mod/lti/auth.php",
        "{site}/mod/lti/certs.php",
        "{site}/mod/lti/token.php",
        "",
        "Site administration > Plugins > Activity modules > External tool > Manage tools.\n"
        "Recommended: paste the address of `survey-engine lti invitation` at Tool URL, press Add LTI Advantage, approve it here, then\n"
        "press Activate on its card. Or configure a tool manually, with LTI version 1.3, public key type Keyset URL, Default launch\n"
        "container Embed, Supports Deep Linking (Content-Item Message). In both cases: Show in activity chooser.\n"
        "Privacy: share no name or e-mail. After a manual configuration, the tool's details show the client id and the deployment id for\n"
        "`survey-engine lti register moodle`.",
    ),
    "canvas": Product(
        "https://canvas.instructure.com",
        "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "https://sso.canvaslms.com/api/lti/security/jwks",
        "https://sso.canvaslms.com/login/oauth2/token",
        "",
        "Admin > Developer Keys > + Developer Key > LTI Key, or LTI Registration with the address of `survey-engine lti invitation`.\n"
        "Method Manual Entry. Privacy Level: Private. Placements: Link Selection; for reports of completion also Assignment Selection.\n"
        "Switch the key on; its number is the client id. Then Settings > Apps > View App Configurations > + App > By Client ID.\n"
        "The menu of the app shows the deployment id. Give both ids to `survey-engine lti register canvas`.",
    ),
    "brightspace": Product(
        "{site}",
        "{site}/d2l/lti/authenticate",
        "{site}/d2l/.well-known/jwks",
        "https://auth.brightspace.com/core/connect/token",
        "https://api.brightspace.com/auth/token",
        "Admin Tools > Manage Extensibility > LTI Advantage > Register Tool > Standard; or Dynamic, with the address of\n"
        "`survey-engine lti invitation`: then approve it here, and enable it. Extensions: Deep Linking; for reports of completion also\n"
        "Assignment and Grade Services. Then View Deployments > New Deployment, and a link of type Deep Linking Quicklink. Security\n"
        "Settings: from User Information share only User ID (for --match sourcedid also Org Defined Id), from Org Unit Information share\n"
        "nothing. Do not select Anonymous: it withholds role and identifier, so teachers would answer as students, and each launch would\n"
        "begin a new response.\n"
        "The two pages show the client id and the deployment id. Give them to `survey-engine lti register brightspace`.",
    ),
}


_MATCH = click.option(
    "--match",
    "roster_match",
    type=click.Choice(ROSTER_MATCHES),
    callback=lambda _, __, chosen: chosen or "",
    help=f"Find students on the institution's list. The institution must allow it. {MATCH_BY_NUMBER}: by the custom parameter "
    "student_number, which in many environments each teacher can set for a card. "
    f"{SOURCED_ID}: by the claim person_sourcedid, which only administrators set; prefer it. Both contain the key of the list. "
    f"{EMAIL}: by the mail address; only if students cannot change theirs. The first "
    "account that launches a seat gets it.",
)


@click.group(epilog=EXAMPLES)
def lti() -> None:
    """Connect learning environments by LTI 1.3: students open the questionnaire from their course.

    Each deployment of an environment belongs to one institution. The environment sends only an identifier that it uses for no
    other tool; only a keyed hash of it is stored. With --match, a student gets their seat on the institution's list, with its
    background, instead of a separate response.
    """


@lti.command(epilog="Example: survey-engine lti instructions moodle")
@click.argument("product", type=click.Choice(list(PRODUCTS)))
def instructions(product: str) -> None:
    """Print the addresses and steps for the administrator of PRODUCT."""
    base = find_settings().base_url
    click.echo(f"{PRODUCTS[product].steps}\n")
    for name, path in (
        ("Tool URL, target link URI, redirect URI", "launch"),
        ("Initiate login URL, OpenID Connect login URL", "login"),
        ("Public keyset, JWK URL", "keys"),
    ):
        click.echo(f"{name + ':':<46} {base}/lti/{path}")
    click.echo(
        "\nTo find students on the institution's list, let the environment send the student number as person_sourcedid (--match sourcedid)."
    )
    click.echo("If it cannot, add a custom parameter to the tool, not to a card (--match number):")
    click.echo("  student_number=$Person.sourcedId")
    click.echo(
        "Teachers must not be able to change this parameter: with another number they could get the seat of another student."
    )
    click.echo("For --match email, let the environment share the mail address, but only if students cannot change it.")
    click.echo(
        "\nTo show the questionnaire in frames, name the address of the learning environment under `embed:` in the institution's file."
    )


@lti.command(epilog="Example: survey-engine lti invitation zuidwester")
@click.argument("institution")
def invitation(institution: str) -> None:
    """Print an address at which a learning environment of INSTITUTION can register itself once, within a week."""
    settings = find_settings()
    with open_identity(settings) as identity:
        secret = invite(identity, institution, read_now(identity).timestamp())
    click.echo(f"{settings.base_url}/lti/register/{secret}")
    click.echo("After the registration: survey-engine lti list, then survey-engine lti approve NUMBER", err=True)


@lti.command(
    epilog="Example: survey-engine lti register canvas https://x.instructure.com --client-id 10 --deployment 4:a --institution x"
)
@click.argument("product", type=click.Choice([*PRODUCTS, "other"]))
@click.argument("site")
@click.option("--client-id", required=True, help="The client id, as the environment shows it.")
@click.option("--deployment", required=True, help="The deployment id, as the environment shows it.")
@click.option("--institution", required=True, help="The code of the institution that this deployment belongs to.")
@click.option("--reports", is_flag=True, help="Report completions to the environment. The start page says so.")
@_MATCH
@click.option("--auth-url", help="The authorization address, if it is not the default of the product.")
@click.option("--keys-url", help="The address of the public keys, if it is not the default of the product.")
@click.option("--token-url", help="The address for access tokens, if it is not the default of the product.")
@click.option("--issuer", help="The issuer, if it is not the default of the product.")
def register(
    *,
    product: str,
    site: str,
    client_id: str,
    deployment: str,
    institution: str,
    reports: bool,
    roster_match: str,
    auth_url: str | None,
    keys_url: str | None,
    token_url: str | None,
    issuer: str | None,
) -> None:
    """Register the learning environment at SITE, or another deployment of it. The environment can launch at once."""
    settings, site = find_settings(), site.rstrip("/")
    usual = PRODUCTS.get(product, Product(site, "", "", "", "", ""))
    given = (issuer or usual.issuer, auth_url or usual.auth_url, keys_url or usual.keys_url, token_url or usual.token_url)
    try:
        named, auth, keys, token = (check_address(one.format(site=site), plain=bool(settings.lms_development)) for one in given)
    except PlatformError as error:
        raise click.ClickException(
            f"{error}. Give --auth-url, --keys-url and --token-url as the environment shows them."
        ) from None
    with open_identity(settings) as identity:
        ToolKeys(identity, ContactKeys(settings.contact_keys)).load()
        number = put_registration(identity, Registration(0, named, client_id, auth, keys, token, usual.audience, approved=True))
        approve_registration(identity, number)
        put_deployment(identity, Deployment(number, deployment, institution, reports, roster_match))
    click.echo(
        f"{number}: {named} {client_id}, deployment {deployment} of {institution}. Name {site} under `embed:` in the institution's file."
    )


@lti.command(epilog="Example: survey-engine lti approve 3512 --deployment 1 --institution zuidwester")
@click.argument("number", type=int)
@click.option("--deployment", default="", help="The deployment id, if the environment did not send it.")
@click.option("--institution", default="", help="The institution that this deployment belongs to.")
@click.option("--reports", is_flag=True, help="Report completions to the environment.")
@_MATCH
def approve(number: int, *, deployment: str, institution: str, reports: bool, roster_match: str) -> None:
    """Approve the registration NUMBER: its environment can launch."""
    if bool(deployment) != bool(institution) or (roster_match and not deployment):
        raise click.UsageError("Give --deployment and --institution together; --match needs both.")
    with open_identity(find_settings()) as identity:
        if not approve_registration(identity, number):
            raise click.ClickException("There is no registration with this number. See: survey-engine lti list")
        if deployment:
            put_deployment(identity, Deployment(number, deployment, institution, reports, roster_match))
    click.echo("Approved.")


@lti.command(epilog="Example: survey-engine lti remove 3512")
@click.argument("number", type=int)
def remove(number: int) -> None:
    """Remove the registration NUMBER with its deployments and waiting reports of completion. Responses stay."""
    settings = find_settings()
    with open_identity(settings) as identity:
        remove_registration(identity, number)
        remove_waiting(identity, ContactKeys(settings.contact_keys), registration=number)
    click.echo("Removed.")


@lti.command("list", epilog="Example: survey-engine lti list")
def show() -> None:
    """List registrations with their deployments."""
    with open_identity(find_settings()) as identity:
        found = list_deployments(identity)
        for one in list_registrations(identity):
            click.echo(f"{one.id}  {one.issuer}  {one.client_id}  {'approved' if one.approved else 'waits for approval'}")
            for each in found:
                if each.registration == one.id:
                    told = ", gets reports of completion" if each.reports else ""
                    told += f", finds students by {each.roster_match}" if each.roster_match else ""
                    click.echo(f"    deployment {each.deployment}: {each.institution}{told}")


@lti.command(epilog="Example: survey-engine lti keys --rotate")
@click.option(
    "--rotate", is_flag=True, help="Sign with the waiting key, and publish a new waiting key. Wait a day between two rotations."
)
def keys(*, rotate: bool) -> None:
    """List the ids of our public keys: previous, current and next."""
    settings = find_settings()
    with open_identity(settings) as identity:
        tool_keys = ToolKeys(identity, ContactKeys(settings.contact_keys))
        tool_keys.load(rotate=rotate)
        listed = [one["kid"] for one in tool_keys.list_public()]
    for kid, state in zip(listed, ("before", "signs now", "next")[-len(listed) :], strict=True):
        click.echo(f"{kid}  {state}")


@contextmanager
def open_identity(settings: Settings) -> Iterator[Database]:
    with open_both_stores(settings) as (_, identity):
        yield identity
