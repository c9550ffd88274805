create type wingman.rate_limit as (
    cost interval,
    burst interval
);

comment on type wingman.rate_limit is
'A rate limit as wingman.consume_rate_limit takes it: two columns of wingman.settings, read in a statement that the call needs
anyway';
comment on column wingman.rate_limit.cost is 'What one call takes: the period divided by the calls allowed in it';
comment on column wingman.rate_limit.burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';
