create type wingman.settlement as (
    id uuid,
    token uuid,
    outcome text,
    error text,
    retry_after_seconds double precision
);

comment on type wingman.settlement is 'How an attempt to send a message ended';
comment on column wingman.settlement.id is 'The message';
comment on column wingman.settlement.token is 'The claim';
comment on column wingman.settlement.outcome is
'sent; retry: to be tried again; failed: no attempt will succeed; gone: the target no longer exists';
comment on column wingman.settlement.error is 'Why, as a code such as http_503 or timeout; null if it was sent';
comment on column wingman.settlement.retry_after_seconds is 'How long the other side asked to wait; null if it did not';
