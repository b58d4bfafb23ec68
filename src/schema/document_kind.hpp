/* The kinds of documents that have schemas of their own in each app. */
#pragma once

#include <string_view>

namespace opigno::schema {

enum class DocumentKind { Profile, TrainingProfile };

/* The word in opigno.app_schema.document_kind and in the names of SQL functions. */
constexpr const char *word_of(DocumentKind kind)
{
    return kind == DocumentKind::Profile ? "profile" : "training_profile";
}

constexpr DocumentKind document_kind_of(std::string_view word)
{
    return word == word_of(DocumentKind::Profile) ? DocumentKind::Profile : DocumentKind::TrainingProfile;
}

/* The kind in messages. */
constexpr const char *name_of(DocumentKind kind)
{
    return kind == DocumentKind::Profile ? "profile" : "training profile";
}

constexpr const char *hint_of(DocumentKind kind)
{
    return kind == DocumentKind::Profile ? "opigno.profile_schemas() shows operators the schemas of the app."
                                         : "opigno.training_profile_schemas() shows operators and the level "
                                           "learning the schemas of the app.";
}

} // namespace opigno::schema
