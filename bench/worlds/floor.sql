-- The physical limit of a machine: what one durable one-row UPDATE by primary key costs.
create table bench.floor (
    id bigint primary key,
    n bigint not null
) with (fillfactor = 50);

insert into bench.floor select i, 0 from generate_series(1, 100000) as i;
grant select, update on bench.floor to authenticator;
vacuum (freeze, analyze) bench.floor;
