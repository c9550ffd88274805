// Two people side by side. What each may do, and what comes of it, is the database's answer; the page only asks
// and shows. Texts of the database are shown as texts, never as HTML.

const LOG_LENGTH = 40
const panes = [...document.querySelectorAll('.person')].map((element, place) => ({ element, place, player: null }))
const players = new Map()
let key = ''

/** Somebody who can be played. */
class Player {
  constructor(id, token, name) {
    Object.assign(this, { id, token, name, profile: null, reputation: null, match: null, session: null, told: null })
  }
}

// ---------------------------------------------------------------- calls

/** Makes one RPC call, as supabase-js does, and gives all that is to be shown of it. */
async function rpc(player, name, args = {}) {
  const begun = performance.now()
  const call = { player, name, args, status: 0, data: null, error: null }
  try {
    const response = await fetch(`/rest/v1/rpc/${name}`, {
      method: 'POST',
      headers: { apikey: key, Authorization: `Bearer ${player.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
    })
    const answer = await response.json()
    call.status = response.status
    if (response.ok) call.data = answer
    else call.error = answer
  } catch (error) {
    call.error = { message: `The server cannot be reached: ${error.message}`, details: null, hint: null, code: '' }
  }
  call.milliseconds = performance.now() - begun
  return call
}

/** One press of a button: the call, then what both people read again, then the page. */
async function act(pane, name, args) {
  const { player } = pane
  busy(true)
  try {
    const call = await rpc(player, name, args)
    for (const shown of panes) shown.player.told = null
    player.told = whatWasTold(call)
    const entry = log(call, pane.place)
    const reads = []
    await refresh(player, reads)
    await follow(pane, reads)
    showReads(entry, reads)
  } catch (error) {
    player.told = { good: false, text: error.message }
  } finally {
    busy(false)
    panes.forEach(render)
    document.querySelector(`.person:nth-child(${pane.place + 1}) .told`).focus({ preventScroll: true })
  }
}

/** Shows in the other pane whom the actor is matched with, and what that person sees now. */
async function follow(pane, reads) {
  const other = panes[1 - pane.place]
  const { match } = pane.player
  if (match?.buddy_profile && ['pending', 'accepted'].includes(match.status)) {
    other.player = await playerOf(match.buddy_user_id, match.buddy_profile)
  }
  await refresh(other.player, reads)
}

/** Reads what a person sees. */
async function refresh(player, reads) {
  const read = async (name, args) => {
    const call = await rpc(player, name, args)
    reads.push(call)
    return call.data
  }
  player.profile ??= await read('get_profile')
  const [matches, sessions, reputation] = await Promise.all([
    read('list_matches', { page_size: 1 }),
    read('list_sessions', { page_size: 1 }),
    read('get_reputation'),
  ])
  player.match = matches?.[0] ?? null
  player.session = sessions?.[0] ?? null
  player.reputation = reputation
}

function whatWasTold({ data, error, name }) {
  if (!error) return { good: data.success !== false, text: data.message ?? SAID[name] ?? 'Done.' }
  return { good: false, text: error.message, hint: error.hint, name: errorName(error) }
}

const SAID = {
  complete_profile: 'Welcome. Look for a wingman.',
  create_session: 'The meeting is arranged.',
  cancel_session: 'The meeting is cancelled.',
}

function errorName({ details, code }) {
  try {
    return JSON.parse(details).error ?? code
  } catch {
    return code
  }
}

// ---------------------------------------------------------------- people

async function post(path) {
  const response = await fetch(path, { method: 'POST' })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.detail)
  return answer
}

async function playerOf(id, profile) {
  if (!players.has(id)) {
    const { token } = await post(`/demo/people/${id}/token`)
    players.set(id, new Player(id, token, profile.first_name))
  }
  return players.get(id)
}

/** Signs three newcomers up, who complete their profiles; two of them are shown. */
async function begin() {
  busy(true)
  const cast = await post('/demo/people')
  key = cast.key
  document.querySelector('#setup').textContent = setupCode()
  for (const [number, { id, token, profile }] of cast.people.entries()) {
    const player = new Player(id, token, profile.first_name)
    players.set(id, player)
    const call = await rpc(player, 'complete_profile', profile)
    log(call, number)
    player.profile = call.data
    player.told = whatWasTold(call)
    await refresh(player, [])
    if (number < panes.length) panes[number].player = player
  }
  for (const call of document.querySelectorAll('.call')) call.open = false
  busy(false)
  panes.forEach(render)
}

// ---------------------------------------------------------------- the panes

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat().filter((child) => child != null))
  return element
}

function busy(is) {
  for (const { element } of panes) {
    element.setAttribute('aria-busy', is)
    for (const control of element.querySelectorAll('button, input, select')) control.disabled = is
  }
}

function render(pane) {
  const { element, player } = pane
  const title = `person-${pane.place}`
  element.removeAttribute('aria-label')
  element.setAttribute('aria-labelledby', title)
  element.replaceChildren(
    h('div', { class: 'who' },
      h('div', { class: 'avatar', 'aria-hidden': 'true' }, [...player.name][0]),
      h('div', {},
        h('h2', { id: title }, player.name),
        h('div', { class: 'faint' }, traits(player.profile)),
        h('div', { class: 'faint' }, player.profile?.city ?? '')),
      reputationOf(player)),
    h('div', { class: 'state' }, ...stateOf(pane)),
    toldTo(player),
  )
}

function traits(profile) {
  const { experience_level, confidence_archetype } = profile ?? {}
  return [experience_level, confidence_archetype].filter(Boolean).join(', ')
}

function reputationOf({ reputation }) {
  if (!reputation) return null
  return h('div', { class: `reputation ${reputation.badge_color}`, title: `Reputation, ${reputation.badge_color}` },
    `★ ${reputation.score}`)
}

function toldTo({ told }) {
  const attributes = { class: `told ${told ? (told.good ? 'good' : 'bad') : ''}`, role: 'status', tabindex: '-1' }
  if (!told) return h('p', attributes)
  return h('p', attributes, told.text, told.name ? [' ', h('code', {}, told.name)] : [],
    told.hint ? [h('br'), told.hint] : [])
}

function button(pane, label, name, act_, plain = false) {
  return h('button', { type: 'button', class: plain ? 'plain' : null, 'aria-label': name, onclick: act_ }, label)
}

function search(pane, label = 'Find a wingman') {
  return h('div', { class: 'actions' },
    button(pane, label, `${label} for ${pane.player.name}`, () => act(pane, 'create_automatic_match', {})))
}

/** What the person sees, and may press. */
function stateOf(pane) {
  const { match, session } = pane.player
  const current = session && session.match_id === match?.id ? session : null
  if (match?.status === 'pending') return pendingMatch(pane, match)
  if (match?.status !== 'accepted' || match.ended_at) return [h('p', {}, 'No wingman yet.'), search(pane)]
  const buddy = match.buddy_profile?.first_name ?? 'your buddy'
  if (current?.status === 'completed') {
    return [h('p', { class: 'large' }, `You met ${buddy}.`), ...confirmations(current, buddy),
      search(pane, 'Find another wingman')]
  }
  if (current && ['scheduled', 'in_progress'].includes(current.status)) return meeting(pane, current, buddy)
  return arrangement(pane, match, buddy)
}

function pendingMatch(pane, match) {
  const { buddy_profile: buddy, id: match_id, distance_miles: miles } = match
  const name = buddy?.first_name ?? 'Somebody'
  const respond = (action) => () => act(pane, 'respond_to_match', { match_id, action })
  return [
    h('p', { class: 'large' }, `${name}?`),
    h('p', { class: 'faint' },
      `${traits(buddy)}, reputation ${buddy?.reputation_score ?? 0}, ${miles} ${miles === 1 ? 'mile' : 'miles'} away`),
    h('div', { class: 'actions' },
      button(pane, 'Accept', `Accept ${name}`, respond('accept')),
      button(pane, 'Decline', `Decline ${name}`, respond('decline'), true)),
  ]
}

function arrangement(pane, match, buddy) {
  const submit = (event) => {
    event.preventDefault()
    const form = new FormData(event.target)
    const scheduled_time = new Date(Date.now() + 1000 * form.get('seconds')).toISOString()
    act(pane, 'create_session', { match_id: match.id, scheduled_time, venue_name: form.get('venue') })
  }
  const options = [[5, '5 seconds'], [15, '15 seconds'], [60, '1 minute'], [3600, '1 hour']]
  return [
    h('p', { class: 'large' }, `You and ${buddy} are wingmen.`),
    h('form', { class: 'schedule', onsubmit: submit },
      h('label', {}, 'Where', h('input', { name: 'venue', value: 'Corner Café', required: true })),
      h('label', {}, 'In', h('select', { name: 'seconds' }, options.map(([value, text]) => h('option', { value }, text)))),
      h('button', { 'aria-label': `Schedule a meeting with ${buddy}` }, 'Schedule')),
  ]
}

function meeting(pane, session, buddy) {
  const args = { session_id: session.id }
  return [
    h('p', { class: 'large' }, `${session.venue_name}, with ${buddy}`),
    h('p', { class: 'countdown', 'data-time': session.scheduled_time }, untilText(session.scheduled_time)),
    ...confirmations(session, buddy),
    h('div', { class: 'actions' },
      button(pane, `Confirm ${buddy}`, `Confirm that ${buddy} was there`,
        () => act(pane, 'confirm_session_completion', args)),
      button(pane, 'Cancel', `Cancel the meeting with ${buddy}`, () => act(pane, 'cancel_session', args), true)),
  ]
}

function confirmations(session, buddy) {
  const line = (done, text) => h('li', { class: done ? 'ok' : 'faint' }, `${done ? '✓' : '○'} ${text}`)
  return [h('ul', { class: 'checks' },
    line(session.i_confirmed_buddy, session.i_confirmed_buddy ? `You confirmed ${buddy}` : `You have not confirmed ${buddy}`),
    line(session.buddy_confirmed_me, session.buddy_confirmed_me ? `${buddy} confirmed you` : `${buddy} has not confirmed you`))]
}

function untilText(time) {
  const left = Math.ceil((Date.parse(time) - Date.now()) / 1000)
  const at = new Date(time).toLocaleTimeString()
  if (left <= 0) return `It began at ${at}.`
  const minutes = Math.floor(left / 60)
  return `Begins in ${minutes ? `${minutes} min ` : ''}${left % 60} s, at ${at}`
}

setInterval(() => {
  for (const element of document.querySelectorAll('[data-time]')) {
    const text = untilText(element.dataset.time)
    if (element.textContent !== text) element.textContent = text
  }
}, 200)

// ---------------------------------------------------------------- the log

function setupCode() {
  return `import { createClient } from '@supabase/supabase-js'

const supabase = createClient('${location.origin}', anonKey, {
  accessToken: async () => accessToken,  // the person's
})`
}

function callCode({ player, name, args }) {
  const given = Object.entries(args).map(([argument, value]) => `    ${argument}: ${literal(value)},\n`)
  const inside = given.length ? `, {\n${given.join('')}  }` : ''
  return `// as ${player.name}\nconst { data, error } = await supabase\n  .rpc('${name}'${inside})`
}

function literal(value) {
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : JSON.stringify(value)
}

function answerText({ data, error }) {
  if (!error) return `// data\n${JSON.stringify(data, null, 2)}`
  const { details, ...rest } = error
  const told = (name, value) => `// ${name}\n${JSON.stringify(value, null, 2)}`
  try {
    return `${told('error', rest)}\n${told('JSON.parse(error.details)', JSON.parse(details))}`
  } catch {
    return told('error', error)
  }
}

function callElement(call, place, open) {
  const outcome = call.error ? errorName(call.error) : 'ok'
  return h('details', { class: `call ${['first', 'second'][place] ?? ''}`, open },
    h('summary', {},
      h('b', {}, call.player.name), h('code', {}, call.name),
      h('span', { class: `status ${call.error ? 'refused' : 'ok'}` },
        `${call.status} ${outcome} · ${Math.max(1, Math.round(call.milliseconds))} ms`)),
    h('div', { class: 'exchange' },
      h('pre', {}, h('code', {}, callCode(call))), h('pre', {}, h('code', {}, answerText(call)))))
}

function log(call, place) {
  const list = document.querySelector('#log')
  for (const older of list.children) older.open = false
  const entry = callElement(call, place, true)
  list.prepend(entry)
  while (list.children.length > LOG_LENGTH) list.lastChild.remove()
  return entry
}

function showReads(entry, reads) {
  const names = [...new Set(reads.map(({ name }) => name))].join(', ')
  entry.append(h('details', { class: 'reads' },
    h('summary', {}, `Then both read again: ${names}`),
    reads.map((call) => callElement(call, panes.findIndex(({ player }) => player === call.player), false))))
}

// ---------------------------------------------------------------- begin

document.querySelector('#again').addEventListener('click', () => location.reload())
begin().catch((error) => {
  for (const { element } of panes) {
    element.replaceChildren(h('p', { class: 'told bad', role: 'alert' }, error.message))
    element.setAttribute('aria-busy', 'false')
  }
})
