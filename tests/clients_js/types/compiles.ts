// What a frontend writes, with the exact types of what comes back.
import { createClient } from '@supabase/supabase-js'
import type { Database, ErrorDetails, ErrorName, Json } from '../../../docs/wingmanmatch'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const exactly = <_ extends true>() => undefined

const supabase = createClient<Database>('http://localhost:8000', 'key')

// a composite, and null in it only where the database may say null
const found = await supabase.rpc('create_automatic_match', { max_radius_miles: 25 }).throwOnError()
type Buddy = {
  id: string
  first_name: string
  experience_level: 'beginner' | 'intermediate' | 'advanced'
  confidence_archetype: string | null
  reputation_score: number
}
exactly<
  Equal<
    typeof found.data,
    {
      success: boolean
      message: string
      match_id: string | null
      buddy_user_id: string | null
      buddy_profile: Database['public']['CompositeTypes']['buddy_profile'] | null
      distance_miles: number | null
    }
  >
>()
exactly<Equal<Database['public']['CompositeTypes']['buddy_profile'], Buddy>>()
const name: string | undefined = found.data.buddy_profile?.first_name

// arguments with a default may be left out, all of them, and null where that is the default
await supabase.rpc('create_automatic_match')
await supabase.rpc('create_automatic_match', {})
await supabase.rpc('create_automatic_match', { max_radius_miles: null, idempotency_key: crypto.randomUUID() })

// a checked null is gone; a nested composite
if (found.data.match_id) {
  const { data, error } = await supabase.rpc('respond_to_match', {
    match_id: found.data.match_id,
    action: 'decline',
  })
  if (error) {
    const details: ErrorDetails = JSON.parse(error.details)
    exactly<Equal<typeof details.error, ErrorName>>()
    const fact: Json | undefined = details['argument']
    console.log(error.message, error.hint, fact)
  } else {
    const status: 'pending' | 'accepted' | 'declined' | 'expired' = data.match_status
    const next: string | undefined = data.next_match?.buddy_profile.first_name
    console.log(status, next)
  }
}

// a set is an array
const { data: matches } = await supabase.rpc('list_matches', { status: 'accepted', page_size: 10 }).throwOnError()
exactly<Equal<typeof matches, Database['public']['CompositeTypes']['match_details'][]>>()
exactly<Equal<(typeof matches)[number]['responded_at'], string | null>>()
exactly<Equal<(typeof matches)[number]['expires_at'], string>>()

// arrays in a composite
const { data: why } = await supabase.rpc('why_no_match').throwOnError()
exactly<Equal<typeof why.suggestions, string[]>>()
type Enums = Database['public']['Enums']
exactly<Equal<(typeof why.removed)[number], { rule: Enums['removal_rule']; people: number }>>()

// a reading one by GET
await supabase.rpc('get_profile', {}, { get: true })

// rows under row level security, and those they refer to
const { data: sessions } = await supabase
  .from('wingman_sessions')
  .select('id, notes, scheduled_time, wingman_matches (status, ended_at)')
  .throwOnError()
exactly<Equal<(typeof sessions)[number]['notes'], string | null>>()
type Match = { status: Enums['match_status']; ended_at: string | null }
exactly<Equal<(typeof sessions)[number]['wingman_matches'], Match>>()
console.log(name)
