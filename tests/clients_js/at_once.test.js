// Two people press their buttons in the same instant.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, meeting, pair, rows } from './stage.js'

const ROUNDS = 8

for (const [here, there] of [['accept', 'decline'], ['decline', 'accept']]) {
  test(`${here} and ${there}: one wins, the other is told`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = await pair()
      const { match_id } = await call(one, 'create_automatic_match')
      const answers = await Promise.all([
        one.rpc('respond_to_match', { match_id, action: here }),
        other.rpc('respond_to_match', { match_id, action: there }),
      ])
      const won = answers.filter(({ error }) => !error)
      const lost = answers.filter(({ error }) => error)
      assert.equal(won.length, 1)
      assert.equal(lost.length, 1)
      const { match_status } = won[0].data
      assert.equal(lost[0].status, 400)
      assert.equal(lost[0].error.message, `Match is already ${match_status} - cannot respond`)
      assert.deepEqual(JSON.parse(lost[0].error.details), { error: 'match_already_resolved', status: match_status })
      const winner = won[0] === answers[0] ? one : other
      assert.deepEqual(
        await rows('select status, responded_by from public.wingman_matches where id = %s', match_id),
        [{ status: match_status, responded_by: winner.id }],
      )
    }
  })
}

test('both search: one match of the two', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [one, other] = await pair()
    const [first, second] = await Promise.all([one, other].map(search))
    assert.equal(first.match_id, second.match_id)
    assert.deepEqual([first.buddy_user_id, second.buddy_user_id], [other.id, one.id])
  }
})

test('both confirm: one effect', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { one, other, session_id } = await meeting()
    const answers = await Promise.all(
      [one, other].map((who) => call(who, 'confirm_session_completion', { session_id })),
    )
    assert.deepEqual(answers.map((answer) => answer.user_reputation_delta).sort(), [0, 1])
    assert.deepEqual(answers.map((answer) => answer.both_confirmed).sort(), [false, true])
    const events = await rows('select delta from wingman.reputation_events where session_id = %s', session_id)
    assert.deepEqual(events, [{ delta: 1 }, { delta: 1 }])
    for (const who of [one, other]) assert.equal((await call(who, 'get_reputation')).score, 1)
  }
})

/** Searches as a frontend does: what is held by another call for a moment is asked for again. */
async function search(who) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(who, 'create_automatic_match')
    } catch (error) {
      if (error.status !== 423 || attempt === 20) throw error
      assert.equal(error.message, 'Another request holds this record - retry')
    }
  }
}
