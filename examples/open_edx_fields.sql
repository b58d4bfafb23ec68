-- Configures the members of an Open edX account as fields of the site: who sees them, that a patch
-- replaces their values, and what they are while they are empty. Open edX shows some of them to
-- others if the user allows it by account_privacy; these are "custom" here. The others are only
-- shown to the user.
SELECT f.field_position, f.field_name, f.visibility, f.merge, f.placement, f.empty_as
FROM (VALUES (1, 'bio', 'custom', 'null'), (2, 'country', 'custom', 'null'),
             (3, 'language_proficiencies', 'custom', 'list'),
             (4, 'level_of_education', 'custom', 'null'), (5, 'social_links', 'custom', 'list'),
             (6, 'year_of_birth', 'private', 'text'), (7, 'gender', 'private', 'null'),
             (8, 'state', 'private', 'null'), (9, 'city', 'private', 'text'),
             (10, 'goals', 'private', 'text'), (11, 'mailing_address', 'private', 'text'),
             (12, 'phone_number', 'private', 'null')) AS given (n, name, who, empty),
    LATERAL opigno.configure_extended_profile_field(name, n, who, 'replace', 'account',
                                                    empty_as => empty) AS f;
-- Who has not chosen shows the custom fields, as in Open edX. There, users whose year of birth is
-- unknown or who are children show nothing: the extension cannot know that, so "private" is the
-- default, and this is for sites that want "all_users".
-- SELECT * FROM opigno.configure_accounts(default_visibility => 'all_users');
