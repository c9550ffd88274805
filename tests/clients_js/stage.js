// The stage of a suite: people and rows from pytest, which has the database or knows what to do with the one in this process,
// and clients that act as these people.
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { createClient } from '@supabase/supabase-js'

const waiting = []
createInterface({ input: process.stdin }).on('line', async (line) => {
  const said = JSON.parse(line)
  if (said?.do) process.stdout.write(`${JSON.stringify({ done: await deeds[said.do](...said.with) })}\n`)
  else waiting.shift()(said)
})
after(async () => {
  // else the open pipe would keep Node alive
  process.stdin.destroy()
  await world?.close()
})

/** Asks pytest; the answers come in the order of the questions. */
function ask(question, ...given) {
  return new Promise((resolve) => {
    waiting.push(resolve)
    process.stdout.write(`${JSON.stringify({ ask: question, with: given })}\n`)
  })
}

const { url, key, in_process } = await ask('server')

/** The database of @wingmanmatch/testing in this process, where the suite runs without a server. */
const world = in_process && (await (await import('../../js/testing/src/index.js')).createWingman(in_process))

/** What pytest may ask for in turn, before it answers: it has no other way into a database in this process. */
const deeds = {
  sql: (statement) => world.sql(statement),
  call: async (token, name, args) => (await world.client(token).rpc(name, args).throwOnError()).data,
}

/** The rows that a statement of the superuser returns. */
export const rows = (query, ...parameters) => ask('rows', query, ...parameters)
export const errorNames = () => ask('error_names')
export const scenario = (name) => ask('scenario', name)
export const endScenario = () => ask('end_scenario')

/** A client as a frontend makes it; `responses` collects what came over the wire. */
export function client(token, { server = url, headers = {} } = {}) {
  const responses = []
  const supabase = createClient(server, key, {
    ...(token && { accessToken: async () => token }),
    global: {
      headers,
      fetch: async (...request) => {
        const response = await (world?.fetch ?? fetch)(...request)
        responses.push(response)
        return response
      },
    },
  })
  return Object.assign(supabase, { responses })
}

/** Somebody new: the id, and a client that acts as them. Without a first name, they have no profile yet. */
export async function person(firstName = null, profile = {}) {
  const { id, token } = await ask('person', firstName, profile)
  return Object.assign(client(token), { id, token })
}

let towns = 0

/** Two new people in a town of their own, who can only be matched with each other. */
export async function pair() {
  const town = { lat: 2 * ++towns, lng: 0 }
  return [await person('Ana', town), await person('Ben', town)]
}

/** What a call returns. Throws what it is refused with. */
export async function call(who, name, args, options) {
  const { data, error, status } = await who.rpc(name, args, options)
  if (error) throw Object.assign(new Error(error.message), { refusal: error, status })
  return data
}

/** The error name that a call is refused by. */
export async function refusal(who, name, args) {
  const { data, error } = await who.rpc(name, args)
  if (!error) throw new Error(`${name} was not refused: ${JSON.stringify(data)}`)
  return JSON.parse(error.details).error
}

/** A moment from now, as a frontend sends it. */
export const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000).toISOString()

/** Two people with an accepted match. */
export async function buddies() {
  const [one, other] = await pair()
  const { match_id } = await call(one, 'create_automatic_match')
  await call(other, 'respond_to_match', { match_id, action: 'accept' })
  return { one, other, match_id }
}

/** Two people and their session, which has begun. */
export async function meeting() {
  const { one, other, match_id } = await buddies()
  const session = await call(one, 'create_session', {
    match_id,
    scheduled_time: inSeconds(3600),
    venue_name: 'Café A Brasileira',
  })
  await begin(session.id)
  return { one, other, match_id, session_id: session.id }
}

/** Lets the time of a session come. */
export const begin = (id) =>
  rows('update public.wingman_sessions set scheduled_time = statement_timestamp() where id = %s', id)
