-- After sessions.sql: the same sessions among the bare tables.
delete from bare.wingman_sessions as b
where b.status = 'scheduled';

insert into bare.wingman_sessions
select s.* from public.wingman_sessions as s where s.status = 'scheduled' order by s.id;
