-- The members of Open edX's account as fields of the site: who may see them, and that a patch replaces them whole.
-- Open edX shows the shareable ones (custom here) as the learner's account_privacy says, and the others to the learner alone.
SELECT field_position, field_name, visibility, merge, placement
FROM (VALUES (1, 'bio', 'custom'), (2, 'country', 'custom'), (3, 'language_proficiencies', 'custom'), (4, 'level_of_education', 'custom'),
             (5, 'social_links', 'custom'), (6, 'year_of_birth', 'private'), (7, 'gender', 'private'), (8, 'state', 'private'),
             (9, 'city', 'private'), (10, 'goals', 'private'), (11, 'mailing_address', 'private'), (12, 'phone_number', 'private')) AS f (n, name, who),
    LATERAL opigno.configure_extended_profile_field(name, n, who, 'replace', 'account');
