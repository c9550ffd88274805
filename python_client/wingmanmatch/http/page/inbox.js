// What the people on the page are told, live: one stream each.

import { transport } from './transport.js'

const AGAIN_MILLISECONDS = 2000

/** Listens for whoever is shown; `tell(player, notification)` is called for each notification. */
export class Inbox {
  #streams = new Map()

  constructor(tell) {
    this.tell = tell
  }

  /** Listens for these people, and for nobody else any more. */
  listen(players) {
    for (const [player, stop] of this.#streams) {
      if (players.includes(player)) continue
      stop.abort()
      this.#streams.delete(player)
    }
    for (const player of players) {
      if (!player.token || player.missing || this.#streams.has(player)) continue
      const stop = new AbortController()
      this.#streams.set(player, stop)
      this.#follow(player, stop.signal)
    }
  }

  async #follow(player, signal) {
    let last = ''
    while (!signal.aborted) {
      try {
        for await (const { id, event, data } of transport.stream(player.token, last, signal)) {
          last = id || last
          if (event === 'notification') this.tell(player, JSON.parse(data))
        }
      } catch {
        // the calls tell if the server is away; what is told meanwhile comes after `last`
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS))
    }
  }
}
