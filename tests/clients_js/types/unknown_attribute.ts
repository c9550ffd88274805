// Must not compile: an attribute that the answer does not have.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

const { data } = await supabase.rpc('get_session', { session_id: 'x' }).throwOnError()
console.log(data.venue) // refused
