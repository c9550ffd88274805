-- derived: at random; with another key, pages that people have open cannot be continued, and nothing else happens
create table wingman.leaderboard_key (
    id boolean constraint leaderboard_key_pkey primary key default true constraint leaderboard_key_one_row check (id),
    secret bytea not null
    -- three random UUIDs have 366 random bits, of which the hash keeps 256
    default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
);

insert into wingman.leaderboard_key default values;

comment on table wingman.leaderboard_key is
'One row: the key that hides what a cursor of the leaderboard says, wingman.leaderboard_cursor';
comment on column wingman.leaderboard_key.id is 'Always true: there is one row';
comment on column wingman.leaderboard_key.secret is '32 random bytes';

revoke all on table wingman.leaderboard_key from public, anon, authenticated, service_role;
