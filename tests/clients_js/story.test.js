// The story of `make demo`, as a frontend tells it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, call, inSeconds, person, refusal, rows } from './stage.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const PLACE = { lat: 38.7223, lng: -9.1393, city: 'Lisbon' }

test('three people join, two meet and confirm each other', async () => {
  const ana = await person()
  const people = { [ana.id]: ana }
  const profile = await call(ana, 'complete_profile', {
    ...PLACE,
    first_name: 'Ana',
    experience_level: 'intermediate',
    confidence_archetype: 'Analyzer',
  })
  assert.equal(profile.first_name, 'Ana')
  assert.equal(profile.max_travel_miles, 25)
  assert.equal(profile.bio, null)
  for (const [first_name, lat] of [['Bo', 38.73], ['Cleo', 38.8]]) {
    const somebody = await person()
    people[somebody.id] = somebody
    await call(somebody, 'complete_profile', { ...PLACE, lat, first_name, experience_level: 'beginner' })
  }

  const first = await call(ana, 'create_automatic_match', { max_radius_miles: 25 })
  assert.deepEqual(
    { ...first, match_id: null, buddy_user_id: null, buddy_profile: { ...first.buddy_profile, id: null } },
    {
      success: true,
      message: 'Wingman buddy match created successfully!',
      match_id: null,
      buddy_user_id: null,
      buddy_profile: {
        id: null,
        first_name: 'Bo',
        experience_level: 'beginner',
        confidence_archetype: null,
        reputation_score: 0,
      },
      distance_miles: 1,
    },
  )
  assert.match(first.match_id, UUID)
  assert.equal(first.buddy_profile.id, first.buddy_user_id)

  const declined = await call(ana, 'respond_to_match', { match_id: first.match_id, action: 'decline' })
  assert.equal(declined.match_status, 'declined')
  assert.equal(declined.next_match.buddy_profile.first_name, 'Cleo')
  const { match_id } = declined.next_match
  const bo = people[first.buddy_user_id]
  const cleo = people[declined.next_match.buddy_user_id]

  const accepted = await call(cleo, 'respond_to_match', { match_id, action: 'accept' })
  assert.deepEqual(accepted, {
    success: true,
    message: 'Match accepted! You can now schedule a session with your wingman buddy.',
    match_status: 'accepted',
    next_match: null,
  })

  const scheduled_time = inSeconds(600)
  const session = await call(ana, 'create_session', { match_id, scheduled_time, venue_name: 'Café Central' })
  assert.equal(Date.parse(session.scheduled_time), Date.parse(scheduled_time))
  assert.equal(session.status, 'scheduled')
  assert.equal(session.completed_at, null)
  const session_id = session.id
  assert.equal(await refusal(ana, 'confirm_session_completion', { session_id }), 'session_not_started')
  assert.equal(await refusal(bo, 'get_session', { session_id }), 'not_session_participant')

  assert.equal((await call(cleo, 'start_session', { session_id })).status, 'in_progress')
  await begin(session_id)
  assert.deepEqual(await call(ana, 'confirm_session_completion', { session_id }), {
    success: true,
    message: 'Completion confirmation recorded. Waiting for your buddy to confirm.',
    session_status: 'in_progress',
    both_confirmed: false,
    reputation_updated: false,
    user_reputation_delta: 0,
  })
  assert.equal(await refusal(ana, 'confirm_session_completion', { session_id }), 'already_confirmed')
  assert.deepEqual(await call(cleo, 'confirm_session_completion', { session_id, buddy_user_id: ana.id }), {
    success: true,
    message: 'Session completed! Both participants have confirmed completion and reputation was updated.',
    session_status: 'completed',
    both_confirmed: true,
    reputation_updated: true,
    user_reputation_delta: 1,
  })

  for (const [somebody, score] of [[ana, 1], [cleo, 1], [bo, 0]]) {
    assert.deepEqual(await call(somebody, 'get_reputation', {}, { get: true }), {
      user_id: somebody.id,
      score,
      completed_sessions: score,
      no_shows: 0,
      badge_color: 'green',
    })
  }
  const matches = await call(ana, 'list_matches', { page_size: 10 })
  assert.deepEqual(
    matches.map((match) => [match.id, match.status, match.responded_by_me]),
    [[match_id, 'accepted', false], [first.match_id, 'declined', true]],
  )
  assert.deepEqual(await call(bo, 'list_sessions', { status: 'completed' }), [])

  assert.deepEqual(
    await rows('select status, completed_at is not null as ended from public.wingman_sessions'),
    [{ status: 'completed', ended: true }],
  )
  assert.deepEqual(await rows('select user_id, delta from wingman.reputation_events order by user_id'),
    [ana.id, cleo.id].sort().map((user_id) => ({ user_id, delta: 1 })))
})
