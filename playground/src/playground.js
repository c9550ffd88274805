// What the playground has beside the demo's page: how far it has loaded, the journal, the console, and what this browser keeps.

import { ask, on, started, stop } from './database.js'
import { forget } from './kept.js'

const $ = (selector) => document.querySelector(selector)
const loading = $('#loading')

on('loading', ({ loaded, total }) => {
  loading.querySelector('progress').value = loaded / total
  say(`Fetching PostgreSQL and its 2,000 people: ${megabytes(loaded)} of ${megabytes(total)} MB`)
})
on('starting', () => say('Starting PostgreSQL'))

function say(text) {
  loading.querySelector('p').textContent = text
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1)
}

// ---------------------------------------------------------------- what is kept

const keep = $('#keep')
const keeping = $('#keeping')

const wasKept = ({ at, bytes }) => {
  keeping.textContent = `Kept at ${at.toLocaleTimeString()}, ${megabytes(bytes)} MB.`
}
on('keeping', () => (keeping.textContent = 'Keeping it…'))
on('kept', wasKept)
on('broken', ({ message }) => (keeping.textContent = `The readers of the journal cannot run: ${message}. Reset begins anew.`))
on('notKept', ({ message }) => (keeping.textContent = `It could not be kept: ${message}`))
keep.addEventListener('change', async () => {
  keeping.textContent = keep.checked ? 'Keeping it…' : ''
  await ask('keep', { isOn: keep.checked })
})
$('#reset').addEventListener('click', async () => {
  if (!confirm('Begin with a new database? What happened in this one is lost.')) return
  stop()
  await forget()
  history.replaceState(null, '', location.pathname + location.search)
  location.reload()
})

// ---------------------------------------------------------------- once it runs

try {
  const { milliseconds, kept, isOutdated } = await started
  loading.hidden = true
  $('#running').textContent = `Loaded and started in ${(milliseconds / 1000).toFixed(1)} s.`
  keep.checked = Boolean(kept)
  if (kept) wasKept(kept)
  if (isOutdated) keeping.textContent = 'What was kept is of another version of WingmanMatch, so this database is new.'
  for (const control of [keep, $('#reset')]) control.disabled = false
  // these wait for the database as they are loaded
  const [{ Console }, { Journal }, { Sources }] = await Promise.all(['console.js', 'journal.js', 'sources.js'].map((name) => import(`./${name}`)))
  new Journal($('#journal ol'), $('#journal-count'))
  const sources = new Sources({ search: $('#search'), list: $('#functions'), source: $('#source'), count: $('#found') })
  const sql = new Console({ form: $('#statement'), examples: $('#examples'), output: $('#output'), said: $('#said') })
  for (const view of document.querySelectorAll('.views button')) {
    view.addEventListener('click', () => show(view.dataset.view))
    view.disabled = false
  }
  const show = (name) => {
    for (const view of document.querySelectorAll('.views button')) {
      const isShown = view.dataset.view === name
      view.toggleAttribute('aria-current', isShown)
      if (isShown) view.setAttribute('aria-current', 'page')
      document.getElementById(view.dataset.view).hidden = !isShown
    }
    // SQL may have changed what the page shows: it reads again, as when somebody comes back to it
    if (name !== 'sql') return dispatchEvent(new Event('focus'))
    sql.name()
    if ($('#functions').children.length) return
    sources.find()
    sources.show('wingman', 'respond_to_match')
  }
} catch (error) {
  loading.hidden = false
  loading.classList.add('bad')
  say(`PostgreSQL does not start: ${error.message}`)
  // what is kept may be the cause
  $('#reset').disabled = false
}

if ('serviceWorker' in navigator) {
  // not earlier: it fetches what the page has fetched, which is then in the browser's cache
  started.then(() => navigator.serviceWorker.register('offline.js')).catch(() => {})
}
