\set caller permute(:offset + :client_id * :each + :call, :people, 1)
\set call :call + 1
\startpipeline
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "' || md5('person ' || :caller)::uuid || '", "role": "authenticated"}', true);
select to_json(f) from "public"."create_automatic_match"() as f;
\endpipeline
