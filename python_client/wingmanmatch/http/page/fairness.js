// Fair play in a person's pane: agreeing on a time, moving it, reporting a no-show and answering a report, and what keeps
// somebody from searching.

import { button, h } from './shared/dom.js'
import { moment } from './operator.js'

export const DELAYS = [[5, '5 seconds'], [15, '15 seconds'], [60, '1 minute'], [3600, '1 hour']]
const REASONS = { did_not_come: 'did not come', came_too_late: 'came too late', left_early: 'left early' }

/** What keeps the person from searching, by their own profile. */
export function notices({ profile }) {
  const { cooldown_until: cooldown, suspended, suspended_until: until } = profile ?? {}
  return [
    suspended ? h('p', { class: 'notice' },
      `Suspended ${until ? `until ${moment(until)}` : 'without end'}: no searching, answering, arranging or reporting of no-shows.`) : null,
    cooldown ? h('p', { class: 'notice', 'data-cooldown': cooldown }, cooldownText(cooldown)) : null,
  ]
}

export function cooldownText(time) {
  const until = new Date(time)
  if (until <= Date.now()) return 'The cooldown after a no-show is over.'
  const isToday = until.toDateString() === new Date().toDateString()
  return `On a cooldown after a no-show: no searches before ${isToday ? until.toLocaleTimeString() : moment(time)}.`
}

/** Whether the two have agreed on the time and venue: a line of the list of what has happened. */
export function agreement({ agreed_at: agreed, proposed_by_me: mine }, buddy) {
  const text = agreed ? '✓ You both agreed to this' : mine ? `○ ${buddy} has not agreed to this` : `○ ${buddy} proposed this`
  return h('li', { class: agreed ? 'ok' : 'faint' }, text)
}

/** The button that agrees to what the buddy proposed. */
export function agree(pane, does, { id: session_id, proposed_at, agreed_at: agreed, proposed_by_me: mine }, buddy) {
  if (mine || agreed) return null
  return button('Agree', () => does.call(pane, 'agree_to_session', { session_id, proposed_at }), { more: `to what ${buddy} proposed` })
}

/** The form that moves a meeting. */
export function move(pane, does, { id: session_id, venue_name: venue }, buddy) {
  const submit = (event) => {
    event.preventDefault()
    const form = new FormData(event.target)
    const scheduled_time = new Date(Date.now() + 1000 * form.get('seconds')).toISOString()
    does.call(pane, 'reschedule_session', { session_id, scheduled_time, venue_name: form.get('venue') })
  }
  return more('Another time or place',
    h('form', { class: 'schedule', onsubmit: submit },
      h('label', {}, 'Where', h('input', { name: 'venue', value: venue, required: true })),
      h('label', {}, 'In', h('select', { name: 'seconds' }, DELAYS.map(([value, text]) => h('option', { value }, text)))),
      h('button', { 'aria-label': `Move the meeting with ${buddy}` }, 'Move')))
}

/** The reports of a meeting, and what the person can do about each, or the form that makes one. */
export function noShow(pane, does, meeting, buddy) {
  const { reports } = pane.player
  const shown = reports.map((report) => report.reported_by_me ? mine(pane, does, report, buddy) : about(pane, does, report, buddy))
  return [...shown, mayReport(meeting, reports) ? form(pane, does, meeting, buddy) : null]
}

/** A meeting that ended while or after it should have taken place can still be reported. */
function mayReport({ status, scheduled_time: time, cancelled_at: cancelled, i_confirmed_buddy: confirmed }, reports) {
  const isOpen = ['scheduled', 'in_progress'].includes(status)
  const isMissed = status === 'cancelled' && cancelled && Date.parse(cancelled) >= Date.parse(time)
  return (isOpen || isMissed) && !confirmed && !reports.some(({ reported_by_me: own }) => own)
}

function form(pane, does, { id: session_id }, buddy) {
  const submit = (event) => {
    event.preventDefault()
    const { reason, note } = Object.fromEntries(new FormData(event.target))
    does.call(pane, 'report_no_show', { session_id, reason, ...(note && { note }) })
  }
  return more(`${buddy} did not come?`,
    h('form', { class: 'schedule', onsubmit: submit },
      h('label', {}, buddy, h('select', { name: 'reason' }, Object.entries(REASONS).map(([value, text]) => h('option', { value }, text)))),
      h('label', {}, 'For operators only', h('input', { name: 'note', maxlength: 2000 })),
      h('button', { 'aria-label': `Report a no-show of ${buddy}` }, 'Report a no-show')))
}

function mine(pane, does, { session_id, status, reason, answer_by: answerBy, decide_by: decideBy }, buddy) {
  const told = {
    open: `${buddy} can answer, and until ${moment(answerBy)} nothing is decided without an answer. Silence costs nobody anything.`,
    contested: `${buddy} contests it. Operators decide until ${moment(decideBy)}.`,
    admitted: `${buddy} admits it.`,
    withdrawn: 'You took it back.',
    upheld: 'The operators upheld it.',
    dismissed: 'The operators dismissed it.',
    lapsed: 'It has lapsed: nobody decided it in time.',
  }
  const isUndecided = ['open', 'contested'].includes(status)
  return h('div', { class: 'case' },
    h('p', {}, h('b', {}, `You reported that ${buddy} ${REASONS[reason] ?? reason}: ${status}.`)),
    h('p', {}, told[status] ?? ''),
    isUndecided ? h('div', { class: 'actions' },
      button('Withdraw', () => does.call(pane, 'withdraw_no_show', { session_id }), { more: `the report about ${buddy}`, plain: true })) : null)
}

function about(pane, does, { session_id, status, reason, answer_by: answerBy, decide_by: decideBy }, buddy) {
  const told = {
    open: `Nothing is decided without your answer before ${moment(answerBy)}; a later one counts until it is decided.`,
    contested: `You contest it. Operators decide until ${moment(decideBy)}.`,
    admitted: 'You admitted it.',
    withdrawn: `${buddy} took it back.`,
    upheld: 'The operators upheld it.',
    dismissed: 'The operators dismissed it.',
    lapsed: 'It has lapsed: nobody decided it in time.',
  }
  return h('div', { class: 'case' },
    h('p', {}, h('b', {}, `${buddy} reports that you ${REASONS[reason] ?? reason}: ${status}.`)),
    h('p', {}, told[status] ?? ''),
    status === 'open' ? answer(pane, does, session_id, buddy) : null)
}

function answer(pane, does, session_id, buddy) {
  const submit = (event) => {
    event.preventDefault()
    const statement = new FormData(event.target).get('statement')
    does.call(pane, 'answer_no_show', { session_id, action: event.submitter.value, ...(statement && { statement }) })
  }
  const submitter = (value, label, plain) =>
    h('button', { value, class: plain ? 'plain' : null, 'aria-label': `${label} what ${buddy} reports` }, label)
  return h('form', { class: 'schedule', onsubmit: submit },
    h('label', {}, 'What you say to it, for operators only', h('input', { name: 'statement', maxlength: 2000 })),
    submitter('contest', 'Contest'), submitter('admit', 'Admit', true))
}

function more(summary, ...children) {
  return h('details', { class: 'more' }, h('summary', {}, summary), ...children)
}
