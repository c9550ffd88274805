// A button pressed twice, with an idempotency key and without.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { buddies, call, client, inSeconds, meeting, person, refusal, rows } from './stage.js'

const replayed = (who) => who.responses.map((response) => response.headers.get('idempotency-replayed'))

test('without a key the second press is told what is so', async () => {
  const { one, session_id } = await meeting()
  const first = await call(one, 'confirm_session_completion', { session_id })
  assert.equal(first.both_confirmed, false)
  assert.equal(await refusal(one, 'confirm_session_completion', { session_id }), 'already_confirmed')
  const [row] = await rows(
    `select user1_completed_confirmed_by_user2::int + user2_completed_confirmed_by_user1::int as confirmations
     from public.wingman_sessions where id = %s`,
    session_id,
  )
  assert.equal(row.confirmations, 1)
})

test('with a key as argument the second press gets the first answer', async () => {
  const { one, other, session_id } = await meeting()
  await call(other, 'confirm_session_completion', { session_id })
  one.responses.length = 0
  const args = { session_id, idempotency_key: randomUUID() }
  const first = await call(one, 'confirm_session_completion', args)
  assert.equal(first.user_reputation_delta, 1)
  assert.deepEqual(await call(one, 'confirm_session_completion', args), first)
  assert.deepEqual(replayed(one), [null, 'true'])
  assert.equal((await call(one, 'get_reputation')).score, 1)
})

test('with a key as header of the call', async () => {
  const { one, match_id } = await buddies()
  one.responses.length = 0
  const args = { match_id, scheduled_time: inSeconds(600), venue_name: 'Café' }
  const press = () => one.rpc('create_session', args).setHeader('Idempotency-Key', key).throwOnError()
  const key = randomUUID()
  const [first, second] = [await press(), await press()]
  assert.deepEqual(second.data, first.data)
  assert.deepEqual(replayed(one), [null, 'true'])
  assert.equal(await refusal(one, 'create_session', args), 'active_session_exists')
})

test('with a key as header of the client', async () => {
  const { token } = await person('Ana')
  const ana = client(token, { headers: { 'Idempotency-Key': `"${randomUUID()}"` } })
  const first = await call(ana, 'pause_matching')
  assert.deepEqual(await call(ana, 'pause_matching'), first)
  assert.equal(await refusal(ana, 'resume_matching'), 'idempotency_key_reused')
  assert.equal(await refusal(ana, 'pause_matching', { idempotency_key: 'another' }), 'idempotency_key_invalid')
})

test('both presses in the same instant have one effect and one answer', async () => {
  const { one, match_id } = await buddies()
  const args = { match_id, scheduled_time: inSeconds(600), venue_name: 'Café', idempotency_key: randomUUID() }
  const answers = await Promise.all(Array.from({ length: 4 }, () => call(one, 'create_session', args)))
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  const [{ sessions }] = await rows(
    'select count(*) as sessions from public.wingman_sessions where match_id = %s',
    match_id,
  )
  assert.equal(sessions, 1)
})
