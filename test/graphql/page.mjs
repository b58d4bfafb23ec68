// Uses the page with GraphiQL in Chromium: types the documents of the seeds, compares the answers that
// it shows, and completes the name of a field. Arguments: the URL of /graphql, an access token.
import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';
import { documents } from './seeds_documents.mjs';

const [url, token] = process.argv.slice(2);
const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'], // root has no sandbox
});
process.on('exit', () => browser.process().kill('SIGKILL'));
const page = await browser.newPage();
await page.setViewport({ width: 1600, height: 900 });
page.setDefaultTimeout(60000);
const [editor, response] = ['.graphiql-query-editor', '.graphiql-response'];
const faults = [];
page.on('pageerror', ({ message }) => faults.push(message));
page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));

async function until(read, matches) {
    let value = await read();
    for (let attempt = 0; !matches(value); attempt++) {
        assert.ok(attempt < 600, `the page shows: ${value}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        value = await read();
    }
}

async function connect(user) {
    await page.goto(new URL('/graphiql', url).href);
    await page.evaluate(() => localStorage.clear()); // the former document
    await page.locator('form [name=token]').fill(token);
    await page.locator('form [name=user]').fill(user);
    await page.locator('form button').click();
}

async function control(key) {
    await page.keyboard.down('Control');
    await page.keyboard.press(key);
    await page.keyboard.up('Control');
}

// The editor indents lines and adds closing brackets, which are deleted here. A line break that is not
// the key Enter never accepts a completion.
async function type(text) {
    await page.locator(`${editor} .monaco-editor`).click();
    await control('a');
    await page.keyboard.press('Delete');
    for (const [at, line] of text.split('\n').entries()) {
        if (at > 0)
            await page.keyboard.sendCharacter('\n');
        await page.keyboard.type(line.trim());
        if (/[({]$/.test(line))
            await page.keyboard.press('Delete');
    }
}

const trimmed = (text) => text.replaceAll(/^ +/gm, '');
const shown = (selector) => page.$$eval(`${selector} .view-line`, (lines) => lines
    .sort((a, b) => parseInt(a.style.top) - parseInt(b.style.top))
    .map(({ innerText }) => innerText.replaceAll('\u00a0', ' ')).join('\n'));

for (const { uuid, query, answer } of documents) {
    await connect(uuid);
    await type(query);
    await until(() => shown(editor), (text) => trimmed(text) === trimmed(query));
    await control('Enter');
    await until(() => shown(response), (text) =>
        text.replace(/"id": "\d+"/, '"id": "..."') === JSON.stringify(JSON.parse(answer), null, 2));
}

await connect('é'); // a new user
await type('mutation { setUserContext(uuid: "é", displayName: "Zoé", isActive: true) { response { uuid } } }');
await control('Enter');
await until(() => shown(response), (text) => text.includes('"uuid": "é"'));

await type('{ getU');
const completion = '.suggest-widget .monaco-list-row';
await until(() => page.$$eval(completion, ([row]) => row?.innerText), (text) => /^getUserContext/.test(text));
await page.keyboard.press('Enter');
await until(() => shown(editor), (text) => text.startsWith('{ getUserContext'));
assert.deepEqual(faults, []);
await browser.close();
