create or replace function wingman.text_languages()
returns table (language text, buddy text, moment text, weekdays text[], months text[])
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    (
        'en',
        'your buddy',
        '{weekday} {day} {month}, {time}',
        '{Mon, Tue, Wed, Thu, Fri, Sat, Sun}'::text[],
        '{Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec}'::text[]
    ),
    (
        'de',
        'dein Buddy',
        '{weekday}, {day}. {month}, {time} Uhr',
        '{Mo., Di., Mi., Do., Fr., Sa., So.}',
        '{Jan., Feb., März, Apr., Mai, Juni, Juli, Aug., Sept., Okt., Nov., Dez.}'
    );
end
$$;

comment on function wingman.text_languages() is
'The languages of texts sent outside the app. language: a value of wingman.notification_texts.language; buddy: what replaces
{buddy} once the two are no longer matched; moment: how a time is written; weekdays: their short names, from Monday; months: their
short names. English comes first: it is used where another language lacks a text.';
revoke all on function wingman.text_languages() from public, anon, authenticated, service_role;
