// Must not compile: an argument that the function does not have.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

await supabase.rpc('create_automatic_match', { radius: 25 }) // refused
