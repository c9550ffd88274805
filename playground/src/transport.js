// The page's backend is a database in this tab: the same exports as those of the demo page's transport.js, which this file replaces.

import { ask, on, started } from './database.js'

/** Never thrown here: nothing is away. */
export class Unreachable extends Error {}

// where it does not start, playground.js says so
const { isNew } = await started.catch(() => new Promise(() => {}))
// the people of an address are those of a database that is gone
if (isNew) history.replaceState(null, '', location.pathname + location.search)

export const transport = {
  client: `// what PostgREST does for supabase.rpc(name, args), here without a server
await database.transaction(async (transaction) => {
  await transaction.query(\`
    select set_config('role', 'authenticated', true),
      set_config('request.jwt.claims', $1, true)\`,
    [JSON.stringify({ sub: userId, role: 'authenticated' })])
  return transaction.query('select * from get_profile()')
})`,

  atOnce: 'both calls are sent before either is answered. This database has one connection: it takes the two one after the other, in the '
    + 'order in which they arrive. On a server they would run at the same time, and the locks would decide.',

  gone: 'This database is new: what was here before was not kept.',

  newPeople: () => ask('newPeople'),

  tokenOf: async (id) => id,

  async rpc(token, name, args) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    return told(await ask('request', { path: `/rest/v1/rpc/${name}`, headers, body: JSON.stringify(args) }))
  },

  /** What a person is told from now on. */
  async *stream(token, last, signal) {
    const news = []
    let wake = () => {}
    on('told', ({ userId, id, notification }) => {
      if (userId !== token) return
      news.push({ id, event: 'notification', data: JSON.stringify(notification) })
      wake()
    }, { signal })
    signal.addEventListener('abort', () => wake())
    while (!signal.aborted) {
      if (news.length) yield news.shift()
      else await new Promise((resolve) => (wake = resolve))
    }
  },

  operatorsView: async () => told(await ask('operatorsView')),

  operate: async (name, args) => told(await ask('operate', { name, args })),
}

function told({ status, ok, answer }) {
  return ok ? { status, data: answer, error: null } : { status, data: null, error: answer }
}
