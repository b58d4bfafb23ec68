-- What opigno_profiles does, on the examples of Opigno's own documentation.
-- scripts/quickstart plays it; it can be played again and again.
\set ECHO queries
\pset footer off

\echo '\n-- Register a user: setUserContext as Opigno documents it, JSON in and out.'
SELECT opigno.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "displayName": "Andrew M. Pearson",
    "isActive": true,
    "scope": "AUTHENTICATED"
}') \g (format=unaligned tuples_only=on)

\echo '\n-- The same with SQL''s own types.'
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true, 'AUTHENTICATED');

\echo '-- Read it back: getUserContext. A UUID may be in any letter case.'
SELECT opigno.get_user_context_json('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE') \g (format=unaligned tuples_only=on)

\echo '\n-- Deactivate: what is not given stays as it is.'
SELECT opigno.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "isActive": false
}') \g (format=unaligned tuples_only=on)

\echo '\n-- Update and anonymize, as documented ...'
SELECT opigno.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "displayName": "user_12345",
    "isActive": true,
    "scope": "AUTHENTICATED"
}') \g (format=unaligned tuples_only=on)

\echo '\n-- ... and with a pseudonym that is made for you.'
SELECT uuid, display_name
FROM opigno.anonymize_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77');

\echo '-- An anonymous user: any unique string is a uuid, and no scope is given.'
SELECT opigno.set_user_context_json('{
    "uuid": "anon-7f3a",
    "displayName": "Anonymous User",
    "isActive": true
}') \g (format=unaligned tuples_only=on)

\echo '\n-- A scope of your own that implies a built-in one.'
SELECT * FROM opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT uuid, scope FROM opigno.set_user_scopes('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', '{MENTOR}');
SELECT opigno.has_scope('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'AUTHENTICATED');

\echo '-- Many users at once.'
SELECT opigno.set_user_contexts('[
    {"uuid": "9c2f0d6e-5d0b-4a55-8f0e-3f1d3a0f6f11", "displayName": "Ada", "isActive": true, "scope": ["AUTHENTICATED"]},
    {"uuid": "b7e1f9a4-2c55-4d0e-9d3c-0c8a1f4e2d22", "displayName": "Bob", "isActive": true, "scope": ["AUTHENTICATED"]}
]') \g (format=unaligned tuples_only=on)

\echo '\n-- A refusal writes nothing and names every fault, each with the place of its entry.'
SELECT opigno.set_user_contexts('[
    {"uuid": "9c2f0d6e-5d0b-4a55-8f0e-3f1d3a0f6f11", "displayName": "Ada Lovelace"},
    {"uuid": "9C2F0D6E-5D0B-4A55-8F0E-3F1D3A0F6F11", "displayName": "Ada again"},
    {"uuid": "new-user", "displayname": "a member spelled wrong", "isActive": true}
]') \g (format=unaligned tuples_only=on)

\echo '\n-- All users, a page at a time.'
SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts(max_rows => 10);
