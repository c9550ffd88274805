// The queues: what waits for an operator's decision, each with its form.

import { button, h } from './shared/dom.js'
import { decisionForm, folded } from './decision.js'
import { interval, number, shortId, words } from './format.js'
import {
  badge,
  empty,
  facts,
  failure,
  newId,
  person,
  plainId,
  quote,
  refusal,
  sentence,
  skeleton,
  time,
  when,
  viewHead,
  viewTitle,
} from './parts.js'

const ACCEPTED_AT_MOST = 100

const QUEUES = {
  reports: {
    name: 'reports',
    title: 'Reports',
    key: 'report_id',
    none: 'No report waits for a decision.',
    about: 'What people report about others. First come those whom most of their buddies report, then the oldest.',
    card: report,
  },
  'no-shows': {
    name: 'no_shows',
    title: 'No-shows',
    key: 'session_id',
    none: 'No report of a no-show waits for a decision.',
    about: 'Sessions to which somebody did not come, as the other one says. Those that lapse first come first.',
    card: noShow,
  },
  overdue: {
    name: 'overdue_sessions',
    title: 'Overdue sessions',
    key: 'session_id',
    none: 'No session is overdue.',
    about: 'Sessions whose time was more than a day ago, and that nobody has completed or cancelled.',
    card: overdue,
  },
  'dead-deliveries': {
    name: 'dead_deliveries',
    title: 'Dead letters',
    key: 'id',
    none: 'No message was given up.',
    about: 'Messages that were given up after their last attempt. Maintenance removes them after a while.',
    card: deadDelivery,
  },
}

export class View {
  #cards = new Map()

  constructor(context, [slug = 'reports']) {
    this.context = context
    this.slug = Object.hasOwn(QUEUES, slug) ? slug : 'reports'
    this.queue = QUEUES[this.slug]
    this.title = `${this.queue.title}: queues`
    const tabs = Object.entries(QUEUES).map(([each, { name, title }]) => {
      const count = h('span', { class: 'count', hidden: true })
      const link = h('a', { href: `#/queues/${each}`, 'aria-current': each === this.slug ? 'page' : null }, title, count)
      return { name, count, link }
    })
    this.counts = new Map(tabs.map(({ name, count }) => [name, count]))
    this.tabs = h(
      'nav',
      { class: 'segments', 'aria-label': 'Queues' },
      tabs.map(({ link }) => link),
    )
    this.list = h('div', { class: 'cards' }, skeleton(6))
    this.heading = h('h2', { tabindex: '-1' }, this.queue.title)
  }

  frame() {
    return [
      viewHead(this.context, viewTitle('Queues')),
      this.tabs,
      h('div', {}, this.heading, h('p', { class: 'faint' }, this.queue.about)),
      this.list,
    ]
  }

  async load() {
    this.#draw(await this.context.read('/api/queues'))
  }

  fail(error) {
    this.list.replaceChildren(failure(error))
  }

  /** In place: whoever has reached a tab meanwhile keeps the focus on it. */
  #drawCounts(counts) {
    for (const [name, element] of this.counts) {
      element.hidden = false
      element.textContent = number(counts[name])
    }
  }

  #draw(queues) {
    this.#drawCounts(queues.counts)
    this.context.showWaiting(queues.counts)
    const { name, key, none, card } = this.queue
    const groups = new Map()
    for (const row of queues[name]) groups.set(row[key], [...(groups.get(row[key]) ?? []), row])
    if (!groups.size) {
      this.#cards.clear()
      this.list.replaceChildren(empty(none))
      return
    }
    // a card whose row has not changed stays as it is, with what was typed into it
    const cards = new Map(
      [...groups].map(([id, rows]) => {
        const shown = JSON.stringify(rows, (field, value) => (['waiting', 'overdue'].includes(field) ? null : value))
        const kept = this.#cards.get(id)
        return [id, kept?.shown === shown ? kept : { shown, element: this.#card(id, rows, card) }]
      }),
    )
    this.#cards = cards
    const more = queues.counts[name] - queues[name].length
    const elements = [...cards.values()].map(({ element }) => element)
    // elements are moved only where the order changed: moving one takes the focus away
    this.list.querySelectorAll(':scope > :not(article)').forEach((other) => other.remove())
    for (const old of [...this.list.children]) if (!elements.includes(old)) old.remove()
    elements.forEach((element, at) => {
      if (this.list.children[at] !== element) this.list.insertBefore(element, this.list.children[at] ?? null)
    })
    if (more > 0)
      this.list.append(h('p', { class: 'faint' }, `${number(more)} more come after these ${number(ACCEPTED_AT_MOST)}.`))
  }

  #card(id, rows, card) {
    const headingId = newId('row')
    const element = h('article', { class: 'card', 'aria-labelledby': headingId })
    const {
      title,
      badges = [],
      body,
      form,
    } = card(rows, this.context, {
      done: ({ message }, choice) => this.#done(element, message, choice),
      refused: async () => {
        await this.context.reload()
        if (!element.isConnected) this.heading.focus()
      },
    })
    element.append(
      h('div', { class: 'card-head' }, h('h3', { id: headingId, tabindex: '-1' }, title), h('div', { class: 'badges' }, badges)),
      h('div', { class: 'card-body' }, body),
      ...[form].flat().filter(Boolean),
    )
    return element
  }

  /** Says what was done; where the row is gone, the next one gets the focus. */
  async #done(element, message, { keeps = false } = {}) {
    const next = element.nextElementSibling ?? element.previousElementSibling
    this.context.tell(sentence(message))
    const id = [...this.#cards].find(([, card]) => card.element === element)?.[0]
    this.#cards.delete(id)
    if (!keeps) element.remove()
    await this.context.reload()
    const heading = keeps ? this.#cards.get(id)?.element.querySelector('h3') : next?.querySelector('h3')
    ;(heading?.isConnected ? heading : this.heading).focus()
  }
}

function report([row], context, { done, refused }) {
  const {
    report_id: id,
    status,
    taken_by: by,
    subject_id: subject,
    reporter_id: reporter,
    matched_reporters: reporters,
    reason,
  } = row
  const isMine = status === 'taken' && by === context.session.login
  const take = async () => {
    press.disabled = true
    try {
      done(await context.call('take_report', { report_id: id }), { keeps: true })
    } catch (error) {
      press.disabled = false
      press.focus()
      const told = error.code ? refusal(error).flat() : ['The call was not answered.']
      message.replaceChildren(...told)
      if (context.failed(error)) return
      await refused()
      if (!message.isConnected) context.tell(...told)
    }
  }
  const press = button('Take it', take, { more: `: report about ${shortId(subject)}`, plain: true })
  const message = h('p', { class: 'told bad', role: 'alert' })
  const takeOver = () =>
    folded(
      'Take it over…',
      decisionForm(context, {
        choices: [{ label: 'Take it over', calls: 'take_report', args: () => ({ report_id: id }), keeps: true }],
        done,
        refused,
      }),
      { more: `report about ${shortId(subject)}` },
    )
  const decide = () =>
    folded(
      'Decide…',
      decisionForm(context, {
        label: 'Decide',
        reason: 'note',
        done,
        refused,
        choices: [
          {
            label: 'Resolved',
            hint: 'You acted on it',
            calls: 'resolve_report',
            args: () => ({ report_id: id, outcome: 'resolved' }),
          },
          {
            label: 'Dismissed',
            hint: 'There was nothing to act on',
            calls: 'resolve_report',
            args: () => ({ report_id: id, outcome: 'dismissed' }),
          },
        ],
      }),
      { open: true, more: `about the report about ${shortId(subject)}` },
    )
  const form = !context.session.writes
    ? null
    : isMine
      ? decide()
      : status === 'taken'
        ? takeOver()
        : context.may('take_report')
          ? [h('div', { class: 'actions' }, press), message]
          : h('p', { class: 'faint' }, 'Your login may not call take_report.')
  return {
    title: ['About ', person(subject)],
    badges: [
      status === 'taken' ? badge(isMine ? 'Taken by you' : `Taken by ${by}`, isMine ? 'green' : 'gold') : badge('Open'),
      reporters > 1 ? badge(`${number(reporters)} buddies report`, 'red') : null,
    ],
    body: [
      quote(reason),
      facts([
        ['Reported by', person(reporter)],
        ['When', when(row.created_at)],
        ['Buddies who report', number(reporters)],
      ]),
    ],
    form,
  }
}

function noShow(rows, context, { done, refused }) {
  const [{ session_id: id, scheduled_time: at, session_status: status }] = rows
  const accused = rows.map((row) => row.accused_id)
  const both = [rows[0].accused_id, rows[0].reporter_id]
  const pending = rows.filter((row) => !row.can_be_decided)
  const uphold = (absent, label, hint) => ({
    label,
    hint,
    calls: 'decide_no_show',
    args: () => ({ session_id: id, outcome: 'uphold', absent_user_ids: absent }),
  })
  const form = !context.session.writes
    ? null
    : pending.length
      ? h(
          'p',
          { class: 'faint' },
          'Can be decided once it is answered, or from ',
          time(
            pending
              .map((row) => row.answer_by)
              .sort()
              .at(-1),
          ),
          ' on.',
        )
      : folded(
          'Decide…',
          decisionForm(context, {
            done,
            refused,
            choices: [
              ...accused.map((absent) =>
                uphold([absent], `Uphold: ${shortId(absent)} was absent`, 'Counts as a no-show of this person'),
              ),
              uphold(both, 'Uphold: both were absent', 'Counts as a no-show of both'),
              {
                label: 'Dismiss',
                hint: 'No reputation changes',
                calls: 'decide_no_show',
                args: () => ({ session_id: id, outcome: 'dismiss', absent_user_ids: null }),
              },
            ],
          }),
          { more: `about session ${shortId(id)}` },
        )
  const decideBy = rows.map((row) => row.decide_by).sort()[0]
  return {
    title: ['Session of ', time(at)],
    badges: [badge(words(status)), rows.some((row) => row.status === 'contested') ? badge('Contested', 'gold') : null],
    body: [
      ...rows.map((row) =>
        h(
          'div',
          { class: 'claim' },
          h(
            'p',
            {},
            person(row.reporter_id),
            ` (${noShows(row.reporter_no_shows)}) reports `,
            person(row.accused_id),
            ` (${noShows(row.accused_no_shows)}): `,
            h('b', {}, words(row.reason).toLowerCase()),
          ),
          row.note ? quote(row.note) : null,
          row.statement
            ? [h('p', {}, person(row.accused_id), ' answers:'), quote(row.statement)]
            : h('p', { class: 'faint' }, 'Not answered.'),
        ),
      ),
      facts([
        ['Session', plainId(id)],
        ['Reported', when(rows[0].created_at)],
        ['Lapses', when(decideBy)],
      ]),
    ],
    form,
  }
}

const noShows = (count) => (count ? `absent ${count === 1 ? 'once' : `${number(count)} times`} before` : 'never absent before')

function overdue([row], context, { done, refused }) {
  const { session_id: id, match_id: match, user1_id: one, user2_id: other } = row
  const absent = (who) => ({
    label: `${shortId(who)} did not come`,
    hint: 'Records a no-show',
    calls: 'mark_no_show',
    args: () => ({ session_id: id, absent_user_id: who }),
  })
  const confirmed = (has) => (has ? badge('Has confirmed', 'green') : badge('Has not confirmed'))
  return {
    title: ['Session of ', time(row.scheduled_time)],
    badges: [badge(words(row.status))],
    body: [
      facts([
        ['Overdue', interval(row.overdue)],
        ['One', [person(one), ' ', confirmed(row.user1_has_confirmed)]],
        ['The other', [person(other), ' ', confirmed(row.user2_has_confirmed)]],
        ['Session', plainId(id)],
      ]),
    ],
    form: folded(
      'Decide…',
      decisionForm(context, {
        done,
        refused,
        choices: [
          absent(one),
          absent(other),
          {
            label: 'Cancel the session',
            hint: 'No reputation changes; they can arrange another one',
            calls: 'cancel_session',
            args: () => ({ session_id: id }),
          },
          { label: 'End the match', hint: 'Cancels the session as well', calls: 'end_match', args: () => ({ match_id: match }) },
        ],
      }),
      { more: `about session ${shortId(id)}` },
    ),
  }
}

function deadDelivery([row], context, { done, refused }) {
  const args = () => ({ delivery_id: row.id })
  return {
    title: [`${words(row.channel)}: ${words(row.kind).toLowerCase()}`],
    badges: [badge(row.last_error ?? 'no error', 'red')],
    body: [
      facts([
        ['For', person(row.user_id)],
        ['Written', time(row.created_at)],
        ['Given up', when(row.settled_at)],
        ['Attempts', number(row.attempts)],
        ['Message', plainId(row.id)],
      ]),
    ],
    form: folded(
      'Decide…',
      decisionForm(context, {
        done,
        refused,
        choices: [
          { label: 'Send it again', hint: 'With all its attempts', calls: 'requeue_delivery', args },
          { label: 'Drop it', hint: 'This is final', calls: 'drop_delivery', args },
        ],
      }),
      { more: `about message ${shortId(row.id)}` },
    ),
  }
}
