// The data of the database as objects that graphql-js reads: the same answers without any SQL.
const maxPage = 500;

const canonical = (uuid) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid) ? uuid.toLowerCase() : uuid;
const cursorOf = ({ uuid }) => Buffer.from(uuid).toString('base64');

function accountOf(row) {
    if (!row)
        return null;
    const { username, name, is_active, date_joined, scope, account_privacy, version, extended_profile, id, preferences,
        preferences_version, ...fields } = row;
    return {
        username, name, isActive: is_active, dateJoined: date_joined, scope, accountPrivacy: account_privacy, version,
        fields,
        extendedProfile: extended_profile.map(({ field_name, field_value }) => (
            { fieldName: field_name, fieldValue: field_value })),
    };
}

// A page of the contexts, as userContexts describes it.
function pageOf(contexts, { after, before, first, last, isActive, scope }) {
    const isGiven = (value) => value !== undefined && value !== null;
    for (const [one, other] of [[after, before], [first, last], [after, last], [before, first]])
        if (isGiven(one) && isGiven(other))
            throw new Error('exclude each other');
    for (const size of [first, last])
        if (isGiven(size) && (size < 0 || size > maxPage))
            throw new Error('size');
    const all = contexts.filter((context) => (!isGiven(isActive) || context.isActive === isActive) &&
        (!isGiven(scope) || (scope === 'ANONYMOUS' ? context.scope.length === 0 : context.scope.includes(scope))));
    const isBackward = isGiven(last) || isGiven(before);
    const size = (isBackward ? last : first) ?? 100;
    const start = isBackward ? before : after;
    const place = isGiven(start) ? Buffer.from(start, 'base64').toString() : null;
    const candidates = all.filter(({ uuid }) => place === null || (isBackward ? uuid < place : uuid > place));
    const from = isBackward ? Math.max(candidates.length - size, 0) : 0;
    const page = candidates.slice(from, from + size);
    const hasMore = candidates.length > size;
    const edge = isBackward ? page.at(-1)?.uuid : page[0]?.uuid;
    const others = all.filter(({ uuid }) => edge === undefined || (isBackward ? uuid > edge : uuid < edge));
    const hasOthers = place !== null && others.length > 0;
    return {
        edges: page.map((node) => ({ cursor: cursorOf(node), node })),
        pageInfo: {
            hasNextPage: isBackward ? hasOthers : hasMore,
            hasPreviousPage: isBackward ? hasMore : hasOthers,
            startCursor: page.length > 0 ? cursorOf(page[0]) : null,
            endCursor: page.length > 0 ? cursorOf(page.at(-1)) : null,
        },
        totalItems: all.length,
    };
}

export async function loadRoot(database) {
    const rowsOf = async (sql) => (await database.query(sql)).rows;
    await database.query(`SET TimeZone = 'UTC'`);
    const iso = (column) => `to_json(${column}) #>> '{}'`;
    const profiles = await rowsOf(`SELECT user_uuid AS "userUuid", app_id AS "appId", profile_data AS "profileData",
        version, ${iso('created_at')} AS "createdAt", ${iso('updated_at')} AS "updatedAt"
        FROM opigno.profile ORDER BY app_id`);
    const accounts = new Map((await rowsOf(`SELECT a.user_uuid, a.account
        FROM opigno.get_accounts(ARRAY(SELECT uuid::text FROM opigno.user_context), 'own') AS a`))
        .map(({ user_uuid, account }) => [user_uuid, account]));
    const contexts = (await rowsOf(`SELECT uuid::text, id::text, display_name::text AS "displayName",
        is_active AS "isActive", scope::text[] FROM opigno.user_context ORDER BY uuid`)).map((row) => ({
        ...row,
        profiles: ({ appId }) => profiles.filter((profile) => profile.userUuid === row.uuid &&
            (appId === undefined || appId === null || profile.appId === appId)),
        account: () => accountOf(accounts.get(row.uuid)),
        preferences: () => accounts.get(row.uuid)?.preferences ?? null,
    }));
    const apps = await rowsOf(`SELECT app_id AS "appId", app, description, domains::text[]
        FROM opigno.app ORDER BY app_id`);
    const byUuid = new Map(contexts.map((context) => [context.uuid, context]));
    return {
        uuids: Object.fromEntries(byUuid),
        getUserContext: ({ uuid }) => byUuid.get(canonical(uuid)) ?? null,
        userContexts: (given) => pageOf(contexts, given),
        apps,
    };
}
