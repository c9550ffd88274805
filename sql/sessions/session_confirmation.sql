create type public.session_confirmation as (
    success boolean,
    message text,
    session_status text,
    both_confirmed boolean,
    reputation_updated boolean,
    user_reputation_delta integer
);

comment on type public.session_confirmation is 'The answer of confirm_session_completion';
comment on column public.session_confirmation.success is 'Always true: a refusal is an error';
comment on column public.session_confirmation.message is 'What happened, for a person to read';
comment on column public.session_confirmation.session_status is 'Status of the session after the call: one of session_status';
comment on column public.session_confirmation.both_confirmed is 'Whether both people have confirmed';
comment on column public.session_confirmation.reputation_updated is 'Whether this call raised both reputations';
comment on column public.session_confirmation.user_reputation_delta is
'What the caller gained by this call: 1 or 0 completed sessions';
