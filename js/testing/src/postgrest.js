// PostgREST's calls of functions, answered by a database in this process: what supabase-js sends for `rpc`.
import { Failure, failureOf, functionNotFound, notAuthenticated, notSupported } from './failures.js'

const PREFIX = '/rest/v1/rpc/'
const OBJECT = 'application/vnd.pgrst.object+json'
const SECRET = ['authorization', 'apikey', 'cookie', 'proxy-authorization']
/** How the value of a filter begins, and the words that shape a result. */
const FILTER =
  /^(not\.)?(eq|neq|gte?|lte?|i?like|i?match|in|is|isdistinct|[pw]?fts|plfts|phfts|cs|cd|ov|s[lr]|nx[rl]|adj)(\([a-z_]+\))?\./
const SHAPING = ['select', 'order', 'limit', 'offset', 'and', 'or', 'not.and', 'not.or', 'columns', 'on_conflict']

const FUNCTIONS = `
  select p.proname as name, p.proretset as returns_set, p.provolatile = 'v' as writes,
    coalesce((
      select json_object_agg(p.proargnames[i], format_type(p.proargtypes[i - 1], null))
      from generate_series(1, p.pronargs) as i
    ), '{}') as types,
    coalesce(p.proargnames[:p.pronargs - p.pronargdefaults], '{}') as required
  from pg_proc as p
  where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype`

const ASSUME = `
  select set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('request.method', $3, true),
    set_config('request.path', $4, true), set_config('request.headers', $5, true), set_config('request.cookies', '{}', true),
    set_config('transaction_read_only', coalesce($6, current_setting('transaction_read_only')), true)`

const quoted = (name) => `"${name.replaceAll('"', '""')}"`

/** The statement of a call: it reads the arguments from JSON by their types, as PostgREST does. */
function statementOf({ name, types, returns_set }, names) {
  const columns = names.map((argument) => `${quoted(argument)} ${types[argument]}`).join(', ')
  const passed = names.map((argument) => `${quoted(argument)} => g.${quoted(argument)}`).join(', ')
  const record = names.length ? `json_to_record($1) as g (${columns}), lateral ` : ''
  const value = returns_set ? `coalesce(json_agg(r), '[]')::text` : 'to_json(r)::text'
  return `select ${value} as value, count(*)::int as rows, current_setting('response.headers', true) as headers,
    current_setting('response.status', true) as status from ${record}public.${quoted(name)}(${passed}) as r${returns_set ? '' : ' group by r'}`
}

/** Answers requests to PostgREST over one database. */
export class Postgrest {
  /** `database` is a PGlite; `claimsOf(token)` gives the claims of a valid token, else null. */
  constructor(database, claimsOf) {
    this._database = database
    this._claimsOf = claimsOf
  }

  /** A `fetch` whose server is this one. */
  fetch = async (...request) => {
    try {
      return await this._answer(new Request(...request))
    } catch (failure) {
      if (failure instanceof Failure) return failure.response()
      throw failure
    }
  }

  async _answer(request) {
    const { pathname, searchParams } = new URL(request.url)
    if (!pathname.startsWith(PREFIX)) throw notSupported(`There is no ${pathname} here`)
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) {
      throw new Failure(405, 'PGRST101', `Cannot use the ${request.method} method on RPC`)
    }
    const claims = this._claims(request)
    const given = await argumentsOf(request, searchParams)
    const called = await this._function(decodeURIComponent(pathname.slice(PREFIX.length)), Object.keys(given))
    const reply = await this._call(request, pathname, claims, called, given)
    return shaped(request, called, reply)
  }

  /** The claims of the caller. */
  _claims(request) {
    const [, token] = /^bearer (.*)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    const given = token ?? request.headers.get('apikey')
    const claims = given === null ? { role: 'anon' } : this._claimsOf(given.trim())
    if (!claims) throw notAuthenticated()
    return claims
  }

  async _function(name, names) {
    this._functions ??= (await this._database.query(FUNCTIONS)).rows
    const found = this._functions.find((one) => one.name === name)
    const fits = found?.required.every((argument) => names.includes(argument)) && names.every((argument) => argument in found.types)
    if (!fits) throw functionNotFound(name, names)
    return found
  }

  async _call(request, path, claims, called, given) {
    const reads = request.method !== 'POST' || !called.writes
    const headers = Object.fromEntries([...request.headers].filter(([name]) => !SECRET.includes(name)))
    const assumed = [claims.role, JSON.stringify(claims), request.method, path.replace('/rest/v1', ''), JSON.stringify(headers)]
    const names = Object.keys(given)
    try {
      return await this._database.transaction(async (transaction) => {
        await transaction.query(ASSUME, [...assumed, reads ? 'on' : null])
        const parameters = names.length ? [JSON.stringify(given)] : []
        const { rows } = await transaction.query(statementOf(called, names), parameters)
        return rows[0]
      })
    } catch (error) {
      throw failureOf(error, claims.role)
    }
  }
}

/** The arguments of a call, from the query or the body. */
async function argumentsOf(request, query) {
  const isPost = request.method === 'POST'
  for (const [name, value] of query) {
    if (name === 'select' && value === '*') query.delete(name)
    else if (isPost || SHAPING.includes(name) || FILTER.test(value)) {
      throw notSupported('A result is given as it is: it is not filtered, ordered, limited or reshaped')
    }
  }
  if (!isPost) return Object.fromEntries(query)
  const text = await request.text()
  try {
    return text ? Object(JSON.parse(text)) : {}
  } catch {
    throw new Failure(400, 'PGRST102', 'Empty or invalid json')
  }
}

/** The answer, with the status and the headers that the function may have set. */
function shaped(request, called, { value, rows, headers, status }) {
  const wantsOne = (request.headers.get('accept') ?? '').includes(OBJECT)
  if (wantsOne && rows !== 1) {
    throw new Failure(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
      details: `The result contains ${rows} rows`,
    })
  }
  const counts = /count=(exact|estimated)/.test(request.headers.get('prefer') ?? '')
  const answered = new Headers({
    'Content-Type': `${wantsOne ? OBJECT : 'application/json'}; charset=utf-8`,
    'Content-Range': `${rows ? `0-${rows - 1}` : '*'}/${counts ? rows : '*'}`,
  })
  for (const header of JSON.parse(headers || '[]')) {
    for (const [name, text] of Object.entries(header)) answered.set(name, text)
  }
  const content = wantsOne && called.returns_set ? value.trim().slice(1, -1) : value
  return new Response(request.method === 'HEAD' ? null : content, { status: Number(status || 200), headers: answered })
}
