# Builds, installs and checks the extension with PGXS:
#   make && make install && make installcheck
# WERROR=1 turns warnings into errors (the suites build so); PG_CONFIG=... chooses the server;
# SANITIZE=address,undefined is for test/sanitize/run: the server must have their runtime loaded.
# WITH_SIMDJSON=no reads JSON text by PostgreSQL's parser alone, WITH_LIBCRYPTO=no leaves JWTs out, WITH_RE2=no refuses
# schemas with patterns: as is done where simdjson 3, the libcrypto of OpenSSL 3 or RE2 is not found.

EXTENSION = opigno_profiles
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" opigno_profiles.control)

MODULE_big = opigno_profiles
OBJS = $(patsubst %.cpp,%.o,$(sort $(wildcard src/*.cpp src/*/*.cpp src/*/*/*.cpp)))
SHLIB_EXPORTS = exports.txt

# The install script: tables before the functions over them, a room at a time.
SQL_SOURCES = src/header.sql src/schema.sql \
	src/identity/user_uuid.sql src/identity/types.sql src/identity/tables.sql src/identity/request.sql \
	src/identity/policies.sql src/identity/functions.sql src/identity/grants.sql \
	src/identity/audit_tables.sql src/identity/audit_functions.sql src/json/merge/merge_patch.sql src/json/value/document_limit.sql \
	src/context/visibility.sql src/context/tables.sql src/context/policies.sql src/context/functions.sql \
	src/bulk/functions.sql src/app/announce.sql src/app/tables.sql src/app/functions.sql src/schema/announce.sql src/schema/tables.sql src/schema/functions.sql \
	src/profile/visibility.sql src/profile/tables.sql src/profile/functions.sql src/profile/schemas.sql \
	src/account/visibility.sql src/account/tables.sql src/account/functions.sql \
	src/training/visibility.sql src/training/tables.sql src/training/profile_visibility.sql src/training/profile_tables.sql src/training/profiles.sql src/training/trainings.sql src/training/progress.sql src/training/ranking.sql src/entity/tables.sql src/entity/functions.sql src/bundle/functions.sql src/client/tables.sql src/client/functions.sql src/client/jwt/tables.sql src/client/jwt/functions.sql src/retirement/tables.sql src/retirement/functions.sql src/retirement/erasure_tables.sql src/retirement/erasure_functions.sql src/retirement/merge_tables.sql src/retirement/merge_functions.sql src/gateway/functions.sql src/gateway/gather.sql src/sharding/functions.sql src/sharding/bulk.sql src/sharding/bulk_answer_proxies.sql src/sharding/bulk_proxies.sql src/sharding/proxies.sql src/sharding/announce.sql src/sharding/tables.sql src/sharding/bulk_tables.sql src/sharding/server.sql src/sharding/user_move_tables.sql src/sharding/user_moves.sql src/sharding/move_users.sql src/sharding/citus.sql \
	src/levels.sql src/owner.sql src/privileges.sql
EXTSCRIPT = $(EXTENSION)--$(EXTVERSION).sql

# src/upgrade/opigno_profiles--A--B.sql is a step: what changes in tables from version A to B. From each
# A there is an upgrade script to this version: the steps on the way, then each file that is replayed.
STEPS = $(wildcard src/upgrade/$(EXTENSION)--*--*.sql)
versions_of = $(wordlist 2,3,$(subst --, ,$(basename $1)))
steps_from = $(if $(filter $(EXTVERSION),$1),,$(or \
	$(foreach step,$(filter src/upgrade/$(EXTENSION)--$1--%,$(STEPS)),\
		$(step) $(call steps_from,$(lastword $(call versions_of,$(step))))),\
	$(error src/upgrade has no step from version $1)))
UPGRADES = $(foreach step,$(STEPS),$(EXTENSION)--$(firstword $(call versions_of,$(step)))--$(EXTVERSION).sql)
REPLAYED = $(filter-out src/header.sql src/schema.sql %tables.sql %types.sql %policies.sql,$(SQL_SOURCES))
DATA_built = $(EXTSCRIPT) $(UPGRADES)
EXTRA_CLEAN = $(EXTENSION)--*.sql results/ .flags src/gateway/openapi.inc

# "setup" goes before each other test, also of REGRESS=NAME; "install", "drop" and "owner" create and drop the extension.
REGRESS = user_uuid scope set_user_context user_context_json set_user_contexts list_user_contexts plans encoding access \
	request request_user_context app merge_patch document_size profile my_profile profile_schema profile_rights \
	migrate_profiles create_profiles load_profiles load_users dry_run export text_bodies account account_setting account_schema clear_account preference \
	version my_account open_edx open_edx_retirement audit foreign_key client access_token begin_request client_authority token_key jwt \
	training training_profile progress ranking entity_table bundle learning retirement retirement_erasure merge_users export_user http_request http_rules http_conditions http_errors http_trainings http_retirement graphql graphql_trainings graphql_retirement http_request_route http_request_shard user_assertion function_route split_bulk shard_server user_move http_on_shard http_gather citus_rules attacks catalogue install drop owner
override REGRESS := setup $(filter-out setup,$(REGRESS))

# No exceptions and no type information: docs/decisions/0001-cpp-boundary.md.
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(if $(WERROR),-Werror)
PG_CXXFLAGS = -std=c++20 -fno-exceptions -fno-rtti -fvisibility=hidden $(WARNINGS)
ifdef SANITIZE
PG_CXXFLAGS += -fsanitize=$(SANITIZE) -fsanitize-recover=all -fno-omit-frame-pointer -Wno-error
override CXX = clang++
endif
PG_CPPFLAGS = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server)

# The major version that a library's header names.
hash := \#
major = $(shell printf '%s\n' '$(hash)include <$1>' $2 | $(CXX) -std=c++20 -E -x c++ - 2>/dev/null | \
	tail -n 1 | sed -n 's/^"*\([0-9][0-9]*\).*/\1/p')
found = $(if $(filter-out 0 1 2,$(call major,$1,$2)),yes,no)
WITH_SIMDJSON := $(or $(WITH_SIMDJSON),$(call found,simdjson.h,SIMDJSON_VERSION))
WITH_LIBCRYPTO := $(or $(WITH_LIBCRYPTO),$(call found,openssl/opensslv.h,OPENSSL_VERSION_MAJOR))
WITH_RE2 := $(or $(WITH_RE2),$(call found,re2/re2.h,__cplusplus))
PG_CPPFLAGS += $(foreach library,SIMDJSON LIBCRYPTO RE2,$(if $(filter yes,$(WITH_$(library))),-DOPIGNO_WITH_$(library)))
SHLIB_LINK += $(filter -%,$(WITH_SIMDJSON:yes=-lsimdjson) $(WITH_LIBCRYPTO:yes=-lcrypto) $(WITH_RE2:yes=-lre2))

# No bitcode: the JIT inlines nothing of ours, and aborts the server on bitcode of C++: docs/decisions/0012-jit.md.
override with_llvm = no
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# A seventh fewer instructions in a merge of 200 bytes: docs/decisions/0007-merge-patch.md.
src/json/merge/%.o src/json/text/%.o src/json/schema/%.o: CXXFLAGS += -O3
src/json/schema/regular_expression.o: CXXFLAGS += -fexceptions

# The server's flags are for the compiler that it was built with.
override CXXFLAGS += $(if $(findstring clang,$(CXX)),-Wno-unknown-warning-option) $(if $(SANITIZE),-fno-wrapv)

# Other flags or another server: build anew.
FLAGS = $(shell $(PG_CONFIG) --version) $(PG_CXXFLAGS) $(PG_CPPFLAGS)
.flags: .FORCE
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@
.PHONY: .FORCE

$(OBJS): $(sort $(wildcard src/*/*.hpp src/*/*/*.hpp)) Makefile .flags

src/gateway/routes/service.o: src/gateway/openapi.inc
src/gateway/openapi.inc: docs/openapi.yaml src/gateway/openapi.awk
	awk -f src/gateway/openapi.awk $< > $@

# Sources say CREATE OR REPLACE so that an upgrade can replay them; an install adopts nothing made beforehand.
$(EXTSCRIPT): $(SQL_SOURCES) opigno_profiles.control Makefile
	sed 's/^CREATE OR REPLACE /CREATE /' $(SQL_SOURCES) > $@

$(UPGRADES): $(EXTENSION)--%--$(EXTVERSION).sql: $(SQL_SOURCES) $(wildcard src/upgrade/*.sql) Makefile
	cat src/upgrade/begin.sql $(call steps_from,$*) $(REPLAYED) src/upgrade/end.sql > $@
