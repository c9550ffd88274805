// Must not compile: a write to a table, which nobody may.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.from('wingman_matches').update({ status: 'accepted' }) // refused
await supabase.from('user_profiles').insert({ first_name: 'Ana' }) // refused
