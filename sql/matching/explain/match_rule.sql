create type public.match_rule as (
    rule text,
    passed boolean,
    detail text
);

comment on type public.match_rule is 'One rule of matching and its outcome for a match';
comment on column public.match_rule.rule is
'One of matching_rule';
comment on column public.match_rule.passed is 'Whether the two people met the rule when the match was made';
comment on column public.match_rule.detail is 'The rule and its numbers, as a sentence for people';
