// Must not compile: an argument without a default left out.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.rpc('respond_to_match', { match_id: 'x' }) // refused
