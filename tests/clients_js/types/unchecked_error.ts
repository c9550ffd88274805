// Must not compile: the answer of a call that may have been refused.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../../docs/wingmanmatch'

const supabase = createClient<Database>('http://localhost:8000', 'key')

const { data } = await supabase.rpc('get_profile')
console.log(data.first_name) // refused
