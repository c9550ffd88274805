// Keeps all files of the playground, so that it works without a network. A new version takes over when no tab shows the old one.

const CACHE = 'wingmanmatch-playground VERSION'
const FILES = ['FILES']

addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((name) => new URL(name, registration.scope).href))))
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
