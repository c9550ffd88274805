// Numbers, times and durations for people, by Intl in the browser's language and time zone.

/** That of the browser, in which all moments are shown. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

const NUMBER = new Intl.NumberFormat()
const PERCENT = new Intl.NumberFormat([], { style: 'percent', maximumFractionDigits: 0 })
const COMPACT = new Intl.NumberFormat([], { notation: 'compact' })
const PARTS = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }
const MOMENT = new Intl.DateTimeFormat([], PARTS)
const MOMENT_OF_YEAR = new Intl.DateTimeFormat([], { ...PARTS, year: 'numeric' })
const FULL_MOMENT = new Intl.DateTimeFormat([], { dateStyle: 'medium', timeStyle: 'long' })
const CLOCK = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' })
const DAY = new Intl.DateTimeFormat([], { day: 'numeric', month: 'short', timeZone: 'UTC' })
const FULL_DAY = new Intl.DateTimeFormat([], {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
const MONTH = new Intl.DateTimeFormat([], { month: 'short', year: 'numeric', timeZone: 'UTC' })
const RELATIVE = Object.fromEntries(
  ['long', 'short'].map((style) => [style, new Intl.RelativeTimeFormat([], { numeric: 'auto', style })]),
)
const OF_UNIT = Object.fromEntries(
  ['day', 'hour', 'minute', 'second'].map((unit) => [
    unit,
    new Intl.NumberFormat([], { style: 'unit', unit, unitDisplay: 'long' }),
  ]),
)

const SECONDS = { day: 86_400, hour: 3600, minute: 60, second: 1 }
const INTERVAL = /^(?:(\d+) years? ?)?(?:(\d+) mons? ?)?(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?$/

export const number = (value) => NUMBER.format(value)
export const compact = (value) => COMPACT.format(value)
export const percent = (part, whole) => (whole ? PERCENT.format(part / whole) : '–')

/** A moment, with its year unless that is this one. */
export function moment(time) {
  const at = new Date(time)
  return (at.getFullYear() === new Date().getFullYear() ? MOMENT : MOMENT_OF_YEAR).format(at)
}

export const fullMoment = (time) => FULL_MOMENT.format(new Date(time))
export const clock = (time) => CLOCK.format(new Date(time))

/** A day in UTC, as the statistics count them. */
export const day = (date) => DAY.format(new Date(date))
export const fullDay = (date) => FULL_DAY.format(new Date(date))
export const month = (date) => MONTH.format(new Date(date))

/** How long ago, or how far ahead, in the largest unit that fits; `style` is long or short. */
export function ago(time, style = 'long') {
  const seconds = (Date.parse(time) - Date.now()) / 1000
  const unit = unitOf(Math.abs(seconds))
  return RELATIVE[style].format(Math.trunc(seconds / SECONDS[unit]), unit)
}

/** A duration in its two largest units. */
export function duration(seconds) {
  const largest = unitOf(seconds)
  const units = Object.keys(SECONDS)
  const next = units[units.indexOf(largest) + 1]
  const whole = Math.floor(seconds / SECONDS[largest])
  const rest = next ? Math.floor((seconds - whole * SECONDS[largest]) / SECONDS[next]) : 0
  return [OF_UNIT[largest].format(whole), rest ? OF_UNIT[next].format(rest) : ''].filter(Boolean).join(' ')
}

function unitOf(seconds) {
  return Object.keys(SECONDS).find((unit) => seconds >= SECONDS[unit]) ?? 'second'
}

/** The seconds of an interval as PostgreSQL writes it, or null if it is none. */
export function intervalSeconds(text) {
  const found = text && INTERVAL.exec(text)
  if (!found) return null
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  return ((years * 12 + months) * 30 + days) * SECONDS.day + hours * 3600 + minutes * 60 + seconds
}

/** An interval as PostgreSQL writes it, for people. */
export function interval(text) {
  const seconds = intervalSeconds(text)
  return seconds === null ? text : duration(seconds)
}

/** A name of the database as words: `too_many_calls` becomes “Too many calls”. */
export function words(name) {
  const text = String(name).replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The end of an id, which tells rows apart: the beginning of most ids is a time. */
export const shortId = (id) => `…${id.slice(-8)}`
