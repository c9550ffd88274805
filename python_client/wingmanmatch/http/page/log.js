// The developer's view: each call as supabase-js code, with its answer.

import { h } from './shared/dom.js'
import { errorName } from './people.js'

const LENGTH = 40

export class Log {
  /** `placeOf` gives the index of a person's pane, for the colour. */
  constructor(list, placeOf) {
    this.list = list
    this.placeOf = placeOf
  }

  /** Adds a call at the top, opened. */
  add(made) {
    for (const older of this.list.children) older.open = false
    const entry = this.#entry(made, true)
    this.list.prepend(entry)
    while (this.list.children.length > LENGTH) this.list.lastChild.remove()
    return entry
  }

  /** Adds the reads that followed a call. */
  reads(entry, reads) {
    if (!reads.length) return
    const names = [...new Set(reads.map(({ name }) => name))].join(', ')
    entry.append(h('details', { class: 'reads' },
      h('summary', {}, `Then both read again: ${names}`),
      reads.map((made) => this.#entry(made, false))))
  }

  #entry(made, open) {
    const outcome = made.error ? errorName(made.error) || 'no answer' : 'ok'
    return h('details', { class: `call ${['first', 'second'][this.placeOf(made.player)] ?? ''}`, open },
      h('summary', {},
        h('b', {}, made.player.name), h('code', {}, made.name),
        h('span', { class: `status ${made.error ? 'refused' : 'ok'}` },
          `${made.status || ''} ${outcome} · ${Math.max(1, Math.round(made.milliseconds))} ms`)),
      h('div', { class: 'exchange' },
        h('pre', {}, h('code', {}, callCode(made))), h('pre', {}, h('code', {}, answerText(made)))))
  }
}

function callCode({ player, name, args }) {
  if (player.isOperator) return operatorsCode(name, args)
  const given = Object.entries(args).map(([argument, value]) => `    ${argument}: ${literal(value)},\n`)
  const inside = given.length ? `, {\n${given.join('')}  }` : ''
  return `// as ${player.name}\nconst { data, error } = await supabase\n  .rpc('${name}'${inside})`
}

/** An operator's call, or view, in SQL. */
function operatorsCode(name, args) {
  const given = Object.entries(args).map(([argument, value]) => `    ${argument} => ${sqlLiteral(value)}`)
  const inside = given.length ? `(\n${given.join(',\n')}\n)` : ''
  return `-- as an operator\nselect * from wingman_admin.${name}${inside};`
}

function sqlLiteral(value) {
  if (value === null) return 'null'
  const text = Array.isArray(value) ? `{${value.join(',')}}` : typeof value === 'object' ? JSON.stringify(value) : `${value}`
  return `'${text.replaceAll("'", "''")}'`
}

function literal(value) {
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : JSON.stringify(value)
}

function answerText({ data, error }) {
  if (!error) return `// data\n${JSON.stringify(data, null, 2)}`
  const { details, ...rest } = error
  const told = (name, value) => `// ${name}\n${JSON.stringify(value, null, 2)}`
  if (!details) return told('error', error)
  try {
    return `${told('error', rest)}\n${told('JSON.parse(error.details)', JSON.parse(details))}`
  } catch {
    return told('error', error)
  }
}
