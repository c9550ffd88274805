// Access tokens as Supabase issues them: JWTs, signed with a shared secret.
import { createHmac, timingSafeEqual } from 'node:crypto'

const ROLES = ['anon', 'authenticated', 'service_role']
const HEADER = encoded({ alg: 'HS256', typ: 'JWT' })
const LIFETIME_SECONDS = 3600

function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signature(signed, secret) {
  return createHmac('sha256', secret).update(signed).digest()
}

/** A token of an hour with these claims. */
export function issue(claims, secret) {
  const now = Math.floor(Date.now() / 1000)
  const signed = `${HEADER}.${encoded({ iat: now, exp: now + LIFETIME_SECONDS, ...claims })}`
  return `${signed}.${signature(signed, secret).toString('base64url')}`
}

/** The claims of a token; null if it is invalid. */
export function verified(token, secret) {
  try {
    const [header, payload, given, ...more] = token.split('.')
    const expected = signature(`${header}.${payload}`, secret)
    const bytes = Buffer.from(given, 'base64url')
    if (more.length || bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) return null
    if (decoded(header).alg !== 'HS256') return null
    const claims = decoded(payload)
    const isFor = [claims.aud].flat().includes('authenticated')
    const isValid = claims.exp > Date.now() / 1000 && ROLES.includes(claims.role) && (isFor || claims.role !== 'authenticated')
    return isValid ? claims : null
  } catch {
    return null
  }
}

function decoded(segment) {
  return JSON.parse(Buffer.from(segment, 'base64url').toString())
}
