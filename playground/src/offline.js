// Keeps all files of the playground, so that it works without a network. A new version takes over when no tab shows the old one.

const CACHE = 'wingmanmatch-playground VERSION'
const FILES = ['FILES']

addEventListener('install', (event) => {
  // the browser's own cache may still have files of an earlier version: the host is asked whether they have changed
  const requests = FILES.map((name) => new Request(new URL(name, registration.scope), { cache: 'no-cache' }))
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)))
})

addEventListener('activate', (event) => {
  const tidied = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name.startsWith('wingmanmatch-playground ') && name !== CACHE).map((name) => caches.delete(name))))
  event.waitUntil(tidied.then(() => clients.claim()))
})

addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || !url.href.startsWith(registration.scope)) return
  url.search = ''
  url.pathname = url.pathname.replace(/\/index\.html$/, '/')
  event.respondWith(caches.open(CACHE).then((cache) => cache.match(url.href)).then((found) => found ?? fetch(event.request)))
})
