// The SQL console: statements as superuser, operator, or one of the people on the page.

import { button, h } from './shared/dom.js'
import { addressed } from './address.js'
import { ask } from './database.js'
import { nameOf } from './people.js'

const SLOW_MILLISECONDS = 3000
const REMEMBERED = 50

const ROLES = {
  superuser: { label: () => 'the superuser', role: null, claims: () => '' },
  operator: { label: () => 'an operator', role: 'wingman_admin', claims: () => '' },
  first: person(0),
  second: person(1),
}

function person(place) {
  const id = () => addressed()?.[place]?.id
  return { label: () => (id() ? nameOf(id()) : ['the first', 'the second'][place]), role: 'authenticated',
    claims: () => JSON.stringify({ sub: id(), aud: 'authenticated', role: 'authenticated' }) }
}

const EXAMPLES = [
  ['Find somebody', 'first', 'select * from create_automatic_match(max_radius_miles => 25)'],
  ['Whom row level security shows', 'first', `-- there are thousands; a person reads their own row, and that of their buddy
select id, first_name, reputation_score from user_profiles`],
  ['What a person may not write', 'first', 'update user_profiles set reputation_score = 100'],
  ['A refusal of a rule', 'first', `select * from report_user(auth.uid(), 'I overslept')`],
  ['Nobody calls the engine', 'second', 'select wingman.run_readers()'],
  ['Where people wait', 'operator', 'select * from wingman_admin.waiting_seekers limit 20'],
  ['What became of matches', 'operator', 'select * from wingman_admin.match_funnel'],
  ['Who did what', 'operator', `select id, occurred_at, kind, call, role, details
from wingman_admin.audit_log
where call is not null
order by id desc
limit 20`],
  ['Operators read, too, only what they may', 'operator', 'select * from wingman.idempotency_keys'],
  ['The largest cities', 'superuser', `select city, count(*) as people
from user_locations
group by city
order by people desc
limit 10`],
  ['Tables defend themselves', 'superuser', `-- the journal lets nothing go, whoever asks
delete from wingman.events`],
  ['How a read is planned', 'superuser', `explain (analyze, costs off)
select * from wingman.matchmaking_pool
where (grid_lat, grid_lng) in (select grid_lat, grid_lng from wingman.occupied_cells limit 3)`],
]

export class Console {
  #history = JSON.parse(sessionStorage.getItem('history') ?? '[]')
  #place = this.#history.length

  constructor({ form, examples, output, said }) {
    Object.assign(this, { form, output, said, text: form.elements.sql, roles: form.elements.role, run: form.querySelector('button') })
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#execute()
    })
    this.text.addEventListener('keydown', (event) => this.#key(event))
    this.text.value = EXAMPLES[0][2]
    examples.append(...EXAMPLES.map(([label, role, sql]) => button(label, () => this.#take(role, sql), { plain: true })))
    this.name()
    this.roles.value = EXAMPLES[0][1]
  }

  /** Names the people on the page, who may have changed. */
  name() {
    const chosen = this.roles.value
    this.roles.replaceChildren(...Object.entries(ROLES).map(([value, { label }]) => h('option', { value }, label())))
    if (chosen) this.roles.value = chosen
  }

  #take(role, sql) {
    this.roles.value = role
    this.text.value = sql
    this.#execute()
  }

  #key(event) {
    if (!event.ctrlKey && !event.metaKey) return
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (event.key === 'Enter') this.form.requestSubmit()
    else if (step) this.#turn(step)
    else return
    event.preventDefault()
  }

  /** Shows what was executed before or after. */
  #turn(step) {
    this.#place = Math.max(0, Math.min(this.#history.length, this.#place + step))
    this.text.value = this.#history[this.#place] ?? ''
  }

  #remember(sql) {
    if (this.#history.at(-1) !== sql) this.#history = [...this.#history, sql].slice(-REMEMBERED)
    this.#place = this.#history.length
    sessionStorage.setItem('history', JSON.stringify(this.#history))
  }

  async #execute() {
    const sql = this.text.value.trim()
    if (!sql) return
    this.#remember(sql)
    const { label, role, claims } = ROLES[this.roles.value]
    const who = label()
    this.run.disabled = true
    const slow = setTimeout(() => this.output.replaceChildren(slowly()), SLOW_MILLISECONDS)
    let done
    try {
      done = await ask('execute', { role, claims: claims(), sql })
    } catch ({ message }) {
      done = { error: { message }, notices: [], milliseconds: 0 }
    }
    clearTimeout(slow)
    this.run.disabled = false
    this.said.textContent = done.error ? `Error: ${done.error.message}` : done.results.map(summaryOf).join('; ')
    const time = `${done.milliseconds.toFixed(1)} ms, as ${who}`
    this.output.replaceChildren(
      ...done.notices.map((notice) => h('p', { class: 'faint' }, notice)),
      ...(done.error ? [refusal(done.error, sql)] : done.results.map(table)),
      h('p', { class: 'faint' }, time))
    this.output.scrollIntoView({ block: 'nearest' })
  }
}

function slowly() {
  return h('div', {},
    h('p', {}, 'It is still running. PostgreSQL has this one thread, so everything else waits.'),
    button('Stop, and load the page again', () => location.reload(), { plain: true }))
}

function refusal({ code, message, detail, hint, position, where }, sql) {
  const before = position ? sql.slice(0, position - 1) : ''
  const place = position ? `Line ${before.split('\n').length}, at “${sql.slice(position - 1).split(/\s/)[0]}”` : null
  const lines = [['Detail', detail], ['Hint', hint], ['Where', place], ['Context', where?.split('\n')[0]]].filter(([, text]) => text)
  return h('div', { class: 'told bad refusal' },
    h('p', {}, h('b', {}, message), ' ', h('code', {}, code)),
    lines.length ? h('dl', {}, lines.map(([name, text]) => [h('dt', {}, name), h('dd', {}, text)])) : null)
}

function summaryOf({ columns, rows, count, command, affected }) {
  if (!columns.length) return affected ? `${command} ${affected}` : command ?? 'Done.'
  const more = count > rows.length ? `, the first ${rows.length} are shown` : ''
  return `${count} ${count === 1 ? 'row' : 'rows'}${more}`
}

function table(result) {
  const { columns, rows } = result
  const summary = summaryOf(result)
  if (!columns.length) return h('p', { class: 'ok' }, summary)
  return h('div', { class: 'result-table' },
    h('p', { class: 'faint' }, summary),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Result: ${summary}` },
      h('table', {},
        h('thead', {}, h('tr', {}, columns.map((name) => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, rows.map((row) => h('tr', {}, row.map((value) =>
          h('td', { class: value === null ? 'null' : null }, value ?? 'null'))))))))
}
