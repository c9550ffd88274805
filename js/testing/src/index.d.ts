import type { SupabaseClient } from '@supabase/supabase-js'
import type { Database, ErrorDetails, ErrorName, Json } from '../../../docs/wingmanmatch.d.ts'

export type { Database, ErrorDetails, ErrorName, Json }

/** A client of supabase-js, with the types of the functions. */
export type Client = SupabaseClient<Database>

/** The client of somebody who is signed in. */
export type Somebody = Client & {
  /** The id of the user. */
  readonly id: string
  /** The access token that the client sends. */
  readonly token: string
  /** The e-mail address of the account, if it is known. */
  readonly email?: string
}

/** What complete_profile takes, all of which may be left out but the name; the account's e-mail address. */
export type NewAccount =
  | ({ email?: string } & Partial<Database['public']['Functions']['complete_profile']['Args']> & { first_name: string })
  | { email?: string }

/** A world of its own: a database in memory, and clients of it. */
export interface World extends AsyncDisposable {
  /** The URL that clients are made with. */
  readonly url: string
  /** The key that clients are made with. */
  readonly anonKey: string
  /** The `fetch` that clients are made with: it answers by itself. */
  readonly fetch: typeof fetch
  /** Somebody new, signed in. With a first name they have a profile, in the same place as everybody else unless you say where. */
  signUp(account?: NewAccount): Promise<Somebody>
  /** Somebody who has signed up before, with these claims besides. */
  signIn(id: string, claims?: Record<string, Json>): Somebody
  /** A client with nobody signed in, or with an access token. */
  client(token?: string): Client
  /** The client of your own servers: service_role, which can act for anybody. */
  service(): Client
  /** An access token with these claims, valid for an hour. */
  token(claims: Record<string, Json>): string
  /** The rows of a statement of the superuser: for what no client can do, or to look at what was written. */
  sql<Row = Record<string, unknown>>(statement: string, parameters?: unknown[]): Promise<Row[]>
  /** Lets everything happen that readers of the journal do, such as filling the inboxes. */
  runReaders(): Promise<void>
  /** Leaves nobody in it, and every setting with its default. */
  reset(): Promise<void>
  /** Ends it. Until then, it keeps the process alive. */
  close(): Promise<void>
}

/** Make a world in which nobody has signed up. `jwtSecret` signs its tokens; without one it is random. */
export function createWingman(options?: { jwtSecret?: string }): Promise<World>
