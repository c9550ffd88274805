create schema bench;
grant usage on schema bench to authenticator;

create table bench.cities (
    name text not null,
    lat double precision not null,
    lng double precision not null,
    share_up_to double precision primary key
);
comment on column bench.cities.share_up_to is
'The share of the people who live in this city and those before it';

create table bench.world (made_at timestamptz not null default clock_timestamp());
comment on table bench.world is 'When the world was made: what came later is taken back between two turns';
