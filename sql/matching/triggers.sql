create trigger guard_match before update of status, responded_by, responded_at on public.wingman_matches
for each row execute function wingman.guard_match();

create trigger guard_rest
before insert or update of id, user1_id, user2_id, searched_by, ended_at, ended_by, distance_miles, created_at, expires_at
on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard_rest();

-- after the trigger journal, by its name: what becomes of a match comes before a pause that follows from it
create trigger track_match after insert or delete or update of status, expires_at on public.wingman_matches
for each row execute function wingman.track_pending_match();

create trigger guard_new_seeker before insert on wingman.matchmaking_pool
for each row when (num_nonnulls(new.pending_match_id, new.pending_buddy_id, new.pending_until) > 0)
execute function wingman.guard_seeker();

-- for each statement: a row trigger, or one with a WHEN, would cost every match and every answer much more
create trigger guard_pending_match
before update of user_id, pending_match_id, pending_buddy_id, pending_until on wingman.matchmaking_pool
for each statement execute function wingman.tg_matchmaking_pool__refuse_other_writers();

create trigger guard_old_seeker before delete on wingman.matchmaking_pool
for each row when (old.pending_match_id is not null) execute function wingman.guard_seeker();

create trigger occupy_cell before insert on wingman.matchmaking_pool
for each row execute function wingman.occupy_cell();

create trigger occupy_new_cell before update of grid_lat, grid_lng on wingman.matchmaking_pool
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.occupy_cell();

create trigger vacate_cell after delete on wingman.matchmaking_pool
for each row execute function wingman.vacate_cell();

create trigger vacate_old_cell after update of grid_lat, grid_lng on wingman.matchmaking_pool
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
