"""A WSGI application: python3 passthrough.py, or gunicorn passthrough. README.md has the rest."""
import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool, PoolTimeout

LIMIT = 64 * 2 ** 20  # bytes of a body
pool = ConnectionPool(max_size=8, timeout=5, kwargs={
    'autocommit': True, 'prepare_threshold': None, 'client_encoding': 'UTF8'})


class Refusal(Exception):
    """The request is not passed on. The argument is the status."""


def utf8(text):
    return text.encode('latin1').decode('utf-8', 'replace')


def read_body(environ):
    length = environ.get('CONTENT_LENGTH') or '0'
    if 'HTTP_TRANSFER_ENCODING' in environ:
        raise Refusal(411)
    if not length.isdecimal():
        raise Refusal(400)
    if int(length) > LIMIT:
        raise Refusal(413)
    body = environ['wsgi.input'].read(int(length))
    if len(body) < int(length):
        raise Refusal(400)
    return body


def ask(environ):
    headers = {name.removeprefix('HTTP_').replace('_', '-'): utf8(value)
               for name, value in environ.items()
               if name.startswith('HTTP_') or name == 'CONTENT_TYPE'}
    target = environ.get('RAW_URI') or environ['REQUEST_URI']
    request = [environ['REQUEST_METHOD'], utf8(target), Jsonb(headers), read_body(environ)]
    with pool.connection() as connection:
        return connection.execute(
            'SELECT * FROM opigno.http_request(%s, %s, %s, %s)', request).fetchone()


def application(environ, start_response):
    try:
        status, headers, body = ask(environ)
    except (psycopg.Error, PoolTimeout, Refusal) as error:
        print(getattr(error, 'sqlstate', None) or error, file=environ['wsgi.errors'])
        is_no_text = isinstance(error, psycopg.DataError)
        status = error.args[0] if isinstance(error, Refusal) else 400 if is_no_text else 503
        headers, body = {}, 'no answer\n'
    content = (body or '').encode()
    if body is not None:
        headers['Content-Length'] = str(len(content))
    start_response(f'{status} ', list(headers.items()))
    return iter([content])


class Handler(WSGIRequestHandler):
    """Adds the request target as it was sent, and all lines of repeated headers."""

    def get_environ(self):
        for name in [name for name in self.headers if '_' in name]:
            del self.headers[name]  # WSGI would take A_B for A-B
        return super().get_environ() | {
            'REQUEST_URI': self.requestline.split()[1],
            'CONTENT_TYPE': ', '.join(self.headers.get_all('Content-Type', [])),
            'CONTENT_LENGTH': ', '.join(self.headers.get_all('Content-Length', []))}

    def log_request(self, *_):
        """Targets do not belong in the log."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == '__main__':
    port = int(os.environ.get('PORT', 8080))
    make_server('127.0.0.1', port, application, Server, Handler).serve_forever()
