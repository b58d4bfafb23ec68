#!/usr/bin/env bash
# README.md and docs/guide: the SQL of each page runs in a fresh database and prints what the page
# shows. test/guide/play says which blocks of a page these are.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$@"; }
roles() { sql -c 'SELECT rolname FROM pg_roles ORDER BY rolname COLLATE "C"' postgres; }

# Plays a page in a database of its own; the roles that it creates are dropped.
play() { # PAGE
    local status role before
    before=$(roles)
    "$bindir/createdb" guide && sql -c 'CREATE EXTENSION opigno_profiles' guide || return 1
    test/guide/play "$1" guide
    status=$?
    "$bindir/dropdb" guide || return 1
    for role in $(LC_ALL=C comm -13 <(printf '%s' "$before") <(roles)); do
        sql -c "DROP ROLE \"$role\"" postgres || return 1
    done
    return $status
}

for page in README.md docs/guide/*.md; do ok "$page does what it shows" play "$page"; done
ok 'README.md has at most 150 lines' [ "$(wc -l <README.md)" -le 150 ]

# What docs/guide/clients.md tells scanners, on real credentials.
fenced() { sed -n "/^\`\`\`[a-z]* $1\$/,/^\`\`\`\$/p" docs/guide/clients.md | sed '1d;$d'; } # NAME
credentials() {
    "$bindir/createdb" guide && sql guide <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_app('App', app_id => 1) \g /dev/null
SELECT client_key, client_secret FROM opigno.register_client(1, 'Client') \gset
\echo :client_secret
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials') ->> 'access_token'
FROM generate_series(1, 100);
SQL
    "$bindir/dropdb" guide
}
count_credentials() {
    (cd "$planted" && python3 -Bc 'import sys; from is_credential import is_credential
print(sum(is_credential(line.strip()) for line in sys.stdin))')
}
rule=$(fenced gitleaks.toml | sed -n "s/^regex = '''\(.*\)'''\$/\1/p")
fenced is_credential.py >"$planted/is_credential.py"
made=$(credentials)
is 'there are a secret and 100 tokens' "$(grep -c ^opigno_ <<<"$made")" 101
# shellcheck disable=SC2001
is 'the rule for scanners finds each of them' "$(sed 's/.*/key: "&",/' <<<"$made" | grep -oP "$rule")" "$made"
is 'their checksums are right' "$(count_credentials <<<"$made")" 101
# shellcheck disable=SC2001
is 'with a wrong character they are not' "$(sed 's/^\(opigno_[a-z]*_\)./\1-/' <<<"$made" | count_credentials)" 0

# Links to files of this tree that are not there.
broken_links() {
    local page target
    git ls-files -co --exclude-standard '*.md' | while read -r page; do
        [ -e "$page" ] || continue
        # shellcheck disable=SC2016 # the backquotes are Markdown's
        sed '/^```/,/^```$/d' "$page" | grep -oE '\]\([^):]+\)' | sed 's/^](//; s/[#)].*//' |
            while read -r target; do
                [ -z "$target" ] || [ -e "$(dirname "$page")/$target" ] ||
                    printf '%s: %s\n' "$page" "$target"
            done
    done
}
is 'no link leads nowhere' "$(broken_links)" ''

# "METHOD PATH" for each operation, from docs/openapi.yaml and from the first table of the guide page.
paths_of_document() {
    awk '/^  \// { path = $1; sub(/:$/, "", path); gsub(/\{/, ":", path); gsub(/\}/, "", path) }
        /^    (get|put|post|patch|delete):$/ { sub(/:$/, "", $1); print toupper($1), path }' docs/openapi.yaml |
        sort -u
}
paths_of_guide() { # PAGE
    # shellcheck disable=SC2016 # the backquotes are Markdown's
    sed -n '/^## Paths$/,/^## /s/^| `\([^|]*\)` |.*/\1/p' "$1" |
        awk '{ path = $NF; sub(/\?.*/, "", path)
            for (i = 1; i < NF; i++) { gsub(/[`,]/, "", $i); print $i, path } }' | sort -u
}
is 'docs/guide/http.md lists the paths of docs/openapi.yaml' \
    "$(paths_of_guide docs/guide/http.md)" "$(paths_of_document)"
ok 'these are more than 20' [ "$(paths_of_document | wc -l)" -gt 20 ]

# A page that shows something else must not pass.
write_page() { cat >"$planted/$1.md"; } # NAME
says() { # NAME EXPECTED
    local said
    said=$(play "$planted/$1.md" 2>&1) && { printf 'it passes\n'; return 1; }
    grep -F "$2" <<<"$said" >/dev/null || { printf '%s\n' "$said"; return 1; }
}

write_page right <<'MD'
```sql
SELECT 1 AS one;
```
```text
 one
-----
   1
```
```sql fails
SELECT 1/0;
```
```text
ERROR:  division by zero
```
```csv numbers.csv
7
```
```sql
CREATE TABLE t (n integer);
\copy t FROM 'numbers.csv'
SELECT json_build_object('n', n) FROM t;
```
```json
{
  "n": 7
}
```
MD
ok 'a page that is right passes' play "$planted/right.md"
sed 's/^   1$/   2/' "$planted/right.md" | write_page changed_table
ok 'another table does not' says changed_table 'psql does not print what the page shows'
sed 's/"n": 7/"n": 8/' "$planted/right.md" | write_page changed_json
ok 'another JSON value does not' says changed_json 'psql does not print what the page shows'
sed 's/division by zero/division by one/' "$planted/right.md" | write_page changed_error
ok 'another message does not' says changed_error 'psql does not print what the page shows'
sed 's/SELECT 1 AS one/SELECT 1 AS one, 1\/0/' "$planted/right.md" | write_page error
ok 'an error does not' says error 'the block fails'
sed 's|^SELECT 1/0|SELECT 1/1|' "$planted/right.md" | write_page success
ok 'a block that has to fail and does not' says success 'the block has to fail and does not'
sed 's/^SELECT json_build/\\quit\n&/' "$planted/right.md" | write_page quits
ok 'a session that ends early does not' says quits 'the block fails'
# shellcheck disable=SC2016
sed '/^```text/,/^```$/d; /^```json/,/^```$/d' "$planted/right.md" | write_page silent
ok 'a page that shows no result does not' says silent 'shows no result'
sed '$d' "$planted/right.md" | write_page unclosed
ok 'a block that is not closed does not' says unclosed 'not closed'
ok 'a page without a server does not' bash -c "! test/guide/play '$planted/right.md' nowhere"

finish_tap
