// A part of a frontend: what its button "Find a buddy" does, and "Accept". It knows nothing of any test.
import type { SupabaseClient } from '@supabase/supabase-js'
import type { Database, ErrorDetails } from '../../../../docs/wingmanmatch.d.ts'

type Client = SupabaseClient<Database>

/** What the page shows after a search. */
export async function findBuddy(supabase: Client): Promise<string> {
  const { data, error } = await supabase.rpc('create_automatic_match', { max_radius_miles: 25 })
  if (error) return error.message
  return data.buddy_profile ? `Meet ${data.buddy_profile.first_name}` : data.message
}

/** What the page shows after "Accept". A press that is sent twice has the same key. */
export async function accept(supabase: Client, match_id: string, idempotency_key: string): Promise<string> {
  const { error } = await supabase.rpc('respond_to_match', { match_id, action: 'accept', idempotency_key })
  if (!error) return 'Accepted'
  const details: ErrorDetails = error.code.startsWith('PT') ? JSON.parse(error.details) : {}
  return details.error === 'match_expired' ? 'Too late: this offer has expired' : error.message
}
