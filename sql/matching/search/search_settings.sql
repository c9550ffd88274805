create or replace view wingman.search_settings as
select
    t.match_lifetime,
    t.rematch_after,
    t.settle_limit,
    t.level_relaxation,
    t.exposure_limit,
    t.exposure_window,
    t.automatic_match_cost,
    t.automatic_match_burst,
    t.respond_cost,
    t.respond_burst,
    t.needs_both
from wingman.settings as t;

comment on view wingman.search_settings is
'The settings that a search needs: its functions pass this row on, since the whole row of wingman.settings would cost more';
comment on column wingman.search_settings.match_lifetime is 'wingman.settings.match_lifetime';
comment on column wingman.search_settings.rematch_after is 'wingman.settings.rematch_after';
comment on column wingman.search_settings.settle_limit is 'wingman.settings.settle_limit';
comment on column wingman.search_settings.level_relaxation is 'wingman.settings.level_relaxation';
comment on column wingman.search_settings.exposure_limit is 'wingman.settings.exposure_limit';
comment on column wingman.search_settings.exposure_window is 'wingman.settings.exposure_window';
comment on column wingman.search_settings.automatic_match_cost is 'wingman.settings.automatic_match_cost';
comment on column wingman.search_settings.automatic_match_burst is 'wingman.settings.automatic_match_burst';
comment on column wingman.search_settings.respond_cost is 'wingman.settings.respond_cost';
comment on column wingman.search_settings.respond_burst is 'wingman.settings.respond_burst';
comment on column wingman.search_settings.needs_both is 'wingman.settings.needs_both';

revoke all on table wingman.search_settings from public, anon, authenticated, service_role;
