// With Vitest: vitest run
import { createWingman, type World } from '@wingmanmatch/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { accept, findBuddy } from '../app/offer.ts'

let world: World
beforeAll(async () => {
  world = await createWingman()
})
beforeEach(() => world.reset())
afterAll(() => world.close())

test('two people find each other', async () => {
  const ana = await world.signUp({ first_name: 'Ana', lat: 52.52, lng: 13.4 })
  const ben = await world.signUp({ first_name: 'Ben', lat: 52.53, lng: 13.4, experience_level: 'intermediate' })
  expect(await findBuddy(ana)).toBe('Meet Ben')
  const { data: matches } = await ben.rpc('list_matches').throwOnError()
  expect(matches).toMatchObject([{ status: 'pending', buddy_user_id: ana.id }])
})

test('somebody else cannot answer', async () => {
  const ana = await world.signUp({ first_name: 'Ana' })
  const ben = await world.signUp({ first_name: 'Ben' })
  const cleo = await world.signUp({ first_name: 'Cleo', lat: 0, lng: 0 })
  await findBuddy(ana)
  const { data: matches } = await ben.rpc('list_matches').throwOnError()
  expect(await accept(cleo, matches[0]!.id, 'mine')).toMatch(/not a participant/)
  expect(await world.sql('select status from public.wingman_matches')).toEqual([{ status: 'pending' }])
})

test('without a profile a search is refused', async () => {
  const dora = await world.signUp()
  const { error, status } = await dora.rpc('create_automatic_match')
  expect(status).toBe(400)
  expect(JSON.parse(error!.details)).toEqual({ error: 'profile_incomplete' })
})
