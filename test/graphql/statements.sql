-- Prints each statement that one document executes, nested ones too. size: the size of the page.
BEGIN;
SELECT count(*) FROM (SELECT opigno.set_user_context('v' || n, 'User', true, 'AUTHENTICATED')
    FROM generate_series(1, 400) AS n) AS users;
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_level = notice;
SELECT FROM opigno.test_request('u001', client_id => :client);
SET LOCAL ROLE gateway;
\echo == the document
SELECT octet_length(opigno.graphql('query page($size: Int) { userContexts(first: $size) { totalItems
    edges { node { uuid profiles { appId profileData } shop: profiles(appId: 0) { version }
        account { name fields } preferences } } pageInfo { hasNextPage hasPreviousPage } } }',
    jsonb_build_object('size', :size))::text);
ROLLBACK;
