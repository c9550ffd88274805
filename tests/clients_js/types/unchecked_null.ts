// Must not compile: an attribute that may be null, used as if it never were.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

const { data } = await supabase.rpc('create_automatic_match').throwOnError()
const match_id: string = data.match_id // refused
console.log(match_id, data.buddy_profile.first_name) // refused
