create or replace function wingman.profile_violation(
    first_name text,
    experience_level text,
    bio text,
    photo_url text,
    confidence_archetype text
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(profile_violation.first_name) or char_length(profile_violation.first_name) > 80 then
        return row('first_name', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.has_control_character(profile_violation.first_name) then
        return row('first_name', 'must not contain control characters')::wingman.violation;
    elsif wingman.experience_rank(profile_violation.experience_level) is null then
        return row('experience_level', 'must be beginner, intermediate or advanced')::wingman.violation;
    elsif char_length(profile_violation.bio) > 400 then
        return row('bio', 'must be at most 400 characters')::wingman.violation;
    elsif wingman.has_control_character(profile_violation.bio) then
        return row('bio', 'must not contain control characters')::wingman.violation;
    elsif profile_violation.photo_url !~ ('^https://[^' || wingman.invisible_characters() || ']+$')
        or char_length(profile_violation.photo_url) > 500 then
        return row('photo_url', 'must be an https URL of at most 500 characters')::wingman.violation;
    elsif char_length(profile_violation.confidence_archetype) > 100 then
        return row('confidence_archetype', 'must be at most 100 characters')::wingman.violation;
    elsif wingman.has_control_character(profile_violation.confidence_archetype) then
        return row('confidence_archetype', 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.profile_violation(text, text, text, text, text) is
'The first rule that a profile''s texts break, or null. The table''s trigger and complete_profile both use this.';
revoke all on function wingman.profile_violation(text, text, text, text, text) from public, anon, authenticated, service_role;
