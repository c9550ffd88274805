// The decisions: who did what, and why.

import { h } from './shared/dom.js'
import { number, words } from './format.js'
import { details, empty, failure, person, plainId, skeleton, table, time, viewHead, viewTitle } from './parts.js'

const MOST = 100
const ABOUT_PEOPLE = /^(user_|suspension_)/

export class View {
  title = 'Decisions'
  #rows = []

  constructor(context) {
    this.context = context
    this.list = h('div', { class: 'cards' }, skeleton(8))
    this.login = h('select', { onchange: () => this.#draw() })
    this.kind = h('select', { onchange: () => this.#draw() })
    this.count = h('p', { class: 'faint', role: 'status', 'aria-label': 'Decisions shown' })
  }

  frame() {
    return [
      viewHead(this.context, viewTitle(this.title)),
      h('p', { class: 'faint' }, 'What operators decided, newest first, kept for ever. The people concerned do not see it.'),
      h('div', { class: 'search' }, h('label', {}, 'By', this.login), h('label', {}, 'Decision', this.kind)),
      this.count,
      this.list,
    ]
  }

  async load() {
    const decisions = await this.context.read(`/api/decisions?limit=${MOST}`)
    this.#rows = decisions
    offer(
      this.login,
      'Everybody',
      decisions.map(({ login }) => login),
      (login) => login,
    )
    offer(
      this.kind,
      'All',
      decisions.map(({ kind }) => kind),
      words,
    )
    this.#draw()
  }

  fail(error) {
    this.list.replaceChildren(failure(error))
  }

  #draw() {
    const rows = this.#rows.filter(
      ({ login, kind }) => [login, ''].includes(this.login.value) && [kind, ''].includes(this.kind.value),
    )
    this.count.textContent = this.#rows.length ? `${number(rows.length)} of the last ${number(this.#rows.length)} decisions.` : ''
    const isAll = this.#rows.length < MOST
    this.list.replaceChildren(
      rows.length ? decisionTable(rows) : empty(this.#rows.length ? 'No decision fits.' : 'Nobody has decided anything yet.'),
      ...(isAll
        ? []
        : [h('p', { class: 'faint' }, 'Older ones: ', h('code', {}, 'wingman operate decisions --limit 1000'), '.')]),
    )
  }
}

function offer(select, all, values, label) {
  const { value } = select
  select.replaceChildren(
    h('option', { value: '' }, all),
    ...[...new Set(values)].sort().map((each) => h('option', { value: each }, label(each))),
  )
  select.value = [...select.options].some((option) => option.value === value) ? value : ''
}

function decisionTable(rows) {
  return h(
    'div',
    { class: 'panel' },
    table(
      'Decisions',
      [
        { label: 'When', cell: (row) => time(row.decided_at) },
        { label: 'By', cell: (row) => row.login },
        { label: 'Decision', head: true, cell: (row) => words(row.kind) },
        { label: 'About', cell: (row) => (ABOUT_PEOPLE.test(row.kind) ? person(row.subject_id) : plainId(row.subject_id)) },
        { label: 'Reason', cell: (row) => h('span', { class: 'text' }, row.reason) },
        { label: 'Details', cell: (row) => details(row.details) ?? '–' },
      ],
      rows,
    ),
  )
}
