// Must not compile: null for an argument whose default is something else.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.rpc('list_matches', { page_size: null }) // refused
