do $$
begin
    perform wingman.make_event_partitions();
end
$$;
