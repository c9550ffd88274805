// Charts by uPlot, in the page's colors, each with its numbers as a table.

import uPlot from './vendor/uPlot.js'
import { h } from './shared/dom.js'
import { compact, number, percent } from './format.js'
import { table } from './parts.js'

const HEIGHT = 190
const DARK = matchMedia('(prefers-color-scheme: dark)')

/** How to draw the chart in each box. */
const DRAWS = new WeakMap()

DARK.addEventListener('change', () => {
  for (const box of document.querySelectorAll('.plot')) DRAWS.get(box)?.()
})

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/**
 * A figure. `points` are the rows; `x(point)` a number, which `label(x)` names, in full with `fullLabel`. `series`: each
 * with `label`, `value(point)`, `color` (a custom property), perhaps `bars` or `rate` (a part of 1, on an axis of its
 * own). `summary` says in a sentence what the figure shows.
 */
export function chart({ summary, caption, points, x, isTime = true, label, fullLabel = label, xName, series, height = HEIGHT }) {
  const box = h('div', { class: 'plot', role: 'img', 'aria-label': summary })
  const tip = h('div', { class: 'tip', hidden: true })
  const key = h(
    'ul',
    { class: 'key', 'aria-hidden': 'true' },
    series.map(({ label: name, color: ink, bars }) => {
      const mark = h('span', { class: bars ? 'mark' : 'mark line' })
      mark.style.setProperty('--ink-of', `var(${ink})`)
      return h('li', {}, mark, name)
    }),
  )
  const shown = ({ value, rate }, point) => {
    const amount = value(point)
    return amount == null ? '–' : rate ? percent(amount, 1) : number(amount)
  }
  const data = [points.map(x), ...series.map(({ value }) => points.map(value))]
  const hasRate = series.some(({ rate }) => rate)
  let plot = null

  const draw = () => {
    // not laid out now: drawn once it is
    if (!box.clientWidth) return
    plot?.destroy()
    box.replaceChildren(tip)
    const [faint, line] = [color('--faint'), color('--line')]
    const font = `12px ${getComputedStyle(box).fontFamily}`
    const axis = { stroke: faint, font, grid: { stroke: line, width: 1 }, ticks: { show: false } }
    plot = new uPlot(
      {
        width: box.clientWidth,
        height,
        padding: [8, hasRate ? 0 : 12, 0, 0],
        legend: { show: false },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
        cursor: { x: true, y: false, drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: isTime, range: (_, low, high) => [low - margin(data[0]), high + margin(data[0])] },
          y: { range: (_, __, high) => [0, Math.max(high, 1) * 1.08] },
          rate: { range: [0, 1] },
        },
        axes: [
          {
            ...axis,
            size: 30,
            grid: { show: false },
            space: 64,
            values: (_, splits) => splits.map((at) => label(at)),
            incrs: isTime ? DAYS : undefined,
          },
          { ...axis, size: 44, values: (_, splits) => splits.map((amount) => (Number.isInteger(amount) ? compact(amount) : '')) },
          ...(hasRate
            ? [
                {
                  ...axis,
                  scale: 'rate',
                  side: 1,
                  size: 48,
                  grid: { show: false },
                  values: (_, splits) => splits.map((part) => percent(part, 1)),
                },
              ]
            : []),
        ],
        series: [
          {},
          ...series.map(({ color: ink, bars, rate }) => ({
            scale: rate ? 'rate' : 'y',
            stroke: color(ink),
            fill: bars ? color(ink) : undefined,
            width: bars ? 0 : 2,
            points: { show: !bars && points.length < 3 },
            paths: bars ? uPlot.paths.bars({ size: [0.7, 40], radius: 0.15 }) : undefined,
            spanGaps: false,
          })),
        ],
        hooks: { setCursor: [point] },
      },
      data,
      box,
    )
  }
  const point = ({ cursor: { idx, left } }) => {
    tip.hidden = idx == null || left < 0
    if (tip.hidden) return
    tip.replaceChildren(
      h('b', {}, fullLabel(data[0][idx])),
      h(
        'ul',
        {},
        series.map((one) => h('li', {}, one.label, h('b', {}, shown(one, points[idx])))),
      ),
    )
    const isRight = left > box.clientWidth / 2
    tip.style.insetInlineStart = isRight ? 'auto' : `${left + 64}px`
    tip.style.insetInlineEnd = isRight ? `${box.clientWidth - left - 32}px` : 'auto'
  }
  DRAWS.set(box, draw)
  // also called once the box is taken out of the page: uPlot listens to the window until it is destroyed
  new ResizeObserver(() => {
    if (!box.isConnected) {
      plot?.destroy()
      plot = null
    } else if (plot?.width !== box.clientWidth) draw()
  }).observe(box)

  const columns = [
    { label: xName, head: true, cell: (row) => fullLabel(x(row)) },
    ...series.map((one) => ({ label: one.label, numeric: true, cell: (row) => shown(one, row) })),
  ]
  return h(
    'figure',
    {},
    key,
    box,
    h('details', { class: 'as-table' }, h('summary', {}, 'As a table'), table(caption, columns, [...points].reverse())),
  )
}

const DAY = 86_400
const DAYS = [1, 2, 7, 14, 28, 56, 112, 364].map((days) => days * DAY)

/** Room for a bar at either end. */
function margin(xs) {
  return xs.length > 1 ? (xs[1] - xs[0]) / 2 : 1
}
