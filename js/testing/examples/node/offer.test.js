// With the test runner of Node: node --test
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createWingman } from '@wingmanmatch/testing'
import { accept, findBuddy } from '../app/offer.ts'

let world
before(async () => (world = await createWingman()))
beforeEach(() => world.reset())
after(() => world.close())

test('two people find each other', async () => {
  const ana = await world.signUp({ first_name: 'Ana' })
  assert.match(await findBuddy(ana), /^No compatible wingman buddies found/)
  const ben = await world.signUp({ first_name: 'Ben' })
  assert.equal(await findBuddy(ana), 'Meet Ben')
  assert.equal(await findBuddy(ben), 'Meet Ana')
})

test('a press that is sent twice has one effect', async () => {
  const [ana, ben] = [await world.signUp({ first_name: 'Ana' }), await world.signUp({ first_name: 'Ben' })]
  await findBuddy(ana)
  const [{ id }] = (await ben.rpc('list_matches')).data
  const presses = await Promise.all([accept(ben, id, 'one press'), accept(ben, id, 'one press')])
  assert.deepEqual(presses, ['Accepted', 'Accepted'])
  assert.deepEqual(await world.sql('select status, responded_by from public.wingman_matches'), [
    { status: 'accepted', responded_by: ben.id },
  ])
})

test('an offer expires', async () => {
  const [ana, ben] = [await world.signUp({ first_name: 'Ana' }), await world.signUp({ first_name: 'Ben' })]
  await findBuddy(ana)
  const [{ id }] = (await ben.rpc('list_matches')).data
  await world.sql("update public.wingman_matches set created_at = created_at - interval '3 days', expires_at = now()")
  assert.equal(await accept(ben, id, 'late'), 'Too late: this offer has expired')
})

test('the inbox tells what the other one did', async () => {
  const [ana, ben] = [await world.signUp({ first_name: 'Ana' }), await world.signUp({ first_name: 'Ben' })]
  await findBuddy(ana)
  const [{ id }] = (await ben.rpc('list_matches')).data
  await accept(ben, id, 'yes')
  await world.runReaders()
  const { data } = await ana.rpc('list_notifications')
  assert.deepEqual(data.map(({ kind }) => kind), ['match_accepted'])
})
