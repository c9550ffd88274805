// The overview: what becomes of offers and sessions, who waits, and whether everything that runs beside is in time.

import { button, h } from './shared/dom.js'
import { chart } from './charts.js'
import { ago, clock, day, duration, fullDay, intervalSeconds, number, percent, words } from './format.js'
import { badge, bar, empty, facts, failure, panel, skeleton, table, timeAgo, viewHead, viewTitle } from './parts.js'

const RANGES = [7, 30, 90, 365]
const USUAL_RANGE = 30
const LONGEST_BY_DAY = 100
const DAY_MILLISECONDS = 86_400_000
const MONDAY = 4 * DAY_MILLISECONDS
const BEHIND_SECONDS = 300
const MOST_NOT_SETTLED = 0.2
/** As high as the panel beside it. */
const FUNNEL_HEIGHT = 252

const STATES = {
  free: ['Free', 'first'],
  offered: ['With an offer', 'second'],
  cooldown: ['In a cooldown', 'gold'],
  paused: ['Paused', 'faint'],
  paused_automatically: ['Paused automatically', 'faint'],
  suspended: ['Suspended', 'bad'],
}
const WORK = {
  settle_matches: 'Settle lapsed matches',
  purge_keys: 'Remove idempotency keys',
  purge_notifications: 'Remove old notifications',
  purge_deliveries: 'Remove old messages',
  make_partitions: 'Make months of the journal',
}

export class View {
  title = 'Overview'

  constructor(context, _, query) {
    this.context = context
    this.days = RANGES.includes(Number(query.get('days'))) ? Number(query.get('days')) : USUAL_RANGE
    this.asOf = h('p', { class: 'faint' })
    this.alert = h('div', {})
    this.ranges = h('div', { class: 'segments', role: 'group', 'aria-label': 'Time range' })
    this.slots = Object.fromEntries(
      ['charts', 'people', 'running', 'slow'].map((name) => [name, h('div', { class: `grid ${name}` })]),
    )
    this.parts = {
      standing: h('div', { class: 'part' }, skeleton(4)),
      waiting: h('div', { class: 'part' }, skeleton(4)),
      refusals: h('div', { class: 'part' }, skeleton(4)),
      findings: h('div', { class: 'part' }, skeleton(2)),
    }
  }

  frame() {
    this.#drawRanges()
    const { charts, people, running, slow } = this.slots
    charts.replaceChildren(panel('From offer to session', {}, skeleton(6)), panel('Sessions', {}, skeleton(6)))
    return [
      viewHead(this.context, h('div', {}, viewTitle(this.title), this.asOf), this.ranges),
      this.alert,
      charts,
      people,
      running,
      slow,
    ]
  }

  async load() {
    const slow = Promise.all(['waiting', 'refusals', 'findings'].map((name) => this.#loadPart(name)))
    const overview = await this.context.read(`/api/overview?days=${this.days}`)
    this.#draw(overview)
    await slow
  }

  fail(error) {
    this.slots.charts.replaceChildren(failure(error))
    for (const name of ['people', 'running', 'slow']) this.slots[name].replaceChildren()
  }

  async #loadPart(name) {
    try {
      const answer = await this.context.read(`/api/${name}`)
      this.parts[name].replaceChildren(...[this[`_${name}`](answer)].flat())
    } catch (error) {
      if (error.name === 'AbortError' || this.context.failed(error)) return
      this.parts[name].replaceChildren(failure(error))
      if (name === 'waiting') this.parts.standing.replaceChildren(failure(error))
    }
  }

  #drawRanges() {
    this.ranges.replaceChildren(
      ...RANGES.map((days) => {
        const press = button(
          `${days} days`,
          () => {
            this.days = days
            history.replaceState(null, '', `#/overview?days=${days}`)
            this.#drawRanges()
            this.ranges.querySelector('[aria-pressed=true]').focus()
            this.context.reload()
          },
          { plain: true },
        )
        press.setAttribute('aria-pressed', days === this.days)
        return press
      }),
    )
  }

  #draw({
    funnel,
    completion,
    no_shows: noShows,
    reputation,
    queues,
    readers,
    deliveries,
    dead_letters: dead,
    maintenance,
    as_of: asOf,
    missing,
  }) {
    if (queues) this.context.showWaiting(Object.fromEntries(queues.map(({ queue, waiting }) => [queue, waiting])))
    this.asOf.replaceChildren(`As of ${clock(asOf)}. Days are in UTC.`)
    this.alert.replaceChildren(
      ...(dead
        ? [
            h(
              'p',
              { class: 'notice bad' },
              h('b', {}, dead === 1 ? 'A message was given up.' : `${number(dead)} messages were given up.`),
              ' ',
              h('a', { href: '#/queues/dead-deliveries' }, 'Decide what becomes of them'),
            ),
          ]
        : []),
    )
    const part = (name, value, draw) =>
      value == null ? failure({ message: missing[name] ?? 'This part could not be read' }) : draw(value)
    const { charts, people, running, slow } = this.slots
    charts.replaceChildren(
      panel(
        'From offer to session',
        { size: 'large', note: this.#unit() === 'week' ? 'By the week of the offer, from Monday' : 'By the day of the offer' },
        part('funnel', funnel, (rows) => this.#funnel(rows, asOf)),
      ),
      panel(
        'Sessions',
        { size: 'large', note: `By the ${this.#unit()} of the session; the rate, once four fifths are settled` },
        part('completion', completion, (rows) => this.#completion(rows, asOf)),
        part('no_shows', noShows, noShowCounts),
      ),
    )
    people.replaceChildren(
      panel('Standing', { note: 'Everybody with a location, now' }, this.parts.standing),
      panel('Waiting', { note: 'Who is free, and for how long' }, this.parts.waiting),
      panel('Reputation', { note: 'People by score, now' }, part('reputation', reputation, reputations)),
    )
    running.replaceChildren(
      panel(
        'Readers',
        { note: 'How far behind the journal they are' },
        part('readers', readers, (rows) => readerTable(rows, asOf)),
      ),
      panel('Messages', { note: 'What leaves the app, by channel' }, part('deliveries', deliveries, deliveryTable)),
      panel('Refusals', { note: 'Since the server started' }, this.parts.refusals),
    )
    slow.replaceChildren(
      panel('Doctor', { note: 'What differs from this release' }, this.parts.findings),
      panel('Maintenance', { note: 'What is due, and since when' }, part('maintenance', maintenance, maintenanceList)),
      panel('Versions', {}, this.#versions()),
    )
  }

  #funnel(rows, asOf) {
    const names = ['offered', 'accepted', 'scheduled', 'completed']
    const points = this.#points(rows, 'offered_on', names, asOf)
    const total = (name) => points.reduce((sum, point) => sum + point[name], 0)
    const totals = names.map(total)
    if (!totals[0]) return empty('No match was offered in this time.')
    const inks = ['--faint', '--first', '--gold', '--second']
    return [
      h(
        'ol',
        { class: 'steps' },
        names.map((name, at) =>
          h(
            'li',
            {},
            h('span', { class: 'what' }, words(name)),
            h('b', { class: 'amount' }, number(totals[at])),
            h('span', { class: 'faint' }, at ? `${percent(totals[at], totals[at - 1])} of ${names[at - 1]}` : 'matches'),
            bar(totals[at], totals[0], `of-${name}`),
          ),
        ),
      ),
      chart({
        summary: `${number(totals[0])} matches were offered in ${this.days} days; ${number(totals[3])} of them led to a completed session.`,
        caption: `Matches by the ${this.#unit()} of the offer`,
        points: this.#whole(points),
        height: FUNNEL_HEIGHT,
        ...this.#axis(),
        series: names.map((name, at) => ({ label: words(name), color: inks[at], value: (point) => point[name] })),
      }),
    ]
  }

  #completion(rows, asOf) {
    const names = ['sessions', 'completed', 'cancelled', 'no_shows', 'reverted', 'not_settled']
    const points = this.#points(rows, 'held_on', names, asOf)
    const total = (name) => points.reduce((sum, point) => sum + point[name], 0)
    const sessions = total('sessions')
    if (!sessions) return empty('No session was due in this time.')
    const rest = [
      ['cancelled', 'Cancelled'],
      ['no_shows', 'No-shows'],
      ['reverted', 'Reverted'],
      ['not_settled', 'Not settled'],
    ]
    return [
      h(
        'div',
        { class: 'headline' },
        h('p', {}, h('b', { class: 'amount' }, percent(total('completed'), sessions)), ' completed'),
        h(
          'ul',
          { class: 'shares' },
          rest.map(([name, label]) => h('li', {}, `${label} `, h('b', {}, percent(total(name), sessions)))),
        ),
      ),
      chart({
        summary: `${number(sessions)} sessions were due in ${this.days} days; ${percent(total('completed'), sessions)} were completed.`,
        caption: `Sessions by ${this.#unit()}`,
        points: this.#whole(points),
        ...this.#axis(),
        series: [
          { label: 'Sessions', color: '--bar', value: (point) => point.sessions, bars: true },
          { label: 'Completed', color: '--second', value: (point) => point.completed, bars: true },
          { label: 'Completion rate', color: '--gold', value: completionRate, rate: true },
        ],
      }),
    ]
  }

  #unit() {
    return this.days > LONGEST_BY_DAY ? 'week' : 'day'
  }

  #axis() {
    const at = (seconds) => new Date(seconds * 1000)
    const isWeekly = this.#unit() === 'week'
    return {
      x: (point) => point.at / 1000,
      label: (seconds) => day(at(seconds)),
      fullLabel: (seconds) => (isWeekly ? `Week from ${fullDay(at(seconds))}` : fullDay(at(seconds))),
      xName: isWeekly ? 'Week' : 'Day',
    }
  }

  /** Without the first and the last week, of which only some days are in the range. */
  #whole(points) {
    return this.#unit() === 'week' ? points.slice(1, -1) : points
  }

  /** A point for each day, or week, of the range; days on which nothing happened are not among the rows. */
  #points(rows, dayOf, names, asOf) {
    const length = this.#unit() === 'week' ? 7 * DAY_MILLISECONDS : DAY_MILLISECONDS
    const origin = length === DAY_MILLISECONDS ? 0 : MONDAY
    const start = (time) => Math.floor((time - origin) / length) * length + origin
    const last = start(Date.parse(asOf))
    const first = start(Date.parse(asOf) - (this.days - 1) * DAY_MILLISECONDS)
    const points = new Map()
    for (let at = first; at <= last; at += length) points.set(at, { at, ...Object.fromEntries(names.map((name) => [name, 0])) })
    for (const row of rows) {
      const point = points.get(start(Date.parse(row[dayOf])))
      if (point)
        names.forEach((name) => {
          point[name] += row[name]
        })
    }
    return [...points.values()]
  }

  _waiting({ waiting, standing }) {
    this.parts.standing.replaceChildren(...[standingNow(standing)].flat())
    if (!waiting.length) return empty('Nobody waits: everybody is paused, suspended or has an offer.')
    const order = ['up to an hour', 'up to a day', 'up to a week', 'longer']
    const rows = [...waiting].sort((one, other) => order.indexOf(one.waiting) - order.indexOf(other.waiting))
    const most = Math.max(...rows.map(({ people }) => people))
    const longest = duration(Math.max(...rows.map((row) => intervalSeconds(row.longest))))
    return [
      table(
        'People who wait, by how long',
        [
          { label: 'For', head: true, cell: (row) => [h('span', { class: 'line' }, words(row.waiting)), bar(row.people, most)] },
          { label: 'People', numeric: true, cell: (row) => number(row.people) },
          { label: 'Never found', numeric: true, cell: (row) => number(row.never_found) },
          { label: 'At the limit', numeric: true, cell: (row) => number(row.at_exposure_limit) },
        ],
        rows,
      ),
      h('p', { class: 'faint' }, `The longest wait is ${longest}. At the limit: found so often that nobody finds them for now.`),
    ]
  }

  _refusals({ refusals, error }) {
    if (error) return failure({ message: error })
    if (!refusals) return empty('Not known. Start wingman admin with --serve-url to read them from /metrics of wingman serve.')
    if (!refusals.length) return empty('No call was refused.')
    const rows = [...refusals].sort((one, other) => other.count - one.count)
    return table(
      'Refusals by name',
      [
        { label: 'Error', head: true, cell: (row) => [h('code', {}, row.error), bar(row.count, rows[0].count)] },
        { label: 'Calls', numeric: true, cell: (row) => number(row.count) },
      ],
      rows,
    )
  }

  _findings({ findings, not_checked: notChecked = [] }) {
    return [
      findings.length
        ? h(
            'ul',
            { class: 'findings' },
            findings.map(({ topic, what, mend }) =>
              h('li', {}, h('p', {}, h('b', {}, `${words(topic)}: `), what), mend ? remedy(mend) : null),
            ),
          )
        : h('p', { class: 'ok' }, '✓ Nothing to mend.'),
      notChecked.length
        ? h(
            'details',
            {},
            h('summary', { class: 'faint' }, `${number(notChecked.length)} not checked`),
            h(
              'ul',
              { class: 'findings' },
              notChecked.map(({ check, why }) => h('li', {}, h('b', {}, `${words(check)}: `), why)),
            ),
          )
        : [],
    ].flat()
  }

  #versions() {
    const { login, database, versions, idle_minutes: idle } = this.context.session
    return facts([
      ['WingmanMatch', versions.wingmanmatch],
      ['Revision', versions.revision && h('code', {}, versions.revision)],
      ['PostgreSQL', versions.postgresql],
      ['Database', database],
      ['Login', login],
      ['Ends when idle', `after ${duration(60 * idle)}`],
    ])
  }
}

/** What to do: a text with commands in backticks, or SQL. */
function remedy(text) {
  return text.includes('`')
    ? h(
        'p',
        { class: 'faint' },
        text.split('`').map((part, at) => (at % 2 ? h('code', {}, part) : part)),
      )
    : h('pre', { tabindex: '0', role: 'region', 'aria-label': `SQL: ${text.slice(0, 60)}` }, h('code', {}, text))
}

/** Null while too much of it is not settled to tell. */
function completionRate({ sessions, completed, not_settled: open }) {
  return sessions && open / sessions <= MOST_NOT_SETTLED ? completed / sessions : null
}

function noShowCounts(rows) {
  return h(
    'div',
    { class: 'beside-chart' },
    h('h3', {}, 'Reports of no-shows, last 30 days'),
    rows.length
      ? h(
          'ul',
          { class: 'shares' },
          rows.map(({ status, reports }) => h('li', {}, `${words(status)} `, h('b', {}, number(reports)))),
        )
      : empty('None.'),
  )
}

function standingNow(rows) {
  const all = rows.reduce((sum, { people }) => sum + people, 0)
  if (!all) return empty('Nobody has a location yet.')
  return [
    h(
      'div',
      { class: 'stack', 'aria-hidden': 'true' },
      rows
        .filter(({ people }) => people)
        .map(({ state, people }) => {
          const part = h('span', { class: `of-${STATES[state]?.[1] ?? 'faint'}` })
          part.style.flexGrow = people
          return part
        }),
    ),
    h(
      'ul',
      { class: 'amounts' },
      rows.map(({ state, people }) =>
        h(
          'li',
          {},
          h('span', { class: `mark of-${STATES[state]?.[1] ?? 'faint'}`, 'aria-hidden': 'true' }),
          h('span', {}, STATES[state]?.[0] ?? words(state)),
          h('b', {}, number(people)),
          h('span', { class: 'faint' }, percent(people, all)),
        ),
      ),
    ),
  ]
}

function reputations(rows) {
  const known = rows.filter(({ people }) => people > 0)
  if (!known.length) return empty('Nobody has a reputation yet.')
  const all = known.reduce((sum, { people }) => sum + people, 0)
  const mean = known.reduce((sum, { score, people }) => sum + score * people, 0) / all
  const points = Array.from({ length: 26 }, (_, at) => ({
    score: at - 5,
    people: rows.find(({ score }) => score === at - 5)?.people ?? 0,
  }))
  return chart({
    summary: `${number(all)} people have a reputation, ${mean.toFixed(1)} on average.`,
    caption: 'People by reputation',
    points,
    x: ({ score }) => score,
    isTime: false,
    label: (score) => `${score}`,
    xName: 'Score',
    series: [{ label: 'People', color: '--first', value: ({ people }) => people, bars: true }],
  })
}

function readerTable(rows, asOf) {
  if (!rows.length) return empty('There is no reader.')
  const isBehind = ({ unread, unread_since: since }) =>
    unread > 0 && since && Date.parse(asOf) - Date.parse(since) > BEHIND_SECONDS * 1000
  return table(
    'Readers of the journal',
    [
      {
        label: 'Reader',
        head: true,
        cell: (row) => [row.name, ' ', isBehind(row) ? badge('Behind', 'red') : badge('In time', 'green')],
      },
      { label: 'Unread', numeric: true, cell: (row) => number(row.unread) },
      { label: 'Oldest', numeric: true, cell: (row) => (row.unread ? timeAgo(row.unread_since, 'short') : '–') },
    ],
    rows,
  )
}

function deliveryTable(rows) {
  if (!rows.length) return empty('Nothing waits to be sent, and nothing was given up.')
  const channels = [...new Set(rows.map(({ channel }) => channel))]
  const of = (channel, state) => rows.find((row) => row.channel === channel && row.state === state)
  const amount = (channel, state) => number(of(channel, state)?.messages ?? 0)
  return table(
    'Messages by channel and state',
    [
      { label: 'Channel', head: true, cell: (channel) => h('span', { class: 'line' }, words(channel)) },
      { label: 'Due', numeric: true, cell: (channel) => amount(channel, 'due') },
      { label: 'First due', numeric: true, cell: (channel) => timeAgo(of(channel, 'due')?.due_since, 'short') },
      { label: 'Waiting', numeric: true, cell: (channel) => amount(channel, 'waiting') },
      { label: 'Claimed', numeric: true, cell: (channel) => amount(channel, 'claimed') },
      { label: 'Given up', numeric: true, cell: (channel) => amount(channel, 'dead') },
    ],
    channels,
  )
}

function maintenanceList(rows) {
  return h(
    'ul',
    { class: 'amounts checks' },
    rows.map(({ work, due_since: since }) =>
      h(
        'li',
        {},
        h('span', { class: since ? 'refused' : 'ok', 'aria-hidden': 'true' }, since ? '!' : '✓'),
        h('span', {}, WORK[work] ?? words(work)),
        h('span', { class: since ? 'refused' : 'faint' }, since ? `due ${ago(since)}` : 'nothing due'),
      ),
    ),
  )
}
