/* The types of the schema that several rooms use, and the numbers of the rooms. */
#pragma once

#include "gateway/graphql/resolver.hpp"

namespace opigno::fields {

using graphql::EnumValue;
using graphql::Field;
using graphql::Form;
using graphql::InputValue;
using graphql::list_of;
using graphql::non_null;
using graphql::Object;
using graphql::property;
using graphql::Resolution;
using graphql::Resolver;
using graphql::resolver;
using graphql::Type;

extern const Type big_int_type;
extern const Type cursor_type;
extern const Type date_time_type;
extern const Type json_type;
extern const Type page_info_type;
extern const Type scope_type;
extern const Type violation_type;

enum Room : int {
    context_room = 1,
    page_room,
    profile_room,
    account_room,
    app_room,
    training_room,
    progress_room,
    training_profile_room,
    retirement_room,
    merge_room
};

extern const std::span<const Resolver> context_resolvers;
extern const std::span<const Resolver> page_resolvers;
extern const std::span<const Resolver> profile_resolvers;
extern const std::span<const Resolver> account_resolvers;
extern const std::span<const Resolver> app_resolvers;
extern const std::span<const Resolver> training_resolvers;
extern const std::span<const Resolver> progress_resolvers;
extern const std::span<const Resolver> training_profile_resolvers;
extern const std::span<const Resolver> retirement_resolvers;
extern const std::span<const Resolver> merge_resolvers;

} // namespace opigno::fields
