// The story in steps. A step is ticked off when an answer, or the state that was read, shows that it has happened.

import { button, heard, h } from './shared/dom.js'
import { errorName } from './people.js'

// how far two people are; each step of a story starts from one of these states
const [ALONE, OFFERED, MATCHED, MEETING] = [0, 1, 2, 3]

const WAYS = {
  [ALONE]: 'Press “Find a wingman” on either side.',
  [MATCHED]: 'Press “Schedule”, a few seconds from now.',
}

const FIRST = [
  {
    name: 'find',
    from: ALONE,
    title: 'Find a wingman',
    now: WAYS[ALONE],
    happens: ({ name, data }) => name === 'create_automatic_match' && data?.success,
    stands: ({ match }) => match,
  },
  {
    name: 'decline',
    from: OFFERED,
    title: 'Decline, and get the next one',
    now: 'Press “Decline”: the same call brings the next person.',
    happens: ({ data }) => data?.next_match,
    stands: () => false,
  },
  {
    name: 'accept',
    from: OFFERED,
    title: 'The other accepts',
    now: 'Press “Accept” on the other side: one answer decides.',
    happens: ({ data }) => data?.match_status === 'accepted',
    stands: ({ match }) => match?.status === 'accepted',
  },
  {
    name: 'schedule',
    from: MATCHED,
    title: 'Schedule a meeting',
    now: WAYS[MATCHED],
    happens: ({ name, data }) => name === 'create_session' && data,
    stands: ({ meeting }) => meeting,
  },
  {
    name: 'early',
    from: MEETING,
    title: 'Confirm too early',
    now: 'Press “Confirm” before it begins: the database refuses.',
    happens: ({ error }) => error && errorName(error) === 'session_not_started',
    stands: () => false,
    isOver: ({ meeting }) => meeting && Date.parse(meeting.scheduled_time) <= Date.now(),
  },
  {
    name: 'confirm',
    from: MEETING,
    title: 'Both confirm',
    now: 'Once it has begun, confirm on both sides, or both at the same moment: both reputations rise, once.',
    happens: ({ data }) => data?.both_confirmed && data.reputation_updated,
    stands: ({ meeting }) => meeting?.both_confirmed && meeting.status === 'completed',
  },
]

// Two who must both accept, and a no-show that is contested and decided.
const FAIR_PLAY = [
  {
    name: 'rule',
    from: ALONE,
    title: 'Both must accept',
    now: 'Tick both rules under “The operator”.',
    happens: () => false,
    stands: (_, { needsBoth }) => needsBoth,
  },
  {
    name: 'first',
    from: ALONE,
    title: 'The first accepts, and waits',
    now: 'Find a wingman, then press “Accept” on one side: nothing is decided yet.',
    happens: ({ data }) => data?.match_status === 'pending',
    stands: ({ match }) => match?.needs_both && (match.accepted_by_me || match.accepted_by_buddy),
  },
  {
    name: 'second',
    from: OFFERED,
    title: 'The second accepts',
    now: 'Press “Accept” on the other side: now it is decided.',
    happens: () => false,
    stands: ({ match }) => match?.needs_both && match.status === 'accepted',
  },
  {
    name: 'agree',
    from: MATCHED,
    title: 'They agree on a time',
    now: '“Schedule” it for in a minute, then “Agree” on the other side. If either moves it, the other agrees anew.',
    happens: ({ name, data }) => name === 'agree_to_session' && data,
    stands: ({ meeting }) => meeting?.agreed_at,
  },
  {
    name: 'contest',
    from: MEETING,
    title: 'A no-show, contested',
    now: 'Once it has begun, report on one side that the other did not come, and contest it on the other.',
    happens: ({ name, data }) => name === 'answer_no_show' && data?.status === 'contested',
    stands: ({ reports }) => reports.some(({ status }) => status === 'contested'),
  },
  {
    name: 'decide',
    from: MEETING,
    title: 'The operator decides',
    now: 'Uphold or dismiss it under “The operator”.',
    happens: ({ name, data }) => name === 'decide_no_show' && data,
    stands: ({ reports }) => reports.some(({ status }) => ['upheld', 'dismissed'].includes(status)),
  },
]

const STORIES = [
  { steps: FIRST, end: 'Each reputation has risen, once. “New people” begins another story.', next: 'Fair play' },
  { steps: FAIR_PLAY, end: 'Reputation and cooldown show how it was decided. “New people” begins another story.', next: 'The first story' },
]

export class Story {
  #done = new Set()
  #which = 0
  #shown = ''

  constructor(element) {
    this.element = element
  }

  /** The names of the steps that have happened. */
  get done() {
    return [...this.#done]
  }

  /** Starts with these steps ticked off. */
  begin(done) {
    this.#done = new Set(done)
    this.#which = FAIR_PLAY.some(({ name }) => this.#done.has(name)) ? 1 : 0
  }

  /** Ticks off the steps that an answer shows. */
  saw(made) {
    this.#tick((step) => step.happens(made))
  }

  /** Ticks off the steps that the people's state shows, then draws the steps of one story. */
  render(people, operator) {
    this.#tick((step) => people.some((player) => step.stands(player, operator)))
    const { steps, end, next } = STORIES[this.#which]
    const done = steps.filter(({ name }) => this.#done.has(name)).length
    const last = steps.findLastIndex(({ name }) => this.#done.has(name))
    const current = steps.findIndex((step, place) => place > last && !people.some((player) => step.isOver?.(player)))
    const now = current < 0 ? end : nowOf(steps[current], steps, people)
    const shown = JSON.stringify([this.done, this.#which, current, now])
    if (shown === this.#shown) return
    this.#shown = shown
    const turn = () => {
      this.#which = 1 - this.#which
      this.render(people, operator)
      this.element.querySelector('button').focus()
    }
    this.element.replaceChildren(
      h('div', { class: 'how-far' },
        h('h2', { id: 'story-title' }, this.#which ? 'Fair play' : 'The story'),
        h('p', { class: 'now' }, h('b', {}, current < 0 ? 'The end. ' : 'Now: '), now),
        h('progress', { max: steps.length, value: done, 'aria-label': 'Steps of the story that have happened' }),
        h('span', {}, `${done} of ${steps.length}`),
        button(next, turn, { more: 'in steps', plain: true })),
      h('ol', {}, steps.map((step, place) => this.#step(step, place, current))))
  }

  /** Ticks off what has happened. The first step of fair play that does turns to it. */
  #tick(hasHappened) {
    const isFair = () => FAIR_PLAY.some(({ name }) => this.#done.has(name))
    const before = isFair()
    for (const { steps } of STORIES) for (const step of steps) if (hasHappened(step)) this.#done.add(step.name)
    if (isFair() && !before) this.#which = 1
  }

  #step({ name, title }, place, current) {
    const done = this.#done.has(name)
    return h('li', { class: done ? 'done' : null, 'aria-current': place === current ? 'step' : null },
      h('span', { class: 'tick', 'aria-hidden': 'true' }, done ? '✓' : `${place + 1}`),
      h('span', {}, title, done ? heard(' (done)') : null))
  }
}

/** The next thing to press: if a match or meeting is gone, first whatever leads back to this step. */
function nowOf(step, steps, people) {
  const reached = Math.max(...people.map(({ match, meeting, isPartner }) => {
    if (isPartner) return meeting && meeting.status !== 'cancelled' ? MEETING : MATCHED
    return match?.status === 'pending' ? OFFERED : ALONE
  }))
  return reached < step.from ? (WAYS[reached] ?? steps.findLast(({ from }) => from === reached).now) : step.now
}
