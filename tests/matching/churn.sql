-- One cycle: whoever it is searches, declines, accepts the next match that the decline brought, and ends it.
create schema churn;

create table churn.cycles (id bigint generated always as identity, declined boolean not null, busy boolean not null);

create function churn.cycle(me uuid) returns void language plpgsql as $$
declare
    _match public.automatic_match;
    _answer public.match_response;
begin
    _match := public.create_automatic_match(user_id => me);
    if _match.success then
        _answer := public.respond_to_match(_match.match_id, 'decline', me);
        if (_answer.next_match).match_id is not null then
            perform public.respond_to_match((_answer.next_match).match_id, 'accept', me);
            perform public.end_match((_answer.next_match).match_id, me);
        end if;
    end if;
    insert into churn.cycles (declined, busy) values (_match.success, false);
exception
    -- two calls in one transaction hold more than one call would
    when sqlstate 'PT423' or sqlstate 'PT400' or sqlstate 'PT404' then
        insert into churn.cycles (declined, busy) values (false, true);
end
$$
