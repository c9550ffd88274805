// A database with WingmanMatch in it: PostgreSQL in WebAssembly, in this process and in memory. It is installed once and kept as a
// file, from which every other one is loaded in a fraction of the time.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { included } from './psql.js'

const INSTALL = fileURLToPath(new URL('../../../sql/install.sql', import.meta.url))
const CACHE = fileURLToPath(new URL('../node_modules/.cache/wingmanmatch/', import.meta.url))

/** The version of PGlite: a data directory belongs to one of them. */
function versionOfPGlite() {
  const [home] = import.meta.resolve('@electric-sql/pglite').split('/dist/')
  return JSON.parse(readFileSync(fileURLToPath(`${home}/package.json`), 'utf8')).version
}

/** An installed data directory, kept under a name that says what it was made from. */
async function installedDirectory() {
  const script = included(INSTALL)
  const name = createHash('sha256').update(versionOfPGlite()).update(script).digest('hex').slice(0, 16)
  const file = join(CACHE, `${name}.tar.gz`)
  try {
    return new Blob([await readFile(file)])
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  const database = await PGlite.create()
  await database.exec(script)
  const directory = await database.dumpDataDir('gzip')
  await database.close()
  await keep(file, Buffer.from(await directory.arrayBuffer()))
  return directory
}

/** Write a file at once, since other processes may be looking for it. Where nothing can be written, each process installs anew. */
async function keep(file, content) {
  const unfinished = `${file}.${randomUUID()}`
  try {
    await mkdir(CACHE, { recursive: true })
    await writeFile(unfinished, content)
    await rename(unfinished, file)
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error
  }
}

let prepared

/** A new database, in which nobody has signed up. */
export async function newDatabase() {
  prepared ??= installedDirectory()
  return PGlite.create({ loadDataDir: await prepared })
}

const TABLES = `
  select c.oid::regclass::text as name, (
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  ) as columns
  from pg_class as c
  where c.relkind = 'r' and c.relnamespace in ('auth'::regnamespace, 'public'::regnamespace, 'wingman'::regnamespace)
  order by c.oid`

/** The script that makes a database as it is now again: it deletes all rows, and puts back those that there are now. */
export async function scriptOfEmptying(database) {
  // past the triggers: the ledger and the journal let nothing go
  const steps = ['begin', 'set local session_replication_role = replica']
  const { rows: tables } = await database.query(TABLES)
  for (const { name, columns } of tables) {
    steps.push(`delete from ${name}`)
    const { rows: [{ kept }] } = await database.query(`select quote_literal(jsonb_agg(t)) as kept from ${name} as t`)
    if (kept) {
      steps.push(`insert into ${name} (${columns}) select ${columns} from jsonb_populate_recordset(null::${name}, ${kept})`)
    }
  }
  return [...steps, 'commit'].join(';\n')
}
