// Installs sql/install.sql in PGlite, a PostgreSQL in WebAssembly, and lets two people meet there. Prints what they were told,
// a line of JSON each. node story.mjs <sql/install.sql>
import { PGlite } from '@electric-sql/pglite'
import { included } from '../../js/testing/src/psql.js'

const database = await PGlite.create()
await database.exec(included(process.argv[2]))

/** What a call answers somebody, as PostgREST would make it: a transaction with role and claims of its own. */
async function call(userId, statement, ...parameters) {
  return database.transaction(async transaction => {
    await transaction.query(`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`, [
      JSON.stringify({ sub: userId, role: 'authenticated' }),
    ])
    const { rows } = await transaction.query(`select to_json(f) as answer from ${statement} as f`, parameters)
    return rows[0].answer
  })
}

const ana = '00000000-0000-4000-8000-00000000000a'
const ben = '00000000-0000-4000-8000-00000000000b'
for (const [id, name] of [[ana, 'Ana'], [ben, 'Ben']]) {
  await database.query('insert into auth.users (id) values ($1)', [id])
  await call(id, `complete_profile(first_name => $1, experience_level => 'beginner', lat => 38.72, lng => -9.14)`, name)
}
const match = await call(ana, 'create_automatic_match(max_radius_miles => 5)')
const answer = await call(ben, `respond_to_match($1, 'accept', idempotency_key => 'k')`, match.match_id)
const again = await call(ben, `respond_to_match($1, 'accept', idempotency_key => 'k')`, match.match_id)
const session = await call(ana, `create_session($1, now() + interval '1 hour', 'Café Central')`, match.match_id)
let refusal
try {
  await call(ana, 'confirm_session_completion($1)', session.id)
} catch (error) {
  refusal = { code: error.code, error: JSON.parse(error.detail).error }
}
const { rows: kinds } = await database.query('select kind from wingman.events order by id')
for (const told of [match, answer, again, session, refusal, kinds.map(row => row.kind)]) console.log(JSON.stringify(told))
await database.close()
