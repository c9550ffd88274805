"""The part of the story in which two must both accept, and one of them does not come."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from wingmanmatch import (
    MatchingCooldown,
    NoShowAnswerPending,
    NoShowTooEarly,
    ProposalChanged,
    SelfAgreement,
    SessionDetails,
    WingmanClient,
)
from wingmanmatch.demo.cast import Actor, Clock, wait_for
from wingmanmatch.demo.narrator import Narrator, StoryError
from wingmanmatch.demo.operator import Operator

SETTINGS: Final[Mapping[str, object]] = {
    "acceptance": "both",
    "no_show_grace": "00:00:00",
    "cooldown_steps": ["24:00:00"],
}
"""Both must accept; a no-show can be reported at once, and the first one already has consequences."""
IN_TWO_HOURS = timedelta(hours=2)


class FairPlay:
    """Two people who must both accept, agree on a time, and do not meet."""

    def __init__(
        self,
        narrator: Narrator,
        client: WingmanClient,
        operator: Operator,
        clock: Clock,
        starts_in: timedelta,
    ) -> None:
        self.narrator = narrator
        self.client = client
        self.operator = operator
        self.clock = clock
        self.starts_in = starts_in

    def tell(self, seeker: Actor, city: str) -> tuple[Actor, Actor]:
        """Play it with somebody who looks for a wingman, and return the two. The settings are put back."""
        before = self.operator.settings(list(SETTINGS))
        self.narrator.chapter(f"Both must accept, {self.operator.name} decides")
        self._change(SETTINGS, "For the next chapters of the demo")
        try:
            match_id, buddy = self._accept(seeker)
            session = self._agree(match_id, seeker, buddy, city)
            self._miss(session, seeker, buddy)
        finally:
            self._change(before, "As it was before")
        return seeker, buddy

    def _change(self, settings: Mapping[str, object], reason: str) -> None:
        self.narrator.ask(self.operator.name, self.operator.change_settings, changes=settings, reason=reason)

    def _accept(self, seeker: Actor) -> tuple[UUID, Actor]:
        """The first accept waits, the second makes partners."""
        ask = self.narrator.ask
        found = ask(seeker.name, seeker.api.create_automatic_match)
        if found.match_id is None or found.buddy_user_id is None or found.buddy_profile is None:
            raise StoryError(f"Nobody near {seeker.name} can be matched")
        buddy = Actor(self.client, found.buddy_user_id, found.buddy_profile.first_name)
        first = ask(seeker.name, seeker.api.respond_to_match, match_id=found.match_id, action="accept")
        if first.match_status != "pending":
            raise StoryError("The first of two accepts has decided alone")
        self.narrator.say(f"Nothing is decided yet: {seeker.name} may still decline.")
        ask(buddy.name, buddy.api.get_match, match_id=found.match_id)
        ask(buddy.name, buddy.api.respond_to_match, match_id=found.match_id, action="accept")
        return found.match_id, buddy

    def _agree(self, match_id: UUID, seeker: Actor, buddy: Actor, city: str) -> SessionDetails:
        """They agree on a time, one of them moves it, and they agree anew."""
        narrator, ask = self.narrator, self.narrator.ask
        narrator.chapter("They agree on a time, twice")
        session = ask(
            seeker.name,
            seeker.api.create_session,
            match_id=match_id,
            scheduled_time=self.clock.now() + IN_TWO_HOURS,
            venue_name=f"River Bar, {city}",
        )
        narrator.refused(SelfAgreement, seeker.name, seeker.api.agree_to_session, session_id=session.id)
        ask(buddy.name, buddy.api.agree_to_session, session_id=session.id, proposed_at=session.proposed_at)
        narrator.say(f"{buddy.name} is free now. What {seeker.name} agrees to has to be the new time:")
        moved = ask(
            buddy.name,
            buddy.api.reschedule_session,
            session_id=session.id,
            scheduled_time=self.clock.now() + self.starts_in,
        )
        agree = seeker.api.agree_to_session
        narrator.refused(
            ProposalChanged, seeker.name, agree, session_id=session.id, proposed_at=session.proposed_at
        )
        return ask(seeker.name, agree, session_id=session.id, proposed_at=moved.proposed_at)

    def _miss(self, session: SessionDetails, seeker: Actor, buddy: Actor) -> None:
        """One does not come, is reported and contests; an operator decides."""
        narrator, ask = self.narrator, self.narrator.ask
        narrator.chapter(f"{buddy.name} does not come")
        report = seeker.api.report_no_show
        narrator.refused(NoShowTooEarly, seeker.name, report, session_id=session.id, reason="did_not_come")
        wait_for(narrator.console, session.scheduled_time, self.clock)
        ask(seeker.name, report, session_id=session.id, reason="did_not_come", note="I waited at the door")
        narrator.say(
            "Silence costs nobody anything. Until the deadline nothing is decided without an answer:"
        )
        decision = self.operator.decide_no_show
        upheld = "Was elsewhere, by their own account"
        narrator.refused(
            NoShowAnswerPending,
            self.operator.name,
            decision,
            session_id=session.id,
            outcome="uphold",
            absent_user_ids=[buddy.id],
            reason=upheld,
        )
        ask(
            buddy.name,
            buddy.api.answer_no_show,
            session_id=session.id,
            action="contest",
            statement="I was there, perhaps at another bar",
        )
        queue = self.operator.no_show_queue()
        for row in [one for one in queue if one["session_id"] == str(session.id)]:
            narrator.say(
                f"{self.operator.name} reads what each of the two wrote, and neither reads of the other:\n"
                f"  {seeker.name}: “{row['note']}”\n  {buddy.name}: “{row['statement']}”"
            )
        ask(
            self.operator.name,
            decision,
            session_id=session.id,
            outcome="uphold",
            absent_user_ids=[buddy.id],
            reason=upheld,
        )
        ask(seeker.name, seeker.api.list_no_show_reports, session_id=session.id)
        ask(seeker.name, seeker.api.get_session, session_id=session.id)
        narrator.say(f"{seeker.name} waits as if the match had never been, and {buddy.name} has a cooldown:")
        ask(buddy.name, buddy.api.get_profile)
        narrator.refused(MatchingCooldown, buddy.name, buddy.api.create_automatic_match)
