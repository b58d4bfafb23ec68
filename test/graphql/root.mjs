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

// A page that is read forward, of rows in the order of their keys. keyOf: the key of a row, or of a cursor's text.
function forwardPageOf(all, { after, first }, keyOf, keyOfText = (text) => text) {
    const size = first ?? 100;
    if (size < 0 || size > maxPage)
        throw new Error('size');
    const isGiven = after !== undefined && after !== null;
    const place = isGiven ? keyOfText(Buffer.from(after, 'base64').toString()) : null;
    const candidates = all.filter((row) => !isGiven || keyOf(row) > place);
    const page = candidates.slice(0, size);
    const cursor = (row) => cursorOf({ uuid: String(keyOf(row)) });
    const edge = page.length > 0 ? keyOf(page[0]) : undefined;
    return {
        edges: page.map((node) => ({ cursor: cursor(node), node })),
        pageInfo: {
            hasNextPage: candidates.length > size,
            hasPreviousPage: isGiven && all.some((row) => edge === undefined || keyOf(row) < edge),
            startCursor: page.length > 0 ? cursor(page[0]) : null,
            endCursor: page.length > 0 ? cursor(page.at(-1)) : null,
        },
    };
}

// A page of trainings or of what has their ids, as trainings and trainingProfiles describe it.
function trainingPageOf(trainings, { isActive, ...given }) {
    return forwardPageOf(trainings.filter((training) => isActive === undefined || isActive === null ||
        training.isActive === isActive), given, ({ trainingId }) => trainingId);
}

function numberOf(text) {
    if (!/^-?[0-9]{1,18}$/.test(text))
        throw new Error('cursor');
    return Number(text);
}

function timeOf(text, otherwise) {
    if (text === undefined || text === null)
        return otherwise;
    if (!/(Z|[+-][0-9]{2}:[0-9]{2})$/.test(text))
        throw new Error('time');
    return Date.parse(text);
}

// A page of retirements, as retirements describes it.
function retirementPageOf(retirements, { state, begunFrom, begunBefore, ...given }) {
    const [from, before] = [timeOf(begunFrom, -Infinity), timeOf(begunBefore, Infinity)];
    return forwardPageOf(retirements.filter(({ currentState, createdAt }) => (state ?? currentState) === currentState &&
        Date.parse(createdAt) >= from && Date.parse(createdAt) < before), given, ({ id }) => Number(id), numberOf);
}

// Retirements, their states, and certificates by the names of users.
async function loadRetirements(rowsOf, iso) {
    const retirements = await rowsOf(`SELECT retirement_id::text AS id, user_uuid::text AS "userUuid",
        user_context_id::text AS "userContextNumber", retired_uuid AS "retiredUuid", was_active AS "wasActive",
        current_state::text AS "currentState", last_state::text AS "lastState",
        ${iso('created_at')} AS "createdAt", ${iso('updated_at')} AS "updatedAt"
        FROM opigno.retirement ORDER BY retirement_id`);
    const states = await rowsOf(`SELECT state_name AS "stateName", execution_order AS "executionOrder",
        upper(category) AS category, is_required AS "isRequired", is_dead_end AS "isDeadEnd",
        erases_data AS "erasesData" FROM opigno.list_retirement_states()`);
    const certificates = await rowsOf(`SELECT r.user_uuid::text AS "userUuid",
        c.certificate_number AS "certificateNumber", ${iso('c.issued_at')} AS "issuedAt",
        c.retired_uuid AS "retiredUuid", c.erased, c.acting_role AS "actingRole",
        encode(c.previous_hash, 'hex') AS "previousHash", encode(c.certificate_hash, 'hex') AS "certificateHash"
        FROM opigno.retirement AS r, opigno.retirement_certificate(r.user_uuid) AS c ORDER BY c.certificate_number`);
    const isOf = (name) => ({ userUuid, retiredUuid }) => userUuid === canonical(name) || retiredUuid === name;
    return {
        retirement: ({ userUuid }) => retirements.findLast(isOf(userUuid ?? 'u001')) ?? null,
        retirements: (given) => retirementPageOf(retirements, given),
        retirementStates: states,
        retirementCertificates: ({ userUuid }) => certificates.filter(isOf(userUuid)),
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
    const isOfApp = ({ appId }) => (profile) => appId === undefined || appId === null || profile.appId === appId;
    const trainingProfiles = (await rowsOf(`SELECT training_id::text AS "trainingId", app_id AS "appId",
        profile_data AS "profileData", version, ${iso('created_at')} AS "createdAt", ${iso('updated_at')} AS "updatedAt"
        FROM opigno.training_profile ORDER BY training_id, app_id`))
        .map((row) => ({ ...row, training: () => byTraining.get(row.trainingId) }));
    const profilesOf = (trainingId, given) => trainingProfiles.filter((profile) => profile.trainingId === trainingId &&
        isOfApp(given)(profile));
    const trainings = (await rowsOf(`SELECT training_id::text AS "trainingId", title::text, is_active AS "isActive",
        version, ${iso('created_at')} AS "createdAt", ${iso('updated_at')} AS "updatedAt"
        FROM opigno.training ORDER BY training_id`))
        .map((row) => ({ ...row, profiles: (given) => profilesOf(row.trainingId, given) }));
    const byTraining = new Map(trainings.map((training) => [training.trainingId, training]));
    const progress = (await rowsOf(`SELECT user_uuid::text AS "userUuid", training_id::text AS "trainingId",
        is_enrolled AS "isEnrolled", upper(status) AS status, progress::float8, score::float8, details,
        ${iso('reported_at')} AS "reportedAt", version, ${iso('created_at')} AS "createdAt",
        ${iso('updated_at')} AS "updatedAt" FROM opigno.training_progress ORDER BY training_id`))
        .map((row) => ({ ...row, training: byTraining.get(row.trainingId) }));
    const ranks = new Map((await rowsOf(`SELECT c.uuid::text, r.rank,
        coalesce(r.average_score, 0)::float8 AS "averageScore", r.passed_trainings_number AS "passedTrainingsNumber",
        r.completed_trainings_number AS "completedTrainingsNumber"
        FROM opigno.user_context AS c, opigno.passed_trainings_ranking(c.uuid) AS r WHERE r.rank IS NOT NULL`))
        .map(({ uuid, ...rank }) => [uuid, rank]));
    const bundles = new Map((await rowsOf(`SELECT c.uuid::text, opigno.get_user_bundle(c.uuid) AS bundle
        FROM opigno.user_context AS c`)).map(({ uuid, bundle }) => [uuid, bundle]));
    const bundleOf = (uuid, appIds, include) => {
        const names = include?.map((name) => name.toLowerCase());
        const members = Object.entries(bundles.get(uuid)).filter(([name]) => !names || names.includes(name));
        return Object.fromEntries(members.map(([name, value]) => [name, name === 'profiles' && appIds
            ? value.filter((profile) => appIds.includes(profile.app_id)) : value]));
    };
    const found = (prefix, appId, size) => {
        if (size < 0 || size > maxPage)
            throw new Error('size');
        return trainings.filter(({ trainingId, title, isActive }) => isActive &&
            title.toLowerCase().startsWith(prefix.toLowerCase()) &&
            (appId === undefined || appId === null || profilesOf(trainingId, { appId }).length > 0)).slice(0, size);
    };
    const contexts = (await rowsOf(`SELECT uuid::text, id::text, display_name::text AS "displayName",
        is_active AS "isActive", scope::text[] FROM opigno.user_context ORDER BY uuid`)).map((row) => ({
        ...row,
        profiles: (given) => profiles.filter((profile) => profile.userUuid === row.uuid && isOfApp(given)(profile)),
        account: () => accountOf(accounts.get(row.uuid)),
        preferences: () => accounts.get(row.uuid)?.preferences ?? null,
        progress: ({ trainingId }) => progress.filter((one) => one.userUuid === row.uuid &&
            (trainingId === undefined || trainingId === null || one.trainingId === trainingId)),
        passedTrainingsRanking: () => ranks.get(row.uuid) ?? null,
        bundle: ({ appIds, include }) => bundleOf(row.uuid, appIds, include),
    }));
    const apps = await rowsOf(`SELECT app_id AS "appId", app, description, domains::text[]
        FROM opigno.app ORDER BY app_id`);
    const byUuid = new Map(contexts.map((context) => [context.uuid, context]));
    return {
        uuids: Object.fromEntries(byUuid),
        getUserContext: ({ uuid }) => byUuid.get(canonical(uuid)) ?? null,
        userContexts: (given) => pageOf(contexts, given),
        apps,
        getTraining: ({ trainingId }) => byTraining.get(canonical(trainingId)) ?? null,
        findTrainings: ({ prefix, appId, first }) => found(prefix, appId, first ?? 20),
        trainings: (given) => trainingPageOf(trainings, given),
        trainingProfiles: ({ appId, ...given }) => trainingPageOf(trainingProfiles.filter(isOfApp({ appId })), given),
        getUserPassedTrainingsRanking: ({ userContextId }) => ranks.get(canonical(userContextId ?? 'u001')) ?? null,
        ...await loadRetirements(rowsOf, iso),
    };
}
