// What several views show in the same way.

import { button, h, heard } from './shared/dom.js'
import { ago, fullMoment, interval, moment, shortId, words } from './format.js'

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:/

let ids = 0

/** An id for an element that another one names. */
export const newId = (prefix) => `${prefix}-${++ids}`

/** The heading of a view, which gets the focus when the view is shown. */
export const viewTitle = (text) => h('h1', { tabindex: '-1' }, text)

/** The head of a view: its heading, what stands beside it, and a button that reads the view again. */
export function viewHead(context, heading, ...beside) {
  const refresh = button('Refresh', () => context.reload(), { plain: true })
  return h('div', { class: 'head' }, heading, h('div', { class: 'actions' }, beside, refresh))
}

/** A section with a heading. `aside` stands beside the heading, `note` below it. */
export function panel(title, { note = null, aside = null, size = '', level = 2 } = {}, ...children) {
  const id = newId('panel')
  return h(
    'section',
    { class: `panel ${size}`, 'aria-labelledby': id },
    h('div', { class: 'panel-head' }, h(`h${level}`, { id, tabindex: '-1' }, title), aside),
    note ? h('p', { class: 'faint' }, note) : null,
    children,
  )
}

/** A table in a box that scrolls. Each column has a `label`, a `cell(row)`, and perhaps `numeric`. */
export function table(caption, columns, rows, { shown = false, tall = false } = {}) {
  return h(
    'div',
    { class: tall ? 'scroll tall' : 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
    h(
      'table',
      {},
      h('caption', { class: shown ? null : 'heard' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map(({ label, numeric }) => h('th', { scope: 'col', class: numeric ? 'number' : null }, label)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            columns.map(({ cell, numeric, head }) =>
              h(head ? 'th' : 'td', { class: numeric ? 'number' : null, scope: head ? 'row' : null }, cell(row)),
            ),
          ),
        ),
      ),
    ),
  )
}

/** Terms and what they are; pairs whose value is null are left out. */
export function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    pairs
      .filter(([, value]) => value != null && value !== '')
      .map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
  )
}

/** What an empty part means. */
export const empty = (text) => h('p', { class: 'empty' }, text)

/** What stands where something is still being read. */
export function skeleton(lines = 3) {
  return h(
    'div',
    { class: 'skeleton' },
    heard('Loading…'),
    Array.from({ length: lines }, () => h('span', { 'aria-hidden': 'true' })),
  )
}

/** A moment, in full for whoever points at it. */
export const time = (at) => (at ? h('time', { datetime: at, title: fullMoment(at) }, moment(at)) : '–')

/** How long ago a moment was. */
export const timeAgo = (at, style) => (at ? h('time', { datetime: at, title: fullMoment(at) }, ago(at, style)) : '–')

/** A moment, and how long ago that was. */
export const when = (at) => [time(at), ', ', timeAgo(at)]

/** A link to a person, by id. */
export function person(id) {
  return id
    ? h(
        'a',
        { class: 'id', href: `#/people/${encodeURIComponent(id)}`, title: id, 'aria-label': `Person ${shortId(id)}` },
        shortId(id),
      )
    : '–'
}

/** An id of something without a view. */
export const plainId = (id) => (id ? h('span', { class: 'id', title: id }, shortId(id)) : '–')

/** A text that a user wrote, as it is. */
export const quote = (text) => h('blockquote', {}, text)

export const badge = (text, kind = '') => h('span', { class: `badge ${kind}` }, text)

/** Details of an event or a decision, as terms and values. What changed stands in one value, before and after. */
export function details(values) {
  const { before, after, ...rest } = values ?? {}
  const changes = Object.entries(after ?? {}).map(([name, value]) => [name, [shown(before?.[name]), ' → ', shown(value)]])
  const pairs = [
    ...Object.entries(rest)
      .filter(([, value]) => value != null)
      .map(([name, value]) => [name, shown(value)]),
    ...changes,
  ]
  return pairs.length
    ? h(
        'dl',
        { class: 'details' },
        pairs.map(([name, value]) => h('div', {}, h('dt', {}, words(name)), h('dd', {}, value))),
      )
    : null
}

function shown(value) {
  if (value == null) return 'none'
  if (Array.isArray(value)) return value.map((each, at) => [at ? ', ' : '', shown(each)]).flat(2)
  if (typeof value !== 'string') return JSON.stringify(value)
  if (ID.test(value)) return plainId(value)
  return TIME.test(value) ? time(value) : interval(value)
}

/** A bar of `part` of `whole`. */
export function bar(part, whole, kind = '') {
  const element = h('span', { class: `bar ${kind}`, 'aria-hidden': 'true' })
  element.style.inlineSize = `${whole ? (100 * part) / whole : 0}%`
  return h('span', { class: 'track', 'aria-hidden': 'true' }, element)
}

/** What a failed read shows in its place. */
export function failure(error) {
  return h(
    'div',
    { class: 'told bad', role: 'alert' },
    h('p', {}, h('strong', {}, sentence(error.message)), error.hint ? ` ${sentence(error.hint)}` : ''),
    error.grant ? h('p', {}, 'What is missing: ', h('code', {}, error.grant)) : null,
  )
}

/** The message with a full stop. */
export const sentence = (text) => String(text).replace(/[.:]?$/, '.')

/** The message of a refusal, for people. */
export function refusal(error) {
  return [
    sentence(error.message),
    error.hint ? ` ${sentence(error.hint)}` : '',
    error.code ? [' ', h('code', {}, error.code)] : [],
  ]
}
