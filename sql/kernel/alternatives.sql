create or replace function wingman.alternatives(words text[])
returns text
language sql
immutable
return array_to_string(trim_array(words, 1), ', ') || ' or ' || words[cardinality(words)];

comment on function wingman.alternatives(text[]) is 'A list of two or more words as a sentence has it: a, b or c';
revoke all on function wingman.alternatives(text[]) from public, anon, authenticated, service_role;
