"""A WSGI application: python3 passthrough.py, or gunicorn passthrough. README.md has the rest."""
import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool, PoolTimeout

pool = ConnectionPool(max_size=8, timeout=5, kwargs={
    'autocommit': True, 'prepare_threshold': None, 'client_encoding': 'UTF8'})


def utf8(text):
    return text.encode('latin1').decode('utf-8', 'replace')


def application(environ, start_response):
    headers = {name.removeprefix('HTTP_').replace('_', '-'): utf8(value)
               for name, value in environ.items()
               if name.startswith('HTTP_') or name == 'CONTENT_TYPE'}
    target = environ.get('RAW_URI') or environ['REQUEST_URI']
    body = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    try:
        with pool.connection() as connection:
            status, fields, answer = connection.execute(
                'SELECT * FROM opigno.http_request(%s, %s, %s, %s)',
                [environ['REQUEST_METHOD'], utf8(target), Jsonb(headers), body]).fetchone()
    except (psycopg.Error, PoolTimeout) as error:
        print(getattr(error, 'sqlstate', None) or error, file=environ['wsgi.errors'])
        status = 400 if isinstance(error, psycopg.DataError) else 503
        fields, answer = {}, 'no answer\n'
    content = (answer or '').encode()
    if answer is not None:
        fields['Content-Length'] = str(len(content))
    start_response(f'{status} ', list(fields.items()))
    return iter([content])


class Handler(WSGIRequestHandler):
    """Adds the request target as it was sent."""

    def get_environ(self):
        for name in [name for name in self.headers if '_' in name]:
            del self.headers[name]  # WSGI would take A_B for A-B
        return super().get_environ() | {'REQUEST_URI': self.requestline.split()[1]}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == '__main__':
    port = int(os.environ.get('PORT', 8080))
    make_server('127.0.0.1', port, application, Server, Handler).serve_forever()
