-- squawk-ignore require-concurrent-index-creation
create index user_reports_reporter_idx on wingman.user_reports (reporter_id, id);
