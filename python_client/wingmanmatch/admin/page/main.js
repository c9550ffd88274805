// The page's frame: opens the session, shows the view that the address names, and says when something is lost.

import { button, h } from './shared/dom.js'
import { Connection } from './shared/connection.js'
import { call, Gone, open, read, Refused } from './api.js'
import { clock, number } from './format.js'
import { failure, sentence } from './parts.js'

const VIEWS = {
  overview: () => import('./overview.js'),
  queues: () => import('./queues.js'),
  people: () => import('./people.js'),
  places: () => import('./places.js'),
  settings: () => import('./settings.js'),
  decisions: () => import('./decisions.js'),
}
const LOOK_EVERY_MILLISECONDS = 20_000

const main = document.querySelector('#main')
const told = document.querySelector('#told')
const waiting = document.querySelector('#waiting')

let session = null
let isOver = false
let shownAt = null
/** What the shown view reads; aborted once it reads again, or another view is shown. */
let reading = new AbortController()
let shows = 0
/** Reads the shown view, again and in place. */
let loadView = null

const connection = new Connection(document.querySelector('#connection'), retry, () => shownAt !== null)

/** What views get to work with. */
const context = {
  get session() {
    return session
  },
  may: (name) => Boolean(session?.functions[name]),
  read: async (path, options = {}) => {
    const answer = await read(path, { signal: reading.signal, ...options })
    answered()
    return answer
  },
  call: async (name, args) => {
    const answer = await call(name, args)
    answered()
    return answer
  },
  failed,
  tell,
  showWaiting,
  reload: () => loadView?.(),
}

await begin()

async function begin() {
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault()
    main.focus()
  })
  try {
    await open()
  } catch (error) {
    end(error)
    return
  }
  addEventListener('hashchange', () => show())
  setInterval(look, LOOK_EVERY_MILLISECONDS)
  await meet()
}

/** Asks who we are, then shows the view. */
async function meet() {
  try {
    session = await read('/api/session')
    answered()
  } catch (error) {
    if (failed(error)) return
    main.replaceChildren(h('h1', { tabindex: '-1' }, 'WingmanMatch'), failure(error))
    main.removeAttribute('aria-busy')
    return
  }
  introduce()
  await show({ isFirst: true })
  if (waiting.hidden)
    read('/api/queues', { polling: true })
      .then(({ counts }) => showWaiting(counts))
      .catch(() => {})
}

function introduce() {
  const { login, database, writes, versions } = session
  document
    .querySelector('#session')
    .replaceChildren(
      h('span', {}, h('b', {}, login), ' on ', h('b', {}, database)),
      h('span', {}, `WingmanMatch ${versions.wingmanmatch}`),
    )
  const notice = document.querySelector('#read-only')
  notice.hidden = writes
  notice.replaceChildren(
    h('b', {}, 'Read-only.'),
    ' Decisions cannot be made here. To make them, start ',
    h('code', {}, 'wingman admin --write'),
    '.',
  )
}

/** Shows the view that the address names. */
async function show({ isFirst = false } = {}) {
  if (isOver || !session) return
  if (!location.hash.startsWith('#/')) {
    history.replaceState(null, '', '#/overview')
  }
  const [path, query = ''] = location.hash.slice(2).split('?')
  const [name, ...params] = decoded(path.split('/'))
  const load = Object.hasOwn(VIEWS, name) ? VIEWS[name] : null
  reading.abort()
  const shown = ++shows
  for (const link of document.querySelectorAll('nav a')) {
    const isHere = link.hash.slice(2).split('/')[0] === name
    if (isHere) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  tell('')
  if (!load) {
    loadView = null
    title('Not found')
    main.replaceChildren(
      h('h1', { tabindex: '-1' }, 'Not found'),
      h('p', {}, 'There is no such view. ', h('a', { href: '#/overview' }, 'To the overview')),
    )
    main.removeAttribute('aria-busy')
    main.querySelector('h1').focus()
    return
  }
  let View
  try {
    ;({ View } = await load())
  } catch {
    failed(new Gone())
    return
  }
  if (shown !== shows) return
  let isShown = false
  const view = new View(context, params, new URLSearchParams(query))
  loadView = async () => {
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    main.setAttribute('aria-busy', 'true')
    try {
      await view.load()
      isShown = true
      shownAt = new Date()
    } catch (error) {
      if (error.name === 'AbortError') return
      if (!failed(error)) view.fail(error)
      else if (!isShown) view.fail(new Error('Nothing has been read yet'))
    } finally {
      if (!signal.aborted) main.removeAttribute('aria-busy')
    }
  }
  title(view.title)
  main.replaceChildren(...view.frame())
  if (!isFirst) main.querySelector('h1').focus()
  await loadView()
}

/** The parts of an address; as they are, where they are encoded wrongly. */
function decoded(parts) {
  try {
    return parts.map(decodeURIComponent)
  } catch {
    return parts
  }
}

function title(text) {
  document.title = `${text} · WingmanMatch`
}

/** Says that something was lost, if that is what the error means; returns whether it is. */
function failed(error) {
  if (error instanceof Gone) {
    connection.failed(gone())
    return true
  }
  if (error instanceof Refused && error.isDatabaseLost) {
    connection.lost(error.message)
    return true
  }
  if (error instanceof Refused && error.status === 401) {
    end(error)
    return true
  }
  return false
}

function gone() {
  const minutes = session ? `It ends after ${number(session.idle_minutes)} minutes without use. ` : ''
  const since = shownAt ? `What you see is from ${clock(shownAt)}.` : ''
  return `wingman admin is no longer running. ${minutes}Start it again to go on. ${since}`
}

/** Something was answered: nothing is lost any more. */
function answered() {
  connection.heard()
}

/** Tries again whether the database is back. */
async function retry() {
  try {
    const answer = await read('/api/session', { polling: true })
    const isKnown = session !== null
    session = answer
    connection.heard()
    if (isKnown && loadView) await loadView()
    else await meet()
  } catch (error) {
    if (!failed(error)) connection.failed(sentence(error.message))
  }
}

/** Looks from time to time whether all is still there. */
async function look() {
  if (isOver || document.hidden || connection.isLost) return
  try {
    await read('/api/session', { polling: true })
    answered()
  } catch (error) {
    failed(error)
  }
}

/** The end: this tab has no way in. */
function end(error) {
  isOver = true
  title('Closed')
  const used = error.code === 'address_used'
  main.replaceChildren(
    h('h1', { tabindex: '-1' }, used ? 'This address was used already' : 'This tab has no access'),
    h(
      'p',
      {},
      used
        ? 'It opens the page once, in the browser that came first. Go back to that browser, or start the command again.'
        : error instanceof Gone
          ? 'The command that serves it is no longer running. Start it again.'
          : 'One tab has: the one that was opened first. Go back to it, or start the command again.',
    ),
    h('p', {}, h('code', {}, 'wingman admin')),
  )
  main.removeAttribute('aria-busy')
  document.querySelector('nav').hidden = true
  main.querySelector('h1').focus()
}

/** Tells the result of a decision, until the next one or the next view. */
function tell(text, ...more) {
  told.replaceChildren(
    ...(text ? [h('p', {}, text, ...more), button('Close', () => tell(''), { more: 'this message', plain: true })] : []),
  )
}

/** Shows how much waits for a decision. */
function showWaiting(counts) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  waiting.hidden = !all
  waiting.replaceChildren(number(all), h('span', { class: 'heard' }, ' waiting'))
}
