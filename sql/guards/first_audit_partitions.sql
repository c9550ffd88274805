do $$
begin
    perform wingman.make_audit_partitions();
end
$$;
