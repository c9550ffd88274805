// The state of the connection: the page says when the server cannot be reached, retries, and says when it is back.

import { button, h } from './dom.js'

const PAUSES_SECONDS = [1, 2, 4, 8, 15]
const GOOD_NEWS_MILLISECONDS = 4000

export class Connection {
  #since = null
  #tries = 0
  #isTrying = false
  #timer = null

  /**
   * `banner` shows the state; `retry` reads everything again and ends with `heard` or `lost`; `isAnythingShown` says
   * whether the page shows anything yet.
   */
  constructor(banner, retry, isAnythingShown) {
    this.isAnythingShown = isAnythingShown
    this.banner = banner
    this.retry = retry
  }

  get isLost() {
    return this.#since !== null
  }

  /** Updates the state from the outcome of some calls. */
  note(calls) {
    const lost = calls.find((made) => made.lost)
    if (lost) this.lost(lost.error.message)
    else if (calls.length) this.heard()
    else this.#end('')
  }

  /** Shows that the server cannot be reached, and counts down to the next try. */
  lost(message) {
    if (!this.isLost) this.#show(message)
    else if (!this.#isTrying) return
    this.#isTrying = false
    clearInterval(this.#timer)
    const pause = PAUSES_SECONDS[Math.min(this.#tries++, PAUSES_SECONDS.length - 1)]
    const next = Date.now() + 1000 * pause
    const when = this.banner.querySelector('.when')
    const tick = () => {
      const left = Math.ceil((next - Date.now()) / 1000)
      if (left <= 0) this.#try()
      else when.textContent = `Next in ${left} s.`
    }
    tick()
    this.#timer = setInterval(tick, 250)
  }

  /** Shows an error that a retry cannot fix. */
  failed(message) {
    this.#end('bad', h('strong', {}, message))
  }

  /** Shows that the server is back. */
  heard() {
    if (!this.isLost) {
      if (this.banner.className === 'bad') this.#end('')
      return
    }
    this.#end('good', 'The server is back, and everything here is up to date.')
    this.#timer = setTimeout(() => this.#end(''), GOOD_NEWS_MILLISECONDS)
  }

  #show(message) {
    this.#since = new Date()
    document.body.classList.add('lost')
    this.banner.className = 'bad'
    this.banner.replaceChildren(
      h('p', {}, h('strong', {}, message.replace(/[.:]?$/, '.')), ' ',
        this.isAnythingShown()
          ? `What you see may be out of date: it is from before ${this.#since.toLocaleTimeString()}. `
          : 'Nothing has been loaded yet. ',
        'The page retries automatically. ',
        // it changes every second, too often for a screen reader
        h('span', { class: 'when', 'aria-hidden': 'true' })),
      button('Try now', () => this.#try()))
  }

  #end(kind, ...told) {
    clearInterval(this.#timer)
    this.#since = null
    this.#tries = 0
    this.#isTrying = false
    document.body.classList.remove('lost')
    this.banner.className = kind
    this.banner.replaceChildren(...(told.length ? [h('p', {}, ...told)] : []))
  }

  #try() {
    clearInterval(this.#timer)
    this.#isTrying = true
    this.banner.querySelector('.when').textContent = 'Trying…'
    this.retry()
  }
}
