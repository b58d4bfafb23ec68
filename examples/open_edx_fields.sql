-- Configures the members of an Open edX account as fields of the site: who sees them, that a patch
-- replaces their values, what they are while they are empty, and which values they accept. Open edX
-- shows some of them to others if the user allows it by account_privacy; these are "custom" here.
-- The others are only shown to the user.
--
-- The values are those that Open edX's API of accounts accepts. It checks no range of the year of
-- birth. It removes all characters but digits from a phone number; here such a number is refused.
-- Null removes a value, so no schema mentions it.
WITH codes AS (
    SELECT -- ISO 3166-1 alpha-2. Leave out the countries that users must not select.
        'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ '
        'BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM '
        'DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS '
        'GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN '
        'KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ '
        'MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM '
        'PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV '
        'SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI '
        'VN VU WF WS YE YT ZA ZM ZW' AS country,
        -- ISO 639-1, and two of Open edX's own.
        'aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv '
        'cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr '
        'ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw '
        'ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv '
        'ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr '
        'ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi '
        'yo za zh zu zh_HANS zh_HANT' AS language,
        -- The states, districts, territories and armed forces of the United States.
        'AA AE AK AL AP AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO '
        'MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY'
            AS state,
        'p m b a hs jhs el none other' AS level_of_education,
        'm f o' AS gender
), choices AS ( -- One of the codes, or an empty string.
    SELECT key AS name, jsonb_build_object('enum', to_jsonb(string_to_array(value, ' ')) || '[""]')
        AS value_schema
    FROM codes, jsonb_each_text(to_jsonb(codes))
    WHERE key <> 'language'
), others (name, value_schema) AS (
    VALUES ('bio', '{"type": "string", "maxLength": 300}'::jsonb),
        ('year_of_birth', '{"type": "integer"}'),
        ('city', '{"type": "string"}'), ('goals', '{"type": "string"}'),
        ('mailing_address', '{"type": "string"}'),
        ('phone_number', '{"type": "string", "maxLength": 50, "pattern": "^[+]?[0-9]*$"}'),
        ('social_links', -- at most one link of each platform
            '{"type": "array",
              "items": {"type": "object", "required": ["platform", "social_link"],
                        "properties": {"platform": {"enum": ["facebook", "x", "linkedin"]},
                                       "social_link": {"type": "string", "maxLength": 100}}},
              "allOf": [{"contains": {"properties": {"platform": {"const": "facebook"}}},
                         "minContains": 0, "maxContains": 1},
                        {"contains": {"properties": {"platform": {"const": "x"}}},
                         "minContains": 0, "maxContains": 1},
                        {"contains": {"properties": {"platform": {"const": "linkedin"}}},
                         "minContains": 0, "maxContains": 1}]}')
    UNION ALL
    SELECT 'language_proficiencies', jsonb_build_object('type', 'array', 'uniqueItems', true,
        'items', jsonb_build_object('type', 'object', 'required', '["code"]'::jsonb,
            'additionalProperties', false, 'properties', jsonb_build_object('code',
                jsonb_build_object('enum', to_jsonb(string_to_array(language, ' '))))))
    FROM codes
)
SELECT f.field_position, f.field_name, f.visibility, f.merge, f.placement, f.empty_as
FROM (VALUES (1, 'bio', 'custom', 'null'), (2, 'country', 'custom', 'null'),
             (3, 'language_proficiencies', 'custom', 'list'),
             (4, 'level_of_education', 'custom', 'null'), (5, 'social_links', 'custom', 'list'),
             (6, 'year_of_birth', 'private', 'text'), (7, 'gender', 'private', 'null'),
             (8, 'state', 'private', 'null'), (9, 'city', 'private', 'text'),
             (10, 'goals', 'private', 'text'), (11, 'mailing_address', 'private', 'text'),
             (12, 'phone_number', 'private', 'null')) AS given (n, name, who, empty)
    JOIN (TABLE choices UNION ALL TABLE others) AS rule USING (name),
    LATERAL opigno.configure_extended_profile_field(
        name, n, who, 'replace', 'account', empty_as => empty, value_schema => rule.value_schema)
        AS f
ORDER BY f.field_position;
-- Who has not chosen shows the custom fields, as in Open edX. There, users whose year of birth is
-- unknown or who are children show nothing: the extension cannot know that, so "private" is the
-- default, and this is for sites that want "all_users".
-- SELECT * FROM opigno.configure_accounts(default_visibility => 'all_users');
