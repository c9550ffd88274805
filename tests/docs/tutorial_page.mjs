// Runs the script of a page without a browser: node tutorial_page.mjs PAGE HASH. It presses the buttons that stdin names, a line each,
// and prints what the page adds to its log, as JSON.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

class Element {
  children = []
  append(child) {
    this.children.push(child)
    if (this === elements.log) console.log(JSON.stringify(child.textContent))
  }
}
const elements = {}

const [page, hash] = process.argv.slice(2)
const [, script] = readFileSync(page, 'utf8').match(/<script type="module">(.*)<\/script>/s)
globalThis.location = { hash }
globalThis.addEventListener = () => {}
globalThis.document = {
  createElement: () => new Element(),
  getElementById: (id) => (elements[id] ??= new Element()),
}
await import(`data:text/javascript,${encodeURIComponent(script)}`)
for await (const label of createInterface({ input: process.stdin })) {
  elements.buttons.children.find((button) => button.textContent === label).onclick()
}
