// Prints the key set of an issuer, and JWTs that it has signed or not, each behind its name.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secret = 'a secret of HS256 that is shared';
const jwk = (pair, more) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...more, use: 'sig' });
const keys = [jwk(rsa, { alg: 'RS256', kid: 'rsa' }), jwk(ec, { alg: 'ES256', kid: 'ec' })];

const signed = {
    RS256: (text, key = rsa.privateKey) => sign('sha256', text, key),
    ES256: (text) => sign('sha256', text, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
    HS256: (text, key = secret) => createHmac('sha256', key).update(text).digest(),
    none: () => '',
};
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);

function jwt(alg, kid, claims, key) {
    const text = `${part({ alg, kid })}.${part(
        { iss: 'https://idp.example', sub: 'andrew', exp: now + 86400, ...claims })}`;
    return `${text}.${Buffer.from(signed[alg](Buffer.from(text), key)).toString('base64url')}`;
}

const rs256 = jwt('RS256', 'rsa');
const [head, , signature] = rs256.split('.');
const values = {
    JWKS: JSON.stringify({ keys }),
    HS256_SECRET: secret,
    JWT_RS256: rs256,
    JWT_ES256: jwt('ES256', 'ec'),
    JWT_HS256: jwt('HS256', 'shared'),
    JWT_UPPER_CASE: jwt('RS256', 'rsa', { sub: '17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE' }),
    JWT_INACTIVE: jwt('RS256', 'rsa', { sub: 'gone' }),
    JWT_NEW: jwt('RS256', 'rsa', { sub: 'not yet' }),
    JWT_CLAIMS: jwt('RS256', 'rsa', { scope: 'ADMINISTRATOR', Operator: true, roles: ['admin'] }),
    JWT_EXPIRED: jwt('RS256', 'rsa', { exp: now - 3600 }),
    JWT_EARLY: jwt('RS256', 'rsa', { nbf: now + 3600 }),
    JWT_NO_USER: jwt('RS256', 'rsa', { sub: undefined }),
    JWT_OTHER_ISSUER: jwt('RS256', 'rsa', { iss: 'https://other.example' }),
    JWT_OTHER_KEY: jwt('RS256', 'rsa', {}, stranger.privateKey),
    JWT_OTHER_KID: jwt('RS256', 'ec'),
    JWT_PUBLIC_KEY: jwt('HS256', 'rsa', {}, rsa.publicKey.export({ type: 'spki', format: 'pem' })),
    JWT_NONE: jwt('none', 'rsa'),
    JWT_NONE_SIGNED: `${part({ alg: 'none', kid: 'rsa' })}.${rs256.split('.')[1]}.${signature}`,
    JWT_CHANGED: `${head}.${part({ iss: 'https://idp.example', sub: 'string', exp: now + 86400 })}.${signature}`,
    JWT_STRIPPED: rs256.slice(0, rs256.lastIndexOf('.') + 1),
};
for (const [name, value] of Object.entries(values)) console.log(name, value);
