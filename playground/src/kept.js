// The one database that this browser keeps between visits, in IndexedDB: its data directory, compressed.

const NAME = 'wingmanmatch-playground'
const KEY = 'database'

async function store(mode, work) {
  const opening = indexedDB.open(NAME, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(NAME)
  const connection = await settled(opening)
  try {
    const transaction = connection.transaction(NAME, mode)
    const request = work(transaction.objectStore(NAME))
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
    return request.result
  } finally {
    connection.close()
  }
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** What is kept: `{ installed, at, directory }`; undefined if nothing is, or if this browser keeps nothing. */
export async function kept() {
  try {
    return await store('readonly', (objects) => objects.get(KEY))
  } catch {
    return undefined
  }
}

export function keep(record) {
  return store('readwrite', (objects) => objects.put(record, KEY))
}

export function forget() {
  return store('readwrite', (objects) => objects.delete(KEY))
}
