# What docs/guide/programs.md says of SQLAlchemy and Django.
import contextlib
import io
import os
import re
import warnings

import django
from django.conf import settings
from django.core.management import call_command
from sqlalchemy import MetaData, create_engine

host, database = os.environ['PGHOST'], os.environ['PGDATABASE']
engine = create_engine(f'postgresql+psycopg2://site_admin@/{database}?host={host}')


def with_sqlalchemy(schema):
    metadata = MetaData()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        metadata.reflect(engine, schema=schema, views=schema == 'api')
    for warning in caught:
        print(f'SQLAlchemy, {schema}: {warning.message}')
    profile, context = (metadata.tables[f'{schema}.{name}'] for name in ('profile', 'user_context'))
    print(f'SQLAlchemy, {schema}: user_uuid {profile.c.user_uuid.type},',
          f'scope {context.c.scope.type.__class__.__name__},',
          f'key ({", ".join(column.name for column in profile.primary_key)})')


def with_django(schema):
    models = io.StringIO()
    with contextlib.redirect_stdout(models):
        call_command('inspectdb', include_views=True, database=schema)
    context = models.getvalue().split('class UserContext')[1]
    scope = re.search(r'scope = models\.(\w+)', context).group(1)
    key = re.search(r'(\w+) = \S+\(primary_key=True', context)
    print(f'Django, {schema}: scope {scope}, key ({key.group(1) if key else ""})')


settings.configure(DATABASES={schema: {
    'ENGINE': 'django.db.backends.postgresql', 'NAME': database, 'USER': 'site_admin',
    'HOST': host, 'OPTIONS': {'options': f'-c search_path={schema}'}}
    for schema in ('default', 'opigno', 'api')})
django.setup()
for each in ('opigno', 'api'):
    with_sqlalchemy(each)
    with_django(each)
