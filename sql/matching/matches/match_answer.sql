create or replace function wingman.match_answer(
    answer text,
    next_match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile
)
returns public.match_response
language sql
immutable
return row(
    true,
    case
        when answer = 'pending' then 'Accepted. Waiting for your buddy''s answer.'
        when answer = 'accepted' then 'Match accepted! You can now schedule a session with your wingman buddy.'
        when next_match_id is null then 'Match declined.'
        else 'Match declined. Here''s your next potential wingman buddy!'
    end,
    answer,
    case
        when next_match_id is not null
            then row(next_match_id, buddy_user_id, buddy_profile)::public.next_match
    end
)::public.match_response;

comment on function wingman.match_answer(text, uuid, uuid, public.buddy_profile) is
'What respond_to_match answers. answer: the status of the match, pending after the first accept of one that takes both; the
others: after a decline, the caller''s next match, or null';
revoke all on function wingman.match_answer(text, uuid, uuid, public.buddy_profile)
from public, anon, authenticated, service_role;
