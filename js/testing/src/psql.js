import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The text of a file of psql, with the files that it includes. */
export function included(path) {
  return readFileSync(path, 'utf8').replace(/^\\ir (\S+)$/gm, (_, name) => included(join(dirname(path), name)))
}
