// GraphiQL as the user of the form. The page forgets the token when it is closed.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';

globalThis.MonacoEnvironment = {
    getWorker: (_, label) =>
        new Worker(`graphiql/${label === 'json' || label === 'graphql' ? label : 'editor'}.js`),
};
const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text)); // headers in UTF-8

const form = document.querySelector('form');
const root = createRoot(document.querySelector('main'));
let connections = 0;
form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { token, user } = Object.fromEntries(new FormData(form));
    const headers = { Authorization: `Bearer ${bytes(token)}` };
    if (user) headers['Opigno-Client-UUID'] = bytes(user);
    const fetcher = createGraphiQLFetcher({ url: 'graphql', headers });
    root.render(<GraphiQL key={++connections} fetcher={fetcher} showPersistHeadersSettings={false} />);
});
