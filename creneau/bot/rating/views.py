"""The window in which a beneficiary says how a session was: five answers in words, and a comment if they like."""

from creneau.bot import blocks, inputs, long_text
from creneau.bot.blocks import Block, View
from creneau.bot.ids import booking_value
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.people import User
from creneau.core.domain.rating import LONGEST_FEEDBACK
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import rating_name

RATE_VIEW = "rate_session"
RATING_BLOCK = "rating"
COMMENT_BLOCK = "comment"


def rate(person: User, file: BookingFile) -> View:
    """What was answered before stands in the fields, to be changed."""
    reader, booking = Reader.from_user(person), file.booking
    options = [_option(reader, rating) for rating in (5, 4, 3, 2, 1)]
    before = booking.beneficiary_rating if file.is_rated else None
    return blocks.modal(
        reader.text("Give my opinion"),
        reader.text("Back"),
        [
            blocks.section(reader.heading(reader.when(booking.span.starts_at))),
            inputs.radio(
                reader.text("How useful was this session to you?"),
                RATING_BLOCK,
                options,
                _option(reader, before) if before else None,
            ),
            *long_text.fields(
                reader,
                reader.text("Comment"),
                COMMENT_BLOCK,
                longest=LONGEST_FEEDBACK,
                initial=booking.beneficiary_feedback if file.is_rated else None,
                hint=reader.text("You can change your answer later."),
            ),
        ],
        callback_id=RATE_VIEW,
        submit=blocks.plain(reader.text("Send")),
        private_metadata=booking_value(booking.id),
    )


def _option(reader: Reader, rating: int) -> Block:
    return blocks.option(f"{rating} · {rating_name(reader, rating)}", str(rating))
