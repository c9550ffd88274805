create trigger set_updated_at before update on public.user_profiles
for each row execute function wingman.set_updated_at();

create trigger set_updated_at before update on public.user_locations
for each row execute function wingman.set_updated_at();
