create or replace function wingman.rendered_text(
    kind text,
    channel text,
    language text,
    buddy text,
    venue text,
    at timestamptz,
    time_zone text
)
returns wingman.notification_wording
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _wording wingman.notification_wording := wingman.notification_text(
        rendered_text.kind, rendered_text.channel, rendered_text.language
    );
begin
    if _wording.body ~ '[{]' then
        _wording.body := wingman.sentence(
            _wording.body,
            jsonb_build_object(
                'buddy', coalesce(
                    wingman.shown_on_one_line(rendered_text.buddy),
                    (select l.buddy from wingman.text_languages() as l where l.language = _wording.language)
                ),
                'venue', coalesce(wingman.shown_on_one_line(rendered_text.venue), '–'),
                'time', case
                    when _wording.body like '%{time}%' then coalesce(
                        wingman.time_text(rendered_text.at, rendered_text.time_zone, _wording.language), '–'
                    )
                end
            )
        );
    end if;
    return _wording;
end
$$;

comment on function wingman.rendered_text(text, text, text, text, text, timestamptz, text) is
'The text for a notification as it is sent: plain text, wingman.notification_text with the placeholders filled in. buddy: the
first name of a current partner, else null; venue, at: of the session, null without one; time_zone: the user''s, or null';
revoke all on function wingman.rendered_text(text, text, text, text, text, timestamptz, text)
from public, anon, authenticated, service_role;
