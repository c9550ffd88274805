// Runs one task at a time, and says so when one takes long.

const SLOW_MILLISECONDS = 600

/** Runs tasks one after the other. While a user's task runs, the controls are disabled. */
export class Queue {
  #last = Promise.resolve()
  #asked = 0

  constructor(notice, failed) {
    this.notice = notice
    this.failed = failed
  }

  get isBusy() {
    return this.#asked > 0
  }

  /** Runs a task for the user; `what` names it if it takes long. */
  ask(what, task) {
    const slow = setTimeout(() => this.#slow(what), SLOW_MILLISECONDS)
    this.#busy(1)
    return this.#then(task).finally(() => {
      clearTimeout(slow)
      this.#busy(-1)
    })
  }

  /** Runs a task in the background. */
  quietly(task) {
    return this.#then(task)
  }

  #then(task) {
    this.#last = this.#last.then(task).catch(this.failed)
    return this.#last
  }

  #slow(what) {
    document.body.classList.add('slow')
    this.notice.textContent = `${what}: still waiting for the answer…`
  }

  #busy(change) {
    this.#asked += change
    if (!this.isBusy) {
      document.body.classList.remove('slow')
      this.notice.textContent = ''
    }
    for (const part of document.querySelectorAll('.person, .race, .operator')) part.setAttribute('aria-busy', this.isBusy)
    for (const control of document.querySelectorAll('#again, :is(.person, .race, .operator) :is(button, input, select, textarea)')) {
      control.disabled = this.isBusy
    }
  }
}
