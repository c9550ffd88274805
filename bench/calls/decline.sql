\set pair :pairs + :client_id * :each + :call
\set call :call + 1
\set caller 2 * :pair
\startpipeline
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "' || md5('person ' || :caller)::uuid || '", "role": "authenticated"}', true);
select to_json(f) from "public"."respond_to_match"("match_id" => md5('pending ' || :turn || ' ' || :pair)::uuid, "action" => 'decline') as f;
\endpipeline
