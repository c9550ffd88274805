// Both people's calls at once.

import { button, h } from './shared/dom.js'
import { call, errorName } from './people.js'
import { transport } from './transport.js'

const SECONDS_AHEAD = 15

export const UNREAD = 'Unknown: an answer is missing. Both people are read again once the server is back.'

/**
 * The races that the current state offers, each as `{ label, calls, outcome, prepare }`. `prepare()` is optional and runs
 * first; `outcome(answers, before)` reads the result, with the two reputations from before.
 */
export function racesOf(one, other) {
  if (one.match?.status === 'pending' && one.match.id === other.match?.id) return answers(one, other)
  if (one.isPartner && one.match.id === other.match?.id) {
    if (isActive(one.meeting) && one.meeting.id === other.meeting?.id) return confirmations(one, other)
    if (!one.meeting?.both_confirmed) return meetings(one, other)
  }
  if (one.match?.status !== 'pending' && other.match?.status !== 'pending') return searches(one, other)
  return []
}

/** Sends both calls, then waits for both. Which one is sent first is random. */
export async function run({ calls, label }) {
  const order = Math.random() < 0.5 ? calls : [...calls].reverse()
  const sent = order.map(({ player, name, args }) => call(player, name, args))
  const answered = await Promise.all(sent)
  return { label, answers: calls.map((one) => answered[order.indexOf(one)]), facts: [] }
}

/** The buttons, and the result of the last race. */
export function raceElement(races, last, press) {
  return [
    h('h2', { id: 'race-title' }, 'At the same moment'),
    h('p', { class: 'faint' }, races.length
      ? `Both press at once: ${transport.atOnce}`
      : 'Nothing to press together now: the two must be matched with each other, or both be free.'),
    h('div', { class: 'actions' }, races.map((race) => button(race.label, () => press(race)))),
    last ? result(last) : null,
  ].filter(Boolean)
}

function result({ label, answers: answered, facts }) {
  const begun = Math.min(...answered.map((made) => made.begun))
  const end = Math.max(...answered.map((made) => made.begun + made.milliseconds))
  return h('div', { class: 'result', role: 'group', 'aria-label': `Result: ${label}`, tabindex: '-1' },
    h('h3', {}, label),
    h('div', { class: 'lanes' }, answered.map((made, place) => lane(made, place, begun, end - begun))),
    h('h3', {}, 'The result in the database'),
    h('ul', { class: 'facts' }, facts.map((fact) => h('li', {}, fact))))
}

function lane(made, place, begun, whole) {
  const bar = h('span', { class: 'bar' })
  const share = (milliseconds) => `${(100 * milliseconds) / Math.max(whole, 0.1)}%`
  bar.style.marginInlineStart = share(made.begun - begun)
  bar.style.width = share(made.milliseconds)
  const said = made.error ? made.error.message : (made.data.message ?? 'Done.')
  return h('div', { class: `lane ${place ? 'second' : 'first'}` },
    h('div', { class: 'lane-head' },
      h('b', {}, made.player.name), h('code', {}, made.args.action ? `${made.name}: ${made.args.action}` : made.name)),
    h('div', { class: 'track', 'aria-hidden': 'true' }, bar),
    h('p', { class: 'times' },
      `sent at ${milliseconds(made.begun - begun)}, answered at ${milliseconds(made.begun - begun + made.milliseconds)}`),
    h('p', { class: made.error ? 'refused' : 'ok' },
      `${made.status || 'no answer'} `, made.error ? [h('code', {}, errorName(made.error)), h('br')] : null, said))
}

function milliseconds(time) {
  return `${time.toFixed(1)} ms`
}

function isActive(meeting) {
  return meeting && ['scheduled', 'in_progress'].includes(meeting.status)
}

// ---------------------------------------------------------------- the races

function searches(one, other) {
  const search = (player) => ({ player, name: 'create_automatic_match', args: {} })
  return [{ label: 'Both search', calls: [search(one), search(other)], outcome: async () => searched(one, other) }]
}

function searched(one, other) {
  if (one.match && one.match.id === other.match?.id) {
    return [`There is one match, between ${one.name} and ${other.name}: ${one.match.status}.`,
      'The second search returned the match that the first one had made.']
  }
  return [one, other].map(({ name, match, buddy }) => match?.status === 'pending'
    ? `${name} has one pending match, with ${buddy?.name ?? 'somebody'}.`
    : `${name} has no pending match.`)
}

function answers(one, other) {
  const match_id = one.match.id
  const answer = (player, action) => ({ player, name: 'respond_to_match', args: { match_id, action } })
  const outcome = (given) => answered(one, other, match_id, given)
  return [
    { label: 'Both accept', calls: [answer(one, 'accept'), answer(other, 'accept')], outcome },
    {
      label: `${one.name} accepts, ${other.name} declines`,
      calls: [answer(one, 'accept'), answer(other, 'decline')],
      outcome,
    },
    {
      label: `${one.name} declines, ${other.name} accepts`,
      calls: [answer(one, 'decline'), answer(other, 'accept')],
      outcome,
    },
  ]
}

async function answered(one, other, match_id, given) {
  const [mine, theirs] = await both(one, other, 'get_match', { match_id })
  if (!mine || !theirs) return [UNREAD]
  const by = mine.responded_by_me ? one.name : theirs.responded_by_me ? other.name : 'nobody'
  const how = !mine.needs_both ? 'One answer decided' : mine.status === 'accepted' ? 'It took both' : 'A decline is enough'
  const next = given.filter(({ data }) => data?.next_match).map(({ player, data }) =>
    `${player.name}'s next match came in the same transaction: ${data.next_match.buddy_profile.first_name}.`)
  return [
    mine.status === theirs.status
      ? `${how}: the match is ${mine.status}, by ${by}. Both people read the same.`
      : `The match is ${mine.status} for ${one.name}, and ${theirs.status} for ${other.name}.`,
    ...next,
  ]
}

function meetings(one, other) {
  const arrange = (player, venue_name) => ({ player, name: 'create_session', args: { match_id: player.match.id, venue_name } })
  const calls = [arrange(one, 'Corner Café'), arrange(other, 'River Bar')]
  const outcome = async () => {
    const { id } = one.match
    const [rows] = await both(one, other, 'list_sessions', { page_size: 100 })
    if (!rows) return [UNREAD]
    const active = rows.filter((session) => session.match_id === id && isActive(session))
    return [`Active meetings of this match: ${active.length}`, ...active.map(({ venue_name, scheduled_time }) =>
      `${venue_name}, at ${new Date(scheduled_time).toLocaleTimeString()}`)]
  }
  return [{ label: 'Both schedule', calls, outcome, prepare: whenPressed(calls) }]
}

/** Sets the meeting's time, counted from the press. */
function whenPressed(calls) {
  return () => {
    const scheduled_time = new Date(Date.now() + 1000 * SECONDS_AHEAD).toISOString()
    for (const { args } of calls) args.scheduled_time = scheduled_time
  }
}

function confirmations(one, other) {
  const session_id = one.meeting.id
  const confirm = (player) => ({ player, name: 'confirm_session_completion', args: { session_id } })
  const cancel = (player) => ({ player, name: 'cancel_session', args: { session_id } })
  const outcome = (_, before) => confirmed(one, other, session_id, before)
  return [
    { label: 'Both confirm', calls: [confirm(one), confirm(other)], outcome },
    { label: `${one.name} confirms, ${other.name} cancels`, calls: [confirm(one), cancel(other)], outcome },
  ]
}

async function confirmed(one, other, session_id, before) {
  const [mine] = await both(one, other, 'get_session', { session_id })
  if (!mine) return [UNREAD]
  const said = (is, by, whom) => `${by} ${is ? 'confirmed' : 'has not confirmed'} ${whom}`
  return [
    `The session is ${mine.status.replace('_', ' ')}: ${said(mine.i_confirmed_buddy, one.name, other.name)}, `
      + `${said(mine.buddy_confirmed_me, other.name, one.name)}.`,
    ...[one, other].map(({ name, reputation }, place) =>
      `${name}'s reputation: ★ ${before[place]} before, ★ ${reputation?.score ?? '?'} now.`),
  ]
}

async function both(one, other, name, args) {
  const made = await Promise.all([one, other].map((player) => call(player, name, args)))
  return made.map(({ data }) => data)
}
