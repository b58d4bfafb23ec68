CREATE DOMAIN opigno.preference_key AS text COLLATE "C"
    CONSTRAINT preference_key_is_a_name CHECK (VALUE ~ '^[-_.a-zA-Z0-9]{1,255}$');
COMMENT ON DOMAIN opigno.preference_key IS
'Key of a preference: 1 to 255 of the characters a to z, A to Z, 0 to 9, hyphen, underscore and '
'full stop.';

CREATE DOMAIN opigno.extended_profile AS jsonb
    CONSTRAINT extended_profile_is_an_object CHECK (jsonb_typeof(VALUE) = 'object');
COMMENT ON DOMAIN opigno.extended_profile IS
'The fields of a user as one JSON object, from field_name to field_value.';

CREATE TABLE opigno.extended_profile_field (
    field_name text COLLATE "C" PRIMARY KEY
        CONSTRAINT field_name_has_1_to_255_characters
        CHECK (char_length(field_name) BETWEEN 1 AND 255),
    field_position integer NOT NULL,
    visibility text NOT NULL
        CONSTRAINT visibility_is_known CHECK (visibility IN ('private', 'shared', 'custom')),
    merge text NOT NULL CONSTRAINT merge_is_known CHECK (merge IN ('deep', 'replace')),
    placement text NOT NULL
        CONSTRAINT placement_is_known CHECK (placement IN ('extended_profile', 'account')),
    editable_by text NOT NULL
        CONSTRAINT editable_by_is_known CHECK (editable_by IN ('user', 'operator')),
    empty_as text NOT NULL
        CONSTRAINT empty_as_is_known CHECK (empty_as IN ('text', 'null', 'list')),
    value_schema jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.extended_profile_field IS
'the fields of extended profiles that accounts show; written by '
'opigno.configure_extended_profile_field()';
COMMENT ON COLUMN opigno.extended_profile_field.field_name IS
'name of the field, 1 to 255 characters';
COMMENT ON COLUMN opigno.extended_profile_field.field_position IS
'place in the order of the fields; fields with the same position are ordered by name';
COMMENT ON COLUMN opigno.extended_profile_field.visibility IS
'private: its user and operators see it; shared: every authenticated user; custom: the user '
'chooses with the preferences account_privacy and visibility.<field_name>';
COMMENT ON COLUMN opigno.extended_profile_field.merge IS
'how a patch changes an object: deep (RFC 7396) or replace';
COMMENT ON COLUMN opigno.extended_profile_field.placement IS
'extended_profile: an entry of that list; account: a member of the account';
COMMENT ON COLUMN opigno.extended_profile_field.editable_by IS
'user: the user and operators may change it; operator: operators only';
COMMENT ON COLUMN opigno.extended_profile_field.empty_as IS
'how accounts show a field without a value, or with an empty string: text (as it is stored), null '
'or list ([])';
COMMENT ON COLUMN opigno.extended_profile_field.value_schema IS
'JSON Schema of the values that are written; NULL: all values are accepted';
COMMENT ON COLUMN opigno.extended_profile_field.created_at IS
'start of the transaction that first configured the field';
COMMENT ON COLUMN opigno.extended_profile_field.updated_at IS
'start of the transaction that last configured the field';
SELECT pg_extension_config_dump('opigno.extended_profile_field', '');

/* The installation adds no row: a dump could not restore its own. */
CREATE TABLE opigno.account_setting (
    is_only boolean PRIMARY KEY DEFAULT true CONSTRAINT setting_is_one_row CHECK (is_only),
    unconfigured text NOT NULL
        CONSTRAINT unconfigured_is_known CHECK (unconfigured IN ('store', 'refuse')),
    default_visibility text NOT NULL CONSTRAINT default_visibility_is_known
        CHECK (default_visibility IN ('private', 'all_users', 'custom')),
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.account_setting IS
'the site''s settings of accounts, at most one row; written by opigno.configure_accounts()';
COMMENT ON COLUMN opigno.account_setting.is_only IS 'true; there is one row';
COMMENT ON COLUMN opigno.account_setting.unconfigured IS
'what a patch does with fields that are not configured: store or refuse';
COMMENT ON COLUMN opigno.account_setting.default_visibility IS
'account_privacy of users who have not set it: private, all_users or custom';
COMMENT ON COLUMN opigno.account_setting.updated_at IS
'start of the transaction that last changed a setting';
SELECT pg_extension_config_dump('opigno.account_setting', '');

/* Stored as profiles are: docs/decisions/0008-storage.md. */
CREATE TABLE opigno.account (
    user_uuid opigno.user_uuid PRIMARY KEY REFERENCES opigno.user_context,
    extended_profile opigno.extended_profile NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.account ALTER COLUMN extended_profile SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.account IS
'optional data of users; written by opigno.patch_account() and related functions';
COMMENT ON COLUMN opigno.account.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.account.extended_profile IS
'the fields as one object, from field_name to field_value; fields need not be configured';
COMMENT ON COLUMN opigno.account.version IS
'1 when the first field is stored, and 1 more after each change of fields; the version of the '
'account is the sum of this number and of opigno.user_context.account_version';
COMMENT ON COLUMN opigno.account.created_at IS
'start of the transaction that stored the first field';
COMMENT ON COLUMN opigno.account.updated_at IS
'start of the transaction that last changed the fields';
SELECT pg_extension_config_dump('opigno.account', '');

CREATE TABLE opigno.preference (
    user_uuid opigno.user_uuid NOT NULL REFERENCES opigno.user_context,
    key opigno.preference_key NOT NULL,
    value text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_uuid, key)
) WITH (fillfactor = 90);
COMMENT ON TABLE opigno.preference IS
'preferences of users, one text each; written by opigno.patch_preferences() and related functions';
COMMENT ON COLUMN opigno.preference.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.preference.key IS 'name of the preference, such as time_zone';
COMMENT ON COLUMN opigno.preference.value IS
'value of the preference; JSON text if the given value was not a string';
COMMENT ON COLUMN opigno.preference.created_at IS
'start of the transaction that first set the preference';
COMMENT ON COLUMN opigno.preference.updated_at IS
'start of the transaction that last changed the preference';
SELECT pg_extension_config_dump('opigno.preference', '');

CREATE TABLE opigno.preference_rule (
    key opigno.preference_key PRIMARY KEY,
    value_schema jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.preference_rule IS
'rules for the values of preferences; written by opigno.configure_preference()';
COMMENT ON COLUMN opigno.preference_rule.key IS 'the key of the preferences';
COMMENT ON COLUMN opigno.preference_rule.value_schema IS
'JSON Schema of the values that are written, each as a JSON string';
COMMENT ON COLUMN opigno.preference_rule.created_at IS
'start of the transaction that first configured the preference';
COMMENT ON COLUMN opigno.preference_rule.updated_at IS
'start of the transaction that last configured the preference';
SELECT pg_extension_config_dump('opigno.preference_rule', '');
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.extended_profile_field ALTER COLUMN value_schema SET COMPRESSION lz4;
    ALTER TABLE opigno.preference_rule ALTER COLUMN value_schema SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

ALTER TABLE opigno.extended_profile_field ENABLE ROW LEVEL SECURITY;
CREATE POLICY extended_profile_field_of_all ON opigno.extended_profile_field FOR SELECT
    USING (true);
COMMENT ON POLICY extended_profile_field_of_all ON opigno.extended_profile_field IS
'names of fields are no secret';
ALTER TABLE opigno.preference_rule ENABLE ROW LEVEL SECURITY;
CREATE POLICY preference_rule_of_all ON opigno.preference_rule FOR SELECT USING (true);
COMMENT ON POLICY preference_rule_of_all ON opigno.preference_rule IS 'rules are no secret';
ALTER TABLE opigno.account_setting ENABLE ROW LEVEL SECURITY;
CREATE POLICY account_setting_of_all ON opigno.account_setting FOR SELECT USING (true);
COMMENT ON POLICY account_setting_of_all ON opigno.account_setting IS 'settings are no secret';
ALTER TABLE opigno.account ENABLE ROW LEVEL SECURITY;
CREATE POLICY account_of_request ON opigno.account FOR SELECT
    USING (opigno.may_read_account(user_uuid));
COMMENT ON POLICY account_of_request ON opigno.account IS
'a request sees the account of its user; operators and auditors see all; opigno.get_account() '
'shows others what is shared';
ALTER TABLE opigno.preference ENABLE ROW LEVEL SECURITY;
CREATE POLICY preference_of_request ON opigno.preference FOR SELECT
    USING (opigno.may_read_preference(user_uuid));
COMMENT ON POLICY preference_of_request ON opigno.preference IS
'a request sees the preferences of its user; operators and auditors see all';
