create or replace function wingman.require_subject(subject_id uuid, user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('subject_id', require_subject.subject_id is not null);
    if require_subject.subject_id = require_subject.user_id then
        perform wingman.raise_error(
            'invalid_argument', jsonb_build_object('argument', 'subject_id', 'rule', 'must be somebody else')
        );
    elsif not exists (select from public.user_profiles as p where p.id = require_subject.subject_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    return require_subject.subject_id;
end
$$;

comment on function wingman.require_subject(uuid, uuid) is
'The other person that a call is about, who must have a profile. Errors: missing_argument, invalid_argument (oneself),
user_not_found.';
revoke all on function wingman.require_subject(uuid, uuid) from public, anon, authenticated, service_role;
