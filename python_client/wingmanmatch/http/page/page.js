// Two people side by side. The database decides what each of them can do; the page only calls it and shows the answers.
// Texts from the database are shown as text, never as HTML.

import { address, addressed } from './address.js'
import { Connection } from './shared/connection.js'
import { Inbox } from './inbox.js'
import { insightOf } from './insight.js'
import { Log } from './log.js'
import { countDown, render } from './panes.js'
import { Operator } from './operator.js'
import { call, enrol, Player, playerOf, refresh, told } from './people.js'
import { Queue } from './queue.js'
import { raceElement, racesOf, run, UNREAD } from './race.js'
import { Story } from './story.js'
import { transport, Unreachable } from './transport.js'

const panes = [...document.querySelectorAll('.person')].map((element, place) => ({ element, place, player: null }))
const raceSection = document.querySelector('.race')
const announcement = document.querySelector('#announcement')
const log = new Log(document.querySelector('#log'), (player) => panes.findIndex((pane) => pane.player === player))
const story = new Story(document.querySelector('.story'))
const operatorSection = document.querySelector('.operator')
const operator = new Operator(operatorSection, (name, args) => queue.ask(`${name} for the operator`, () => operate(name, args)))
const queue = new Queue(document.querySelector('#waiting'), failed)
const connection = new Connection(
  document.querySelector('#connection'), () => queue.quietly(arrive), () => Boolean(panes[0].player))
const inbox = new Inbox(hear)
let isToRead = false
let lastRace = null
let shownRace = ''

const players = () => panes.map(({ player }) => player)
const opposite = (pane) => panes[1 - pane.place]

const does = {
  other: (pane) => opposite(pane).player,
  call: (pane, name, args) => queue.ask(`${name} for ${pane.player.name}`, () => act(pane, name, args, true)),
  ask: (pane, name, args) => queue.ask(`${name} for ${pane.player.name}`, () => act(pane, name, args, false)),
  show: (pane) => queue.ask(`Fetching ${pane.player.buddy.name}`, () => show(pane)),
  close: (pane) => {
    pane.player.insight = null
    draw()
    focusTold(pane)
  },
  again,
}

// ---------------------------------------------------------------- the buttons

/** Makes one call, then reads both people's state again. */
async function act(pane, name, args, follows) {
  const { player } = pane
  const before = player.buddy
  const made = await call(player, name, args)
  hush()
  if (follows) lastRace = null
  player.told = told(made)
  player.insight = insightOf(made)
  if (name === 'block_user' && made.data) player.blocked.add(args.subject_id)
  if (name === 'unblock_user' && made.data) player.blocked.delete(args.subject_id)
  story.saw(made)
  const entry = log.add(made)
  if (made.lost) connection.lost(made.error.message)
  else await readAfter(pane, entry, made, follows, before)
  draw()
  focusTold(pane)
}

/** Makes one call as an operator, then reads everything again. */
async function operate(name, args) {
  const made = await operator.call(name, args)
  hush()
  lastRace = null
  operator.tell(made)
  story.saw(made)
  const entry = log.add(made)
  const reads = []
  if (made.lost) connection.lost(made.error.message)
  else {
    await Promise.all([...players().map((player) => refresh(player, reads)), operator.refresh(reads)])
    log.reads(entry, reads)
    connection.note(reads)
  }
  draw()
  operatorSection.querySelector('.told').focus({ preventScroll: true })
}

/** Reads both people's state after a call; the other pane may follow the match. */
async function readAfter(pane, entry, made, follows, before) {
  const reads = []
  await refresh(pane.player, reads)
  if (follows) await follow(pane, made, before)
  await Promise.all([refresh(opposite(pane).player, reads), operator.refresh(reads)])
  log.reads(entry, reads)
  connection.note(reads)
}

/** Shows the actor's new buddy in the other pane, and says why. */
async function follow(pane, made, before) {
  const { buddy, name } = pane.player
  if (!buddy || buddy.id === opposite(pane).player.id || made.error) return
  const declined = made.args.action === 'decline' && before
  const why = declined
    ? `${name} declined ${before.name}, and the same call found ${buddy.name}.`
    : made.name === 'create_automatic_match'
      ? `${name} searched, and the database found ${buddy.name}.`
      : `${name} is matched with ${buddy.name}.`
  await bring(pane, why)
}

/** Puts the buddy of this pane's person into the other pane. */
async function bring(pane, why) {
  const { buddy } = pane.player
  const other = opposite(pane)
  const left = other.player.name
  try {
    other.player = await playerOf(buddy.id, buddy.name)
  } catch (error) {
    failed(error)
    return
  }
  other.player.hush()
  other.player.came = left ? `${why} ${buddy.name} replaces ${left} here.` : why
  announcement.textContent = other.player.came
  write()
}

async function show(pane) {
  hush()
  const reads = []
  await bring(pane, `${pane.player.buddy.name} is matched with ${pane.player.name}.`)
  await Promise.all(players().map((player) => refresh(player, reads)))
  connection.note(reads)
  draw()
  focusTold(pane)
}

/** Makes both people's calls at once. */
async function race(which) {
  which.prepare?.()
  const before = players().map(({ reputation }) => reputation?.score ?? '?')
  const result = await run(which)
  hush()
  for (const made of result.answers) {
    story.saw(made)
    log.add(made)
  }
  const known = [...result.answers]
  if (!known.some(({ lost }) => lost)) await Promise.all(players().map((player) => refresh(player, known)))
  result.facts = known.some(({ lost }) => lost) ? [UNREAD] : await which.outcome(result.answers, before)
  lastRace = result
  connection.note(known)
  draw()
  raceSection.querySelector('.result').focus({ preventScroll: true })
  announcement.textContent = result.facts.join(' ')
}

/** Somebody was told something: their state has changed, and perhaps that of the other one. */
function hear(player, { message }) {
  if (!players().includes(player)) return
  announcement.textContent = `${player.name} is told: ${message}`
  if (isToRead) return
  isToRead = true
  queue.quietly(async () => {
    isToRead = false
    if (connection.isLost) return
    const reads = []
    await Promise.all([...players().map((one) => refresh(one, reads)), operator.refresh(reads)])
    connection.note(reads)
    draw()
  })
}

// ---------------------------------------------------------------- who is played

/** Shows the people in the address, or new people if there are none, and reads their state. */
async function arrive() {
  const named = addressed()
  if (!named) return begin()
  try {
    const found = await Promise.all(named.map(personAt))
    const reads = []
    await Promise.all([...found.map((player) => refresh(player, reads)), operator.refresh(reads)])
    // people whose profiles could not be read cannot be shown: the current ones stay
    if (!found.every((player) => player.missing || player.profile)) {
      connection.lost(reads.find(({ error }) => error).error.message)
      return
    }
    if (found.some((player, place) => panes[place].player !== player)) {
      found.forEach((player, place) => (panes[place].player = player))
      story.begin(history.state?.done ?? [])
      lastRace = null
      hush()
    }
    connection.note(reads)
    draw()
  } catch (error) {
    failed(error)
  }
}

async function personAt({ id, wrong }, place) {
  if (!wrong) return playerOf(id)
  const shown = panes[place].player
  if (shown?.missing && shown.id === id) return shown
  return Object.assign(new Player(id, '', ''), { missing: wrong })
}

/** Signs up three people and completes their profiles; two of them are shown. */
async function begin() {
  try {
    const newcomers = []
    for (const { id, token, profile } of await transport.newPeople()) {
      const player = new Player(id, token, profile.first_name)
      const made = await call(player, 'complete_profile', profile)
      if (made.lost) throw new Unreachable('no answer while people signed up')
      Object.assign(player, { profile: made.data, told: told(made) })
      newcomers.push({ player, made })
    }
    const reads = []
    await Promise.all([...newcomers.map(({ player }) => refresh(player, reads)), operator.refresh(reads)])
    for (const { player } of newcomers) enrol(player)
    panes.forEach((pane, place) => (pane.player = newcomers[place].player))
    for (const { made } of newcomers) log.add(made).open = false
    story.begin([])
    lastRace = null
    write()
    connection.note(reads)
    draw()
  } catch (error) {
    failed(error)
  }
}

function again() {
  return queue.ask('New people', begin).then(() => document.querySelector('#again').focus())
}

/** Shows an error; the people stay. */
function failed(error) {
  if (error instanceof Unreachable) connection.lost(error.message)
  else connection.failed(error.message)
}

// ---------------------------------------------------------------- what is shown

function draw() {
  if (!panes.every(({ player }) => player)) return
  panes.forEach((pane) => render(pane, does))
  inbox.listen(players())
  drawRace()
  operator.render(players())
  operatorSection.hidden = false
  drawStory()
}

function drawRace() {
  const there = players().every((player) => !player.missing)
  const races = there ? racesOf(...players()) : []
  const shown = JSON.stringify([races.map(({ label, calls }) => [label, calls.map(({ args }) => args)]), lastRace])
  raceSection.hidden = !there
  if (shown === shownRace) return
  shownRace = shown
  raceSection.replaceChildren(...raceElement(races, lastRace, (which) => queue.ask(which.label, () => race(which))))
}

function drawStory() {
  const before = story.done.length
  story.render(players(), operator)
  const isNew = story.done.length !== before || history.state?.done?.length !== before
  if (isNew && addressed()?.every(({ id }, place) => id === players()[place].id)) write(true)
}

/** Stores the people in the address and the story's progress in the history entry. */
function write(inPlace = !location.hash) {
  address(players().map(({ id }) => id), { done: story.done }, inPlace)
}

function hush() {
  for (const player of players()) player.hush()
  operator.told = null
  announcement.textContent = ''
}

function focusTold(pane) {
  pane.element.querySelector('.told')?.focus({ preventScroll: true })
}

// ---------------------------------------------------------------- begin

document.querySelector('#setup').textContent = transport.client
document.querySelector('#again').addEventListener('click', again)
window.addEventListener('hashchange', () => queue.ask('Reading', arrive))
document.addEventListener('visibilitychange', readAnew)
window.addEventListener('focus', readAnew)
setInterval(() => {
  countDown()
  if (panes.every(({ player }) => player)) drawStory()
}, 200)
queue.ask('Signing people up', arrive)

/** Reads again when the user comes back to the page: somebody may have acted elsewhere. */
function readAnew() {
  if (document.visibilityState === 'visible' && !queue.isBusy && !connection.isLost) queue.quietly(arrive)
}
