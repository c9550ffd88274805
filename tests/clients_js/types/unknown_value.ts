// Must not compile: a value that its set does not have.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.rpc('list_matches', { status: 'over' }) // refused
