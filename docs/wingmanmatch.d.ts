// Made from the database's catalog by `make regenerate`: do not edit.
//
//   import { createClient } from '@supabase/supabase-js'
//   import type { Database } from './wingmanmatch'
//   const supabase = createClient<Database>(url, key)

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  __InternalSupabase: { PostgrestVersion: '12' }
  public: {
    Tables: {
      /**
       * Who has blocked whom; a block applies to both people. Only the blocker can see it. blocked_id has
       * no foreign key: a block outlives the profile of the person blocked, who may come back by the same
       * id. Read-only: only functions write it.
       */
      user_blocks: {
        Row: {
          /** Who blocked. */
          blocker_id: string
          /** Who is blocked. */
          blocked_id: string
          /** Since when. ISO 8601, with its offset from UTC. */
          created_at: string
        }
        Insert: never
        Update: never
        Relationships: [
          {
            foreignKeyName: 'user_blocks_blocker_id_fkey'
            columns: ['blocker_id']
            isOneToOne: false
            referencedRelation: 'user_profiles'
            referencedColumns: ['id']
          }
        ]
      }
      /** Where people say they are; nobody else can ever read it. Read-only: only functions write it. */
      user_locations: {
        Row: {
          /** The user. */
          user_id: string
          /** Latitude in degrees, WGS 84. */
          lat: number
          /** Longitude in degrees, WGS 84. */
          lng: number
          /** Name of the city, at most 100 characters; required for city_only. */
          city: string | null
          /**
           * One of precise or city_only. Precise is matched on a grid of 0.01 degrees, city_only on one of 0.1
           * degrees.
           */
          privacy_mode: Database['public']['Enums']['privacy_mode']
          /** The furthest buddy this person will meet, 1 to 100 miles. */
          max_travel_miles: number
          /** When the location was first given. ISO 8601, with its offset from UTC. */
          created_at: string
          /** When any column last changed. ISO 8601, with its offset from UTC. */
          updated_at: string
        }
        Insert: never
        Update: never
        Relationships: [
          {
            foreignKeyName: 'user_locations_user_id_fkey'
            columns: ['user_id']
            isOneToOne: true
            referencedRelation: 'user_profiles'
            referencedColumns: ['id']
          }
        ]
      }
      /**
       * What partners see of a person; a user is known once they have a row here. Read-only: only
       * functions write it.
       */
      user_profiles: {
        Row: {
          /** The user, auth.users.id. */
          id: string
          /** 1 to 80 characters. */
          first_name: string
          /** At most 400 characters. */
          bio: string | null
          /** An https URL of at most 500 characters. */
          photo_url: string | null
          /** One of beginner, intermediate or advanced. */
          experience_level: Database['public']['Enums']['experience_level']
          /** The person's style of courage, at most 100 characters. */
          confidence_archetype: string | null
          /** Sessions that both confirmed: the sum of the ledger. */
          completed_sessions: number
          /** Sessions missed: the sum of the ledger. */
          no_shows: number
          /** wingman.reputation_score of the two counters. */
          reputation_score: number
          /** When the profile was first completed. ISO 8601, with its offset from UTC. */
          created_at: string
          /** When any column last changed. ISO 8601, with its offset from UTC. */
          updated_at: string
        }
        Insert: never
        Update: never
        Relationships: []
      }
      /**
       * Every pair ever offered to each other. User ids without foreign keys: a deleted account leaves its
       * partners' history intact. Read-only: only functions write it.
       */
      wingman_matches: {
        Row: {
          /** UUID version 7: newer matches sort later. */
          id: string
          /** The participant with the smaller id. */
          user1_id: string
          /** The participant with the larger id. */
          user2_id: string
          /** One of pending, accepted, declined or expired. A pending match past expires_at counts as expired. */
          status: Database['public']['Enums']['match_status']
          /** Reputation of user1 when the match was made. */
          user1_reputation: number
          /** Reputation of user2 when the match was made. */
          user2_reputation: number
          /** wingman.experience_rank of user1 when the match was made: 1 beginner, 2 intermediate, 3 advanced. */
          user1_level: number
          /** wingman.experience_rank of user2 when the match was made: 1 beginner, 2 intermediate, 3 advanced. */
          user2_level: number
          /** Whole miles, rounded up, at least 1, when the match was made. */
          distance_miles: number
          /** Who accepted or declined; where it takes both accepts, the second one. */
          responded_by: string | null
          /** When that was. ISO 8601, with its offset from UTC. */
          responded_at: string | null
          /** From this moment on nobody can respond. ISO 8601, with its offset from UTC. */
          expires_at: string
          /** When an accepted match was ended. ISO 8601, with its offset from UTC. */
          ended_at: string | null
          /**
           * Which of the two ended it, blocked the other one or deleted the account; null if it was ended by
           * hand.
           */
          ended_by: string | null
          /** When the match was made. ISO 8601, with its offset from UTC. */
          created_at: string
          /** When any column last changed. ISO 8601, with its offset from UTC. */
          updated_at: string
          /** Whose search found the other one; null for a match that was written by hand. */
          searched_by: string | null
          /**
           * Whether it takes an accept of each of the two, by settings.acceptance when the match was made;
           * otherwise one accept is enough.
           */
          needs_both: boolean
          /**
           * Who accepted first, where it takes both; the match stays pending until the other one accepts or
           * one of them declines.
           */
          first_accepted_by: string | null
          /** When that was. ISO 8601, with its offset from UTC. */
          first_accepted_at: string | null
        }
        Insert: never
        Update: never
        Relationships: []
      }
      /**
       * The inboxes: each event and each reminder once for each person. Only the reader inbox adds rows,
       * see wingman.fill_inboxes. Read-only: only functions write it.
       */
      wingman_notifications: {
        Row: {
          /**
           * UUID version 7. Greater than all ids committed before, even if the clock has gone back: a client
           * that has seen everything up to an id has missed nothing.
           */
          id: string
          /** Who is told. */
          user_id: string
          /** What it tells: a kind of wingman.notification_kinds(). */
          kind: string
          /** The event of the journal; null for a reminder. */
          event_id: number | null
          /** The match that it is about; null if it is about the user alone. */
          match_id: string | null
          /** The session that it is about, if it is about one. */
          session_id: string | null
          /** When a reminder was due; null for an event. ISO 8601, with its offset from UTC. */
          due_at: string | null
          /** Until when it is useful; null for always. ISO 8601, with its offset from UTC. */
          useful_until: string | null
          /** When it was written. ISO 8601, with its offset from UTC. */
          created_at: string
          /** When the user marked it as read; null until then. ISO 8601, with its offset from UTC. */
          read_at: string | null
          /** Whether settings.notifications_per_day counts it: the other person did what it tells. */
          is_limited: boolean
        }
        Insert: never
        Update: never
        Relationships: [
          {
            foreignKeyName: 'wingman_notifications_user_id_fkey'
            columns: ['user_id']
            isOneToOne: false
            referencedRelation: 'user_profiles'
            referencedColumns: ['id']
          }
        ]
      }
      /**
       * Meetings of two matched people; each confirms that the other one completed it. Read-only: only
       * functions write it.
       */
      wingman_sessions: {
        Row: {
          /** UUID version 7: newer sessions sort later. */
          id: string
          /** The match whose two people meet. */
          match_id: string
          /** user1_id of the match. */
          user1_id: string
          /** user2_id of the match. */
          user2_id: string
          /** Where they meet, 1 to 200 characters. */
          venue_name: string
          /** When they meet; confirmations count from then on. ISO 8601, with its offset from UTC. */
          scheduled_time: string
          /** What they agreed, at most 2000 characters. */
          notes: string | null
          /** One of scheduled, in_progress, completed, cancelled or no_show. */
          status: Database['public']['Enums']['session_status']
          /**
           * Whether the status is scheduled or in_progress. Stored for the index of active sessions: if it
           * read the status, starting a session would write every index.
           */
          is_active: boolean
          /** user2 says that user1 completed the session. */
          user1_completed_confirmed_by_user2: boolean
          /** user1 says that user2 completed the session. */
          user2_completed_confirmed_by_user1: boolean
          /** When the second confirmation came. ISO 8601, with its offset from UTC. */
          completed_at: string | null
          /** Which of the two scheduled it; null if it was written by hand. */
          created_by: string | null
          /** Which of the two started it; null if nobody did, or it was done by hand. */
          started_by: string | null
          /** Who cancelled it, ended the match or deleted the account. */
          cancelled_by: string | null
          /** Why, at most 500 characters. */
          cancellation_reason: string | null
          /** When it was scheduled. ISO 8601, with its offset from UTC. */
          created_at: string
          /** When any column last changed. ISO 8601, with its offset from UTC. */
          updated_at: string
          /**
           * When an operator took back what a completed session or a no-show gave to reputations; its status
           * stays. ISO 8601, with its offset from UTC.
           */
          reverted_at: string | null
          /** Which of the two proposed its present time and venue; null if it was written by hand. */
          proposed_by: string | null
          /** When that was. ISO 8601, with its offset from UTC. */
          proposed_at: string
          /** Which of the two agreed to what the other one proposed, if that one did. */
          agreed_by: string | null
          /** When that was. ISO 8601, with its offset from UTC. */
          agreed_at: string | null
          /** When it was cancelled; null if that was done by hand. ISO 8601, with its offset from UTC. */
          cancelled_at: string | null
          /**
           * Whether one of the two has reported that the other one did not come, whatever became of the
           * report.
           */
          no_show_reported: boolean
        }
        Insert: never
        Update: never
        Relationships: [
          {
            foreignKeyName: 'wingman_sessions_match_id_fkey'
            columns: ['match_id']
            isOneToOne: false
            referencedRelation: 'wingman_matches'
            referencedColumns: ['id']
          }
        ]
      }
    }
    Views: { [_ in never]: never }
    Functions: {
      /**
       * Agrees to the time and venue of a session that the buddy proposed, before its time. Agreement is
       * not needed to meet or to confirm; only who has arranged, agreed to or started a session can be
       * reported for not coming. To decline, cancel the session or propose something else with
       * reschedule_session. Agreeing again changes nothing.
       * Result: the session. The detail of proposal_changed carries the session under state, that of
       * schedule_conflict the other session.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, session_not_found, not_session_participant, self_agreement, account_suspended,
       * proposal_changed, invalid_session_state, session_time_passed, schedule_conflict,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * busy.
       */
      agree_to_session: {
        Args: {
          /** a session of the caller that the buddy arranged or moved. */
          session_id: string
          /**
           * proposed_at of the session that the caller saw, if the call should fail once the buddy has
           * proposed something else. ISO 8601, with its offset from UTC.
           */
          proposed_at?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details']
      }
      /**
       * Answers the report that the caller did not come to a session. Who admits it ends the session as a
       * no-show, which counts against their reputation. Who contests it leaves it to the operators, who
       * decide on what both say. Who does not answer loses nothing by it; a late answer counts until
       * operators decide. The same answer again changes nothing.
       * Result: the report.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, session_not_found, not_session_participant,
       * no_show_not_found, no_show_already_answered, no_show_already_decided, unsupported_isolation,
       * read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.
       */
      answer_no_show: {
        Args: {
          /** the session. */
          session_id: string
          /** one of admit or contest. */
          action: Database['public']['Enums']['no_show_answer']
          /** what the caller says to it, 1 to 2000 characters; only operators see it. */
          statement?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['no_show_report']
      }
      /**
       * Blocks another user: from now on neither is matched with the other or sees the other's profile or
       * reputation. A pending match between them is declined, an accepted one ends and its active session
       * is cancelled. Blocking again changes nothing. The other person is not notified, and comes back to
       * the same block after an erasure.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, busy.
       */
      block_user: {
        Args: {
          /** the user to block. */
          subject_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Cancels a scheduled or running session. Cancelling it again changes nothing.
       * Result: the session.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, session_not_found, not_session_participant,
       * invalid_session_state, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, busy.
       */
      cancel_session: {
        Args: {
          /** a session of the caller. */
          session_id: string
          /** at most 500 characters. */
          reason?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details']
      }
      /**
       * Replaces the caller's profile and location, and makes the caller matchable. Arguments that are
       * left out take their defaults; waiting time and pause stay.
       * Result: the profile as it now is.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * rate_limited, busy.
       */
      complete_profile: {
        Args: {
          /** 1 to 80 characters. */
          first_name: string
          /** one of beginner, intermediate or advanced. */
          experience_level: Database['public']['Enums']['experience_level']
          /** latitude in degrees, WGS 84, north positive. */
          lat: number
          /** longitude in degrees, east positive. */
          lng: number
          /** at most 100 characters, required for city_only. */
          city?: string | null
          /** at most 400 characters. */
          bio?: string | null
          /** https, at most 500 characters. */
          photo_url?: string | null
          /** at most 100 characters. */
          confidence_archetype?: string | null
          /** 1 to 100, the furthest buddy to meet. */
          max_travel_miles?: number
          /** one of precise or city_only, how coarse the grid is that distances are computed from. */
          privacy_mode?: Database['public']['Enums']['privacy_mode']
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['profile_details']
      }
      /**
       * Confirms that the caller's buddy completed the session, from its scheduled time on. The second of
       * the two confirmations completes the session and raises both reputations, once.
       * Result: the status after the call and what the caller gained. The detail of already_confirmed
       * carries the session under state.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, session_not_found, not_session_participant, self_confirmation,
       * buddy_not_in_session, already_confirmed, session_not_confirmable, session_not_started,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * rate_limited, busy.
       */
      confirm_session_completion: {
        Args: {
          /** a session of the caller. */
          session_id: string
          /** the buddy, if you want the id checked. */
          buddy_user_id?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_confirmation']
      }
      /**
       * Counts the caller's notifications that are unread and still useful.
       * Result: how many; 0 for a user without a profile.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.
       */
      count_unread_notifications: {
        Args: {
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['notification_count']
      }
      /**
       * Finds the nearest compatible buddy and creates a pending match, or returns the caller's pending
       * match. Compatible: experience levels at most one apart, within both people's distances, not
       * matched with each other in the last 7 days, no accepted match between them that has not ended, no
       * block between them; people whom others have found too often lately are left out, see
       * wingman.settings. Closest first; ties: longer waiting, then smaller id. A search ends an automatic
       * pause; during a pause that the caller chose it is refused.
       * Result: the pending match; success is false, without a match, when nobody was found, which is not
       * an error.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_radius, account_suspended, matching_cooldown, matching_paused,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * rate_limited, busy.
       */
      create_automatic_match: {
        Args: {
          /** 1 to 100 whole miles; null: the caller's max_travel_miles. */
          max_radius_miles?: number | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['automatic_match']
      }
      /**
       * Schedules a session of an accepted match. A match has one active session at a time.
       * Result: the session.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, invalid_schedule, match_not_found, not_match_participant,
       * account_suspended, match_not_accepted, active_session_exists, schedule_conflict,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * rate_limited, busy.
       */
      create_session: {
        Args: {
          /** an accepted match of the caller that has not ended. */
          match_id: string
          /** in the future, at most 90 days ahead. ISO 8601, with its offset from UTC. */
          scheduled_time: string
          /** 1 to 200 characters. */
          venue_name: string
          /** at most 2000 characters. */
          notes?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details']
      }
      /**
       * Ends an accepted match and cancels its active session. Ending it again changes nothing. The two
       * can be matched again 7 days after they were matched.
       * Result: the match.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, match_not_found, not_match_participant, match_not_accepted,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * busy.
       */
      end_match: {
        Args: {
          /** a match of the caller. */
          match_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['match_details']
      }
      /**
       * Erases everything that WingmanMatch holds about the caller, at once and for good, except for what
       * docs/privacy.md lists. Profile, place, texts, settings and kept answers go. A pending match is
       * declined, accepted ones end, and their sessions are cancelled. The account of the sign-in service
       * stays; deleting that erases the same. Erasing again does nothing.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * busy.
       */
      erase_my_account: {
        Args: {
          /** the word erase, so that nobody calls this by mistake. */
          confirmation: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Explains why a match was made: each rule with its outcome at that time, and why this person came
       * first.
       * Result: the explanation as the caller may see it.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, match_not_found, not_match_participant.
       */
      explain_match: {
        Args: {
          /** a match of the caller. */
          match_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['match_explanation']
      }
      /**
       * Reads everything that WingmanMatch holds about the caller, also what is left of it after an
       * erasure. It names nobody who reported or blocked the caller, and has no texts of others.
       * Result: one export.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.
       */
      export_my_data: {
        Args: {
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['data_export']
      }
      /**
       * Reads a page of the leaderboard: who has met the most buddies. Only people who have opted in with
       * set_leaderboard_visibility are on it, and nobody who is suspended. The count is the number of
       * buddies with whom a person has completed a session, each counted once a week; what operators
       * revert does not count. People without one are not listed. Exact at the moment of the call.
       * Result: a page, how many people are on the board, and the caller's own rank and count.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument.
       */
      get_leaderboard: {
        Args: {
          /** one of all_time, month or week. */
          period: Database['public']['Enums']['leaderboard_period']
          /** any day of the week or month; null for the current one. Must be left out for all_time. */
          starting?: string | null
          /**
           * only people whose current city has this name, whatever the case and the blanks. Empty if they are
           * fewer than settings.leaderboard_city_minimum; null for everybody.
           */
          city?: string | null
          /** begin half a page before the caller; empty if the caller is not on the board. */
          around_me?: boolean
          /** next_after of the previous page. */
          after?: string | null
          /** 1 to 100 people. */
          page_size?: number
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['leaderboard']
      }
      /**
       * Reads one match of the caller, with its status as of now.
       * Result: the match.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, match_not_found, not_match_participant.
       */
      get_match: {
        Args: {
          /** a match of the caller. */
          match_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['match_details']
      }
      /**
       * Reads what happened to one match of the caller and to its sessions, oldest first, as far back as
       * the journal is kept.
       * Result: what happened, when, and which of the two did it.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, match_not_found, not_match_participant.
       */
      get_match_history: {
        Args: {
          /** a match of the caller. */
          match_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['match_event'][]
      }
      /**
       * Reads which notifications the caller gets outside the app, by e-mail and by web push, and when.
       * Result: one row for each channel, email first.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete.
       */
      get_notification_settings: {
        Args: {
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['notification_settings'][]
      }
      /**
       * Reads the caller's own profile with location and settings.
       * Result: one profile.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete.
       */
      get_profile: {
        Args: {
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['profile_details']
      }
      /**
       * Reads the reputation of the caller or of a current partner.
       * Result: score, counters and badge.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, reputation_not_visible.
       */
      get_reputation: {
        Args: {
          /** the person; null: the caller. */
          subject_id?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['reputation']
      }
      /**
       * Reads one session of the caller.
       * Result: the session.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, session_not_found, not_session_participant.
       */
      get_session: {
        Args: {
          /** a session of the caller. */
          session_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details']
      }
      /**
       * Lists the achievements of the caller, earned and in progress, or those that a current partner has
       * earned.
       * Result: the achievements by metric and threshold. They follow from the completed sessions and are
       * exact at once; the notification achievement_earned comes a moment later.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, reputation_not_visible.
       */
      list_achievements: {
        Args: {
          /** the person; null: the caller. */
          subject_id?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['achievement'][]
      }
      /**
       * Reads a page of the caller's matches, newest first.
       * Result: a page of matches; empty for a user without a profile.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.
       */
      list_matches: {
        Args: {
          /** one of pending, accepted, declined or expired, as of now; null: all. */
          status?: Database['public']['Enums']['match_status'] | null
          /** the last id of the previous page. */
          before?: string | null
          /** 1 to 100 rows. */
          page_size?: number
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['match_details'][]
      }
      /**
       * Lists the reports of no-shows by and about the caller, newest first.
       * Result: the reports; none for a user without a profile.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.
       */
      list_no_show_reports: {
        Args: {
          /** only those of this session. */
          session_id?: string | null
          /** only reports older than this id; the id of the last report of the page before. */
          before?: string | null
          /** 1 to 100. */
          page_size?: number
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['no_show_report'][]
      }
      /**
       * Reads a page of the caller's inbox, newest first.
       * Result: a page of notifications; empty for a user without a profile.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.
       */
      list_notifications: {
        Args: {
          /** the last id of the previous page. */
          before?: string | null
          /** 1 to 100 rows. */
          page_size?: number
          /** leave out notifications that are marked as read. */
          unread_only?: boolean
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['notification'][]
      }
      /**
       * Reads a page of the caller's sessions, newest first.
       * Result: a page of sessions; empty for a user without a profile.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.
       */
      list_sessions: {
        Args: {
          /** one of scheduled, in_progress, completed, cancelled or no_show; null: all. */
          status?: Database['public']['Enums']['session_status'] | null
          /** the last id of the previous page. */
          before?: string | null
          /** 1 to 100 rows. */
          page_size?: number
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details'][]
      }
      /**
       * Marks the caller's notifications as read, from the oldest up to a given one. Those already marked
       * stay as they are.
       * Result: how many are unread now.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, busy.
       */
      mark_notifications_read: {
        Args: {
          /** the newest id that the caller has seen; it need not exist any more. */
          up_to: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['notification_count']
      }
      /**
       * Leaves the caller out of matching until resume_matching. A pending match stays and can be
       * answered; the waiting time goes on.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, busy.
       */
      pause_matching: {
        Args: {
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Lets a browser receive the caller's notifications as push messages. The arguments are those of the
       * browser's PushSubscription. An endpoint belongs to the user who registered it last. A user has at
       * most 10; beyond that, the oldest are removed.
       * Result: an acknowledgement.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, busy.
       */
      register_push_subscription: {
        Args: {
          /** its endpoint, an https address, at most 1000 characters, of a push service that operators allow. */
          endpoint: string
          /** its key p256dh, in base64url. */
          p256dh: string
          /** its key auth, in base64url. */
          auth: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Stops push messages to a browser. If it is not registered for the caller, nothing happens.
       * Result: an acknowledgement.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, busy.
       */
      remove_push_subscription: {
        Args: {
          /** the endpoint of the browser's PushSubscription. */
          endpoint: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Reports that the buddy did not come to a session, once a session and person. Possible from
       * settings.no_show_grace after its time on, for settings.no_show_window, about somebody who
       * arranged, agreed to or started it; also if it was cancelled, or the match ended, after its time.
       * The buddy can admit or contest it; silence costs nobody anything.
       * Result: the report; the existing one, unchanged, if the caller has reported before and it is
       * undecided.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, session_not_found, not_session_participant,
       * no_show_already_decided, account_suspended, already_confirmed, invalid_session_state,
       * buddy_not_committed, no_show_too_early, no_show_window_closed, unsupported_isolation,
       * read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.
       */
      report_no_show: {
        Args: {
          /** a session of the caller. */
          session_id: string
          /** one of did_not_come, came_too_late or left_early; the buddy sees it. */
          reason: Database['public']['Enums']['no_show_reason']
          /** anything else, 1 to 2000 characters; only operators see it. */
          note?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['no_show_report']
      }
      /**
       * Reports another user to the operators. A report does not block; use block_user for that.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.
       */
      report_user: {
        Args: {
          /** the user to report. */
          subject_id: string
          /** what happened, 1 to 2000 characters. */
          reason: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Moves a scheduled session, before its time, to another time or venue, to which the buddy has to
       * agree anew. Either of the two can do it. The same time and venue again change nothing.
       * Result: the session. The detail of schedule_conflict names the other session.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, invalid_schedule, session_not_found,
       * not_session_participant, account_suspended, invalid_session_state, session_time_passed,
       * schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, rate_limited, busy.
       */
      reschedule_session: {
        Args: {
          /** a session of the caller. */
          session_id: string
          /**
           * in the future, at most 90 days ahead, and at least settings.session_spacing from other sessions in
           * the caller's diary. ISO 8601, with its offset from UTC.
           */
          scheduled_time: string
          /** 1 to 200 characters; null keeps the venue. */
          venue_name?: string | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details']
      }
      /**
       * Accepts or declines a pending match; one answer by either person decides. A match with needs_both
       * takes an accept of each: the first one leaves it pending, and until the second either of the two
       * can still decline. A decline also looks for the caller's next match, in the same transaction.
       * Repeating the answer changes nothing and returns the current state.
       * Result: the status of the match and, after a decline, the caller's next match or null.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_action, match_not_found, not_match_participant, account_suspended,
       * match_expired, match_already_resolved, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.
       */
      respond_to_match: {
        Args: {
          /** a match of the caller. */
          match_id: string
          /** one of accept or decline. */
          action: Database['public']['Enums']['match_answer']
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['match_response']
      }
      /**
       * Ends the caller's pause, chosen or automatic.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, busy.
       */
      resume_matching: {
        Args: {
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Opts in to the leaderboard or out of it. Everybody is off until then. On the leaderboard, every
       * user sees the caller's count, with or without the first name, and that the caller lives in a city,
       * if they ask for that city. Otherwise only partners see a reputation. People whom the caller has
       * blocked, or who have blocked the caller, never see the name.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.
       */
      set_leaderboard_visibility: {
        Args: {
          /** one of off, nameless or named; off keeps the caller out of all ranks and totals. */
          visibility: Database['public']['Enums']['leaderboard_visibility']
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Replaces the caller's settings of one channel. Arguments that are left out take their defaults.
       * The e-mail address is the claim email of the access token; it is used once the link sent to it has
       * been opened. service_role and operators cannot set it. Web push needs register_push_subscription.
       * Result: the settings as they now are.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.
       */
      set_notification_settings: {
        Args: {
          /** one of email or web_push. */
          channel: Database['public']['Enums']['notification_channel']
          /**
           * the kinds of notifications to send, each one of match_offered, match_first_accepted,
           * match_accepted, match_declined, match_ended, session_scheduled, session_moved, session_agreed,
           * session_started, session_confirmed, session_completed, session_cancelled, session_no_show,
           * session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn,
           * no_show_dismissed, matching_paused, user_suspended, suspension_lifted, achievement_earned,
           * match_expiring, session_reminder, agreement_reminder, confirmation_reminder or more_activity; null
           * for all, empty for none.
           */
          kinds?: Database['public']['Enums']['notification_kind'][] | null
          /** one of en or de. */
          language?: Database['public']['Enums']['text_language']
          /**
           * when the quiet hours begin, such as 22:00; null for no quiet hours. A cancelled session and the
           * last reminder of a session are sent even then.
           */
          quiet_from?: string | null
          /** when they end, such as 07:00. */
          quiet_until?: string | null
          /** the time zone of the quiet hours, and of the times in texts, such as Europe/Berlin. */
          time_zone?: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['notification_settings']
      }
      /**
       * Marks a scheduled session as in progress, from 30 minutes before its time. Starting it again
       * changes nothing.
       * Result: the session.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, session_not_found, not_session_participant, invalid_session_state, too_early,
       * unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
       * busy.
       */
      start_session: {
        Args: {
          /** a session of the caller. */
          session_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['session_details']
      }
      /**
       * Removes the caller's block of another user; what the block ended stays ended. Without a block
       * nothing changes.
       * Result: success and a message.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_argument, unsupported_isolation, read_only_transaction,
       * idempotency_key_reused, idempotency_key_invalid, busy.
       */
      unblock_user: {
        Args: {
          /** the user to unblock, who may have left. */
          subject_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['acknowledgement']
      }
      /**
       * Explains why a search finds nobody: how many people are near, how many of them each rule removes,
       * and what would help. The answer is too coarse to locate or recognise anybody: numbers are rounded
       * up to a multiple of three, and a block looks like any other absence.
       * Result: the counts and suggestions.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, invalid_radius.
       */
      why_no_match: {
        Args: {
          /** 1 to 100 whole miles; null: the caller's max_travel_miles. */
          max_radius_miles?: number | null
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
        }
        Returns: Database['public']['CompositeTypes']['no_match_explanation']
      }
      /**
       * Takes back the caller's report of a no-show, as long as it is undecided. Confirming the session,
       * or cancelling it oneself, does so as well. A session can be reported only once. Withdrawing again
       * changes nothing.
       * Result: the report.
       * Errors: not_authenticated, acting_for_another, missing_argument, user_not_found,
       * profile_incomplete, session_not_found, not_session_participant, no_show_not_found,
       * no_show_already_decided, unsupported_isolation, read_only_transaction, idempotency_key_reused,
       * idempotency_key_invalid, busy.
       */
      withdraw_no_show: {
        Args: {
          /** the session. */
          session_id: string
          /**
           * the user on whose behalf the call is made; users may leave it out, service_role and operators must
           * name it.
           */
          user_id?: string | null
          /** the same call with the same key gets the first answer again, and nothing is done twice. */
          idempotency_key?: string | null
        }
        Returns: Database['public']['CompositeTypes']['no_show_report']
      }
    }
    Enums: {
      achievement_metric: 'completed_sessions' | 'different_buddies' | 'weeks_in_a_row' | 'sessions_with_beginners'
      badge_color: 'gold' | 'green' | 'red'
      experience_level: 'beginner' | 'intermediate' | 'advanced'
      leaderboard_period: 'all_time' | 'month' | 'week'
      leaderboard_visibility: 'off' | 'nameless' | 'named'
      match_answer: 'accept' | 'decline'
      match_event_kind: 'match_offered' | 'match_accepted' | 'match_first_accepted' | 'match_declined' | 'match_expired' | 'match_ended' | 'session_scheduled' | 'session_moved' | 'session_agreed' | 'session_started' | 'session_confirmed' | 'session_completed' | 'session_cancelled' | 'session_no_show' | 'session_reverted' | 'no_show_reported' | 'no_show_admitted' | 'no_show_contested' | 'no_show_withdrawn' | 'no_show_upheld' | 'no_show_dismissed'
      match_status: 'pending' | 'accepted' | 'declined' | 'expired'
      matching_rule: 'distance' | 'level' | 'exposure' | 'met_recently' | 'partners' | 'blocked' | 'available'
      no_show_answer: 'admit' | 'contest'
      no_show_reason: 'did_not_come' | 'came_too_late' | 'left_early'
      no_show_status: 'open' | 'admitted' | 'contested' | 'withdrawn' | 'upheld' | 'dismissed' | 'lapsed'
      notification_channel: 'email' | 'web_push'
      notification_kind: 'match_offered' | 'match_first_accepted' | 'match_accepted' | 'match_declined' | 'match_ended' | 'session_scheduled' | 'session_moved' | 'session_agreed' | 'session_started' | 'session_confirmed' | 'session_completed' | 'session_cancelled' | 'session_no_show' | 'session_reverted' | 'no_show_reported' | 'no_show_admitted' | 'no_show_contested' | 'no_show_withdrawn' | 'no_show_dismissed' | 'matching_paused' | 'user_suspended' | 'suspension_lifted' | 'achievement_earned' | 'match_expiring' | 'session_reminder' | 'agreement_reminder' | 'confirmation_reminder' | 'more_activity'
      privacy_mode: 'precise' | 'city_only'
      removal_rule: 'unavailable' | 'too_far_for_them' | 'level' | 'met_recently' | 'partners'
      session_status: 'scheduled' | 'in_progress' | 'completed' | 'cancelled' | 'no_show'
      text_language: 'en' | 'de'
    }
    CompositeTypes: {
      /** Something that people can earn by completing sessions, and how far somebody has come */
      achievement: {
        /** What it is called; it never changes. */
        name: string
        /** What people read. */
        title: string
        /** What one has to do for it. */
        description: string
        /**
         * One of completed_sessions, different_buddies, weeks_in_a_row or sessions_with_beginners. What it
         * counts: completed sessions; people with whom one completed a session; the longest run of weeks,
         * Monday to Sunday in UTC, with a completed session in each; completed sessions with a beginner
         * while more experienced, by the levels when the two were matched.
         */
        metric: Database['public']['Enums']['achievement_metric']
        /** It is earned when the metric has reached this number. */
        threshold: number
        /** The current number of the caller, which can be greater than threshold; null for a partner. */
        progress: number | null
        /**
         * When the caller earned it: the time of the completion that reached the threshold; null while it is
         * in progress, and for a partner, all of whose achievements in the list are earned. ISO 8601, with
         * its offset from UTC.
         */
        earned_at: string | null
      }
      /** The answer of a call that has nothing else to report */
      acknowledgement: {
        /** Always true: a refusal is an error. */
        success: boolean
        /** What was done, for people. */
        message: string
      }
      /** The answer of create_automatic_match */
      automatic_match: {
        /** Whether the caller now has a pending match; false if nobody compatible was found. */
        success: boolean
        /** What happened, for a person to read. */
        message: string
        /** The pending match. */
        match_id: string | null
        /** The other person. */
        buddy_user_id: string | null
        /** What the caller can see of that person. */
        buddy_profile: Database['public']['CompositeTypes']['buddy_profile'] | null
        /** Whole miles between the two when the match was made, rounded up, at least 1. */
        distance_miles: number | null
      }
      /** What a call reveals about a buddy */
      buddy_profile: {
        /** The buddy's user id. */
        id: string
        /** First name. */
        first_name: string
        /** One of beginner, intermediate or advanced. */
        experience_level: Database['public']['Enums']['experience_level']
        /** Style of courage, a free text such as Analyzer or Sprinter. */
        confidence_archetype: string | null
        /** Reputation now, -5 to 20. */
        reputation_score: number
      }
      /** What WingmanMatch holds about a person */
      data_export: {
        /** When it was read, all of it at once. ISO 8601, with its offset from UTC. */
        exported_at: string
        /**
         * An object with an array for each table of which people have rows; the objects in it are the rows,
         * by the names of their columns. docs/privacy.md lists them.
         */
        data: Json
      }
      /** A page of the leaderboard, and where the caller stands */
      leaderboard: {
        /** One of all_time, month or week. Weeks and months are in UTC. */
        period: Database['public']['Enums']['leaderboard_period']
        /** The first day of the week or month; null for all_time. */
        starting: string | null
        /**
         * How many people are on this board; 0 for a city where fewer are than
         * settings.leaderboard_city_minimum.
         */
        total: number
        /** The caller's rank on this board; null for a caller who is not on it. */
        my_rank: number | null
        /** The caller's count in this period, on the board or not. */
        my_count: number
        /** How the caller is shown: one of off, nameless or named. */
        my_visibility: Database['public']['Enums']['leaderboard_visibility']
        /** The page: the greatest count first; of the same count, whoever opted in first comes first. */
        people: Database['public']['CompositeTypes']['leaderboard_person'][]
        /** Pass it as after to get the next page of the same board; null if nobody comes after. */
        next_after: string | null
      }
      /** A row of the leaderboard */
      leaderboard_person: {
        /** 1 plus how many people have a greater count: people with the same count have the same rank. */
        rank: number
        /**
         * The current first name; null for people who want to be shown without it, and where one of the two
         * has blocked the other.
         */
        first_name: string | null
        /** With how many buddies the person has completed a session, each counted once a week. */
        count: number
        /** Whether this is the caller. */
        is_me: boolean
      }
      /** A match as one of its two people sees it */
      match_details: {
        /** The match. */
        id: string
        /** One of pending, accepted, declined or expired, as of now. */
        status: Database['public']['Enums']['match_status']
        /** The other person. */
        buddy_user_id: string
        /** The other person's profile, while the two are partners. */
        buddy_profile: Database['public']['CompositeTypes']['buddy_profile'] | null
        /** Whole miles between the two when the match was made, rounded up, at least 1. */
        distance_miles: number
        /** Whether it was the caller who accepted or declined. */
        responded_by_me: boolean
        /** When the match was answered. ISO 8601, with its offset from UTC. */
        responded_at: string | null
        /** When a pending match expires; until then it can be answered. ISO 8601, with its offset from UTC. */
        expires_at: string
        /** When an accepted match was ended. ISO 8601, with its offset from UTC. */
        ended_at: string | null
        /** When the match was made. ISO 8601, with its offset from UTC. */
        created_at: string
        /** Whether it takes an accept of each of the two; otherwise one accept is enough. */
        needs_both: boolean
        /** Whether the caller has accepted. */
        accepted_by_me: boolean
        /** Whether the buddy has accepted. */
        accepted_by_buddy: boolean
      }
      /** Something that happened to a match or to one of its sessions */
      match_event: {
        /** When it happened. ISO 8601, with its offset from UTC. */
        occurred_at: string
        /**
         * One of match_offered, match_accepted, match_first_accepted, match_declined, match_expired,
         * match_ended, session_scheduled, session_moved, session_agreed, session_started, session_confirmed,
         * session_completed, session_cancelled, session_no_show, session_reverted, no_show_reported,
         * no_show_admitted, no_show_contested, no_show_withdrawn, no_show_upheld or no_show_dismissed.
         */
        event: Database['public']['Enums']['match_event_kind']
        /** The session, if it happened to one. */
        session_id: string | null
        /** True if the caller did it, false if the buddy did, null if neither did. */
        by_me: boolean | null
      }
      /** Why two people were matched, as it was when the match was made */
      match_explanation: {
        /** The match. */
        match_id: string
        /** When it was made. ISO 8601, with its offset from UTC. */
        created_at: string
        /** True if the caller searched and found the buddy, false the other way round. */
        searched_by_me: boolean | null
        /** Whole miles between the two, rounded up, at least 1. */
        distance_miles: number
        /** How many experience levels the two were apart. */
        level_difference: number | null
        /** Every rule with its outcome; empty for a match that no search made. */
        rules: Database['public']['CompositeTypes']['match_rule'][]
        /** Why this person came first, as a sentence for people. */
        came_first_because: string | null
      }
      /** The answer of respond_to_match */
      match_response: {
        /** Always true: a refusal is an error. */
        success: boolean
        /** What happened, for a person to read. */
        message: string
        /** Status of the match after the call: one of pending, accepted, declined or expired. */
        match_status: Database['public']['Enums']['match_status']
        /** After a decline, the caller's next match, if somebody was found. */
        next_match: Database['public']['CompositeTypes']['next_match'] | null
      }
      /** One rule of matching and its outcome for a match */
      match_rule: {
        /** One of distance, level, exposure, met_recently, partners, blocked or available. */
        rule: Database['public']['Enums']['matching_rule']
        /** Whether the two people met the rule when the match was made. */
        passed: boolean
        /** The rule and its numbers, as a sentence for people. */
        detail: string
      }
      /** The next match, found after a decline */
      next_match: {
        /** The new pending match. */
        match_id: string
        /** The other person. */
        buddy_user_id: string
        /** What the caller can see of that person. */
        buddy_profile: Database['public']['CompositeTypes']['buddy_profile']
      }
      /** Why a search finds nobody, in numbers too coarse to identify anybody */
      no_match_explanation: {
        /** The radius searched, in miles. */
        radius_miles: number
        /**
         * How many people are within it, rounded up to a multiple of three; only the nearest 1000 are
         * counted.
         */
        people_near: number
        /** How many of them each rule removed. */
        removed: Database['public']['CompositeTypes']['people_count'][]
        /** What would help, as sentences for people; empty if nothing would. */
        suggestions: string[]
      }
      /** A report that somebody did not come to a session, as one of its two people sees it */
      no_show_report: {
        /** The report; newer ones sort later. */
        id: string
        /** The session. */
        session_id: string
        /** True if the caller reported the buddy, false if the buddy reported the caller. */
        reported_by_me: boolean
        /** One of did_not_come, came_too_late or left_early. */
        reason: Database['public']['Enums']['no_show_reason']
        /** What the caller wrote to the operators when reporting. */
        note: string | null
        /**
         * One of open, admitted, contested, withdrawn, upheld, dismissed or lapsed. A report that nobody has
         * decided by decide_by has lapsed.
         */
        status: Database['public']['Enums']['no_show_status']
        /** What the caller wrote to the operators when answering. */
        statement: string | null
        /** When it was reported. ISO 8601, with its offset from UTC. */
        created_at: string
        /**
         * Until then nothing is decided without an answer; a later one counts until it is decided. ISO 8601,
         * with its offset from UTC.
         */
        answer_by: string
        /** When it lapses, if nobody decides it before. ISO 8601, with its offset from UTC. */
        decide_by: string
        /** When it was admitted or contested. ISO 8601, with its offset from UTC. */
        answered_at: string | null
        /** When it was admitted, withdrawn, upheld or dismissed. ISO 8601, with its offset from UTC. */
        closed_at: string | null
      }
      /** A notification in the caller's inbox */
      notification: {
        /** The id: newer ones are greater. */
        id: string
        /**
         * What it tells: one of match_offered, match_first_accepted, match_accepted, match_declined,
         * match_ended, session_scheduled, session_moved, session_agreed, session_started, session_confirmed,
         * session_completed, session_cancelled, session_no_show, session_reverted, no_show_reported,
         * no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed, matching_paused,
         * user_suspended, suspension_lifted, achievement_earned, match_expiring, session_reminder,
         * agreement_reminder, confirmation_reminder or more_activity.
         */
        kind: Database['public']['Enums']['notification_kind']
        /** A sentence for the user to read. */
        message: string
        /** The match that it is about; null if it is about the caller alone. */
        match_id: string | null
        /** The session that it is about, if it is about one. */
        session_id: string | null
        /** The buddy, while the two are matched. */
        buddy_user_id: string | null
        /** The buddy's current first name, while the two are matched. */
        buddy_first_name: string | null
        /** When it was written. ISO 8601, with its offset from UTC. */
        created_at: string
        /** Until when it is useful; null for always. ISO 8601, with its offset from UTC. */
        useful_until: string | null
        /** When the caller marked it as read; null until then. ISO 8601, with its offset from UTC. */
        read_at: string | null
      }
      /** How many notifications are unread */
      notification_count: {
        /** How many notifications are unread and still useful. */
        unread: number
      }
      /** Which notifications the caller gets through one channel outside the app, and when */
      notification_settings: {
        /** One of email or web_push. */
        channel: Database['public']['Enums']['notification_channel']
        /**
         * The kinds of notifications that are sent, each one of match_offered, match_first_accepted,
         * match_accepted, match_declined, match_ended, session_scheduled, session_moved, session_agreed,
         * session_started, session_confirmed, session_completed, session_cancelled, session_no_show,
         * session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn,
         * no_show_dismissed, matching_paused, user_suspended, suspension_lifted, achievement_earned,
         * match_expiring, session_reminder, agreement_reminder, confirmation_reminder or more_activity; null
         * for all, empty for none.
         */
        kinds: Database['public']['Enums']['notification_kind'][] | null
        /** The language of the texts: one of en or de. */
        language: Database['public']['Enums']['text_language']
        /** When the quiet hours begin, such as 22:00; null for no quiet hours. */
        quiet_from: string | null
        /** When they end. */
        quiet_until: string | null
        /** The time zone of the quiet hours, and of the times in texts. */
        time_zone: string
        /** The e-mail address; null for web push, and if there is none. */
        address: string | null
        /** Whether there is a confirmed address, or at least one push subscription. */
        is_reachable: boolean
      }
      /** How many people a rule of matching removed */
      people_count: {
        /**
         * One of unavailable, too_far_for_them, level, met_recently or partners. People who are busy, paused
         * or otherwise out of reach count as unavailable.
         */
        rule: Database['public']['Enums']['removal_rule']
        /** How many, rounded up to a multiple of three. */
        people: number
      }
      /** A user's own profile with location and settings */
      profile_details: {
        /** The user. */
        user_id: string
        /** First name. */
        first_name: string
        /** A few words about the person. */
        bio: string | null
        /** An https URL. */
        photo_url: string | null
        /** One of beginner, intermediate or advanced. */
        experience_level: Database['public']['Enums']['experience_level']
        /** Style of courage, a free text such as Analyzer or Sprinter. */
        confidence_archetype: string | null
        /** Sessions that both people confirmed. */
        completed_sessions: number
        /** Sessions missed. */
        no_shows: number
        /** completed_sessions - no_shows, held between -5 and 20. */
        reputation_score: number
        /** Latitude in degrees; null if an operator has removed the location. */
        lat: number | null
        /** Longitude in degrees. */
        lng: number | null
        /** Name of the city. */
        city: string | null
        /** One of precise or city_only. */
        privacy_mode: Database['public']['Enums']['privacy_mode'] | null
        /** The furthest buddy this person will meet, in miles. */
        max_travel_miles: number | null
        /** Whether this person is left out of matching for now. */
        matching_paused: boolean
        /** When the profile was first completed. ISO 8601, with its offset from UTC. */
        created_at: string
        /** When the profile or the location last changed. ISO 8601, with its offset from UTC. */
        updated_at: string
        /** Until when this person cannot search after a no-show. ISO 8601, with its offset from UTC. */
        cooldown_until: string | null
        /** Whether operators have suspended this person. */
        suspended: boolean
        /** Until when, if the suspension ends by itself. ISO 8601, with its offset from UTC. */
        suspended_until: string | null
      }
      /** How reliable a person is */
      reputation: {
        /** Whose reputation. */
        user_id: string
        /** completed_sessions - no_shows, held between -5 and 20. */
        score: number
        /** Sessions that both people confirmed. */
        completed_sessions: number
        /** Sessions missed. */
        no_shows: number
        /** One of gold, green or red. Gold from a score of 10 on, green from 0 on, red below. */
        badge_color: Database['public']['Enums']['badge_color']
      }
      /** The answer of confirm_session_completion */
      session_confirmation: {
        /** Always true: a refusal is an error. */
        success: boolean
        /** What happened, for a person to read. */
        message: string
        /**
         * Status of the session after the call: one of scheduled, in_progress, completed, cancelled or
         * no_show.
         */
        session_status: Database['public']['Enums']['session_status']
        /** Whether both people have confirmed. */
        both_confirmed: boolean
        /** Whether this call raised both reputations. */
        reputation_updated: boolean
        /** What the caller gained by this call: 1 or 0 completed sessions. */
        user_reputation_delta: number
      }
      /** A session as one of its two people sees it */
      session_details: {
        /** The session. */
        id: string
        /** The match that it belongs to. */
        match_id: string
        /** The other person. */
        buddy_user_id: string
        /** Where they meet. */
        venue_name: string
        /** When they meet. ISO 8601, with its offset from UTC. */
        scheduled_time: string
        /** Anything else worth knowing. */
        notes: string | null
        /** One of scheduled, in_progress, completed, cancelled or no_show. */
        status: Database['public']['Enums']['session_status']
        /** Whether the caller confirmed the buddy's completion. */
        i_confirmed_buddy: boolean
        /** Whether the buddy confirmed the caller's completion. */
        buddy_confirmed_me: boolean
        /** Whether both people have confirmed. */
        both_confirmed: boolean
        /** When the second confirmation came. ISO 8601, with its offset from UTC. */
        completed_at: string | null
        /** When it was scheduled. ISO 8601, with its offset from UTC. */
        created_at: string
        /** Whether the caller proposed its present time and venue, to which the buddy may agree. */
        proposed_by_me: boolean
        /** When they were proposed; agree_to_session takes it. ISO 8601, with its offset from UTC. */
        proposed_at: string
        /** When the other one of the two agreed to them. ISO 8601, with its offset from UTC. */
        agreed_at: string | null
        /** When it was cancelled. ISO 8601, with its offset from UTC. */
        cancelled_at: string | null
        /** Whether one of the two has reported a no-show: list_no_show_reports tells the rest. */
        no_show_reported: boolean
      }
    }
  }
}

/** The names of all refusals. */
export type ErrorName =
  | 'not_authenticated'
  | 'acting_for_another'
  | 'user_not_found'
  | 'missing_argument'
  | 'invalid_argument'
  | 'invalid_action'
  | 'invalid_radius'
  | 'invalid_schedule'
  | 'matching_paused'
  | 'profile_incomplete'
  | 'match_not_found'
  | 'match_expired'
  | 'not_match_participant'
  | 'match_already_resolved'
  | 'match_not_accepted'
  | 'session_not_found'
  | 'not_session_participant'
  | 'self_confirmation'
  | 'buddy_not_in_session'
  | 'already_confirmed'
  | 'session_not_confirmable'
  | 'session_not_started'
  | 'too_early'
  | 'active_session_exists'
  | 'invalid_session_state'
  | 'schedule_conflict'
  | 'self_agreement'
  | 'proposal_changed'
  | 'session_time_passed'
  | 'no_show_not_found'
  | 'buddy_not_committed'
  | 'no_show_too_early'
  | 'no_show_window_closed'
  | 'no_show_already_answered'
  | 'no_show_already_decided'
  | 'no_show_answer_pending'
  | 'matching_cooldown'
  | 'account_suspended'
  | 'user_not_suspended'
  | 'reputation_not_visible'
  | 'report_not_found'
  | 'report_already_decided'
  | 'report_not_taken'
  | 'delivery_not_found'
  | 'delivery_not_dead'
  | 'webhook_not_found'
  | 'webhook_not_disabled'
  | 'too_many_webhooks'
  | 'idempotency_key_reused'
  | 'idempotency_key_invalid'
  | 'rate_limited'
  | 'busy'
  | 'unsupported_isolation'
  | 'read_only_transaction'

/** The result of `JSON.parse(error.details)` if `error.code` begins with PT. */
export type ErrorDetails = { error: ErrorName } & { [fact: string]: Json | undefined }
