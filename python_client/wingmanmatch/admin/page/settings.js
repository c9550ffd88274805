// The settings: what each does, its value and history, and how to change it.

import { h } from './shared/dom.js'
import { decisionForm } from './decision.js'
import { interval, intervalSeconds, number } from './format.js'
import { empty, facts, failure, panel, sentence, skeleton, table, time, viewTitle } from './parts.js'

const OTHERS = 'Matching'
/** The first group whose pattern fits takes the setting. */
const GROUPS = [
  ['How long data is kept', /retention|^journal/],
  ['No-shows and cooldowns', /^(no_show|cooldown)/],
  ['Notifications', /notification|reminder|expiring/],
  ['Messages outside the app', /^(delivery|push|email_confirmation|realtime)/],
  ['Sessions', /^session/],
]

export class View {
  title = 'Settings'
  #kept = new Map()

  constructor(context) {
    this.context = context
    this.list = h('div', { class: 'groups' }, panel(OTHERS, {}, skeleton(8)))
    this.history = h('div', {}, skeleton(4))
    this.filter = h('input', { type: 'search', autocomplete: 'off', oninput: () => this.#filter() })
    this.found = h('p', { class: 'faint', role: 'status', 'aria-label': 'Settings found' })
  }

  frame() {
    return [
      h('div', { class: 'head' }, viewTitle(this.title)),
      h('div', { class: 'search' }, h('label', {}, 'Show only settings with', this.filter)),
      this.found,
      this.list,
      panel('History', { note: 'Every change, newest first' }, this.history),
    ]
  }

  async load() {
    const { settings, history } = await this.context.read('/api/settings')
    const names = new Set(settings.map(({ name }) => name))
    const groups = new Map([OTHERS, ...GROUPS.map(([title]) => title).reverse(), 'Rate limits'].map((title) => [title, []]))
    for (const setting of settings) groups.get(groupOf(setting.name, names)).push(setting)
    this.list.replaceChildren(
      ...[...groups]
        .filter(([, members]) => members.length)
        .map(([title, members]) =>
          panel(
            title,
            {},
            h(
              'div',
              { class: 'settings' },
              members.map((setting) =>
                this.#setting(
                  setting,
                  history.filter(({ name }) => name === setting.name),
                ),
              ),
            ),
          ),
        ),
    )
    this.history.replaceChildren(
      history.length ? historyTable('Changes of settings', history) : empty('No setting was ever changed.'),
    )
    this.#filter()
  }

  fail(error) {
    this.list.replaceChildren(failure(error))
    this.history.replaceChildren()
  }

  #filter() {
    const wanted = this.filter.value.trim().toLowerCase()
    let shown = 0
    for (const setting of this.list.querySelectorAll('.setting')) {
      setting.hidden = !setting.querySelector('summary').textContent.toLowerCase().includes(wanted)
      shown += setting.hidden ? 0 : 1
    }
    for (const group of this.list.querySelectorAll('section')) group.hidden = !group.querySelector('.setting:not([hidden])')
    this.found.textContent = wanted ? (shown === 1 ? '1 setting has it.' : `${number(shown)} settings have it.`) : ''
  }

  #setting({ name, value, meaning }, history) {
    const known = JSON.stringify([value, meaning, history])
    const kept = this.#kept.get(name)
    // one that has not changed stays as it is, with what was typed into it
    if (kept?.known === known) return kept.element
    const content = h('div', { class: 'setting-body' })
    const fill = () => {
      if (content.children.length) return
      content.append(
        ...[
          facts([
            ['Value', h('code', {}, value ?? 'null')],
            ['Last changed', history[0] ? [time(history[0].decided_at), ` by ${history[0].login}`] : 'never'],
          ]),
          this.#form(name, value),
          history.length ? historyTable(`Changes of ${name}`, history, { isOfOne: true }) : null,
        ].filter(Boolean),
      )
    }
    const element = h(
      'details',
      { class: 'setting', 'data-name': name, ontoggle: fill },
      h(
        'summary',
        {},
        h('code', {}, name),
        h('b', { class: value?.startsWith('[') ? 'several' : null }, shown(value)),
        h('span', { class: 'faint' }, meaning),
      ),
      content,
    )
    this.#kept.set(name, { known, element })
    return element
  }

  #form(name, value) {
    const kind = kindOf(value)
    const field = fieldOf(kind, value)
    const done = async ({ message }) => {
      this.context.tell(sentence(message))
      await this.context.reload()
      this.list.querySelector(`[data-name="${CSS.escape(name)}"] summary`).focus()
    }
    return decisionForm(this.context, {
      label: 'Review the change',
      done,
      fields: [
        h(
          'label',
          {},
          kind === 'list'
            ? 'New value, one entry a line'
            : value === null || kind === 'text'
              ? 'New value; empty for none'
              : 'New value',
          field,
        ),
      ],
      review: ({ value: wanted }) => {
        const after = parsed(kind, wanted)
        if (JSON.stringify(after) === JSON.stringify(parsed(kind, textOf(kind, value)))) return 'That is the value already.'
        return h(
          'dl',
          { class: 'before-after' },
          h('div', {}, h('dt', {}, `${name}, before`), h('dd', {}, h('code', {}, shown(value)))),
          h('div', {}, h('dt', {}, 'After'), h('dd', {}, h('code', {}, shown(kind === 'list' ? JSON.stringify(after) : after)))),
        )
      },
      choices: [
        {
          label: 'Change it',
          calls: 'change_settings',
          args: ({ value: wanted }) => ({ changes: { [name]: parsed(kind, wanted) } }),
        },
      ],
    })
  }
}

function groupOf(name, names) {
  const [, bucket] = /^(.+)_(?:limit|period)$/.exec(name) ?? []
  if (bucket && names.has(`${bucket}_limit`) && names.has(`${bucket}_period`)) return 'Rate limits'
  return GROUPS.find(([, pattern]) => pattern.test(name))?.[0] ?? OTHERS
}

function kindOf(value) {
  return value?.startsWith('[') ? 'list' : value === 'true' || value === 'false' ? 'switch' : 'text'
}

/** The value as its field holds it. */
function textOf(kind, value) {
  return kind === 'list' ? JSON.parse(value).join('\n') : (value ?? '')
}

function fieldOf(kind, value) {
  if (kind === 'switch') {
    const field = h(
      'select',
      { name: 'value' },
      ['true', 'false'].map((each) => h('option', { value: each, selected: each === value }, each)),
    )
    return field
  }
  if (kind === 'list')
    return h('textarea', { name: 'value', rows: JSON.parse(value).length + 1, spellcheck: 'false' }, textOf(kind, value))
  return h('input', { type: 'text', name: 'value', value: textOf(kind, value), spellcheck: 'false', autocomplete: 'off' })
}

/** What `change_settings` takes: a text, a list, true or false, or null. */
function parsed(kind, text) {
  if (kind === 'switch') return text === 'true'
  if (kind === 'list')
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  return text.trim() || null
}

/** A value for people: durations in words. */
function shown(value) {
  if (value == null || value === '') return 'none'
  if (typeof value !== 'string') return String(value)
  if (value.startsWith('[')) return JSON.parse(value).map(shown).join(', ') || 'none'
  return /^\d+$/.test(value) ? number(value) : intervalSeconds(value) === null ? value : interval(value)
}

/** The changes; `isOfOne`: of one setting, which needs no name. */
function historyTable(caption, rows, { isOfOne = false } = {}) {
  return table(
    caption,
    [
      { label: 'When', cell: (row) => time(row.decided_at) },
      ...(isOfOne ? [] : [{ label: 'Setting', head: true, cell: (row) => h('code', {}, row.name) }]),
      { label: 'Before', cell: (row) => shown(row.value_before) },
      { label: 'After', cell: (row) => shown(row.value_after) },
      { label: 'By', cell: (row) => row.login },
      { label: 'Reason', cell: (row) => h('span', { class: 'text' }, row.reason) },
    ],
    rows,
  )
}
