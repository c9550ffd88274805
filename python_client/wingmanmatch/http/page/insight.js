// Readable forms of the longer answers: why_no_match, explain_match and get_match_history.

import { button, h } from './shared/dom.js'

const READABLE = { why_no_match: whyNoMatch, explain_match: whyMatch, get_match_history: history }

/** The part of an answer to show in full; null for answers whose message is enough. */
export function insightOf({ name, data, player }) {
  return data && READABLE[name] ? { name, data, buddy: player.buddy?.name ?? 'your buddy' } : null
}

/** The element that shows it. */
export function insightElement({ name, data, buddy }, player, close) {
  return h('div', { class: 'insight' }, READABLE[name](data, player.name, buddy),
    button('Close', close, { more: `what ${player.name} asked`, plain: true }))
}

const REMOVED = {
  unavailable: 'busy, paused or otherwise not to be had',
  too_far_for_them: 'too far away for them',
  level: 'too many experience levels apart',
  met_recently: 'matched with you not long ago',
  partners: 'your partners already',
}

function whyNoMatch({ radius_miles: miles, people_near: near, removed, suggestions }, name) {
  return [
    h('h3', {}, `What limits ${name}'s search`),
    h('p', {}, near ? `About ${near} people within ${miles} miles.` : `Nobody within ${miles} miles.`,
      h('span', { class: 'faint' }, ' Numbers are rounded, so that nobody can be recognised.')),
    removed.length ? h('ul', { class: 'bars' }, removed.map(({ rule, people }) => {
      const bar = h('span', { class: 'bar', 'aria-hidden': 'true' })
      bar.style.width = `${Math.min(100, (100 * people) / Math.max(near, 1))}%`
      return h('li', {}, h('span', {}, REMOVED[rule] ?? words(rule)), h('b', {}, `about ${people}`), bar)
    })) : null,
    suggestions.length
      ? [h('h4', {}, 'What would help'), h('ul', {}, suggestions.map((text) => h('li', {}, text)))]
      : h('p', {}, 'Nothing would help.'),
  ]
}

function whyMatch({ searched_by_me: mine, rules, came_first_because: reason }, name, buddy) {
  const who = mine === null ? 'No search made this match.' : mine ? `${name} searched.` : `${buddy} searched.`
  return [
    h('h3', {}, `Why ${name} and ${buddy} were matched`),
    h('p', {}, who, reason ? ` ${reason}.` : ''),
    h('ul', { class: 'checks' }, rules.map(({ passed, detail }) =>
      h('li', { class: passed ? 'ok' : 'refused' }, `${passed ? '✓' : '✗'} ${detail}`))),
  ]
}

function history(events, name, buddy) {
  return [
    h('h3', {}, `What happened between ${name} and ${buddy}`),
    h('ol', { class: 'events' }, events.map(({ occurred_at: at, event, by_me: mine }) =>
      h('li', {}, h('time', { datetime: at }, new Date(at).toLocaleTimeString()), ' ', words(event),
        mine === null ? '' : `, by ${mine ? name : buddy}`))),
  ]
}

function words(name) {
  return name.replaceAll('_', ' ')
}
