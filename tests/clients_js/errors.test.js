// Every refusal as supabase-js gives it: `error` with four keys, no `data`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { client, endScenario, errorNames, person, scenario } from './stage.js'

const KEYS = ['code', 'details', 'hint', 'message']
const NO_ID = '00000000-0000-7000-8000-000000000000'

/** The answer of a call that must fail; checks what all of them have. */
async function failed(who, name, args, options) {
  const { data, error, status } = await who.rpc(name, args, options).retry(false)
  assert.equal(data, null)
  assert.deepEqual(Object.keys(error).sort(), KEYS)
  for (const key of KEYS) assert(error[key] === null || typeof error[key] === 'string', key)
  return { ...error, status }
}

for (const name of await errorNames()) {
  test(name, async () => {
    const refused = await scenario(name)
    const who = client(refused.token, { server: refused.url })
    const error = await failed(who, refused.function, refused.arguments, { get: refused.get })
    assert.equal(error.status, refused.status)
    assert.equal(error.code, `PT${refused.status}`)
    assert.equal(error.message, refused.message)
    assert.deepEqual(JSON.parse(error.details), refused.details)
    assert(error.hint)
    const retryAfter = who.responses[0].headers.get('retry-after')
    assert.equal(retryAfter, { 429: String(refused.details.retry_after), 423: '1', 503: '1' }[refused.status] ?? null)
    await endScenario()
  })
}

test('nobody is signed in', async () => {
  const anon = await failed(client(), 'get_profile')
  assert.deepEqual([anon.status, anon.code], [401, '42501'])
  for (const token of ['no token', 'a.b.c', `${(await person()).token}x`]) {
    const { status, message } = await failed(client(token), 'get_profile')
    assert.deepEqual([status, message], [401, 'Authentication required'])
  }
})

test('there is no such function or argument', async () => {
  const ana = await person('Ana')
  for (const [name, args] of [['get_profil', {}], ['get_profile', { id: NO_ID }], ['get_match', {}]]) {
    const { status, code, message } = await failed(ana, name, args)
    assert.deepEqual([status, code], [404, 'PGRST202'])
    assert.match(message, new RegExp(`^Could not find the function public\\.${name}`))
  }
})

test('a literal is malformed', async () => {
  const ana = await person('Ana')
  for (const [name, args, code] of [
    ['get_match', { match_id: 'seven' }, '22P02'],
    ['create_automatic_match', { max_radius_miles: 'far' }, '22P02'],
    ['create_automatic_match', { max_radius_miles: 2 ** 40 }, '22003'],
    ['create_session', { match_id: NO_ID, venue_name: 'x', scheduled_time: 'soon' }, '22007'],
    ['create_session', { match_id: NO_ID, venue_name: 'x', scheduled_time: '2099-02-30T00:00Z' }, '22008'],
  ]) {
    const error = await failed(ana, name, args)
    assert.deepEqual([error.status, error.code], [400, code])
  }
})

test('what only PostgREST can do is not implemented', async () => {
  const ana = await person('Ana')
  for (const query of [
    ana.from('user_profiles').select(),
    ana.from('wingman_matches').update({ status: 'accepted' }).eq('id', NO_ID),
    ana.rpc('list_matches').eq('status', 'pending'),
    ana.rpc('list_matches').limit(1),
  ]) {
    const { data, error, status } = await query
    assert.deepEqual([data, status], [null, 501])
    assert.match(error.message, /PostgREST/)
  }
})

test('throwOnError throws', async () => {
  const ana = await person('Ana')
  await assert.rejects(async () => ana.rpc('get_match', { match_id: NO_ID }).throwOnError(), {
    name: 'PostgrestError',
    message: 'Match not found',
    code: 'PT404',
  })
})

test('single and maybeSingle', async () => {
  const ana = await person('Ana')
  assert.equal((await ana.rpc('get_profile').single()).data.first_name, 'Ana')
  const none = await ana.rpc('list_matches').single()
  assert.deepEqual([none.status, none.error.code], [406, 'PGRST116'])
  const maybe = await ana.rpc('list_matches').maybeSingle()
  assert.deepEqual([maybe.data, maybe.error], [null, null])
})
