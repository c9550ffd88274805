// The only module that talks to the backend: to run the page against another one, replace this file alone.

const DEADLINE_MILLISECONDS = 15_000
let key = ''

/** No answer came, or one that says that the server is unavailable. The call may have arrived or not. */
export class Unreachable extends Error {
  constructor(reason) {
    super(`The server cannot be reached: ${reason}`)
  }
}

export const transport = {
  /** The code that makes a client, to show. */
  client: `import { createClient } from '@supabase/supabase-js'

const supabase = createClient('${location.origin}', anonKey, {
  accessToken: async () => accessToken,  // the person's
})`,

  /** How two calls meet that are made at once. */
  atOnce: 'both requests are sent before either is answered, and the database decides.',

  /** Why there may be nobody by the id of an address. */
  gone: 'The people of a demo are gone once its server ends.',

  /** Signs up new people: `[{ id, token, profile }]`; each profile has yet to be passed to `complete_profile`. */
  async newPeople() {
    const { people } = await demo('/demo/people')
    return people
  },

  /** An access token for this person. */
  async tokenOf(id) {
    const { token } = await demo(`/demo/people/${id}/token`)
    return token
  },

  /** Calls a function of the database with a person's token: `{ status, data, error }`; data or error is null. */
  async rpc(token, name, args) {
    const headers = { apikey: key, Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const { status, ok, answer } = await post(`/rest/v1/rpc/${name}`, headers, JSON.stringify(args))
    return ok ? { status, data: answer, error: null } : { status, data: null, error: answer }
  },

  /** What a person is told from now on, or since the message `last`: `{ id, event, data }`. It ends with the connection. */
  async *stream(token, last, signal) {
    // an EventSource could not send the token
    const headers = { Authorization: `Bearer ${token}`, ...(last && { 'Last-Event-ID': last }) }
    const response = await fetch('/api/notifications/stream', { headers, signal })
    if (!response.ok) throw new Error(`it answers ${response.status}`)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const messages = (text + part.value).split('\n\n')
      text = messages.pop()
      for (const message of messages) {
        const lines = message.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
        yield Object.fromEntries(lines)
      }
    }
  },

  /** What operators see: `{ status, data: { settings, queue } }`. */
  operatorsView() {
    return operators('/demo/operator', {})
  },

  /** Calls a function of schema wingman_admin: `{ status, data, error }`. */
  operate(name, args) {
    return operators(`/demo/operator/${name}`, args)
  },
}

async function operators(path, args) {
  const { status, ok, answer } = await post(path, { 'Content-Type': 'application/json' }, JSON.stringify(args))
  return ok ? { status, data: answer, error: null } : { status, data: null, error: answer }
}

async function demo(path) {
  const { ok, answer } = await post(path)
  if (!ok) throw new Error(answer.detail ?? answer.message)
  key = answer.key
  return answer
}

async function post(path, headers, body) {
  let response, answer
  try {
    response = await fetch(path, { method: 'POST', headers, body, signal: AbortSignal.timeout(DEADLINE_MILLISECONDS) })
    answer = await response.json()
  } catch (error) {
    if (error.name === 'TimeoutError') throw new Unreachable(`no answer in ${DEADLINE_MILLISECONDS / 1000} seconds`)
    throw new Unreachable(response ? `it answers ${response.status}` : 'no connection')
  }
  if ([502, 503, 504].includes(response.status)) {
    throw new Unreachable(answer.message ?? answer.detail ?? `it answers ${response.status}`)
  }
  return { status: response.status, ok: response.ok, answer }
}
