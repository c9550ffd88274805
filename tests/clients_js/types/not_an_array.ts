// Must not compile: a set taken for a single one.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

const { data } = await supabase.rpc('list_sessions').throwOnError()
console.log(data.venue_name) // refused
