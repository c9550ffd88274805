create table wingman.email_addresses (
    id uuid constraint email_addresses_pkey primary key,
    user_id uuid not null constraint email_addresses_user_id_key unique,
    address text not null constraint email_addresses_address_check check (wingman.is_email_address(address)),
    asked_at timestamptz not null default statement_timestamp(),
    confirmed_at timestamptz
);

comment on table wingman.email_addresses is
'Where users receive e-mail. An address comes from the claim email of an access token. Until somebody opens the link sent to
it, nothing else is sent there';
comment on column wingman.email_addresses.id is
'Made from user and address, and used in the confirmation link: another address has another id';
comment on column wingman.email_addresses.user_id is 'The user';
comment on column wingman.email_addresses.address is 'The address';
comment on column wingman.email_addresses.asked_at is 'When the user last asked for a confirmation message';
comment on column wingman.email_addresses.confirmed_at is
'When the link was opened; null until then, and once the address is gone';

revoke all on table wingman.email_addresses from public, anon, authenticated, service_role;
