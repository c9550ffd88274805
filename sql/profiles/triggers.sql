create trigger guard_profile
before insert or update of first_name, experience_level, bio, photo_url, confidence_archetype on public.user_profiles
for each row execute function wingman.guard_profile();

create trigger set_updated_at before update on public.user_locations
for each row execute function wingman.set_updated_at();
