// The operator: the rules of this demo's database, the reports of no-shows that wait for a decision, and suspensions.

import { button, h } from './shared/dom.js'
import { errorName, nameOf } from './people.js'
import { transport, Unreachable } from './transport.js'

const DAY_MILLISECONDS = 86_400_000
const REASON = 'Decided on the demo page'
const RULES = [
  {
    text: 'Both must accept a match',
    on: { acceptance: 'both' },
    off: { acceptance: 'either' },
    isOn: ({ acceptance }) => acceptance === 'both',
  },
  {
    text: 'A no-show can be reported at once, and the first one brings a cooldown of two minutes',
    on: { no_show_grace: '00:00:00', cooldown_steps: ['00:02:00'] },
    off: { no_show_grace: '00:30:00', cooldown_steps: ['00:00:00', '24:00:00', '72:00:00', '168:00:00'] },
    isOn: ({ no_show_grace: grace }) => grace === '00:00:00',
  },
]

export class Operator {
  name = 'The operator'
  isOperator = true
  told = null
  settings = null
  queue = []
  #shown = ''

  /** `act(name, args)` makes a call for the operator. */
  constructor(element, act) {
    this.element = element
    this.act = act
  }

  get needsBoth() {
    return this.settings?.acceptance === 'both'
  }

  /** Calls a function of schema wingman_admin; the result is as that of a person's call. */
  async call(name, args) {
    return this.#made(name, args, () => transport.operate(name, args))
  }

  /** Reads the rules and the queue. Whatever cannot be read keeps its last value. */
  async refresh(reads = []) {
    const made = await this.#made('no_show_queue', {}, () => transport.operatorsView())
    reads.push(made)
    if (made.data) Object.assign(this, made.data)
  }

  async #made(name, args, answer) {
    const begun = performance.now()
    const made = { player: this, name, args, begun, status: 0, data: null, error: null, lost: false }
    try {
      Object.assign(made, await answer())
    } catch (error) {
      made.lost = error instanceof Unreachable
      made.error = { message: error.message, details: null, hint: null, code: '' }
    }
    made.milliseconds = performance.now() - begun
    return made
  }

  /** Draws everything, with the two people who are shown. */
  render(people) {
    const shown = JSON.stringify([this.settings, this.queue, this.told, people.map(({ id, name, profile }) => [id, name, profile?.suspended])])
    if (shown === this.#shown) return
    this.#shown = shown
    this.element.replaceChildren(
      h('h2', { id: 'operator-title' }, 'The operator'),
      h('p', { class: 'faint' }, 'Sets the rules of this demo’s database, and decides what people contest. The calls are functions of schema wingman_admin.'),
      h('div', { class: 'rules' }, RULES.map((rule) => this.#rule(rule))),
      ...this.#cases(),
      h('div', { class: 'actions' }, people.filter(({ profile }) => profile).map((player) => this.#suspension(player))),
      this.#told())
  }

  #rule({ text, on, off, isOn }) {
    const change = ({ target }) => this.act('change_settings', { changes: target.checked ? on : off, reason: REASON })
    const box = h('input', { type: 'checkbox', disabled: !this.settings, onchange: change })
    box.checked = Boolean(this.settings && isOn(this.settings))
    return h('label', {}, box, text)
  }

  #cases() {
    const sessions = [...new Set(this.queue.map(({ session_id: id }) => id))]
    if (!sessions.length) return [h('p', { class: 'faint' }, 'No report of a no-show waits for a decision.')]
    return sessions.map((id) => this.#case(id, this.queue.filter(({ session_id: other }) => other === id)))
  }

  #case(session_id, reports) {
    const accused = reports.map(({ accused_id: id }) => id)
    const decide = (outcome, absent_user_ids) => () =>
      this.act('decide_no_show', { session_id, outcome, absent_user_ids, reason: REASON })
    const uphold = (ids) => button(`Uphold: ${ids.map(nameOf).join(' and ')} did not come`, decide('uphold', ids))
    return h('div', { class: 'case' },
      reports.map(({ reporter_id: by, accused_id: about, note, statement, can_be_decided: can, answer_by: until }) => [
        h('p', {}, h('b', {}, `${nameOf(by)} reports ${nameOf(about)}.`), note ? ` “${note}”` : ''),
        statement ? h('p', {}, h('b', {}, `${nameOf(about)} answers:`), ` “${statement}”`) : null,
        can ? null : h('p', { class: 'faint' }, `Without an answer not before ${moment(until)}.`),
      ]),
      h('div', { class: 'actions' },
        accused.map((id) => uphold([id])),
        accused.length > 1 ? uphold(accused) : null,
        button('Dismiss', decide('dismiss', null), { more: `what is reported about ${accused.map(nameOf).join(' and ')}`, plain: true })))
  }

  #suspension({ id: user_id, name, profile }) {
    if (profile.suspended) {
      return button(`Lift the suspension of ${name}`, () => this.act('lift_suspension', { user_id, reason: REASON }), { plain: true })
    }
    const suspend = () => {
      const until = new Date(Date.now() + DAY_MILLISECONDS).toISOString()
      this.act('suspend_user', { user_id, until, reason: REASON })
    }
    return button(`Suspend ${name} for a day`, suspend, { plain: true })
  }

  #told() {
    const said = this.told
    const attributes = { class: `told ${said ? (said.good ? 'good' : 'bad') : ''}`, role: 'status', tabindex: '-1' }
    return said ? h('p', attributes, said.text, said.name ? [' ', h('code', {}, said.name)] : []) : h('p', attributes)
  }

  /** Keeps the message about a call. */
  tell({ data, error }) {
    this.told = error ? { good: false, text: error.message, name: errorName(error) } : { good: true, text: data.message }
  }
}

/** A time with its day, for people: the day of the week, or the date if that is further away. */
export function moment(time) {
  const isSoon = Math.abs(Date.parse(time) - Date.now()) < 6 * DAY_MILLISECONDS
  const day = isSoon ? { weekday: 'long' } : { day: 'numeric', month: 'long' }
  return new Date(time).toLocaleString([], { ...day, hour: 'numeric', minute: '2-digit' })
}
