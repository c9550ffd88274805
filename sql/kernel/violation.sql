create type wingman.violation as (
    argument text,
    rule text
);

comment on type wingman.violation is 'A value that breaks a rule: which argument, and the rule as the end of a sentence';
comment on column wingman.violation.argument is 'Name of the argument and of the column';
comment on column wingman.violation.rule is 'What must hold, e.g. "must be at most 400 characters"';
