create trigger guard_match before insert or update on public.wingman_matches
for each row execute function wingman.guard_match();

create trigger track_match after insert or delete on public.wingman_matches
for each row execute function wingman.track_pending_match();

create trigger track_match_status after update of status on public.wingman_matches
for each row when (new.status <> old.status) execute function wingman.track_pending_match();

create trigger guard_new_seeker before insert on wingman.match_seekers
for each row when (new.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger guard_pending_match before update of user_id, pending_match_id on wingman.match_seekers
for each row when (
    -- inside track_pending_match, the one writer, there is nothing to ask
    pg_trigger_depth() = 0
    and (new.user_id, new.pending_match_id) is distinct from (old.user_id, old.pending_match_id)
)
execute function wingman.guard_seeker();

create trigger guard_old_seeker before delete on wingman.match_seekers
for each row when (old.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger occupy_cell before insert on wingman.match_seekers
for each row execute function wingman.occupy_cell();

create trigger occupy_new_cell before update of grid_lat, grid_lng on wingman.match_seekers
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.occupy_cell();

create trigger vacate_cell after delete on wingman.match_seekers
for each row execute function wingman.vacate_cell();

create trigger vacate_old_cell after update of grid_lat, grid_lng on wingman.match_seekers
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.vacate_cell();

create trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.place_seeker();

create trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.unplace_seeker();

create trigger level_seeker after update of experience_level on public.user_profiles
for each row when (new.experience_level <> old.experience_level) execute function wingman.level_seeker();

create trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.settle_departure();
