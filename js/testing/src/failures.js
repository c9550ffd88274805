// What goes wrong, as PostgREST answers it: a status, and four keys.

/** How PostgREST maps SQLSTATEs, and classes of them; all others are 400. */
const STATUS = {
  23503: 409, 23505: 409, 25006: 405, 42883: 404, '42P01': 404, P0001: 400, 54001: 400, '08': 503, 53: 503, '0L': 403, '0P': 403, 28: 403,
  '09': 500, 25: 500, '2D': 500, 38: 500, 39: 500, '3B': 500, 40: 500, 54: 500, 55: 500, 57: 500, 58: 500, P0: 500, XX: 500, 42501: 403,
}
const OF_STATUS = { 401: { 'WWW-Authenticate': 'Bearer' }, 423: { 'Retry-After': '1' }, 503: { 'Retry-After': '1' } }

/** A request that fails. */
export class Failure extends Error {
  constructor(status, code, message, { details = null, hint = null, headers = {} } = {}) {
    super(message)
    Object.assign(this, { status, code, details, hint, headers: { ...OF_STATUS[status], ...headers } })
  }

  /** The answer. */
  response() {
    const { code, details, hint, message } = this
    const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Proxy-Status': `PostgREST; error=${code}`, ...this.headers }
    return new Response(JSON.stringify({ code, details, hint, message }), { status: this.status, headers })
  }
}

/** What an error of the database means to whoever calls with this role. */
export function failureOf(error, role) {
  const { code, message, detail: details = null, hint = null } = error
  if (!/^[0-9A-Z]{5}$/.test(code ?? '')) throw error
  if (code === 'PGRST') {
    // all of the error is in the message, its status and headers in the detail
    const told = JSON.parse(message)
    const { status, headers } = JSON.parse(details)
    return new Failure(status, told.code, told.message, { details: told.details, hint: told.hint, headers })
  }
  const { status, ...more } = code.startsWith('PT') ? { status: Number(code.slice(2)) } : { status: statusOf(code, role) }
  return new Failure(status, code, message, { details, hint, ...more })
}

function statusOf(code, role) {
  if (code === '42501' && role === 'anon') return 401
  return STATUS[code] ?? STATUS[code.slice(0, 2)] ?? 400
}

/** An invalid token; the reason is not told. */
export const notAuthenticated = () =>
  new Failure(401, 'PGRST301', 'Authentication required', { hint: 'Sign in and send the access token.' })

/** A part of Supabase that is not here. */
export const notSupported = (details) =>
  new Failure(501, 'PGRST127', 'Not implemented: this is not PostgREST, only its function calls are here', {
    details,
    hint: 'For everything else, test with a Supabase project.',
  })

/** There is no function of this name that takes these arguments. */
export function functionNotFound(name, names) {
  const inOrder = [...names].sort().join(', ')
  const searched = names.length ? ` with parameter${names.length > 1 ? 's' : ''} ${inOrder}` : ' without parameters'
  return new Failure(
    404,
    'PGRST202',
    `Could not find the function public.${name}${names.length ? `(${inOrder})` : ' without parameters'} in the schema cache`,
    { details: `Searched for the function public.${name}${searched}, but no matches were found in the schema cache.` },
  )
}
