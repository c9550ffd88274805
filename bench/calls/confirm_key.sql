\set n :client_id * :each + :call
\set call :call + 1
\set caller 2 * :n + :n % 2
\startpipeline
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "' || md5('person ' || :caller)::uuid || '", "role": "authenticated"}', true);
select to_json(f) from "public"."confirm_session_completion"("session_id" => md5('session ' || :turn || ' ' || :n)::uuid, "idempotency_key" => 'turn ' || :turn) as f;
\endpipeline
