// The journal as it grows.

import { h } from './shared/dom.js'
import { ask, on } from './database.js'

const LENGTH = 60

export class Journal {
  constructor(list, count) {
    this.list = list
    this.count = count
    ask('events').then(({ events, total }) => this.#add(events, total))
    on('events', ({ events, total }) => this.#add(events, total))
  }

  /** Adds events, the newest first. */
  #add(events, total) {
    this.list.prepend(...events.map(line))
    while (this.list.children.length > LENGTH) this.list.lastChild.remove()
    this.count.textContent = `${total.toLocaleString('en')} events`
  }
}

function line({ occurred_at: at, kind, who, pair, call }) {
  const others = pair.filter((name) => name !== who)
  const people = who && others.length ? `${who}, with ${others.join(' and ')}` : who ?? pair.join(' and ')
  return h('li', {},
    h('time', { datetime: at.toISOString() }, at.toLocaleTimeString()), ' ',
    h('b', {}, kind.replaceAll('_', ' ')), people ? ` ${people}` : '',
    call ? [' ', h('code', {}, call)] : null)
}
