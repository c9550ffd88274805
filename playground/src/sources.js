// The functions of the database with their sources, as the catalog has them.

import { button, h } from './shared/dom.js'
import { ask } from './database.js'

const PAUSE_MILLISECONDS = 150
const MEANING = {
  public: 'what frontends call', wingman_admin: 'what operators call', wingman: 'the engine: nobody calls it directly',
}

export class Sources {
  #soon = null
  #asked = 0

  constructor({ search, list, source, count }) {
    Object.assign(this, { search, list, source, count })
    search.addEventListener('input', () => {
      clearTimeout(this.#soon)
      this.#soon = setTimeout(() => this.find(), PAUSE_MILLISECONDS)
    })
  }

  /** Lists the functions whose name or source holds the text. */
  async find() {
    const text = this.search.value.trim()
    const asked = ++this.#asked
    const functions = await ask('functions', { search: text })
    if (asked !== this.#asked) return
    this.count.textContent = `${functions.length} ${functions.length === 1 ? 'function' : 'functions'}`
    const schemas = Object.groupBy(functions, ({ schema }) => schema)
    this.list.replaceChildren(...Object.entries(schemas).map(([schema, found]) =>
      h('details', { open: Boolean(text) || schema === 'public' },
        h('summary', {}, h('code', {}, schema), ` ${found.length}, ${MEANING[schema]}`),
        h('ul', {}, found.map((one) => this.#item(one, text))))))
  }

  #item({ id, name, arguments: given, isNamed }, text) {
    const item = button(name, () => this.show(id, item), { more: `: show its source`, plain: true })
    item.title = `${name}(${given})`
    return h('li', {}, item, text && !isNamed ? h('span', { class: 'faint' }, ' in its source') : null)
  }

  /** Shows a function's source and what its comment says. */
  async show(id, item) {
    const { source, comment } = await ask('source', { id })
    for (const other of this.list.querySelectorAll('[aria-pressed]')) other.removeAttribute('aria-pressed')
    item.setAttribute('aria-pressed', 'true')
    this.source.replaceChildren(
      ...(comment ? [h('p', { class: 'faint' }, comment)] : []),
      h('pre', { tabindex: '0', 'aria-label': 'Source' }, h('code', {}, ...coloured(source.trim()))))
    this.source.scrollIntoView({ block: 'nearest' })
  }
}

const TOKENS = /(--[^\n]*)|('(?:[^']|'')*')|\b(and|any|array|as|begin|between|by|case|coalesce|constant|create|cross|declare|default|definer|delete|diagnostics|distinct|do|else|elsif|end|exception|exists|false|filter|for|from|function|get|group|if|immutable|in|inner|insert|into|is|join|language|lateral|left|limit|loop|not|null|nulls|on|or|order|over|partition|perform|query|raise|replace|return|returning|returns|row|security|select|set|setof|skip locked|stable|strict|table|then|to|true|union|update|using|values|volatile|when|where|while|with)\b/gi

/** A text of SQL, with its comments, strings and keywords marked. */
function coloured(text) {
  const parts = []
  let from = 0
  for (const found of text.matchAll(TOKENS)) {
    parts.push(text.slice(from, found.index), h('span', { class: found[1] ? 'sql-comment' : found[2] ? 'sql-string' : 'sql-word' }, found[0]))
    from = found.index + found[0].length
  }
  return [...parts, text.slice(from)]
}
