// Talks to `wingman admin`, the process that serves this page. No other module does.

const STORED = 'wingman-secret'

/** The process answered with an error: `code` is its name, `grant` the SQL that would mend a missing right. */
export class Refused extends Error {
  constructor(status, { code = 'unknown', message, hint = null, grant = null }) {
    super(message ?? `The answer was ${status}`)
    Object.assign(this, { status, code, hint, grant })
  }

  get isDatabaseLost() {
    return this.code === 'database_unavailable'
  }
}

/** Nobody answers: the process has ended. */
export class Gone extends Error {}

/** Exchanges the secret of the address, which works once, for that of this tab, and takes it out of the address. */
export async function open() {
  const oneTime = location.hash.slice(1)
  if (oneTime && !oneTime.startsWith('/')) {
    history.replaceState(null, '', location.pathname)
    try {
      const { secret } = await ask('POST', '/api/open', { secret: oneTime })
      sessionStorage.setItem(STORED, secret)
    } catch (error) {
      // the same tab, which went back to the address
      if (error.code !== 'address_used' || !sessionStorage.getItem(STORED)) throw error
    }
  }
}

/** Reads; `polling` keeps the process from counting it as use. */
export function read(path, { polling = false, signal } = {}) {
  return ask('GET', path, { polling, signal })
}

/** Calls a function of schema wingman_admin. */
export function call(name, args) {
  return ask('POST', `/api/call/${encodeURIComponent(name)}`, { body: args })
}

async function ask(method, path, { secret = sessionStorage.getItem(STORED) ?? '', body, polling, signal }) {
  const headers = { 'X-Wingman-Secret': secret }
  if (polling) headers['X-Wingman-Polling'] = '1'
  if (body) headers['Content-Type'] = 'application/json'
  let answer
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: 'no-store', signal })
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Gone()
  }
  const answered = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Refused(answer.status, answered)
  return answered
}
