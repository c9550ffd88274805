// WingmanMatch for tests of frontends: supabase-js, whose database runs in the test's own process.
import { randomBytes, randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { newDatabase, scriptOfEmptying } from './database.js'
import { Postgrest } from './postgrest.js'
import { issue, verified } from './tokens.js'

const URL_OF_NOTHING = 'http://wingman.test'

/** A world of its own: a database in memory, and clients of it. */
export async function createWingman({ jwtSecret = randomBytes(32).toString('hex') } = {}) {
  const database = await newDatabase()
  return new World(database, await scriptOfEmptying(database), jwtSecret)
}

class World {
  constructor(database, emptying, secret) {
    this._database = database
    this._emptying = emptying
    this._secret = secret
    this.url = URL_OF_NOTHING
    this.anonKey = issue({ iss: 'supabase', role: 'anon' }, secret)
    this.fetch = new Postgrest(database, (token) => verified(token, secret)).fetch
  }

  /** Somebody new, signed in. With a first name they have a profile as well. */
  async signUp({ email = `${randomUUID()}@example.com`, ...profile } = {}) {
    const [{ id }] = await this.sql('insert into auth.users (email) values ($1) returning id', [email])
    const somebody = this.signIn(id, { email })
    if (Object.keys(profile).length) {
      await somebody.rpc('complete_profile', { experience_level: 'beginner', lat: 38.7223, lng: -9.1393, ...profile }).throwOnError()
    }
    return somebody
  }

  /** Somebody who has signed up before, signed in again. */
  signIn(id, claims = {}) {
    const token = this.token({ sub: id, aud: 'authenticated', role: 'authenticated', ...claims })
    return Object.assign(this.client(token), { id, token, ...(claims.email && { email: claims.email }) })
  }

  /** A client without anybody signed in, or with an access token. */
  client(token) {
    return createClient(this.url, this.anonKey, {
      ...(token && { accessToken: async () => token }),
      auth: { autoRefreshToken: false, detectSessionInUrl: false, persistSession: false },
      global: { fetch: this.fetch },
    })
  }

  /** The client of your own servers, which can act for anybody. */
  service() {
    return this.client(this.token({ role: 'service_role' }))
  }

  /** An access token with these claims. */
  token(claims) {
    return issue(claims, this._secret)
  }

  /** The rows of a statement of the superuser. */
  async sql(statement, parameters = []) {
    const { rows } = await this._database.query(statement, parameters)
    return rows
  }

  /** Lets everything happen that readers of the journal do, such as filling the inboxes. */
  async runReaders() {
    await this._database.query('select wingman.run_readers()')
  }

  /** Leaves nobody in it, and every setting with its default. */
  async reset() {
    await this._database.exec(this._emptying)
  }

  /** Ends it. Until then, it keeps the process alive. */
  async close() {
    await this._database.close()
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose]() {
    await this.close()
  }
}
