-- The function that PostgREST calls for each request. README.md has the rest.
CREATE SCHEMA web;
GRANT USAGE ON SCHEMA web TO gateway;
CREATE DOMAIN web."*/*" AS bytea; -- for PostgREST: any type of content, sent as it is
CREATE FUNCTION web.request(bytea) RETURNS web."*/*" LANGUAGE plpgsql AS $$
DECLARE
    request CONSTANT jsonb := convert_from(decode(
        current_setting('request.headers')::json ->> 'http-request', 'base64'), 'UTF8');
    answer record;
    head json;
BEGIN
    SELECT * INTO answer FROM opigno.http_request(
        request ->> 'method', request ->> 'target', request -> 'headers', $1);
    head := json_build_object('status', answer.status, 'headers', answer.response_headers);
    PERFORM set_config('response.headers',
        json_build_array(json_build_object('HTTP-Answer', head::text))::text, true);
    RETURN convert_to(answer.response_body, 'UTF8');
END $$;
