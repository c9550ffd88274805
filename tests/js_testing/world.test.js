// The worlds of @wingmanmatch/testing: what tests do with them besides calls.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createWingman } from '../../js/testing/src/index.js'

let world
before(async () => (world = await createWingman()))
beforeEach(() => world.reset())
after(() => world.close())

const people = () => world.sql('select count(*)::int as people from auth.users')

test('a reset leaves nobody, and the defaults of all settings', async () => {
  const settings = await world.sql('select * from wingman.settings')
  const texts = await world.sql('select * from wingman.notification_texts order by 1, 2, 3')
  const ana = await world.signUp({ first_name: 'Ana' })
  await world.sql("update wingman.settings set acceptance = 'both'")
  await world.sql('delete from wingman.notification_texts')
  await world.reset()
  assert.deepEqual(await people(), [{ people: 0 }])
  assert.deepEqual(await world.sql('select * from wingman.settings'), settings)
  assert.deepEqual(await world.sql('select * from wingman.notification_texts order by 1, 2, 3'), texts)
  assert.equal(JSON.parse((await ana.rpc('get_profile')).error.details).error, 'profile_incomplete')
  assert.equal((await (await world.signUp({ first_name: 'Ben' })).rpc('get_profile')).data.first_name, 'Ben')
})

test('two worlds know nothing of each other', async () => {
  await using other = await createWingman()
  const ana = await world.signUp({ first_name: 'Ana' })
  assert.deepEqual(await other.sql('select count(*)::int as people from auth.users'), [{ people: 0 }])
  const { status, error } = await other.client(ana.token).rpc('get_profile')
  assert.deepEqual([status, error.message], [401, 'Authentication required'])
})

test('somebody signs up with a profile, without one, and signs in again', async () => {
  const ana = await world.signUp({ first_name: 'Ana', email: 'ana@example.com', city: 'Berlin', lat: 52.5, lng: 13.4 })
  assert.deepEqual(await world.sql('select id, email from auth.users'), [{ id: ana.id, email: 'ana@example.com' }])
  assert.equal((await world.signIn(ana.id).rpc('get_profile')).data.city, 'Berlin')
  const dora = await world.signUp()
  assert.deepEqual(await world.sql('select id from public.user_profiles'), [{ id: ana.id }])
  assert.notEqual(dora.id, ana.id)
})

test('a profile that is refused is an error of signUp', async () => {
  await assert.rejects(world.signUp({ first_name: '' }), { code: 'PT400' })
})

test('the service acts for anybody', async () => {
  const ana = await world.signUp({ first_name: 'Ana' })
  const { data } = await world.service().rpc('get_profile', { user_id: ana.id })
  assert.equal(data.first_name, 'Ana')
})

test('rules are not skipped: no table can be written, and rows are one’s own', async () => {
  const [ana, ben] = [await world.signUp({ first_name: 'Ana' }), await world.signUp({ first_name: 'Ben' })]
  const { error } = await ana.rpc('get_profile', { user_id: ben.id })
  assert.equal(JSON.parse(error.details).error, 'acting_for_another')
  assert.equal((await world.client().rpc('get_profile')).status, 401)
})

test('a refused call changes nothing, and what follows is not touched by it', async () => {
  const ana = await world.signUp({ first_name: 'Ana' })
  const answers = await Promise.all([
    ana.rpc('pause_matching'),
    ana.rpc('complete_profile', { first_name: '', experience_level: 'beginner', lat: 1, lng: 1 }),
    ana.rpc('get_profile'),
  ])
  assert.deepEqual(answers.map(({ status }) => status), [200, 400, 200])
  assert.equal(answers[2].data.matching_paused, true)
  const [{ role, claims }] = await world.sql(
    "select current_user as role, nullif(current_setting('request.jwt.claims', true), '') as claims",
  )
  assert.deepEqual([role, claims], ['postgres', null])
})

test('what is asked of PostgREST besides is answered as by PostgREST', async () => {
  const ana = await world.signUp({ first_name: 'Ana' })
  const ask = (path, init) =>
    world.fetch(`${world.url}${path}`, { ...init, headers: { apikey: world.anonKey, Authorization: `Bearer ${ana.token}` } })
  const told = async (path, init) => {
    const response = await ask(path, init)
    return [response.status, (await response.json()).code]
  }
  assert.deepEqual(await told('/rest/v1/rpc/get_profile', { method: 'DELETE' }), [405, 'PGRST101'])
  assert.deepEqual(await told('/rest/v1/rpc/get_profile', { method: 'POST', body: '{' }), [400, 'PGRST102'])
  assert.deepEqual(await told('/rest/v1/rpc/pause_matching'), [400, 'PT400'])
  assert.deepEqual(await told('/auth/v1/user'), [501, 'PGRST127'])
  assert.equal((await ana.rpc('list_matches', {}, { count: 'exact' })).count, 0)
  const head = await ask('/rest/v1/rpc/get_profile', { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})
