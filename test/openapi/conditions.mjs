// The conditions of requests (RFC 9110, section 13), evaluated once more.
const names = ['If-Match', 'If-None-Match'];
const list = /^(?:[\t ,]*(?:W\/)?"[^"]*"[\t ]*(?:,|$))*[\t ,]*$/;

export function hasCondition({ headers }) {
    return names.some((name) => typeof headers[name] === 'string');
}

// Replaces E in the conditions with the ETag; undefined is none.
export function withTags(headers, tag) {
    const copy = { ...headers };
    for (const name of names)
        if (typeof copy[name] === 'string')
            copy[name] = copy[name].replace('E', tag ?? '"0"');
    return copy;
}

// Whether a condition has the ETag. A write of an account compares only the version in it.
function hasTag(value, tag, isAccount, withWeak) {
    if (tag === undefined || value.trim() === '*')
        return tag !== undefined;
    const part = (text) => isAccount ? text.replace(/-.*/, '') : text;
    return [...value.matchAll(/(W\/)?("[^"]*")/g)].some(([, weak, given]) =>
        (withWeak || !weak) && part(given) === part(tag));
}

// Says what is wrong with the status of a write: its conditions must decide. tag: the ETag that the
// resource had before; undefined is none.
export function conditionErrors({ method, target, headers, body }, tag, status) {
    const [match, noneMatch] = names.map((name) => headers[name]);
    const given = [match, noneMatch].filter((value) => value !== undefined);
    const isWrite = ['PUT', 'PATCH', 'DELETE'].includes(method);
    const isReadable = given.every((value) => typeof value === 'string' && (value.trim() === '*' || list.test(value)));
    // The version in the patch of an account is a condition, too.
    if (!isWrite || !isReadable || body?.includes('"version"'))
        return [];
    const isAccount = target.includes('/accounts/');
    const holds = (match === undefined || hasTag(match, tag, isAccount, false)) &&
        (noneMatch === undefined || !hasTag(noneMatch, tag, isAccount, true));
    if (status < 300 && !holds)
        return [`a condition is false (the ETag was ${tag})`];
    return status === 412 && holds ? [`the conditions are true (the ETag was ${tag})`] : [];
}
