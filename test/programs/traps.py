# What docs/guide/programs.md says of psycopg2 and of psycopg 3.
import uuid

import psycopg
import psycopg2
from psycopg.types.json import Json

STORE = "SELECT outcome FROM opigno.upsert_profile('ada', 0, %s)"
STORED = "SELECT profile_data FROM opigno.get_profile('ada', 0)"
STALE = "SELECT opigno.patch_profile('ada', 0, '{}', 9)"
LOAD = "CALL opigno.load_profiles_in_batches('staged')"


def tell(what, ask, query, arguments=None):
    try:
        print(f'{what}: {ask(query, arguments)}')
    except psycopg.Error as error:
        print(f'{what}: {type(error).__name__} {error.sqlstate}')
    except psycopg2.Error as error:
        print(f'{what}: {type(error).__name__} {error.pgcode}')


old = psycopg2.connect(user='site_admin')
old.autocommit = True
cursor = old.cursor()


def ask2(query, arguments):
    cursor.execute(query, arguments)
    return cursor.fetchone()[0]


ask2("SELECT 1 FROM opigno.set_user_context('ada', 'Ada', true)", None)
tell('psycopg2, list', ask2, STORE, [[]])
tell('psycopg2, []', ask2, STORED)
tell('psycopg2, UUID', ask2, 'SELECT opigno.get_profile(%s, 0)', [uuid.uuid4()])
tell('psycopg2, version', ask2, STALE)
old.autocommit = False
tell('psycopg2, CALL in a transaction', ask2, LOAD)
old.rollback()

with psycopg.connect(user='site_admin', autocommit=True) as new:
    def ask3(query, arguments):
        return new.execute(query, arguments).fetchone()[0]

    tell('psycopg 3, Json', ask3, STORE, [Json([])])
    tell('psycopg 3, UUID', ask3, 'SELECT opigno.get_profile(%s, 0)', [uuid.uuid4()])
    tell('psycopg 3, version', ask3, STALE)
    new.autocommit = False
    tell('psycopg 3, CALL in a transaction', ask3, LOAD)
    new.rollback()
