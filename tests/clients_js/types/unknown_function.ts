// Must not compile: a function that is none of the API.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.rpc('settle_due_matches') // refused
