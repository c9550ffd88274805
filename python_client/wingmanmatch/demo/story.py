"""The story of three people, told with the calls that they would make."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from wingmanmatch import (
    AlreadyConfirmed,
    BuddyProfile,
    NotSessionParticipant,
    ProfileDetails,
    SessionNotStarted,
    WingmanClient,
)
from wingmanmatch.demo.cast import Actor, Clock, wait_for
from wingmanmatch.demo.fair_play import FairPlay
from wingmanmatch.demo.narrator import Narrator, StoryError, miles
from wingmanmatch.demo.operator import Operator
from wingmanmatch.demo.people import Person

CAST = 3
SESSION_STARTS_IN = timedelta(seconds=2)


class Meeting(NamedTuple):
    """Who meets whom, and who was declined before."""

    match_id: UUID
    seeker: Actor
    buddy: Actor
    declined: Actor


def tell(
    client: WingmanClient, console: Console, cast: Sequence[Person], operator: Operator | None = None
) -> None:
    """Play the story with a cast that has signed up: rows in ``auth.users``, no profiles yet.

    The first of the cast looks for a wingman; the person whom the database finds, one of the cast or somebody
    nearer, plays along. It takes a little more than ``SESSION_STARTS_IN``.

    With an operator, whose database this must be alone, two more of the cast must both accept, and one of
    two does not come, and reads the outcome in the inbox: that changes settings for a while, and takes as
    long again.

    Raises WingmanError, or StoryError if the database does not answer as the story expects.
    """
    narrator = Narrator(console)
    actors, clock = join(narrator, client, cast)
    meeting = search(narrator, client, actors[0])
    session_id = plan(narrator, meeting, cast[0].city.name, clock)
    confirm(narrator, meeting, session_id)
    look_at_leaderboard(narrator, meeting)
    people = [meeting.seeker, meeting.buddy, meeting.declined]
    if operator is not None:
        fair_play = FairPlay(narrator, client, operator, clock, SESSION_STARTS_IN)
        people.extend(fair_play.tell(actors[CAST], cast[0].city.name))
        read_inbox(narrator, people[-1], operator)
    close(narrator, people)


def join(narrator: Narrator, client: WingmanClient, cast: Sequence[Person]) -> tuple[list[Actor], Clock]:
    """Everybody completes a profile."""
    how_many = "Three" if len(cast) == CAST else "Five"
    narrator.chapter(f"{how_many} more people join in {cast[0].city.name}")
    actors = [Actor(client, newcomer.id, newcomer.first_name) for newcomer in cast]
    profiles = [complete(narrator, actor, newcomer) for actor, newcomer in zip(actors, cast, strict=True)]
    clock = Clock(profiles[-1].updated_at)
    narrator.say(
        "[dim]Coordinates stay inside: others see a distance in whole miles, nothing more precise.[/]"
    )
    return actors, clock


def complete(narrator: Narrator, actor: Actor, newcomer: Person) -> ProfileDetails:
    """Complete a newcomer's profile."""
    return narrator.ask(
        actor.name,
        actor.api.complete_profile,
        first_name=newcomer.first_name,
        experience_level=newcomer.experience_level,
        lat=newcomer.lat,
        lng=newcomer.lng,
        city=newcomer.city.name,
        confidence_archetype=newcomer.confidence_archetype,
        max_travel_miles=newcomer.max_travel_miles,
        privacy_mode=newcomer.privacy_mode,
    )


def search(narrator: Narrator, client: WingmanClient, seeker: Actor) -> Meeting:
    """The seeker is matched, declines, is matched again in the same call, and is accepted."""
    narrator.chapter(f"{seeker.name} looks for a wingman")
    first = narrator.ask(seeker.name, seeker.api.create_automatic_match)
    if first.match_id is None or first.buddy_user_id is None or first.buddy_profile is None:
        raise StoryError(f"Nobody near {seeker.name} can be matched")
    declined = Actor(client, first.buddy_user_id, first.buddy_profile.first_name)
    narrator.say(
        f"The nearest: {portrait(first.buddy_profile)}, {miles(first.distance_miles)} away. Not today."
    )

    answer = narrator.ask(seeker.name, seeker.api.respond_to_match, match_id=first.match_id, action="decline")
    if answer.next_match is None:
        raise StoryError(f"Nobody else near {seeker.name} can be matched")
    match_id, profile = answer.next_match.match_id, answer.next_match.buddy_profile
    buddy = Actor(client, answer.next_match.buddy_user_id, profile.first_name)
    narrator.say(f"The same call found the next one: {portrait(profile)}.")

    narrator.ask(buddy.name, buddy.api.get_match, match_id=match_id)
    narrator.ask(buddy.name, buddy.api.respond_to_match, match_id=match_id, action="accept")
    return Meeting(match_id, seeker, buddy, declined)


def plan(narrator: Narrator, meeting: Meeting, city: str, clock: Clock) -> UUID:
    """They schedule a session and wait for it; calls that come too early or from outsiders are refused."""
    narrator.chapter("They meet")
    seeker, buddy = meeting.seeker, meeting.buddy
    session = narrator.ask(
        seeker.name,
        seeker.api.create_session,
        match_id=meeting.match_id,
        scheduled_time=clock.now() + SESSION_STARTS_IN,
        venue_name=f"Corner Café, {city}",
    )
    narrator.ask(buddy.name, buddy.api.start_session, session_id=session.id)
    narrator.say(f"{seeker.name} is in a hurry, and {meeting.declined.name}, who was declined, is curious:")
    confirmation = seeker.api.confirm_session_completion
    narrator.refused(SessionNotStarted, seeker.name, confirmation, session_id=session.id)
    narrator.refused(
        NotSessionParticipant, meeting.declined.name, meeting.declined.api.get_session, session_id=session.id
    )
    wait_for(narrator.console, session.scheduled_time, clock)
    return session.id


def confirm(narrator: Narrator, meeting: Meeting, session_id: UUID) -> None:
    """Each confirms the other; nobody can do it twice."""
    narrator.chapter("They confirm each other")
    seeker, buddy = meeting.seeker, meeting.buddy
    narrator.ask(seeker.name, seeker.api.confirm_session_completion, session_id=session_id)
    narrator.refused(
        AlreadyConfirmed, seeker.name, seeker.api.confirm_session_completion, session_id=session_id
    )
    last = narrator.ask(buddy.name, buddy.api.confirm_session_completion, session_id=session_id)
    if not last.reputation_updated:
        raise StoryError("Both confirmed, but no reputation rose")
    achievements = narrator.ask(seeker.name, seeker.api.list_achievements)
    if not any(one.earned_at for one in achievements):
        raise StoryError(f"{seeker.name} has completed a session and earned nothing")


def look_at_leaderboard(narrator: Narrator, meeting: Meeting) -> None:
    """Both opt in, one without a name, and look."""
    narrator.chapter("Who has met the most buddies")
    seeker, buddy = meeting.seeker, meeting.buddy
    narrator.say("Nobody is on the leaderboard who has not opted in.")
    narrator.ask(seeker.name, seeker.api.set_leaderboard_visibility, visibility="named")
    narrator.ask(buddy.name, buddy.api.set_leaderboard_visibility, visibility="nameless")
    board = narrator.ask(seeker.name, seeker.api.get_leaderboard, period="week", around_me=True)
    if board.my_rank is None:
        raise StoryError(f"{seeker.name} is not on the leaderboard")


def read_inbox(narrator: Narrator, reader: Actor, operator: Operator) -> None:
    """Somebody reads their notifications, and marks them as read."""
    narrator.chapter(f"What {reader.name} was told meanwhile")
    operator.run_readers()
    narrator.say("No call wrote this: a reader follows the journal and fills the inboxes.")
    told = narrator.ask(reader.name, reader.api.list_notifications)
    if not told:
        raise StoryError(f"{reader.name} was told nothing")
    narrator.ask(reader.name, reader.api.mark_notifications_read, up_to=told[0].id)


def close(narrator: Narrator, people: Sequence[Actor]) -> None:
    """Show everybody's reputation, and every call."""
    narrator.chapter("How it ended")
    scores = [
        f"[bold]{actor.name} {reputation.score}[/] ({reputation.badge_color})"
        for actor in people
        for reputation in [narrator.ask(actor.name, actor.api.get_reputation)]
    ]
    narrator.console.print()
    narrator.console.print(narrator.table())
    refused = sum(call.refusal is not None for call in narrator.calls)
    total = sum(call.milliseconds for call in narrator.calls)
    narrator.console.print()
    narrator.console.print(
        Panel(
            f"Reputations: {', '.join(scores)}\n"
            f"{len(narrator.calls)} calls in {total:.0f} ms, {refused} of them refused by a rule.\n"
            "Every rule that they met lives in PostgreSQL.",
            title="[bold]The end",
            border_style="green",
            expand=False,
        )
    )


def portrait(profile: BuddyProfile) -> str:
    """A person as a buddy sees them."""
    archetype = f", {escape(profile.confidence_archetype)}" if profile.confidence_archetype else ""
    return (
        f"[bold]{escape(profile.first_name)}[/], {profile.experience_level}{archetype}, "
        f"reputation {profile.reputation_score}"
    )
