create type public.acknowledgement as (
    success boolean,
    message text
);

comment on type public.acknowledgement is 'The answer of a call that has nothing else to report';
comment on column public.acknowledgement.success is 'Always true: a refusal is an error';
comment on column public.acknowledgement.message is 'What was done, for people';
