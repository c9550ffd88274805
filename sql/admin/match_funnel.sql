create or replace view wingman_admin.match_funnel as
with sessions as (
    select
        h.match_id,
        bool_or(h.status = 'completed' and h.reverted_at is null) as is_completed
    from public.wingman_sessions as h
    where h.id >= wingman.first_id_at(wingman.history_start())
    group by h.match_id
)

select
    (m.created_at at time zone 'UTC')::date as offered_on,
    count(*) as offered,
    count(*) filter (where m.status = 'accepted') as accepted,
    count(*) filter (where s.match_id is not null) as scheduled,
    count(*) filter (where s.is_completed) as completed
from public.wingman_matches as m
left join sessions as s on m.id = s.match_id
where m.id >= wingman.first_id_at(wingman.history_start())
group by (m.created_at at time zone 'UTC')::date;

comment on view wingman_admin.match_funnel is
'What became of the matches offered on each day, up to thirty days back. By the primary keys it reads the matches and sessions
made since then, since a session is never made before its match';
comment on column wingman_admin.match_funnel.offered_on is 'The day, in UTC, of the offer';
comment on column wingman_admin.match_funnel.offered is 'Matches made';
comment on column wingman_admin.match_funnel.accepted is 'Of these, accepted by now, ended ones included';
comment on column wingman_admin.match_funnel.scheduled is 'Of these, with a session, whatever became of it';
comment on column wingman_admin.match_funnel.completed is
'Of these, with a session that both confirmed, and that was not reverted';

revoke all on table wingman_admin.match_funnel from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_funnel to wingman_admin, service_role;
