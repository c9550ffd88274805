// The address holds the ids of the two people: `#/<id>/<id>`. So a reload, a bookmark or another device shows the same two.

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The two people in the address, each as `{ id }` or `{ id, wrong }`; null if the address has no ids. */
export function addressed() {
  const ids = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(readable)
  if (!ids.length) return null
  return [0, 1].map((place) => {
    const id = ids[place]?.toLowerCase()
    if (!id) return { id: '', wrong: 'The address has no user id for this place.' }
    if (!ID.test(id)) return { id, wrong: 'This part of the address is not a user id.' }
    if (place && id === ids[0].toLowerCase()) return { id, wrong: 'The address names the same person twice.' }
    return { id }
  })
}

/** Writes the ids into the address, as a new history entry or in place of the current one. */
export function address(ids, state, inPlace) {
  const hash = `#/${ids.join('/')}`
  if (inPlace || hash === location.hash) history.replaceState(state, '', hash)
  else history.pushState(state, '', hash)
}

function readable(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
