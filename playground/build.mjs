// Builds the playground: node playground/build.mjs <folder>. The page of `wingman serve --demo`, with a database in the tab instead of
// a server: PGlite, and a data directory in which sql/install.sql has run and people have signed up.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { included } from '../js/testing/src/psql.js'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(HERE)
const PACKAGE = join(ROOT, 'python_client', 'wingmanmatch')
const PAGE = join(PACKAGE, 'http', 'page')
const TESTING = join(ROOT, 'js', 'testing', 'src')
const PGLITE = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite')))

/** What PostgreSQL needs for initdb, replication, building extensions, other encodings than UTF-8 and full text search. */
const UNUSED = [
  /\.(bki|control|conf\.sample|stop|txt|sql)$/, /\/(pgxs|tsearch_data)\//, /\/lib\/postgresql\/(dict_snowball|libpqwalreceiver|utf8_and_\w+|\w+_and_mic|\w+_and_win\w*|euc2004_sjis2004)\.so$/,
]

/** Settings that keep little of the write-ahead log, which nobody replays. */
const START = ['wal_recycle=off', 'max_wal_size=32MB', 'min_wal_size=32MB'].flatMap((setting) => ['-c', setting])

const target = resolve(process.argv[2])
rmSync(target, { recursive: true, force: true })
mkdirSync(join(target, 'shared'), { recursive: true })

const made = JSON.parse(execFileSync(process.env.PYTHON ?? 'python3', [join(HERE, 'people.py')], { maxBuffer: 2 ** 26 }))

// ---------------------------------------------------------------- the files of the page

for (const [from, to] of [[PAGE, ''], [join(PACKAGE, 'shared_page'), 'shared'], [join(HERE, 'src'), '']]) {
  cpSync(from, join(target, to), { recursive: true })
}
for (const name of ['postgrest.js', 'failures.js']) cpSync(join(TESTING, name), join(target, name))
edit('index.html', {
  "content=\"default-src 'self'\"": `content="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; form-action 'none'"`,
  'id="again" class="plain"': 'id="again" class="plain" disabled',
  'WingmanMatch: play two people': 'WingmanMatch: the playground',
  '<link rel="stylesheet" href="page.css">': '<link rel="stylesheet" href="page.css">\n    <link rel="stylesheet" href="playground.css">',
  '<script type="module" src="page.js">': '<script type="module" src="playground.js"></script>\n    <script type="module" src="page.js">',
  '<p>Play both people. Each button makes one RPC call, and the database decides.</p>': part('head'),
  '</header>\n    <main>': `${part('loading')}    </header>\n    <main id="play">`,
  '<h2 id="calls-title">': `${part('journal')}        <h2 id="calls-title">`,
  'The client, as supabase-js makes it': 'How a call is made here',
  '    </main>\n': `    </main>\n${part('sql')}`,
})

// ---------------------------------------------------------------- PostgreSQL

const packed = []
for (const name of modulesOf('index.js')) write(`pglite/${name}`, readFileSync(join(PGLITE, name), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
writePacked('pglite.wasm', readFileSync(join(PGLITE, 'pglite.wasm')))
writePacked('pglite.data', blanked(readFileSync(join(PGLITE, 'pglite.data'))))
const script = included(join(ROOT, 'sql', 'install.sql'))
writePacked('directory.tar', await preparedDirectory())

const constants = {
  CASTS: made.casts,
  RULES: made.rules,
  OPERATED: made.operated,
  START,
  PACKED: Object.fromEntries(packed),
  // a kept database is used as long as these are the same
  INSTALLED: createHash('sha256').update(script).update(readFileSync(join(PGLITE, 'pglite.wasm'))).digest('hex').slice(0, 16),
}
write('made.js', `// Made by playground/build.mjs.
${Object.entries(constants).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}\n`).join('')}`)

// ---------------------------------------------------------------- what works offline

const files = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map((entry) => relative(target, join(entry.parentPath, entry.name))).filter((name) => name !== 'offline.js').sort()
const version = createHash('sha256')
for (const name of files) version.update(name).update(readFileSync(join(target, name)))
edit('offline.js', { VERSION: version.digest('hex').slice(0, 16), "'FILES'": files.map((name) => `'${name === 'index.html' ? '' : name}'`).join(', ') })

const sizes = files.map((name) => [name, readFileSync(join(target, name)).length])
const sum = sizes.reduce((total, [, length]) => total + length, 0)
for (const [name, length] of sizes.sort(([, one], [, other]) => other - one).slice(0, 5)) console.log(`${name}: ${megabytes(length)}`)
console.log(`${relative(process.cwd(), target)}: ${files.length} files, ${megabytes(sum)} as they are served`)

function megabytes(length) {
  return `${(length / 1e6).toFixed(2)} MB`
}

/** A piece of the page that only the playground has. */
function part(name) {
  return readFileSync(join(HERE, 'parts', `${name}.html`), 'utf8')
}

function write(name, content) {
  mkdirSync(dirname(join(target, name)), { recursive: true })
  writeFileSync(join(target, name), content)
}

/** Compressed here, since not every server of files compresses; the ending says nothing, so that none decompresses it. */
function writePacked(name, bytes) {
  const content = gzipSync(bytes, { level: 9 })
  packed.push([name, content.length])
  write(`${name}.packed`, content)
}

/** Replaces texts in a file; each must be there once. */
function edit(name, replacements) {
  let text = readFileSync(join(target, name), 'utf8')
  for (const [old, fresh] of Object.entries(replacements)) {
    if (text.split(old).length !== 2) throw new Error(`${name} does not hold this once: ${old}`)
    text = text.replace(old, () => fresh)
  }
  writeFileSync(join(target, name), text)
}

/** A module of PGlite with all that it imports. */
function modulesOf(name, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  const text = readFileSync(join(PGLITE, name), 'utf8')
  for (const [, imported] of text.matchAll(/\b(?:from|import)"\.\/([\w./-]+)"/g)) modulesOf(imported, found)
  return found
}

/** PGlite's files with zeros in place of what is not used: they stay where its loader looks for them, and compress to nothing. */
function blanked(bundle) {
  const loader = readFileSync(join(PGLITE, 'pglite.js'), 'utf8')
  const files = [...loader.matchAll(/filename:"([^"]+)",start:(\d+),end:(\d+)/g)]
  if (!files.length) throw new Error('PGlite says in another way which files there are')
  const content = Buffer.from(bundle)
  for (const [, name, start, end] of files) if (UNUSED.some((pattern) => pattern.test(name))) content.fill(0, Number(start), Number(end))
  return content
}

/** A data directory with WingmanMatch and its people. */
async function preparedDirectory() {
  const database = await PGlite.create({ startParams: [...PGlite.defaultStartParams, ...START] })
  await database.exec(script)
  await database.transaction(async (transaction) => {
    for (const { name, columns, rows } of made.tables) {
      await transaction.query(`insert into ${name} (${columns}) select ${columns} from json_populate_recordset(null::${name}, $1)`,
        [rows.map((row) => Object.fromEntries(columns.map((column, place) => [column, row[place]])))])
    }
  })
  // so that a visitor's first reading is short
  await database.exec('select wingman.run_readers(100000)')
  await database.exec(`update pg_database set datistemplate = false`)
  const { rows: others } = await database.query('select quote_ident(datname) as name from pg_database where datname <> current_database()')
  for (const { name } of others) await database.exec(`drop database ${name}`)
  await database.exec('vacuum full')
  await database.exec('vacuum (freeze, analyze)')
  for (const step of ['checkpoint', 'select pg_switch_wal()', 'checkpoint']) await database.exec(step)
  const dump = await database.dumpDataDir('none')
  await database.close()
  return Buffer.from(await dump.arrayBuffer())
}
