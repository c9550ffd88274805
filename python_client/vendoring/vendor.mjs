// Copies what the operators' page takes from npm into its folder `vendor`, and writes down what it is: make vendor.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const modules = new URL('node_modules/', import.meta.url)
const target = new URL('../wingmanmatch/admin/page/vendor/', import.meta.url)
const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', import.meta.url), 'utf8'))

const read = (path) => readFileSync(new URL(path, modules), 'utf8')

/**
 * The outlines of a topology as SVG paths in degrees, y down, without Antarctica: `land`, closed areas; `borders`, lines
 * between countries.
 * A topology cuts the outlines into arcs. What two countries share is one arc, which they both name: one of them as the
 * complement of its number, because it passes the arc the other way round.
 */
function outlines({ arcs, transform: { scale, translate }, objects: { countries, land } }) {
  const lines = arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]) => {
      x += dx
      y += dy
      return [x * scale[0] + translate[0], -(y * scale[1] + translate[1])]
    })
  })
  const arcNumber = (number) => (number < 0 ? ~number : number)
  const line = (number) => (number < 0 ? [...lines[~number]].reverse() : lines[number])
  // the first point of an arc is the last one of the arc before it
  const ring = (numbers) => numbers.flatMap((number, at) => line(number).slice(at ? 1 : 0))
  // a ring that crosses 180° goes on beyond it, and is drawn at both edges of the map
  const unwrapped = (points) => {
    let turn = 0
    const continuous = points.map(([x, y], at) => {
      const step = at ? x - points[at - 1][0] : 0
      if (Math.abs(step) > 180) turn -= 360 * Math.sign(step)
      return [x + turn, y]
    })
    const shifted = (by) => continuous.map(([x, y]) => [x + by, y])
    return [continuous, ...[-360, 360].filter((by) => shifted(by).some(([x]) => Math.abs(x) < 180)).map(shifted)]
  }
  const isAntarctic = (points) => points.every(([, y]) => y > 60)
  const path = (points, end = '') => {
    const rounded = points.map((point) => point.map((degrees) => Number(degrees.toFixed(1)) || 0).join(' '))
    return `M${rounded.filter((point, at) => point !== rounded[at - 1]).join('L')}${end}`
  }
  const polygons = ({ type, geometries, arcs: own }) =>
    type === 'GeometryCollection' ? geometries.flatMap(polygons) : type === 'Polygon' ? [own] : own ?? []

  const users = new Map()
  countries.geometries.forEach((country) => {
    for (const number of new Set(polygons(country).flat(2).map(arcNumber))) users.set(number, (users.get(number) ?? 0) + 1)
  })
  const shared = [...users].filter(([, count]) => count > 1).map(([number]) => number).sort((a, b) => a - b)
  return {
    land: polygons(land).flat().map(ring).filter((points) => !isAntarctic(points)).flatMap(unwrapped)
      .map((points) => path(points, 'Z')).join(''),
    borders: shared.map((number) => path(lines[number])).join(''),
  }
}

const VENDORED = [
  {
    name: 'uplot',
    what: 'draws the charts',
    files: { 'uPlot.js': read('uplot/dist/uPlot.esm.js'), 'uPlot.css': read('uplot/dist/uPlot.min.css'), 'uPlot.LICENSE': read('uplot/LICENSE') },
    taken: '`dist/uPlot.esm.js`, `dist/uPlot.min.css`, `LICENSE`, unchanged',
  },
  {
    name: 'world-atlas',
    what: 'outlines of land and countries, of Natural Earth (public domain)',
    files: {
      'world.json': `${JSON.stringify(outlines(JSON.parse(read('world-atlas/countries-110m.json'))))}\n`,
      'world-atlas.LICENSE': read('world-atlas/LICENSE'),
    },
    taken: '`countries-110m.json` as two SVG paths in degrees, rounded to 0.1°, without Antarctica; `LICENSE`, unchanged',
  },
]

const about = VENDORED.map(({ name, what, files, taken }) => {
  const { version, integrity } = packages[`node_modules/${name}`]
  const { license } = JSON.parse(read(`${name}/package.json`))
  const rows = Object.entries(files).map(([file, text]) => `| \`${file}\` | \`${createHash('sha256').update(text).digest('hex')}\` |`)
  return `## ${name} ${version}

- For: ${what}
- Licence: ${license}, in \`${Object.keys(files).find((file) => file.endsWith('LICENSE'))}\`
- Source: <https://registry.npmjs.org/${name}/-/${name}-${version}.tgz>
- Integrity: \`${integrity}\`
- Taken: ${taken}

| file | sha256 |
|---|---|
${rows.join('\n')}
`
})

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
for (const { files } of VENDORED) {
  for (const [file, text] of Object.entries(files)) writeFileSync(new URL(file, target), text)
}
writeFileSync(new URL('VENDORED.md', target), `# Vendored

\`make vendor\` writes this folder from npm. Do not edit it. The versions stand in \`python_client/vendoring/package.json\`.

${about.join('\n')}`)
