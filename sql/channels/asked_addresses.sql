-- derived: how often an address is asked; only revision 0006 asks any
create table wingman.asked_addresses (
    address_hash uuid constraint asked_addresses_pkey primary key,
    not_before timestamptz not null
);

comment on table wingman.asked_addresses is
'The e-mail addresses that were asked to confirm that they are a user''s, so that nobody is asked all the time. Not with the
users'' addresses: whoever goes to another address or is erased would be forgotten';
comment on column wingman.asked_addresses.address_hash is 'wingman.hashed_id of the address';
comment on column wingman.asked_addresses.not_before is 'When it may be asked again';

revoke all on table wingman.asked_addresses from public, anon, authenticated, service_role;
