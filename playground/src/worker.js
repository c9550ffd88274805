// The database of this tab, in a thread of its own. The page asks, this answers; what happens in the database meanwhile is told.

import { PGlite } from './pglite/index.js'
import { failureOf } from './failures.js'
import { kept, keep, forget } from './kept.js'
import { CASTS, INSTALLED, OPERATED, PACKED, RULES, START } from './made.js'
import { Postgrest } from './postgrest.js'

const READ_EVERY_MILLISECONDS = 250
const KEEP_AFTER_MILLISECONDS = 1000
const SHOWN_ROWS = 200
const SHOWN_EVENTS = 60
const NOTHING = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

const begun = performance.now()
let database, postgrest, asText
let told, seen, isHidden = false
let isKept = false, keepSoon = null

// ---------------------------------------------------------------- starting

/** Fetches a file that the build has compressed, and decompresses it. */
async function unpacked(name, progress) {
  const response = await fetch(`./${name}.packed`)
  if (!response.ok) throw new Error(`${name}.packed cannot be fetched: ${response.status}`)
  const counted = new TransformStream({
    transform(chunk, controller) {
      progress(chunk.length)
      controller.enqueue(chunk)
    },
  })
  return new Response(response.body.pipeThrough(counted).pipeThrough(new DecompressionStream('gzip')), {
    headers: { 'Content-Type': name.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream' },
  })
}

async function start() {
  const found = await kept()
  const isOurs = found?.installed === INSTALLED
  const files = ['pglite.wasm', 'pglite.data', ...(isOurs ? [] : ['directory.tar'])]
  const total = files.reduce((sum, name) => sum + PACKED[name], 0)
  let loaded = 0
  const progress = (length) => {
    loaded += length
    postMessage({ tell: 'loading', loaded, total })
  }
  const [engine, bundle, directory] = await Promise.all([
    unpacked('pglite.wasm', progress).then((response) => WebAssembly.compileStreaming(response)),
    unpacked('pglite.data', progress).then((response) => response.blob()),
    isOurs ? found.directory : unpacked('directory.tar', progress).then((response) => response.blob()),
  ])
  postMessage({ tell: 'starting' })
  database = await PGlite.create({
    pgliteWasmModule: engine,
    fsBundle: bundle,
    // it would make a data directory, which is there already
    initdbWasmModule: await WebAssembly.compile(NOTHING),
    loadDataDir: directory,
    startParams: [...PGlite.defaultStartParams, ...START],
  })
  asText = Object.fromEntries(Object.keys(database.parsers).map((type) => [type, (text) => text]))
  // a token is the person's id: who is in this tab can be anybody
  postgrest = new Postgrest(database, (token) => ({ sub: token, aud: 'authenticated', role: 'authenticated' }))
  isKept = isOurs
  // months may have passed since it was made
  await database.query('select wingman.run_maintenance()')
  told = (await one('select wingman.last_told() as id')).id
  seen = (await one('select coalesce(max(id), 0) as id from wingman.events')).id
  setTimeout(read, READ_EVERY_MILLISECONDS)
  return {
    milliseconds: performance.now() - begun,
    isNew: !isOurs,
    kept: isOurs ? { at: found.at, bytes: directory.size } : null,
    isOutdated: Boolean(found) && !isOurs,
  }
}

async function one(query, parameters) {
  return (await database.query(query, parameters)).rows[0]
}

// ---------------------------------------------------------------- what happens in it

const TOLD = `
  select t.user_id, n.id, to_json(n) as notification
  from wingman.told_after($1, 100) as t
  cross join lateral wingman.notifications_between(t.user_id, $1, t.id, 100) as n
  where n.id = t.id
  order by t.id`

const EVENTS = `
  select e.id, e.occurred_at, e.kind, e.call, e.role, p.first_name as who,
    array_remove(array[a.first_name, b.first_name], null) as pair
  from wingman_admin.audit_log as e
  left join public.user_profiles as p on p.id = e.user_id
  left join public.wingman_matches as m on m.id = e.match_id
  left join public.user_profiles as a on a.id = m.user1_id
  left join public.user_profiles as b on b.id = m.user2_id`

/** Runs the readers of the journal, which fill the inboxes, and tells what is new. */
async function read() {
  try {
    if (!isHidden) await readOnce()
  } catch (error) {
    // somebody's SQL may have broken it
    postMessage({ tell: 'broken', message: error.message })
  }
  setTimeout(read, READ_EVERY_MILLISECONDS)
}

async function readOnce() {
  await database.query('select wingman.run_readers()')
  const { rows: news } = await database.query(TOLD, [told])
  for (const { user_id: userId, id, notification } of news) {
    told = id
    postMessage({ tell: 'told', userId, id, notification })
  }
  const { rows: events } = await database.query(`${EVENTS} where e.id > $1 order by e.id desc limit ${SHOWN_EVENTS}`, [seen])
  if (!events.length) return
  seen = events[0].id
  keepLater()
  postMessage({ tell: 'events', events, total: seen })
}

// ---------------------------------------------------------------- keeping it

function keepLater() {
  if (!isKept) return
  postMessage({ tell: 'keeping' })
  clearTimeout(keepSoon)
  keepSoon = setTimeout(save, KEEP_AFTER_MILLISECONDS)
}

async function save() {
  clearTimeout(keepSoon)
  keepSoon = null
  try {
    await database.exec('checkpoint')
    const directory = await database.dumpDataDir('gzip')
    const at = new Date()
    if (!isKept) return
    await keep({ installed: INSTALLED, at, directory })
    postMessage({ tell: 'kept', at, bytes: directory.size })
  } catch (error) {
    postMessage({ tell: 'notKept', message: error.message })
  }
}

// ---------------------------------------------------------------- what the page asks

const quoted = (name) => `"${name.replaceAll('"', '""')}"`

const ASSUME = `select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`

/** An answer as the demo's server gives it. */
async function answered(task) {
  try {
    return { status: 200, ok: true, answer: await task() }
  } catch (error) {
    const { status, code, message, details, hint } = failureOf(error, 'wingman_admin')
    return { status, ok: false, answer: { code, message, details, hint } }
  }
}

function asOperator(query, parameters) {
  return database.transaction(async (transaction) => {
    await transaction.query(ASSUME, ['wingman_admin', ''])
    return (await transaction.query(query, parameters)).rows.map(({ answer }) => answer)
  })
}

const answers = {
  /** Signs up three people: their ids, and the arguments of their `complete_profile`. */
  async newPeople() {
    const cast = CASTS[Math.floor(Math.random() * CASTS.length)]
    const { rows } = await database.query(
      'insert into auth.users (id) select gen_random_uuid() from generate_series(1, $1) returning id', [cast.length])
    return cast.map((profile, place) => ({ id: rows[place].id, token: rows[place].id, profile }))
  },

  async request({ path, headers, body }) {
    const response = await postgrest.fetch(`http://tab${path}`, { method: 'POST', headers, body })
    return { status: response.status, ok: response.ok, answer: await response.json() }
  },

  operatorsView: () => answered(async () => {
    const settings = await asOperator(
      'select to_json(s) as answer from wingman_admin.settings as s where s.name = any($1)', [RULES])
    const queue = await asOperator('select to_json(q) as answer from wingman_admin.no_show_queue as q', [])
    // a list is JSON, anything else a text
    const values = settings.map(({ name, value }) => [name, value.startsWith('[') ? JSON.parse(value) : value])
    return { settings: Object.fromEntries(values), queue }
  }),

  operate: ({ name, args }) => answered(async () => {
    if (!OPERATED.includes(name)) throw new Error(`This page does not call ${name}`)
    const given = Object.keys(args).map((argument, place) => `${quoted(argument)} => $${place + 1}`)
    const [answer] = await asOperator(
      `select to_json(f) as answer from wingman_admin.${quoted(name)}(${given}) as f`, Object.values(args))
    return answer
  }),

  /** Executes statements of the console in one transaction. */
  async execute({ role, claims, sql }) {
    const from = performance.now()
    const notices = []
    const options = {
      rowMode: 'array',
      parsers: asText,
      onNotice: ({ severity, message }) => notices.push(`${severity}: ${message}`),
    }
    try {
      const results = await database.transaction(async (transaction) => {
        if (role) await transaction.query(ASSUME, [role, claims])
        return transaction.exec(sql, options)
      })
      const shown = results.map(({ fields, rows, command, affectedRows }) => ({
        columns: fields.map(({ name }) => name), rows: rows.slice(0, SHOWN_ROWS), count: rows.length, command, affected: affectedRows,
      }))
      return { results: shown, notices, milliseconds: performance.now() - from }
    } catch ({ code, message, detail, hint, position, where }) {
      return { error: { code, message, detail, hint, position: Number(position) || null, where }, notices, milliseconds: performance.now() - from }
    } finally {
      // what the statements may have set for the whole connection, which is everybody's
      await database.exec('reset role; reset all')
      keepLater()
    }
  },

  /** The functions whose name or source holds a text. */
  async functions({ search }) {
    const { rows } = await database.query(`
      select n.nspname as schema, p.proname as name, pg_get_function_identity_arguments(p.oid) as arguments,
        strpos(lower(p.proname), lower($1)) > 0 as "isNamed"
      from pg_proc as p inner join pg_namespace as n on n.oid = p.pronamespace
      where n.nspname in ('public', 'wingman', 'wingman_admin') and p.prokind = 'f'
        and (strpos(lower(p.proname), lower($1)) > 0 or strpos(lower(p.prosrc), lower($1)) > 0)
      order by array_position('{public,wingman_admin,wingman}', n.nspname::text), p.proname`, [search])
    return rows
  },

  async source({ schema, name }) {
    return one(`
      select pg_get_functiondef(p.oid) as source, obj_description(p.oid, 'pg_proc') as comment
      from pg_proc as p where p.pronamespace = $1::text::regnamespace and p.proname = $2`, [schema, name])
  },

  /** The last events that calls have caused; the people whom the build has made signed up without. */
  async events() {
    const { rows } = await database.query(`${EVENTS} where e.call is not null order by e.id desc limit ${SHOWN_EVENTS}`)
    return { events: rows, total: seen }
  },

  /** Keeps the database in this browser from now on, or no longer. */
  async keep({ isOn }) {
    isKept = isOn
    if (isOn) await save()
    else {
      clearTimeout(keepSoon)
      keepSoon = null
      await forget()
    }
  },

  hide({ hidden }) {
    isHidden = hidden
    // the page may never be shown again
    if (hidden && keepSoon) return save()
  },
}

const ready = start()
ready.then((state) => postMessage({ tell: 'ready', ...state }), (error) => postMessage({ tell: 'failed', message: error.message }))

// one after the other: an answer is sent before the next call begins
let last = ready.catch(() => {})
addEventListener('message', ({ data: { id, ask, given } }) => {
  last = last.then(async () => {
    try {
      await ready
      postMessage({ id, answer: await answers[ask](given) })
    } catch (error) {
      postMessage({ id, failed: error.message })
    }
  })
})
