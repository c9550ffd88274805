// The story in steps. A step is ticked off when an answer, or the state that was read, shows that it has happened.

import { heard, h } from './dom.js'
import { errorName } from './people.js'

// how far two people are; each step starts from one of these states
const [ALONE, OFFERED, MATCHED, MEETING] = [0, 1, 2, 3]

const STEPS = [
  {
    name: 'find',
    from: ALONE,
    title: 'Find a wingman',
    now: 'Press “Find a wingman” on either side.',
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
    now: 'Press “Schedule”, a few seconds from now.',
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

export class Story {
  #done = new Set()
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
  }

  /** Ticks off the steps that an answer shows. */
  saw(made) {
    for (const step of STEPS) if (step.happens(made)) this.#done.add(step.name)
  }

  /** Ticks off the steps that the people's state shows, then draws all steps. */
  render(people) {
    for (const step of STEPS) if (people.some((player) => step.stands(player))) this.#done.add(step.name)
    const last = STEPS.findLastIndex(({ name }) => this.#done.has(name))
    const current = STEPS.findIndex((step, place) => place > last && !people.some((player) => step.isOver?.(player)))
    const now = current < 0 ? 'Each reputation has risen, once. “New people” begins another story.' : nowOf(STEPS[current], people)
    const shown = JSON.stringify([this.done, current, now])
    if (shown === this.#shown) return
    this.#shown = shown
    this.element.replaceChildren(
      h('div', { class: 'how-far' },
        h('h2', { id: 'story-title' }, 'The story'),
        h('p', { class: 'now' }, h('b', {}, current < 0 ? 'The end. ' : 'Now: '), now),
        h('progress', { max: STEPS.length, value: this.#done.size, 'aria-label': 'Steps of the story that have happened' }),
        h('span', {}, `${this.#done.size} of ${STEPS.length}`)),
      h('ol', {}, STEPS.map((step, place) => this.#step(step, place, current))))
  }

  #step({ name, title }, place, current) {
    const done = this.#done.has(name)
    return h('li', { class: done ? 'done' : null, 'aria-current': place === current ? 'step' : null },
      h('span', { class: 'tick', 'aria-hidden': 'true' }, done ? '✓' : `${place + 1}`),
      h('span', {}, title, done ? heard(' (done)') : null))
  }
}

/** The next thing to press: if a match or meeting is gone, first whatever leads back to this step. */
function nowOf(step, people) {
  const reached = Math.max(...people.map(({ match, meeting, isPartner }) => {
    if (isPartner) return meeting && meeting.status !== 'cancelled' ? MEETING : MATCHED
    return match?.status === 'pending' ? OFFERED : ALONE
  }))
  return reached < step.from ? STEPS.findLast(({ from }) => from === reached).now : step.now
}
