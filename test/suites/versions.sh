# Sourced by suites: other versions of the extension than this one, made of its sources by its own
# Makefile, and the scripts by which the server finds them. Such suites end with remove_versions.
# shellcheck shell=bash

: "${top:?}" "${run:?}" "${PG_CONFIG:?}" "${bindir:?}"

# Where the server looks for extensions: staged, or its own folders.
extensions=$run/stage$("$PG_CONFIG" --sharedir)/extension
[ -d "$extensions" ] || extensions=$("$PG_CONFIG" --sharedir)/extension
this_version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$top/opigno_profiles.control")
# In a file, since ok runs what it is given in a subshell.
added=$run/added_scripts
touch "$added"
remove_versions() { xargs rm -f <"$added"; }

add_script() { # FILE
    install -m 0644 "$1" "$extensions/" && echo "$extensions/$(basename "$1")" >>"$added"
}

# Makes these files in a tree and gives them to the server.
add_scripts() { # TREE FILE...
    local file
    make -s -C "$1" PG_CONFIG="$PG_CONFIG" "${@:2}" || return 1
    for file in "${@:2}"; do add_script "$1/$file" || return 1; done
}

# A copy of what the scripts are made of, as this version has it.
make_tree() { # TREE VERSION
    local file
    mkdir -p "$1" || return 1
    cp "$top/Makefile" "$top/opigno_profiles.control" "$1/" || return 1
    while read -r file; do
        install -D -m 0644 "$top/$file" "$1/$file" || return 1
    done < <(cd "$top" && find src -name '*.sql')
    [ "$2" = "$this_version" ] || change "$1/opigno_profiles.control" "s/^default_version = '\K[^']*/$2/m"
}

# Changes a file, which must have what is to be changed.
change() { # FILE PERL-EXPRESSION...
    local file=$1 before expression
    shift
    for expression; do
        before=$(cksum <"$file")
        perl -0777 -pi -e "$expression" "$file" || return 1
        if [ "$before" = "$(cksum <"$file")" ]; then
            echo "$file lacks what is to be changed: $expression"
            return 1
        fi
    done
}

# The statements of the file that has the table which match.
statements_of() { # TABLE PATTERN
    perl -0777 -ne 'for (/^[A-Z].*?;$/gms) { print "$_\n" if /'"$2"'/ }' "$(defining "$top/src" "TABLE opigno.$1 ")"
}
defining() { grep -rl --include='*.sql' "^CREATE $2" "$1"; } # FOLDER KIND-AND-NAME

# ---- versions that never were -------------------------------------------------------------------

# 0.0.2 differs from this version: a table lacks its last column with its index and its part in a policy;
# one function has other properties, one is missing, and one is there that this version does not have;
# whoever installs owns the objects; and what ALTER DEFAULT PRIVILEGES gives is not taken away.
# 0.0.1 is 0.0.2 without accounts.
# shellcheck disable=SC2034 # read by upgrade.t
older_than_this=(0.0.1 0.0.2)

# shellcheck disable=SC2016 # the dollars are Perl's
make_older_tree() { # TREE VERSION
    make_tree "$1" "$2" || return 1
    change "$(defining "$1/src" 'TABLE opigno.bulk_error ')" \
        's/,\n    expires_at timestamptz NOT NULL\n/\n/' \
        's/^CREATE INDEX bulk_error_expires_at_idx .*?;\n//ms' \
        's/^COMMENT ON COLUMN opigno.bulk_error.expires_at .*?;\n//ms' \
        's/ AND expires_at > now\(\)//' || return 1
    change "$(defining "$1/src" 'OR REPLACE FUNCTION opigno.scopes(')" \
        's/(FUNCTION opigno.scopes\(.*?)STABLE/$1VOLATILE/s' \
        's/(COMMENT ON FUNCTION opigno.scopes\(\) IS).*?;$/$1 '\''as it was'\'';/ms' \
        's/\z/CREATE OR REPLACE FUNCTION opigno.scopes_of_before() RETURNS void LANGUAGE sql AS '\'\'';\n/' ||
        return 1
    change "$(defining "$1/src" 'OR REPLACE AGGREGATE opigno.jsonb_merge_patch_agg(')" \
        's/^(CREATE OR REPLACE|COMMENT ON) AGGREGATE .*?;$//gms' || return 1
    change "$1/src/privileges.sql" 's/a.grantee <> a.grantor/a.grantee = 0/' || return 1
    change "$1/Makefile" 's/ src\/owner.sql / /' || return 1
    [ "$2" != 0.0.1 ] || change "$1/Makefile" 's/\n\tsrc\/account\/visibility.sql .*?\n/\n/'
}

# The steps on the way to this version, as they would stand in src/upgrade.
add_step_to_0_0_2() { # TREE
    cat "$top/src/account/visibility.sql" "$top/src/account/tables.sql" \
        >"$1/src/upgrade/opigno_profiles--0.0.1--0.0.2.sql"
}
add_step_to_this() { # TREE
    {
        cat <<'SQL'
ALTER TABLE opigno.bulk_error ADD COLUMN expires_at timestamptz NOT NULL DEFAULT 'infinity';
ALTER TABLE opigno.bulk_error ALTER COLUMN expires_at DROP DEFAULT;
DROP FUNCTION opigno.scopes_of_before();
SQL
        statements_of bulk_error '^CREATE INDEX bulk_error_expires_at_idx'
        statements_of bulk_error '^COMMENT ON COLUMN opigno.bulk_error.expires_at'
        statements_of bulk_error '^CREATE POLICY bulk_error_of_role' |
            sed 's/^CREATE\(.*\)FOR SELECT/ALTER\1/'
    } >"$1/src/upgrade/opigno_profiles--0.0.2--$this_version.sql"
}

# Gives the server both, and the upgrades between them and to this version.
add_older_versions() {
    local tree=$run/versions
    make_older_tree "$tree/0.0.1" 0.0.1 || return 1
    add_scripts "$tree/0.0.1" opigno_profiles--0.0.1.sql || return 1
    make_older_tree "$tree/0.0.2" 0.0.2 || return 1
    add_step_to_0_0_2 "$tree/0.0.2"
    add_scripts "$tree/0.0.2" opigno_profiles--0.0.2.sql opigno_profiles--0.0.1--0.0.2.sql || return 1
    make_tree "$tree/this" "$this_version" || return 1
    add_step_to_0_0_2 "$tree/this"
    add_step_to_this "$tree/this"
    add_scripts "$tree/this" "opigno_profiles--0.0.1--$this_version.sql" \
        "opigno_profiles--0.0.2--$this_version.sql"
}
