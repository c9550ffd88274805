// Arguments that are lists.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, client, person, refusal, rows } from './stage.js'

const kept = async (id) =>
  (await rows('select kinds from wingman.channel_settings where user_id = %s', id)).map((row) => row.kinds)

test('a list is an array', async () => {
  const { id, token } = await person('Ana')
  const ana = client(token)
  for (const kinds of [['session_moved', 'session_cancelled'], ['session_moved'], [], null]) {
    const settings = await call(ana, 'set_notification_settings', { channel: 'web_push', kinds })
    assert.deepEqual(settings.kinds, kinds)
    assert.deepEqual(await kept(id), [kinds])
  }
})

test('of other words it is refused, and nothing is kept', async () => {
  const { id, token } = await person('Ana')
  const ana = client(token)
  for (const kinds of [['news'], [null], ['session_moved', 'a,b'], ['{session_moved}']]) {
    assert.equal(await refusal(ana, 'set_notification_settings', { channel: 'web_push', kinds }), 'invalid_argument')
  }
  assert.deepEqual(await kept(id), [])
})
