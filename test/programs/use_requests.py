# What docs/guide/requests.md says of its program for psycopg 3.
import logging
import os

import psycopg
from requests_psycopg import pool, request, set_theme

AUTHORIZATION = os.environ['AUTHORIZATION']
PATCH = "SELECT FROM opigno.patch_my_profile(1, '{\"lost\": 1}')"
BACKEND = 'SELECT pg_backend_pid(), opigno.request_user()'


def headers(authorization):
    return {'Authorization': authorization, 'Opigno-Client-UUID': 'john'}


def tell(call, *arguments):
    try:
        print(call(*arguments))
    except psycopg.Error as error:
        print(error.sqlstate, error.diag.message_primary)


def query(text):
    with pool.connection() as connection:
        return connection.execute(text).fetchall()


def without_begin(*statements):
    with pool.connection() as connection:
        with connection.pipeline():
            connection.execute('SELECT opigno.begin_request(%s, %s)', [AUTHORIZATION, 'john'])
            cursors = [connection.execute(text) for text in statements]
        return [cursor.fetchone() for cursor in cursors]


logging.getLogger('psycopg').setLevel(logging.ERROR)  # warns if an error arrives early
pool.resize(1, 1)
john = headers(AUTHORIZATION)
tell(set_theme, john, 'dark')
tell(query, 'SELECT FROM opigno.my_profiles()')
tell(set_theme, headers('Bearer nobody'), 'light')
tell(set_theme, headers(os.environ['EXPIRED_AUTHORIZATION']), 'light')
tell(set_theme, {}, 'light')
tell(request, john, [(PATCH, []), ('SELECT 1 / 0', [])])
[[(pid, user)]] = request(john, [(BACKEND, [])])
[(pid_after, user_after)] = query(BACKEND)
print('true' if pid == pid_after else 'false', user, user_after or 'null')
query("SELECT 'count'")
tell(set_theme, john, 'dim')
query("SELECT 'failure'")
tell(set_theme, headers('Bearer nobody'), 'light')
query("SELECT 'transaction'")
with pool.connection() as one, one.pipeline(), one.transaction():
    one.execute('SELECT 1')
query("SELECT 'fetch inside'")
with pool.connection() as one, one.pipeline():
    one.execute('SELECT 1').fetchall()
query("SELECT 'without BEGIN'")
tell(without_begin, 'SELECT 1', 'SELECT opigno.request_user()')
tell(without_begin, PATCH, 'SELECT 1 / 0')
tell(query, 'SELECT opigno.request_user()')
pool.close()
