// node jwt.js ALGORITHM ISSUER USER FILE: writes the public key of a new pair as PEM, and prints a JWT for a day.
'use strict';
const crypto = require('crypto');
const fs = require('fs');

const [algorithm, issuer, user, file] = process.argv.slice(2);
const kinds = {
    RS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: () => crypto.generateKeyPairSync('ed25519'),
};
const { publicKey, privateKey } = kinds[algorithm]();
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const signed = encode({ alg: algorithm, typ: 'JWT', kid: '1' }) + '.' +
    encode({ iss: issuer, sub: user, iat: now, exp: now + 86400 });
const hash = algorithm === 'EdDSA' ? null : 'sha256';
const signature = crypto.sign(hash, Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
fs.writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
console.log(signed + '.' + signature.toString('base64url'));
