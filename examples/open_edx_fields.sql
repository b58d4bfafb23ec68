-- Configures the members of an Open edX account as fields of the site: who sees them, and that a
-- patch replaces their values. Open edX shows some of them to others if the user allows it by
-- account_privacy; these are "custom" here. The others are only shown to the user.
SELECT f.field_position, f.field_name, f.visibility, f.merge, f.placement
FROM (VALUES (1, 'bio', 'custom'), (2, 'country', 'custom'),
             (3, 'language_proficiencies', 'custom'), (4, 'level_of_education', 'custom'),
             (5, 'social_links', 'custom'), (6, 'year_of_birth', 'private'),
             (7, 'gender', 'private'), (8, 'state', 'private'), (9, 'city', 'private'),
             (10, 'goals', 'private'), (11, 'mailing_address', 'private'),
             (12, 'phone_number', 'private')) AS given (n, name, who),
    LATERAL opigno.configure_extended_profile_field(name, n, who, 'replace', 'account') AS f;
