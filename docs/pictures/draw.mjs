// Draws each *.dot beside this file as an SVG of the same name: make pictures. A picture says which text it was made from.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { instance } from '@viz-js/viz'

const STYLE = `<style>
  text { font-family: Helvetica, Arial, sans-serif; font-size: 11px; fill: #1f2328; }
  polygon, path, ellipse { stroke: #59636e; }
  polygon[fill="none"], path[fill="none"], ellipse[fill="none"] { fill: none; }
  polygon[fill="black"], ellipse[fill="black"] { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    polygon, path, ellipse { stroke: #9198a1; }
    polygon[fill="black"], ellipse[fill="black"] { fill: #9198a1; }
  }
</style>`

const viz = await instance()
const folder = new URL('.', import.meta.url)
for (const name of readdirSync(folder).filter(name => name.endsWith('.dot')).sort()) {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const drawn = viz.renderString(text, {
    format: 'svg',
    graphAttributes: { bgcolor: 'transparent', fontname: 'Helvetica', fontsize: 12, ranksep: 0.5, nodesep: 0.35 },
    nodeAttributes: { fontname: 'Helvetica', fontsize: 12, margin: '0.27,0.09' },
    edgeAttributes: { fontname: 'Helvetica', fontsize: 10, arrowsize: 0.7 },
  })
  const digest = createHash('sha256').update(text).digest('hex')
  const svg = drawn.slice(drawn.indexOf('<svg')).replace(/(<svg[^>]*>)/, `$1\n<!-- ${name} sha256:${digest} -->\n${STYLE}`)
  writeFileSync(new URL(name.replace('.dot', '.svg'), folder), svg)
  console.log(`Drew docs/pictures/${name.replace('.dot', '.svg')}`)
}
