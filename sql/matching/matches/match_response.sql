create type public.match_response as (
    success boolean,
    message text,
    match_status text,
    next_match public.next_match
);

comment on type public.match_response is 'The answer of respond_to_match';
comment on column public.match_response.success is 'Always true: a refusal is an error';
comment on column public.match_response.message is 'What happened, for a person to read';
comment on column public.match_response.match_status is 'Status of the match after the call: one of match_status';
comment on column public.match_response.next_match is
'After a decline, the caller''s next match, if somebody was found (nullable)';
