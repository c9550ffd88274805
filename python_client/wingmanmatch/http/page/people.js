// The people, and what has been read about them.

import { transport, Unreachable } from './transport.js'

const players = new Map()

/** A person: the last state that was read, and what the page has to say about the last call. */
export class Player {
  constructor(id, token, name) {
    Object.assign(this, { id, token, name, profile: null, reputation: null, match: null, session: null, noShows: [], inbox: [] })
    Object.assign(this, { told: null, insight: null, came: null, missing: null, rise: 0, blocked: new Set(), achievements: [] })
  }

  /** The session of the current match. */
  get meeting() {
    return this.session && this.session.match_id === this.match?.id ? this.session : null
  }

  /** The reports of no-shows at that session, by and about this person. */
  get reports() {
    return this.noShows.filter(({ session_id: id }) => id === this.meeting?.id)
  }

  get isPartner() {
    return this.match?.status === 'accepted' && !this.match.ended_at
  }

  /** The other person of the current match; null if that is over. */
  get buddy() {
    const { status, buddy_user_id: id, buddy_profile: profile } = this.match ?? {}
    return profile && (status === 'pending' || this.isPartner) ? { id, name: profile.first_name } : null
  }

  /** Clears what was said about the last call. */
  hush() {
    Object.assign(this, { told: null, insight: null, came: null, rise: 0 })
  }
}

/** The person with this id, with a token. */
export async function playerOf(id, name = '') {
  if (!players.has(id)) players.set(id, new Player(id, await transport.tokenOf(id), name))
  return players.get(id)
}

/** The name of the person with this id, as far as the page knows. */
export function nameOf(id) {
  return players.get(id)?.name || `somebody …${id.slice(-6)}`
}

/** Adds a new person, who already has a token. */
export function enrol(player) {
  players.set(player.id, player)
}

/** Makes one call as a person and returns everything to show about it; `lost` means that no answer came. */
export async function call(player, name, args = {}) {
  const begun = performance.now()
  const made = { player, name, args, begun, status: 0, data: null, error: null, lost: false }
  try {
    let answer = await transport.rpc(player.token, name, args)
    if (answer.status === 401) {
      // the token has expired, or the server has restarted
      player.token = await transport.tokenOf(player.id)
      answer = await transport.rpc(player.token, name, args)
    }
    Object.assign(made, answer)
  } catch (error) {
    made.lost = error instanceof Unreachable
    made.error = { message: error.message, details: null, hint: null, code: '' }
  }
  made.milliseconds = performance.now() - begun
  return made
}

/** Reads a person's state. Whatever cannot be read keeps its last value. */
export async function refresh(player, reads = []) {
  if (!player.token) return
  const read = async (name, args, take) => {
    const made = await call(player, name, args)
    reads.push(made)
    if (!made.error) take(made.data)
    return made
  }
  const [profile] = await Promise.all([
    read('get_profile', {}, (data) => {
      Object.assign(player, { profile: data, name: data.first_name, missing: null })
    }),
    read('list_matches', { page_size: 1 }, ([match]) => (player.match = match ?? null)),
    read('list_sessions', { page_size: 1 }, ([session]) => (player.session = session ?? null)),
    read('list_no_show_reports', { page_size: 10 }, (reports) => (player.noShows = reports)),
    read('list_notifications', { unread_only: true, page_size: 3 }, (inbox) => (player.inbox = inbox)),
    read('list_achievements', {}, (achievements) => (player.achievements = achievements)),
    read('get_reputation', {}, (data) => {
      if (player.reputation) player.rise += data.score - player.reputation.score
      player.reputation = data
    }),
  ])
  if (profile.error && ['user_not_found', 'profile_incomplete'].includes(errorName(profile.error))) {
    player.missing = 'No user with a profile has this id.'
  }
}

/** The name of an error. */
export function errorName({ details, code }) {
  try {
    return JSON.parse(details).error ?? code
  } catch {
    return code
  }
}

const SAID = {
  complete_profile: 'Welcome. Look for a wingman.',
  create_session: 'The meeting is arranged.',
  cancel_session: 'The meeting is cancelled.',
  agree_to_session: 'You both agreed to the meeting.',
  reschedule_session: 'The meeting is moved: your buddy has to agree anew.',
  report_no_show: 'Reported. Your buddy can answer.',
  answer_no_show: 'Your answer is noted.',
  withdraw_no_show: 'The report is taken back.',
  end_match: 'The match has ended.',
  mark_notifications_read: 'Read.',
  why_no_match: 'The numbers are below.',
  explain_match: 'The reasons are below.',
  get_match_history: 'The events are below.',
  get_leaderboard: 'The leaderboard is below.',
}

/** The message about a call for the person who made it. */
export function told({ data, error, name, lost }) {
  if (!error) {
    const hint = data.success === false ? '“Why no match?” under More explains it.' : null
    return { good: data.success !== false, text: data.message ?? SAID[name] ?? 'Done.', hint }
  }
  const hint = lost ? 'The call may have arrived or not; this pane shows the state before it.' : error.hint
  return { good: false, text: error.message, hint, name: errorName(error) }
}
