// A person's pane: profile, state, buttons, and the answer to the last call.

import { button, h } from './shared/dom.js'
import { agree, agreement, cooldownText, DELAYS, move, noShow, notices } from './fairness.js'
import { insightElement } from './insight.js'
import { moment } from './operator.js'
import { transport } from './transport.js'

/** Redraws a pane if anything has changed. `does` holds the actions of its buttons. */
export function render(pane, does) {
  const { element, place, player } = pane
  const shown = JSON.stringify([player, [...player.blocked], does.other(pane).id])
  if (pane.shown === shown) return
  pane.shown = shown
  // both people may have the same first name
  element.setAttribute('aria-label', `${place ? 'Second' : 'First'} person: ${player.name || 'nobody'}`)
  element.replaceChildren(...(player.missing ? missing(player, does) : present(pane, does)).filter(Boolean))
}

function missing({ id, missing: reason }, does) {
  return [
    h('h2', {}, 'Nobody here'),
    h('div', { class: 'state' },
      h('p', {}, reason),
      id ? h('p', { class: 'faint' }, h('code', {}, id)) : null,
      h('p', { class: 'faint' }, transport.gone),
      h('div', { class: 'actions' }, button('Play new people', does.again))),
  ]
}

function present(pane, does) {
  const { player } = pane
  return [
    h('div', { class: 'who' },
      h('div', { class: 'avatar', 'aria-hidden': 'true' }, [...player.name][0] ?? '?'),
      h('div', {},
        h('h2', {}, player.name),
        h('p', { class: 'faint' }, traits(player.profile)),
        h('p', { class: 'faint' }, player.profile?.city ?? '')),
      h('div', { class: 'badges' }, reputation(player),
        player.profile?.matching_paused ? h('span', { class: 'badge' }, 'paused') : null,
        player.profile?.suspended ? h('span', { class: 'badge red' }, 'suspended') : null)),
    achievements(player),
    ...notices(player),
    player.came ? h('p', { class: 'came' }, player.came) : null,
    inbox(pane, does),
    h('div', { class: 'state' }, stateOf(pane, does), reportsOf(pane, does)),
    told(player),
    player.insight ? insightElement(player.insight, player, () => does.close(pane)) : null,
    menu(pane, does),
  ]
}

/** What others' calls have told this person. */
function inbox(pane, does) {
  const { inbox: [newest, ...older], name } = pane.player
  if (!newest) return null
  return h('div', { class: 'inbox', role: 'group', 'aria-label': `What ${name} was told` },
    h('ul', {}, [newest, ...older].map(({ message }) => h('li', {}, message))),
    button('Read', () => does.ask(pane, 'mark_notifications_read', { up_to: newest.id }), { more: `by ${name}`, plain: true }))
}

function traits(profile) {
  return [profile?.experience_level, profile?.confidence_archetype].filter(Boolean).join(', ')
}

function reputation({ reputation: known, rise }) {
  if (!known) return null
  const change = rise ? h('span', { class: rise > 0 ? 'rise' : 'rise fall' }, `${rise > 0 ? '+' : '−'}${Math.abs(rise)}`) : null
  const score = h('span',
    { class: `badge reputation ${known.badge_color}`, role: 'img', 'aria-label': `Reputation ${known.score}, ${known.badge_color}` },
    `★ ${known.score}`)
  return h('div', { class: 'score' }, score, change)
}

/** What this person has earned so far. */
function achievements({ achievements: list, name }) {
  const earned = list.filter(({ earned_at: at }) => at)
  if (!earned.length) return null
  return h('ul', { class: 'achievements', 'aria-label': `What ${name} has earned` },
    earned.map(({ title, description }) => h('li', { class: 'badge gold', title: description }, title)))
}

function told({ told: said }) {
  const attributes = { class: `told ${said ? (said.good ? 'good' : 'bad') : ''}`, role: 'status', tabindex: '-1' }
  if (!said) return h('p', attributes)
  return h('p', attributes, said.text, said.name ? [' ', h('code', {}, said.name)] : [],
    said.hint ? [h('br'), said.hint] : [])
}

// ---------------------------------------------------------------- the state

function stateOf(pane, does) {
  const { player } = pane
  const { match, meeting } = player
  if (match?.status === 'pending') return offer(pane, does)
  if (!player.isPartner) return [h('p', { class: 'large' }, 'No wingman yet.'), search(pane, does, 'Find a wingman')]
  const buddy = player.buddy?.name ?? 'your buddy'
  if (meeting?.status === 'completed') {
    return [h('p', { class: 'large' }, `You met ${buddy}.`), confirmations(meeting, buddy),
      search(pane, does, 'Find another wingman')]
  }
  if (['scheduled', 'in_progress'].includes(meeting?.status)) return [...ahead(pane, does, meeting, buddy), beside(pane, does)]
  return [...arrangement(pane, does, match, buddy), beside(pane, does)]
}

/** What is reported about the current meeting, also once the match has ended. */
function reportsOf(pane, does) {
  const { meeting, buddy } = pane.player
  if (!meeting) return []
  const other = does.other(pane)
  return noShow(pane, does, meeting, buddy?.name ?? (other.id === meeting.buddy_user_id ? other.name : 'your buddy'))
}

function search(pane, does, label) {
  return h('div', { class: 'actions' },
    button(label, () => does.call(pane, 'create_automatic_match', {}), { more: `for ${pane.player.name}` }))
}

function offer(pane, does) {
  const { buddy_profile: buddy, id: match_id, distance_miles: miles, expires_at: until } = pane.player.match
  const { needs_both: needsBoth, accepted_by_me: accepted, accepted_by_buddy: isAccepted } = pane.player.match
  const name = buddy?.first_name ?? 'Somebody'
  const answer = (action) => () => does.call(pane, 'respond_to_match', { match_id, action })
  const about = [traits(buddy), `★ ${buddy?.reputation_score ?? 0}`, `${miles} ${miles === 1 ? 'mile' : 'miles'} away`]
  return [
    h('p', { class: 'large' }, `${name}?`),
    h('p', { class: 'faint' }, about.filter(Boolean).join(' · ')),
    h('p', { class: 'faint' }, `To be answered by ${moment(until)}`),
    needsBoth ? h('ul', { class: 'checks' },
      h('li', { class: accepted ? 'ok' : 'faint' }, accepted ? `✓ You accepted: waiting for ${name}` : '○ Both must accept: you have not'),
      h('li', { class: isAccepted ? 'ok' : 'faint' }, isAccepted ? `✓ ${name} accepted` : `○ ${name} has not accepted`)) : null,
    h('div', { class: 'actions' },
      accepted ? null : button('Accept', answer('accept'), { more: name }),
      button('Decline', answer('decline'), { more: name, plain: true })),
    beside(pane, does),
  ]
}

/** A button that brings a buddy who is not in the other pane. */
function beside(pane, does) {
  const { buddy } = pane.player
  if (!buddy || does.other(pane).id === buddy.id) return null
  return h('p', { class: 'beside' }, `${buddy.name} is not on this page. `,
    button(`Play ${buddy.name}`, () => does.show(pane), { more: 'in the other place', plain: true }))
}

function arrangement(pane, does, match, buddy) {
  const submit = (event) => {
    event.preventDefault()
    const form = new FormData(event.target)
    const scheduled_time = new Date(Date.now() + 1000 * form.get('seconds')).toISOString()
    does.call(pane, 'create_session', { match_id: match.id, scheduled_time, venue_name: form.get('venue') })
  }
  return [
    h('p', { class: 'large' }, `You and ${buddy} are wingmen.`),
    h('form', { class: 'schedule', onsubmit: submit },
      h('label', {}, 'Where', h('input', { name: 'venue', value: 'Corner Café', required: true })),
      h('label', {}, 'In', h('select', { name: 'seconds' }, DELAYS.map(([value, text]) => h('option', { value }, text)))),
      h('button', { 'aria-label': `Schedule a meeting with ${buddy}` }, 'Schedule')),
  ]
}

function ahead(pane, does, meeting, buddy) {
  const args = { session_id: meeting.id }
  return [
    h('p', { class: 'large' }, `${meeting.venue_name}, with ${buddy}`),
    h('p', { class: 'countdown', 'data-time': meeting.scheduled_time }, untilText(meeting.scheduled_time)),
    confirmations(meeting, buddy, agreement(meeting, buddy)),
    h('div', { class: 'actions' },
      agree(pane, does, meeting, buddy),
      button(`Confirm ${buddy}`, () => does.call(pane, 'confirm_session_completion', args), { more: 'was there' }),
      button('Cancel', () => does.call(pane, 'cancel_session', args), { more: `the meeting with ${buddy}`, plain: true })),
    move(pane, does, meeting, buddy),
  ]
}

function confirmations(meeting, buddy, before = null) {
  const line = (done, yes, no) => h('li', { class: done ? 'ok' : 'faint' }, done ? `✓ ${yes}` : `○ ${no}`)
  return h('ul', { class: 'checks' },
    before,
    line(meeting.i_confirmed_buddy, `You confirmed ${buddy}`, `You have not confirmed ${buddy}`),
    line(meeting.buddy_confirmed_me, `${buddy} confirmed you`, `${buddy} has not confirmed you`))
}

function untilText(time) {
  const left = Math.ceil((Date.parse(time) - Date.now()) / 1000)
  const at = new Date(time).toLocaleTimeString()
  if (left <= 0) return `It began at ${at}.`
  const minutes = Math.floor(left / 60)
  return `Begins in ${minutes ? `${minutes} min ` : ''}${left % 60} s, at ${at}`
}

/** Updates all countdowns. */
export function countDown() {
  for (const element of document.querySelectorAll('[data-time], [data-cooldown]')) {
    const { time, cooldown } = element.dataset
    const text = time ? untilText(time) : cooldownText(cooldown)
    if (element.textContent !== text) element.textContent = text
  }
}

// ---------------------------------------------------------------- the menu

function menu(pane, does) {
  const { player } = pane
  const { match } = player
  const whom = player.buddy ?? { id: does.other(pane).id, name: does.other(pane).name }
  const item = (label, name, args, more = '') => button(label, () => does.ask(pane, name, args), { more, plain: true })
  const own = `for ${player.name}`
  const about = match ? { match_id: match.id } : null
  return h('details', { class: 'menu' },
    h('summary', { 'aria-label': `More ${own}` }, 'More'),
    h('div', { class: 'actions' },
      item('Why no match?', 'why_no_match', {}, own),
      about && player.buddy ? item(`Why ${player.buddy.name}?`, 'explain_match', about) : null,
      about ? item('What happened?', 'get_match_history', about, own) : null,
      item('The leaderboard', 'get_leaderboard', { period: 'week', page_size: 10 }, own),
      item('Join the leaderboard', 'set_leaderboard_visibility', { visibility: 'named' }, own),
      item('Leave the leaderboard', 'set_leaderboard_visibility', { visibility: 'off' }, own),
      player.profile?.matching_paused
        ? item('Resume matching', 'resume_matching', {}, own)
        : item('Pause matching', 'pause_matching', {}, own),
      player.isPartner ? item('End the match', 'end_match', about, own) : null,
      whom.name ? [
        player.blocked.has(whom.id)
          ? item(`Unblock ${whom.name}`, 'unblock_user', { subject_id: whom.id })
          : item(`Block ${whom.name}`, 'block_user', { subject_id: whom.id }),
        report(pane, does, whom),
      ] : null))
}

function report(pane, does, whom) {
  const submit = (event) => {
    event.preventDefault()
    does.ask(pane, 'report_user', { subject_id: whom.id, reason: new FormData(event.target).get('reason') })
  }
  return h('form', { class: 'report', onsubmit: submit },
    h('label', {}, `What ${whom.name} did`, h('input', { name: 'reason', required: true, placeholder: 'Did not show up' })),
    h('button', { class: 'plain', 'aria-label': `Report ${whom.name} to the operators` }, `Report ${whom.name}`))
}
