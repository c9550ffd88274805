create or replace function wingman.write_obstacle()
returns text
language sql
stable
return case
    -- locking first and checking afterwards needs a new snapshot for every statement
    when current_setting('transaction_isolation') <> 'read committed' then 'unsupported_isolation'
    when current_setting('transaction_read_only') = 'on' then 'read_only_transaction'
end;

comment on function wingman.write_obstacle() is
'What keeps this transaction from calling a function that writes, as the name of the error; null if nothing does';
revoke all on function wingman.write_obstacle() from public, anon, authenticated, service_role;
