/*
 * A schema for the tests of parser and validation: the seeds' user contexts, and beside them each
 * kind of type, list, default and nesting that the rules are about.
 */
#pragma once

#include "gateway/graphql/schema.hpp"

namespace opigno::test {

namespace graphql_tables {

using namespace graphql;

extern const Type user_context;
extern const Type profile;
extern const Type filter;

constexpr EnumValue scope_values[] = {{"AUTHENTICATED", "A registered user.", {}},
                                      {"ADMINISTRATOR", "A user who administers the site.", {}},
                                      {"RETIRED", "Was used before.", "Use isActive."}};
inline constexpr Type scope = {
    .kind = TypeKind::Enum, .name = "Scope", .values = scope_values, .has_site_scopes = true};
inline constexpr Type violation = {.kind = TypeKind::Scalar, .name = "Violation"};
inline constexpr Type json = {.kind = TypeKind::Scalar, .name = "JSON"};

constexpr InputValue filter_fields[] = {{"isActive", boolean_type, {}, {}, {}},
                                        {"scope", list_of(non_null(scope)), {}, {}, {}},
                                        {"names", non_null(list_of(string_type)), {}, {}, {}},
                                        {"either", list_of(non_null(filter)), {}, {}, {}},
                                        {"most", non_null(int_type), {}, "10", {}},
                                        {"rank", float_type, {}, {}, {}},
                                        {"extra", json, {}, {}, {}},
                                        {"id", id_type, {}, {}, {}}};
inline constexpr Type filter = {
    .kind = TypeKind::InputObject, .name = "UserContextFilter", .input_fields = filter_fields};

constexpr InputValue profiles_arguments[] = {{"appId", int_type, {}, {}, {}},
                                             {"ids", list_of(non_null(list_of(int_type))), {}, {}, {}}};
constexpr Field user_context_fields[] = {
    {.name = "uuid", .type = string_type},
    {.name = "id", .type = id_type},
    {.name = "displayName", .type = string_type},
    {.name = "isActive", .type = boolean_type},
    {.name = "scope", .type = list_of(scope)},
    {.name = "profiles", .type = list_of(non_null(profile)), .arguments = profiles_arguments},
    {.name = "account", .type = json},
    {.name = "rank", .type = float_type, .deprecation = "Not kept."}};
inline constexpr Type user_context = {
    .kind = TypeKind::Object, .name = "UserContext", .fields = user_context_fields};

constexpr Field profile_fields[] = {{.name = "appId", .type = non_null(int_type)},
                                    {.name = "id", .type = non_null(id_type)},
                                    {.name = "profileData", .type = json},
                                    {.name = "scope", .type = scope},
                                    {.name = "userContext", .type = non_null(user_context)}};
inline constexpr Type profile = {.kind = TypeKind::Object, .name = "Profile", .fields = profile_fields};

constexpr Field edge_fields[] = {{.name = "cursor", .type = non_null(string_type)},
                                 {.name = "node", .type = non_null(user_context)}};
inline constexpr Type edge = {.kind = TypeKind::Object, .name = "UserContextEdge", .fields = edge_fields};
constexpr Field connection_fields[] = {{.name = "edges", .type = list_of(non_null(edge))},
                                       {.name = "totalItems", .type = non_null(int_type)}};
inline constexpr Type connection = {
    .kind = TypeKind::Object, .name = "UserContextConnection", .fields = connection_fields};

constexpr Field payload_fields[] = {{.name = "errors", .type = list_of(violation)},
                                    {.name = "response", .type = user_context}};
inline constexpr Type payload = {
    .kind = TypeKind::Object, .name = "SetUserContextPayload", .fields = payload_fields};

constexpr InputValue uuid_argument[] = {{"uuid", non_null(string_type), {}, {}, {}}};
constexpr InputValue page_arguments[] = {{"after", string_type, {}, {}, {}},
                                         {"first", non_null(int_type), {}, "100", {}},
                                         {"last", int_type, {}, {}, {}},
                                         {"filter", filter, {}, {}, {}},
                                         {"filters", list_of(list_of(non_null(filter))), {}, {}, {}},
                                         {"scope", scope, {}, "AUTHENTICATED", {}}};
constexpr Field query_fields[] = {
    {.name = "getUserContext", .type = user_context, .arguments = uuid_argument},
    {.name = "userContexts", .type = non_null(connection), .arguments = page_arguments},
    {.name = "me", .type = user_context},
    {.name = "scopes", .type = non_null(list_of(non_null(scope)))}};
inline constexpr Type query = {.kind = TypeKind::Object, .name = "Query", .fields = query_fields};

constexpr InputValue set_arguments[] = {{"uuid", non_null(string_type), {}, {}, {}},
                                        {"displayName", string_type, {}, {}, {}},
                                        {"isActive", boolean_type, {}, {}, {}},
                                        {"scope", scope, {}, {}, {}}};
constexpr InputValue patch_arguments[] = {{"userUuid", non_null(string_type), {}, {}, {}},
                                          {"appId", non_null(int_type), {}, {}, {}},
                                          {"patch", non_null(json), {}, {}, {}},
                                          {"expectedVersion", int_type, {}, {}, {}}};
constexpr Field mutation_fields[] = {{.name = "setUserContext", .type = payload, .arguments = set_arguments},
                                     {.name = "patchProfile", .type = profile, .arguments = patch_arguments}};
inline constexpr Type mutation = {.kind = TypeKind::Object, .name = "Mutation", .fields = mutation_fields};

inline constexpr const Type *types[] = {
    &query, &mutation,  &user_context, &profile, &connection, &edge,        &payload,      &filter,
    &scope, &violation, &json,         &id_type, &int_type,   &string_type, &boolean_type, &float_type};
constexpr EnumValue site_scopes[] = {{"TRAINER", "A scope of this site.", {}}};
inline constexpr Schema schema(types, query, &mutation, site_scopes);

} // namespace graphql_tables

} // namespace opigno::test
