#!/usr/bin/env bash
# JWTs: what the server log says of refused ones, what dumps have of their keys, a build without libcrypto, and the
# fuzzer of the reader. sql/jwt.sql and test/unit have the tokens themselves.
#   FUZZ_SECONDS=600 scripts/test jwt        fuzzes for a longer while
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/copied_server.sh
. "$(dirname "$0")/copied_server.sh"
cd "$top" || exit 1

sql() { # DATABASE PSQL-ARGUMENT...
    "$bindir/psql" -XqAt -v VERBOSITY=verbose -d "$1" "${@:2}" 2>&1
}
with_libcrypto=$(make -s -f - PG_CONFIG="$PG_CONFIG" print <<<$'include Makefile\nprint: ; @echo $(WITH_LIBCRYPTO)')
if [ "$with_libcrypto" != yes ]; then
    ok 'libcrypto of OpenSSL 3 is here' false
    finish_tap
    exit
fi

# ---- the server log ------------------------------------------------------------------------------

"$bindir/createdb" jwt
sql jwt >/dev/null <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_token_issuer('issuer');
SELECT opigno.register_token_key('issuer',
    '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"public"}');
SELECT opigno.register_token_key('issuer', repeat('planted secret: ', 2), 'secret', 'HS256');
SQL
part() { printf '%s' "$1" | base64 -w 0 | tr '+/' '-_' | tr -d '='; }
reason() { # TOKEN: that the server log has for it
    local before
    before=$(wc -c <"$run/server.log")
    sql jwt -c "SELECT opigno.begin_request('Bearer $1')" >/dev/null
    tail -c "+$((before + 1))" "$run/server.log" | sed -n 's/.*DETAIL:  //p'
}
header=$(part '{"alg":"EdDSA"}') claims=$(part '{"iss":"issuer","planted":"claim"}')
is 'two parts' "$(reason "$header.$claims")" 'The JWT is refused: the token does not have three parts.'
is 'alg: none' "$(reason "$(part '{"alg":"none"}').$claims.AA")" \
    'The JWT is refused: "alg" is not an algorithm that can be registered.'
is 'crit' "$(reason "$(part '{"alg":"EdDSA","crit":["planted"]}').$claims.AA")" \
    'The JWT is refused: the header has "crit".'
is 'a member twice' "$(reason "$header.$(part '{"iss":"issuer","iss":"planted"}').AA")" \
    'The JWT is refused: a member is given more than once.'
is 'an unknown issuer' "$(reason "$header.$(part '{"iss":"planted"}').AA")" \
    'The JWT is refused: the issuer is not registered.'
is 'an unknown kid' "$(reason "$(part '{"alg":"EdDSA","kid":"planted"}').$claims.AA")" \
    'The JWT is refused: the issuer has no key with this "alg" and "kid".'
is 'a wrong signature' "$(reason "$header.$claims.AA")" \
    'The JWT is refused: no registered key has made the signature.'
before=$(wc -c <"$run/server.log")
sql jwt >/dev/null <<'SQL'
SELECT opigno.register_token_key('issuer', '{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"planted private key"}');
SELECT opigno.register_token_keys('issuer', '{"keys":[{"kty":"oct","k":"AAAA","d":"planted private key"}]}');
SELECT opigno.register_token_key('issuer', 'planted, too short', algorithm => 'HS256');
SELECT opigno.register_token_key('unknown', repeat('planted secret: ', 2), algorithm => 'HS256');
SQL
echo "SELECT opigno.register_token_key('issuer', :secret, algorithm => 'HS256');" >"$run/parameter.sql"
PGOPTIONS='-c log_parameter_max_length_on_error=-1' "$bindir/pgbench" -n -t 1 -M extended \
    -D secret='planted, too short' -f "$run/parameter.sql" jwt >/dev/null 2>&1
is 'keys that are refused are in the log' "$(tail -c "+$((before + 1))" "$run/server.log" | grep -c 'ERROR: ')" 5
is 'the log has nothing of tokens, keys and secrets' "$(grep -e planted -e "$claims" "$run/server.log")" ''

# ---- dump and restore ----------------------------------------------------------------------------

"$bindir/pg_dump" -f "$run/jwt.sql" jwt
secret=$(printf 'planted secret' | od -An -tx1 | tr -d ' \n')
is 'the secret would be found' "$(sql jwt -c 'SELECT secret FROM opigno.token_secret' | grep -c "$secret")" 1
is 'a dump has no secret' "$(grep -c "$secret" "$run/jwt.sql")" 0
"$bindir/createdb" jwt_restored
ok 'the dump is restored' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null -f "$run/jwt.sql" jwt_restored
is 'with the public key' \
    "$(sql jwt_restored -c 'SELECT key_id, algorithm FROM opigno.list_token_keys()')" 'public|EdDSA'
is 'the secret is registered again' "$(sql jwt_restored -c "SELECT key_id, algorithm
    FROM opigno.register_token_key('issuer', repeat('planted secret: ', 2), 'secret', 'HS256')")" 'secret|HS256'

# ---- a build without libcrypto -------------------------------------------------------------------

# The three objects that know of libcrypto are compiled anew.
build_without() { # LIBRARY
    local flags libraries objects=() object name
    mapfile -t flags < <(make -s -f - PG_CONFIG="$PG_CONFIG" WERROR=1 WITH_LIBCRYPTO=no print \
        <<<$'include Makefile\nprint: ; @printf "%s\\n" $(PG_CXXFLAGS) $(PG_CPPFLAGS)')
    mapfile -t libraries < <(make -s -f - PG_CONFIG="$PG_CONFIG" WITH_LIBCRYPTO=no print \
        <<<$'include Makefile\nprint: ; @printf "%s\\n" $(SHLIB_LINK)')
    for object in src/*.o src/*/*.o src/*/*/*.o; do
        name=${object##*/}
        case $object in
        src/client/jwt/jwt.o | src/client/jwt/key.o | src/client/jwt/signature.o)
            "${CXX:-g++}" "${flags[@]}" -O2 -fPIC -c -o "$run/without_$name" "${object%.o}.cpp" || return 1
            objects+=("$run/without_$name")
            ;;
        *) objects+=("$object") ;;
        esac
    done
    "${CXX:-g++}" -shared -o "$1" "${objects[@]}" "${libraries[@]}"
}
ok 'the extension builds without libcrypto' build_without "$run/without.so"
is 'and needs nothing of it' "$(nm -D --undefined-only "$run/without.so" | grep -cE ' (EVP|BN|X509|PEM|ERR)_')" 0
start_copy without
install -m 644 "$run/without.so" "$home/copy$("$PG_CONFIG" --pkglibdir)/opigno_profiles.so"
"$bindir/createdb" without
sql without -c 'CREATE EXTENSION opigno_profiles'
is 'issuers can be registered' "$(sql without -c "SELECT issuer FROM opigno.register_token_issuer('issuer')")" issuer
for call in "opigno.register_token_key('issuer', repeat('s', 32), algorithm => 'HS256')" \
    "opigno.register_token_keys('issuer', '{\"keys\":[]}')"; do
    is "0A000 from ${call%%(*}" "$(sql without -c "SELECT $call" | sed -n '1p;/^HINT/p' | sed 's/^psql:[^ ]* //')" \
        $'ERROR:  0A000: JWTs are not supported by this build
HINT:  Build the extension where the headers of OpenSSL 3 are installed.'
done
is '28000 for a JWT' "$(sql without -c "SELECT opigno.begin_request('Bearer $header.$claims.AA')" | sed -n 1p)" \
    'ERROR:  28000: authorization failed'
is 'and the reason in the log' "$(sed -n 's/.*DETAIL:  //p' "$home/server.log" | tail -n 1)" \
    'This build of opigno_profiles has no libcrypto, and verifies no JWT.'

# ---- the fuzzer ----------------------------------------------------------------------------------

make_fuzzer() {
    cmake -S . -B build/fuzz -DPG_CONFIG="$PG_CONFIG" -DCMAKE_CXX_COMPILER=clang++ &&
        cmake --build build/fuzz --target fuzz_jwt
}
fuzz() {
    mkdir -p "$run/fuzz_jwt" && build/fuzz/fuzz_jwt --write_seeds="$run/fuzz_jwt" || return 1
    build/fuzz/fuzz_jwt -max_len=1024 -max_total_time="${FUZZ_SECONDS:-15}" -artifact_prefix=build/fuzz/ \
        -print_final_stats=1 "$run/fuzz_jwt" >"$run/fuzz_jwt.log" 2>&1 && return 0
    tail -n 60 "$run/fuzz_jwt.log"
    return 1
}
ok 'the fuzzer builds' make_fuzzer
ok 'the fuzzer finds nothing' fuzz
ok 'the fuzzer did something' \
    [ "$(sed -n 's/^stat::number_of_executed_units: //p' "$run/fuzz_jwt.log")" -gt 1000 ]

finish_tap
