-- The tables that calls write, with only their rows and indexes: no trigger, CHECK, foreign key, default or policy.
-- One statement writes a call's rows to them: that is the limit for the call.
create schema bare;
-- pgbench prepares a pipeline's statements before it sends one, as the login
grant usage on schema bare to authenticator, authenticated;
create sequence bare.events_id_seq;
create sequence bare.reputation_events_id_seq;

do $$
declare
    _name text;
    _options text;
begin
    foreach _name in array array[
        'public.user_profiles',
        'public.wingman_matches',
        'public.wingman_sessions',
        'wingman.matchmaking_pool',
        'wingman.match_searches',
        'wingman.rate_limits',
        'wingman.reputation_events',
        'wingman.events'
    ] loop
        select array_to_string(c.reloptions, ', ') into _options from pg_class as c where c.oid = _name::regclass;
        execute format(
            'create table bare.%I (like %s including indexes) %s',
            split_part(_name, '.', 2),
            _name,
            'with (' || _options || ')'
        );
        execute format('insert into bare.%I select t.* from %s as t', split_part(_name, '.', 2), _name);
    end loop;
end
$$;

grant select, insert, update on all tables in schema bare to authenticator, authenticated;
-- those in the predicates of indexes; here the caller writes, not the owner
grant execute on all functions in schema wingman to authenticated;
grant usage on all sequences in schema bare to authenticated;
vacuum (freeze, analyze)
bare.user_profiles,
bare.wingman_matches,
bare.wingman_sessions,
bare.matchmaking_pool,
bare.match_searches,
bare.rate_limits,
bare.reputation_events,
bare.events;
