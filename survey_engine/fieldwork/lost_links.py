"""Mails links to persons who lost theirs. The worker decides and sends; an address gets few mails.

A request only adds a job with the keyed hash of the typed address, whether the address is on a roster or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import SystemRandom
from typing import NamedTuple

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.invitations.reminders import find_closed_and_early
from survey_engine.fieldwork.invitations.seat_maker import CONTACT, PERSON_DETAILS
from survey_engine.fieldwork.mail import Mail, Mailer, MailError, UnknownDeliveryError
from survey_engine.fieldwork.mailed_links import make_next_token
from survey_engine.fieldwork.names import FIRST_NAME
from survey_engine.fieldwork.signing import hash_address
from survey_engine.fieldwork.start_form import add_channel
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.interface_texts import N_, InterfaceTextsByLocale
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.addresses import (
    REFUSED,
    SPREAD_SECONDS,
    UnsentMail,
    claim_address,
    find_seats_of_address,
    list_unsent,
    settle_mail,
    undo_claim,
)
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.identity import Seat
from survey_engine.storage.jobs import add_job
from survey_engine.storage.roster_seats import find_by_numbers

KIND, ADDRESS = "mail-lost-link", "address"
"""Kind of the job; key of the address hash in its payload."""
MOST_LINKS = 20
"""Largest number of links in one mail."""
_SEATS_AT_ONCE = 100
_SUBJECT = N_("Your link to the questionnaire")
_OPENING = N_("You asked for your link. With this link you go on where you stopped, or start:")
SEVERAL = N_("You asked for your link. Several belong to this address:")
MORE = N_("More links belong to this address than fit in one mail. Ask the person who invited you for the others.")
CLOSING = N_(
    "Your earlier link works until you start with this one. Did you not ask for this mail? Then you need not do anything. "
    "Do not pass your link on: it opens your answers."
)


class MailedLink(NamedTuple):
    """One link of a mail, with the questionnaire and institution that it opens."""

    seat: Seat
    questionnaire: Questionnaire
    institution: Institution

    @property
    def language(self) -> Language:
        code = self.seat.language if self.seat.language in self.institution.languages else self.institution.languages[0]
        return self.questionnaire.languages[code]

    @property
    def entrance_codes(self) -> tuple[str, str]:
        """Codes of the questionnaire and the institution."""
        return self.seat.questionnaire, self.seat.institution

    def describe_person(self, address: str) -> str:
        """Return the first name of the link's person, or else other addresses: several persons can share `address`."""
        details = self.seat.details or {}
        others = [
            one.strip() for one in details.get(CONTACT, {}).values() if one.strip().casefold() != address.strip().casefold()
        ]
        return details.get(PERSON_DETAILS, {}).get(FIRST_NAME) or ", ".join(others)


def ask_link(identity: Database, key: str, address: str) -> None:
    """Add the job for an address. It stores no time, and the statement is the same for every address.

    Args: key: the pseudonym key.
    """
    add_job(identity, KIND, {ADDRESS: hash_address(key, address)}, due_at=0)


def iter_unsent(identity: Database, keys: ContactKeys, key: str) -> Iterator[tuple[UnsentMail, str]]:
    """Iterate over (mail without result, its address). The address is empty if no seat has it any more.

    Args: key: the pseudonym key.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
    """
    for mail in list_unsent(identity):
        with identity.read() as connection:
            stored = find_by_numbers(connection, find_seats_of_address(identity, mail.address_hash)[:1])
        written = [one for seat in stored for one in (decrypt_seat(keys, seat).details or {}).get(CONTACT, {}).values()]
        yield mail, next((one for one in written if hash_address(key, one) == mail.address_hash), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostLinks:
    """Sends the links of an address."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str
    texts: InterfaceTextsByLocale
    mailer: Mailer
    base_url: str
    timezone: str
    """Time zone of institutions without their own."""
    find_questionnaire: Callable[[str], Questionnaire | None]

    def send(self, address_hash: str) -> str:
        """Mail the links of an address; return a sentence about the result, without personal data.

        Raises:
            MailError: when nothing was sent and another attempt makes sense.
            LostContactKeyError: when a seat was encrypted with an unknown key.
        """
        places = list(islice(self._iter_links(address_hash), MOST_LINKS + 1))
        address = self._find_address(places, address_hash)
        if not address:
            return "This address has no link in use."
        now = read_now(self.identity).timestamp()
        if not claim_address(self.identity, address_hash, now=now, spread=SystemRandom().random() * SPREAD_SECONDS):
            return "This address got a mail shortly before."
        try:
            self.mailer.send(self._write(address, places))
        except UnknownDeliveryError:
            return "It is unknown whether the mail was sent."
        except MailError as error:
            if error.permanent:
                settle_mail(self.identity, address_hash, REFUSED)
                return "The mail was refused."
            undo_claim(self.identity, address_hash)
            raise
        settle_mail(self.identity, address_hash)
        return "A link was mailed."

    def _iter_links(self, address_hash: str) -> Iterator[MailedLink]:
        """Iterate over the links in use of an address, for questionnaires that have not closed."""
        now = read_now(self.answers)
        for seat in self._iter_seats(find_seats_of_address(self.identity, address_hash)):
            questionnaire = self.find_questionnaire(seat.questionnaire)
            institution = questionnaire.institutions.get(seat.institution) if questionnaire else None
            if (
                questionnaire
                and institution
                and seat.institution not in find_closed_and_early(questionnaire, now, self.timezone)[0]
            ):
                yield MailedLink(seat, questionnaire, institution)

    def _iter_seats(self, numbers: Sequence[int]) -> Iterator[Seat]:
        """Iterate over the seats with these numbers whose links are in use."""
        for start in range(0, len(numbers), _SEATS_AT_ONCE):
            with self.identity.read() as connection:
                stored = find_by_numbers(connection, numbers[start : start + _SEATS_AT_ONCE])
            yield from (decrypt_seat(self.keys, one) for one in stored if not one.withdrawn)

    def _find_address(self, places: list[MailedLink], address_hash: str) -> str:
        """Return the address as written on the roster; empty if no link has it."""
        written = (address for place in places for address in (place.seat.details or {}).get(CONTACT, {}).values())
        return next((one for one in written if hash_address(self.pseudonym_key, one) == address_hash), "")

    def _write(self, address: str, places: list[MailedLink]) -> Mail:
        language = places[0].language
        translate = self.texts[language.locale].translate
        links, shown = [], Counter(place.entrance_codes for place in places)
        for place in places[:MOST_LINKS]:
            title = Wording(place.questionnaire, language, place.institution).line(place.questionnaire.title)
            token = make_next_token(self.answers, self.pseudonym_key, place.seat)
            link = add_channel(f"{self.base_url}/l/{token}", "mail")
            person = place.describe_person(address) if shown[place.entrance_codes] > 1 else ""
            links.append("\n".join(filter(None, (title, place.institution.name, person, link))))
        more = [translate(MORE)] if len(places) > MOST_LINKS else []
        parts = [translate(SEVERAL if len(links) > 1 else _OPENING), *links, *more, translate(CLOSING)]
        return Mail(address.strip(), translate(_SUBJECT), "\n\n".join(parts) + "\n", language.html_lang)
