// The page's end of the database: asks the worker, and passes on what it tells.

const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
const waiting = new Map()
const listeners = new EventTarget()
let asked = 0

worker.addEventListener('message', ({ data: { id, answer, failed, tell, ...told } }) => {
  if (tell) {
    listeners.dispatchEvent(new CustomEvent(tell, { detail: told }))
    return
  }
  const { resolve, reject } = waiting.get(id)
  waiting.delete(id)
  if (failed === undefined) resolve(answer)
  else reject(new Error(failed))
})

/** Asks the worker for something. */
export function ask(what, given = {}) {
  const id = ++asked
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    worker.postMessage({ id, ask: what, given })
  })
}

/** Calls `listen(told)` whenever the worker tells this. */
export function on(tell, listen, options = {}) {
  listeners.addEventListener(tell, ({ detail }) => listen(detail), options)
}

/** The state in which the database has started. */
export const started = new Promise((resolve, reject) => {
  on('ready', resolve)
  on('failed', ({ message }) => reject(new Error(message)))
  worker.addEventListener('error', ({ message }) => reject(new Error(message ?? 'the worker cannot be loaded')))
})

/** Ends the database, whatever it is doing. */
export function stop() {
  worker.terminate()
}

document.addEventListener('visibilitychange', () => ask('hide', { hidden: document.visibilityState === 'hidden' }))
