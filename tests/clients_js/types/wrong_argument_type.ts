// Must not compile: a text for a number.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.rpc('create_automatic_match', { max_radius_miles: '25' }) // refused
