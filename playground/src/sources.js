// The functions of the database with their sources, as the catalog has them.

import { button, h } from './shared/dom.js'
import { ask } from './database.js'

const PAUSE_MILLISECONDS = 150
const MEANING = {
  public: 'what frontends call', wingman_admin: 'what operators call', wingman: 'the engine behind both',
}

const WORDS = `
  and any array as begin between by case coalesce constant create cross declare default definer delete diagnostics
  distinct do else elsif end exception exists false filter for from function get group if immutable in inner insert into
  is join language lateral left limit loop not null nulls on or order over partition perform query raise replace return
  returning returns row security select set setof skip locked stable strict table then to true union update using values
  volatile when where while with`.trim().split(/\s+/).join('|')
const TOKENS = new RegExp(
  `(?<comment>--[^\\n]*)|(?<string>'(?:[^']|'')*')|\\b(?<schema>wingman|wingman_admin|public)\\.(?<name>\\w+)(?=\\()|(?<!\\$)\\b(?:${WORDS})\\b`, 'gi')

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

  #item({ schema, name, arguments: given, isNamed }, text) {
    const item = button(name, () => this.show(schema, name), { plain: true })
    item.title = `${name}(${given})`
    item.dataset.function = `${schema}.${name}`
    return h('li', {}, item, text && !isNamed ? h('span', { class: 'faint' }, ' in its source') : null)
  }

  /** Shows a function's source and what its comment says. */
  async show(schema, name) {
    const found = await ask('source', { schema, name })
    if (!found) return
    for (const item of this.list.querySelectorAll('[data-function]')) {
      const isShown = item.dataset.function === `${schema}.${name}`
      if (isShown) item.setAttribute('aria-current', 'true')
      else item.removeAttribute('aria-current')
    }
    this.source.replaceChildren(
      h('h3', { tabindex: '-1' }, h('code', {}, `${schema}.${name}`)),
      ...(found.comment ? [h('p', { class: 'faint' }, found.comment)] : []),
      h('pre', { tabindex: '0', role: 'region', 'aria-label': `Source of ${name}` }, h('code', {}, ...this.#marked(found.source.trim()))))
  }

  /** Shows a function that is called in the source of another one. */
  async #follow(schema, name) {
    await this.show(schema, name)
    this.source.querySelector('h3').focus()
  }

  /** A text of SQL with its comments, strings and keywords marked; functions of ours lead to their sources. */
  #marked(text) {
    const parts = []
    // after its own name
    const start = text.indexOf('(')
    let from = 0
    for (const { 0: all, index, groups } of text.matchAll(TOKENS)) {
      const { comment, string, schema, name } = groups
      parts.push(text.slice(from, index), name && index > start
        ? button(all, () => this.#follow(schema, name), { plain: true })
        : h('span', { class: comment ? 'sql-comment' : string ? 'sql-string' : 'sql-word' }, all))
      from = index + all.length
    }
    return [...parts, text.slice(from)]
  }
}
