// People: a search, and one person with everything that happened.

import { button, h } from './shared/dom.js'
import { decisionForm, folded } from './decision.js'
import { fullMoment, number, shortId, TIME_ZONE, words } from './format.js'
import {
  badge,
  details,
  empty,
  facts,
  failure,
  panel,
  person,
  plainId,
  quote,
  sentence,
  skeleton,
  table,
  time,
  viewHead,
  viewTitle,
} from './parts.js'

const SHORTEST_SEARCH = 3
const DAY_MILLISECONDS = 86_400_000
const SUSPENSIONS = [
  ['1', '1 day'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['until', 'Until…'],
  ['', 'Without end'],
]
const MATCHING = {
  free: ['Free to be matched', 'green'],
  suspended: ['Suspended', 'red'],
  'has a pending match': ['Has a pending match', 'gold'],
  departed: ['Departed', 'red'],
}

/** The search, or the person whom the address names. */
export class View {
  constructor(context, [id], query) {
    return id ? new Person(context, id) : new Search(context, query.get('search') ?? '')
  }
}

class Search {
  title = 'People'

  constructor(context, search) {
    this.context = context
    this.search = search
    this.found = h('div', { role: 'status', 'aria-label': 'People found' })
  }

  frame() {
    const field = h('input', {
      type: 'search',
      name: 'search',
      value: this.search,
      required: true,
      minlength: SHORTEST_SEARCH,
      maxlength: 100,
      autocomplete: 'off',
      'aria-describedby': 'search-hint',
    })
    const submit = (event) => {
      event.preventDefault()
      const wanted = field.value.trim()
      const hash = `#/people?search=${encodeURIComponent(wanted)}`
      history.replaceState(null, '', hash)
      this.search = wanted
      this.context.reload()
    }
    return [
      h('div', { class: 'head' }, viewTitle(this.title)),
      h(
        'form',
        { class: 'search', role: 'search', onsubmit: submit },
        h('label', {}, 'Name, city or id', field),
        h('button', { type: 'submit' }, 'Search'),
      ),
      h(
        'p',
        { class: 'faint', id: 'search-hint' },
        'The beginning of a first name or city, at least three letters, or a whole id. The server’s log records who searches.',
      ),
      this.found,
    ]
  }

  async load() {
    if (!this.search) return
    this.found.replaceChildren(skeleton(4))
    const people = await this.context.read(`/api/people?search=${encodeURIComponent(this.search)}`)
    this.found.replaceChildren(
      people.length
        ? h(
            'div',
            { class: 'panel' },
            table(
              `${number(people.length)} found`,
              [
                {
                  label: 'First name',
                  head: true,
                  cell: (row) => h('a', { href: `#/people/${encodeURIComponent(row.user_id)}` }, row.first_name),
                },
                { label: 'City', cell: (row) => row.city ?? '–' },
                { label: 'Experience', cell: (row) => words(row.experience_level) },
                { label: 'Since', cell: (row) => time(row.created_at) },
                { label: 'Id', cell: (row) => h('code', { class: 'id' }, row.user_id) },
              ],
              people,
              { shown: true },
            ),
          )
        : empty(`Nobody’s first name, city or id begins with “${this.search}”.`),
    )
  }

  fail(error) {
    this.found.replaceChildren(failure(error))
  }
}

class Person {
  title = 'A person'
  #events = null
  #acted = new Set()
  #suspended = null
  #newest = null

  constructor(context, id) {
    this.context = context
    this.id = id
    this.path = `/api/people/${encodeURIComponent(id)}`
    this.heading = viewTitle(`Person ${shortId(id)}`)
    this.badges = h('div', { class: 'badges' })
    this.about = h('div', { class: 'grid person-facts' }, panel('Profile', {}, skeleton(5)), panel('Matching', {}, skeleton(5)))
    this.suspension = h('div', {})
    this.kept = h('div', { class: 'grid halves' })
    this.events = h('div', {}, skeleton(6))
  }

  frame() {
    return [
      h('p', {}, h('a', { href: '#/people' }, '← People')),
      viewHead(this.context, h('div', {}, this.heading, h('p', {}, h('code', { class: 'id' }, this.id))), this.badges),
      this.about,
      this.suspension,
      this.kept,
      panel('Timeline', { note: 'Newest first' }, this.events),
    ]
  }

  async load() {
    const [about, timeline] = await Promise.all([this.context.read(this.path), this.context.read(`${this.path}/timeline`)])
    this.#drawAbout(about)
    // what has not changed stays as it is, with what was typed into it
    const newest = JSON.stringify(timeline)
    if (newest === this.#newest) return
    this.#newest = newest
    this.#acted.clear()
    this.#events = h('ol', { class: 'timeline' })
    this.events.replaceChildren(this.#events)
    this.#append(timeline)
  }

  fail(error) {
    this.about.replaceChildren(failure(error))
    this.events.replaceChildren()
  }

  #drawAbout({ overview, decisions, no_show_reports: noShows = [], reports = [] }) {
    const { first_name: name, matching, reputation_score: score } = overview
    this.heading.textContent = name ?? `Person ${shortId(this.id)}, departed`
    document.title = `${this.heading.textContent} · WingmanMatch`
    const [state, kind] = MATCHING[matching] ?? [words(matching), 'gold']
    this.badges.replaceChildren(badge(state, kind), ...(score == null ? [] : [badge(`★ ${number(score)}`)]))
    this.about.replaceChildren(
      panel(
        'Profile',
        {},
        facts([
          ['City', overview.city],
          ['Experience', overview.experience_level && words(overview.experience_level)],
          ['Since', overview.created_at && time(overview.created_at)],
          ['Travels', overview.max_travel_miles == null ? null : `up to ${number(overview.max_travel_miles)} miles`],
          ['Shows the place', overview.privacy_mode && words(overview.privacy_mode)],
        ]),
      ),
      panel(
        'Matching',
        {},
        facts([
          ['State', state],
          ['Waits since', overview.waiting_since && time(overview.waiting_since)],
          ['Pending match', overview.pending_match_id && plainId(overview.pending_match_id)],
          ['In a cooldown until', overview.cooldown_until && time(overview.cooldown_until)],
          ['Matches', `${number(overview.matches)} (${number(overview.accepted_matches)} accepted)`],
          ['Open matches', number(overview.open_matches)],
          ['Active sessions', number(overview.active_sessions)],
        ]),
      ),
      panel(
        'Record',
        {},
        facts([
          ['Completed sessions', number(overview.completed_sessions)],
          ['No-shows', number(overview.no_shows)],
          ['Reported for no-shows', times(overview.no_show_reports_received)],
          ['Reported no-shows', times(overview.no_show_reports_made)],
          ['Reports about them', `${number(overview.reports_received)} (${number(overview.undecided_reports)} undecided)`],
          ['Reports by them', number(overview.reports_made)],
          ['Has blocked', number(overview.blocks_made)],
          ['Blocked by', number(overview.blocks_received)],
        ]),
      ),
    )
    const suspended = JSON.stringify([overview.is_suspended, overview.suspended_until])
    if (suspended !== this.#suspended) this.suspension.replaceChildren(panel('Suspension', {}, this.#suspension(overview)))
    this.#suspended = suspended
    this.kept.replaceChildren(
      panel(
        'Reports',
        {},
        reports.length || noShows.length
          ? h(
              'ul',
              { class: 'entries' },
              [
                ...reports.map((row) => ({
                  at: row.created_at,
                  element: [
                    entryHead(row.created_at, words(row.status)),
                    h('p', {}, who(row.reporter_id, this.id), ' reports ', who(row.subject_id, this.id)),
                    row.reason ? quote(row.reason) : null,
                  ],
                })),
                ...noShows.map((row) => ({
                  at: row.created_at,
                  element: [
                    entryHead(row.created_at, words(row.status)),
                    h(
                      'p',
                      {},
                      who(row.reporter_id, this.id),
                      ' reports a no-show of ',
                      who(row.accused_id, this.id),
                      `: ${words(row.reason).toLowerCase()}`,
                    ),
                    row.note ? quote(row.note) : null,
                    row.statement ? quote(row.statement) : null,
                  ],
                })),
              ]
                .sort((one, other) => (one.at < other.at ? 1 : -1))
                .map(({ element }) => h('li', {}, element)),
            )
          : empty('Nobody has reported this person, nor has this person reported anybody.'),
      ),
      panel(
        'Decisions',
        {},
        decisions.length
          ? h(
              'ul',
              { class: 'entries' },
              decisions.map((row) =>
                h(
                  'li',
                  {},
                  entryHead(row.decided_at, row.login),
                  h('b', {}, words(row.kind)),
                  details(row.details),
                  quote(row.reason),
                ),
              ),
            )
          : empty('No operator has decided anything about this person.'),
      ),
    )
  }

  #suspension({ is_suspended: isSuspended, suspended_until: until }) {
    const done = async ({ message }) => {
      this.context.tell(sentence(message))
      await this.context.reload()
      this.suspension.querySelector('h2').focus()
    }
    const now = isSuspended
      ? h('p', {}, 'Suspended ', until ? ['until ', time(until)] : 'without end', '.')
      : empty('Not suspended.')
    const end = h('input', {
      type: 'datetime-local',
      name: 'end',
      required: true,
      disabled: true,
      min: localTime(Date.now()),
      value: localTime(Date.now() + 14 * DAY_MILLISECONDS),
    })
    const endLabel = h('label', { hidden: true }, `Until, in the time zone ${TIME_ZONE}`, end)
    const length = h(
      'select',
      {
        name: 'length',
        onchange: () => {
          endLabel.hidden = end.disabled = length.value !== 'until'
        },
      },
      SUSPENSIONS.map(([value, label]) => h('option', { value }, label)),
    )
    const suspend = decisionForm(this.context, {
      fields: [h('div', { class: 'fields' }, h('label', {}, 'For', length), endLabel)],
      done,
      choices: [
        {
          label: isSuspended ? 'Suspend with another end' : 'Suspend',
          calls: 'suspend_user',
          hint: 'Cannot search, be found, answer or arrange anything. A pending match is declined, accepted ones end.',
          args: (fields) => ({ user_id: this.id, until: endOf(fields) }),
        },
      ],
    })
    const lift =
      isSuspended &&
      decisionForm(this.context, {
        done,
        choices: [
          {
            label: 'Lift the suspension',
            hint: 'What it ended stays ended.',
            calls: 'lift_suspension',
            args: () => ({ user_id: this.id }),
          },
        ],
      })
    return [
      now,
      h(
        'div',
        { class: 'folds' },
        isSuspended ? folded('Lift it…', lift) : null,
        folded(isSuspended ? 'Another end…' : 'Suspend…', suspend),
      ),
    ]
  }

  #append({ events, before }) {
    if (!events.length && !this.#events.children.length)
      this.events.replaceChildren(empty('Nothing happened, as far back as the journal reaches.'))
    const items = events.map((event) => this.#event(event))
    this.#events.append(...items)
    if (!before) return items
    const older = button(
      'Show older',
      async () => {
        older.disabled = true
        try {
          const more = await this.context.read(`${this.path}/timeline?before=${encodeURIComponent(before)}`)
          older.remove()
          this.#append(more)[0]?.querySelector('b').focus()
        } catch (error) {
          older.disabled = false
          if (!this.context.failed(error) && error.name !== 'AbortError') older.before(failure(error))
        }
      },
      { plain: true },
    )
    this.events.append(older)
    return items
  }

  #event({
    occurred_at: at,
    kind,
    by_user_id: by,
    other_user_id: other,
    match_id: match,
    session_id: session,
    call,
    login,
    details: more,
  }) {
    return h(
      'li',
      {},
      h('time', { datetime: at, title: fullMoment(at) }, time(at).textContent),
      h(
        'div',
        {},
        h(
          'p',
          {},
          h('b', { tabindex: '-1' }, words(kind.replace(/^decision_/, 'decision:_'))),
          by ? [' by ', who(by, this.id)] : null,
          other && other !== by ? [' with ', who(other, this.id)] : null,
        ),
        details(kind === 'match_offered' ? { expires_at: more?.expires_at } : more),
        h(
          'p',
          { class: 'faint' },
          [
            call ? h('code', {}, call) : null,
            login ? `login ${login}` : null,
            session ? ['session ', plainId(session)] : match ? ['match ', plainId(match)] : null,
          ]
            .filter(Boolean)
            .flatMap((part, place) => [place ? ' · ' : '', ...[part].flat()]),
        ),
        this.#acts(kind, match, session, other),
      ),
    )
  }

  /** What an operator can do about a match or session, once for each: at the newest event. */
  #acts(kind, match, session, other) {
    const subject = session ?? match
    if (!subject || this.#acted.has(subject)) return null
    this.#acted.add(subject)
    const choices = []
    if (/^session_(scheduled|moved|agreed|started|confirmed)$/.test(kind)) {
      choices.push({ label: 'Cancel the session', calls: 'cancel_session', args: () => ({ session_id: session }) })
      for (const absent of [this.id, other].filter(Boolean)) {
        choices.push({
          label: `${absent === this.id ? this.heading.textContent : shortId(absent)} did not come`,
          hint: 'Records a no-show, from the time of the session on',
          calls: 'mark_no_show',
          args: () => ({ session_id: session, absent_user_id: absent }),
        })
      }
    }
    if (/^session_(completed|no_show)$/.test(kind)) {
      choices.push({
        label: 'Take it back',
        hint: 'Takes back what the session did to reputations',
        calls: 'revert_completion',
        args: () => ({ session_id: session }),
      })
    }
    if (match && (subject === match || !this.#acted.has(match)) && /^(match_accepted|session_)/.test(kind)) {
      this.#acted.add(match)
      choices.push({
        label: 'End the match',
        hint: 'Cancels its active session as well',
        calls: 'end_match',
        args: () => ({ match_id: match }),
      })
    }
    if (!choices.length) return null
    const done = async ({ message }) => {
      this.context.tell(sentence(message))
      await this.context.reload()
      this.events.closest('section').querySelector('h2').focus()
    }
    return folded('Act on it…', decisionForm(this.context, { choices, done }), {
      more: `${session ? 'session' : 'match'} ${shortId(subject)}`,
    })
  }
}

const times = (count) => (count === 1 ? 'once' : `${number(count)} times`)

const entryHead = (at, label) => h('p', { class: 'entry-head' }, time(at), badge(label))

/** This person, or a link to the other one. */
const who = (id, self) => (id === self ? 'this person' : person(id))

function endOf({ length, end }) {
  if (length === '') return null
  return new Date(length === 'until' ? end : Date.now() + Number(length) * DAY_MILLISECONDS).toISOString()
}

/** A time as `datetime-local` takes it, in the browser's time zone. */
function localTime(milliseconds) {
  const at = new Date(milliseconds)
  return new Date(milliseconds - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
