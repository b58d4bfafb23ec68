// The page with GraphiQL and what it loads, by path: { type, body }. esbuild bundles it in memory.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = new URL('.', import.meta.url);
const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(folder),
    entryPoints: {
        page: './page.jsx',
        editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
        graphql: 'monaco-graphql/esm/graphql.worker.js',
        json: 'monaco-editor/esm/vs/language/json/json.worker.js',
    },
    bundle: true, minify: true, write: false, outdir: '/graphiql', jsx: 'automatic',
    loader: { '.ttf': 'dataurl' }, logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
});
const page = await readFile(new URL('index.html', folder));
export const assets = new Map([['/graphiql', { type: 'text/html; charset=utf-8', body: page }]]);
for (const { path, contents } of outputFiles)
    assets.set(path, { type: path.endsWith('.css') ? 'text/css' : 'text/javascript', body: contents });
