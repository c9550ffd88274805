create type public.data_export as (
    exported_at timestamptz,
    data jsonb
);

comment on type public.data_export is 'What WingmanMatch holds about a person';
comment on column public.data_export.exported_at is 'When it was read, all of it at once';
comment on column public.data_export.data is
'An object with an array for each table of which people have rows; the objects in it are the rows, by the names of their columns.
docs/privacy.md lists them';
