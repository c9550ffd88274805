create type wingman.search_outcome as (
    offer wingman.offer,
    contended boolean
);

comment on type wingman.search_outcome is 'The outcome of a search';
comment on column wingman.search_outcome.offer is 'The match made; nulls if nobody was found (nullable)';
comment on column wingman.search_outcome.contended is
'Nobody was found, but somebody eligible was locked by another call, so that "none" would be a guess';
