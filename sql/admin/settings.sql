create or replace view wingman_admin.settings as
select
    a.attname::text as name,
    v.value,
    col_description(a.attrelid, a.attnum) as meaning
from wingman.settings as t
cross join pg_attribute as a
inner join lateral jsonb_each_text(to_jsonb(t)) as v (name, value) on a.attname = v.name
where a.attrelid = 'wingman.settings'::regclass and a.attnum > 0 and a.attgenerated = '' and a.attname <> 'id'
order by a.attnum;

comment on view wingman_admin.settings is 'The settings: wingman_admin.change_settings changes them';
comment on column wingman_admin.settings.name is 'Its name';
comment on column wingman_admin.settings.value is 'Its value: a number, a duration, a word, true or false, a list, or null';
comment on column wingman_admin.settings.meaning is 'What it does';

revoke all on table wingman_admin.settings from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings to wingman_admin, service_role;
