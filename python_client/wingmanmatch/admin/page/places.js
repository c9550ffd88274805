// Where people wait: a map of cells of one degree, and the same as a table.

import { button, h } from './shared/dom.js'
import { clock, number } from './format.js'
import { bar, empty, failure, panel, skeleton, table, viewHead, viewTitle } from './parts.js'

const SVG = 'http://www.w3.org/2000/svg'
const FEWEST = 5
const STEPS = 5
const WORLD = { x: -180, y: -84, width: 360, height: 144 }
const NARROWEST = 12
const ZOOM = 1.6
const MOVE = 0.2

export class View {
  title = 'Places'
  #box = { ...WORLD }

  constructor(context) {
    this.context = context
    this.cells = svg('g', { class: 'cells' })
    this.map = svg(
      'svg',
      { class: 'map', role: 'img', 'aria-label': 'Map of the places where people wait', preserveAspectRatio: 'xMidYMid meet' },
      svg('g', { class: 'outlines' }),
      this.cells,
    )
    this.frameBox = h(
      'div',
      {
        class: 'map-box',
        tabindex: '0',
        role: 'group',
        'aria-label': 'Map',
        'aria-describedby': 'map-keys',
        onkeydown: (event) => this.#key(event),
      },
      this.map,
    )
    this.scale = h('ul', { class: 'scale', 'aria-label': 'People in a cell' })
    this.told = h('p', { class: 'faint', role: 'status', 'aria-label': 'Map' })
    this.summary = h('p', {}, '')
    this.table = h('div', {}, skeleton(6))
    this.#move({})
  }

  frame() {
    const zoom = (label, press, more) => button(label, press, { more, plain: true })
    return [
      viewHead(this.context, viewTitle(this.title)),
      h(
        'p',
        { class: 'faint' },
        'Where people could be matched now, in cells of one degree, about 111 km from south to north. ',
        'Numbers are rounded down to fives; cells with fewer than five people are left out, so that nobody can be found by them.',
      ),
      h(
        'section',
        { class: 'panel', 'aria-label': 'Map and its keys' },
        h(
          'div',
          { class: 'map-head' },
          this.summary,
          h(
            'div',
            { class: 'actions' },
            zoom('+', () => this.#zoom(1 / ZOOM), 'zoom in'),
            zoom('−', () => this.#zoom(ZOOM), 'zoom out'),
            zoom('World', () => this.#move({ ...WORLD }), ''),
          ),
        ),
        this.frameBox,
        h(
          'div',
          { class: 'map-foot' },
          this.scale,
          h('p', { class: 'faint', id: 'map-keys' }, 'Keys on the map: arrows move, + and − zoom, 0 shows the world.'),
          this.told,
        ),
      ),
      panel('The same as a table', {}, this.table),
    ]
  }

  async load() {
    const [{ cells, as_of: asOf }, outlines] = await Promise.all([
      this.context.read('/api/places'),
      this.outlines ?? fetchOutlines(),
    ])
    if (!this.outlines) {
      this.outlines = outlines
      this.map
        .querySelector('.outlines')
        .replaceChildren(svg('path', { class: 'land', d: outlines.land }), svg('path', { class: 'borders', d: outlines.borders }))
    }
    const all = cells.reduce((sum, { people }) => sum + people, 0)
    this.summary.replaceChildren(
      h('b', {}, number(all)),
      ' people or more, in ',
      h('b', {}, number(cells.length)),
      cells.length === 1 ? ' cell' : ' cells',
      h('span', { class: 'faint' }, `, as of ${clock(asOf)}`),
    )
    const most = Math.max(FEWEST, ...cells.map(({ people }) => people))
    const scale = scaleFor(most)
    const stepOf = (people) => scale.findLastIndex((from) => people >= from)
    this.scale.replaceChildren(
      ...scale.map((from, at) => {
        const last = at + 1 < scale.length ? scale[at + 1] - FEWEST : null
        return h(
          'li',
          {},
          h('span', { class: `mark step-${at}`, 'aria-hidden': 'true' }),
          last === null ? `${number(from)} or more` : last === from ? number(from) : `${number(from)}–${number(last)}`,
        )
      }),
    )
    this.cells.replaceChildren(
      ...[...cells]
        .reverse()
        .map(({ lat, lng, people }) =>
          svg(
            'rect',
            { class: `step-${stepOf(people)}`, x: lng, y: -lat - 1, width: 1, height: 1 },
            svg('title', {}, `${placeOf(lat, lng)}: ${number(people)} people or more`),
          ),
        ),
    )
    const show = ({ lat, lng }) => {
      const width = NARROWEST * 3
      const height = (width * WORLD.height) / WORLD.width
      this.#move({ x: lng + 0.5 - width / 2, y: -lat - 0.5 - height / 2, width, height })
      this.#choose(lat, lng)
      this.told.textContent = `The map shows ${placeOf(lat, lng)}.`
      this.frameBox.focus()
      this.frameBox.scrollIntoView({ block: 'nearest' })
    }
    this.table.replaceChildren(
      cells.length
        ? table(
            'Cells where people wait',
            [
              { label: 'Cell', head: true, cell: ({ lat, lng }) => h('span', { class: 'line' }, placeOf(lat, lng)) },
              { label: 'At least', numeric: true, cell: ({ people }) => number(people) },
              {
                label: 'Map',
                cell: (cell) => button('Show', () => show(cell), { more: placeOf(cell.lat, cell.lng), plain: true }),
              },
              { label: 'Of the most', cell: ({ people }) => bar(people, most) },
            ],
            cells,
            { tall: true },
          )
        : empty('Nowhere do five people or more wait in the same cell.'),
    )
  }

  fail(error) {
    this.table.replaceChildren(failure(error))
  }

  /** Outlines a cell. */
  #choose(lat, lng) {
    const isChosen = (rect) => rect.getAttribute('x') === `${lng}` && rect.getAttribute('y') === `${-lat - 1}`
    for (const rect of this.cells.children) rect.classList.toggle('chosen', isChosen(rect))
    // what comes last is drawn above its neighbors
    const chosen = this.cells.querySelector('.chosen')
    if (chosen) this.cells.append(chosen)
  }

  #key(event) {
    const { x, y, width, height } = this.#box
    const moves = {
      ArrowLeft: () => this.#move({ x: x - width * MOVE }),
      ArrowRight: () => this.#move({ x: x + width * MOVE }),
      ArrowUp: () => this.#move({ y: y - height * MOVE }),
      ArrowDown: () => this.#move({ y: y + height * MOVE }),
      '+': () => this.#zoom(1 / ZOOM),
      '=': () => this.#zoom(1 / ZOOM),
      '-': () => this.#zoom(ZOOM),
      0: () => this.#move({ ...WORLD }),
    }
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    moves[event.key]()
  }

  #zoom(by) {
    const { x, y, width, height } = this.#box
    const wider = Math.min(WORLD.width, Math.max(NARROWEST, width * by))
    const higher = (wider * WORLD.height) / WORLD.width
    this.#move({ x: x + (width - wider) / 2, y: y + (height - higher) / 2, width: wider, height: higher })
  }

  /** Shows a part of the world, never anything beside it. */
  #move(changes) {
    const box = { ...this.#box, ...changes }
    box.x = Math.min(Math.max(box.x, WORLD.x), WORLD.x + WORLD.width - box.width)
    box.y = Math.min(Math.max(box.y, WORLD.y), WORLD.y + WORLD.height - box.height)
    this.#box = box
    this.map.setAttribute('viewBox', `${box.x} ${box.y} ${box.width} ${box.height}`)
  }
}

const fetchOutlines = async () => (await fetch('vendor/world.json')).json()

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** The first amount of each step of the scale: each as many times more as the one before, up to half of the most. */
function scaleFor(most) {
  const times = Math.max(most / 2 / FEWEST, 1)
  const steps = Array.from({ length: STEPS }, (_, at) => FEWEST * Math.round(times ** (at / (STEPS - 1))))
  return [...new Set(steps)]
}

/** A cell by its edges: 38–39° N, 9–10° W. */
function placeOf(lat, lng) {
  const edges = (from, positive, negative) =>
    from >= 0 ? `${from}–${from + 1}° ${positive}` : `${-from - 1}–${-from}° ${negative}`
  return `${edges(lat, 'N', 'S')}, ${edges(lng, 'E', 'W')}`
}
